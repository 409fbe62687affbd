"""Redis: the live truth, and the one way in which this project speaks to it.

`link` is a node's connection for scripts: it pipelines by itself (`pipeline`), knows the epoch of
the Redis it speaks to (`handshake`) and comes back after a loss. `subscription` hears an inbox
channel, `script` loads Lua, `embedded` runs a real server as a child process.
"""
