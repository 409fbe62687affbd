"""This node's sockets: what is queued for them, how much they may ask, how long they may wait.

`connection` is one socket as the rest of the server sees it, `flush` writes what a turn of the
loop produced, `sweep` is the one clock for all sockets, `drain` empties a node without a storm.
The hub never meets the domain: it hands payloads to a `Receiver` and takes messages to push.
"""
