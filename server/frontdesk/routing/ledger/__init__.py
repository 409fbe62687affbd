"""What each rep was offered for the time they were available, and what drifts (RT-15)."""
