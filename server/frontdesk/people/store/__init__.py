"""The SQL of this room: each function takes a connection in a transaction, none begins its own."""
