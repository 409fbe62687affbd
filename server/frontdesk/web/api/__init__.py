"""The HTTP interface: a table of endpoints (`routes`), from which the routes and OpenAPI come.

`endpoint` checks and calls (sign-in, rights, origin, body, errors); the other modules are the
handlers by subject; `answers` are the shapes that go out. Times are milliseconds since 1970.
"""
