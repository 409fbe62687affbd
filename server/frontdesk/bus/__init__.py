"""How it travels between nodes: inbox notices with a sequence, and the timers of the desk."""
