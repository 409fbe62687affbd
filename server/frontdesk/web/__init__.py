"""HTTP and the socket: everything that comes in from outside comes in here.

`http` and `socket` are the two protocols of a connection, `door` decides who may open a socket,
`address` says whose a connection is.
"""
