"""What happened: the desk's stream of events, and its readers with a position in SQL."""
