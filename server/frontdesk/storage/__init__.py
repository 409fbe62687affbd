"""Where things are kept: SQL for what is at rest, Redis (`storage.redis`) for the live state.

`tables` declares the SQL tables, `engine` opens a database, `migrate` brings its schema up to
date. Queries are written in the stores of the rooms, not here; so are the Lua verbs, beside their
callers, while `storage.redis` has what all verbs share.
"""
