"""Who owns a visitor's records: the port, and the desk's own table behind it (RT-7, RT-9)."""
