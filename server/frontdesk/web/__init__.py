"""The door: HTTP and the socket, and the path from a frame to a verb and back.

`socket` receives, `commands` (visitor_commands, visitor_requests, rep_commands) turn each message
into a verb, `announcer` tells this node's sockets what happened, `inbox` hears it from other nodes.
"""
