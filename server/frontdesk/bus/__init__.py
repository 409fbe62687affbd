"""How it travels between nodes: inbox notices with a sequence; the desk's timers; lasting work."""
