"""The protocol (v1), sans-I/O: frames, codecs, positions, and both roles of a connection.

This room imports nothing of ours. `frames` declares every message once; `codec` turns payloads
into messages and back; `apply` folds pushes into snapshots; `client` is the client's role, used
by scripts, tests and load tests. The stranger's description is `docs/protocol.md`.
"""
