"""The client's role of the protocol, sans-I/O: payloads in, events out; requests in, payloads out.

Nothing here opens a socket or waits. The owner of a WebSocket connection calls `connected()` when
it is open, gives what arrives to `receive()`, writes what `payloads()` returns, and calls `lost()`
when it is gone; then connects again and goes on. The client resumes where it was, asks for what is
missing, and sends again what was never answered: nothing happens twice, because requests are
idempotent and messages have a `client_id`. An example that runs is in docs/protocol.md.
"""

from frontdesk.wire.client.connection import Client, may_reconnect, retry_delay
from frontdesk.wire.client.events import Answered, Event, Pushed, Refused, Welcomed
from frontdesk.wire.client.payloads import ProtocolError
from frontdesk.wire.client.rep import RepClient
from frontdesk.wire.client.visitor import VisitorClient

__all__ = [
    "Answered",
    "Client",
    "Event",
    "ProtocolError",
    "Pushed",
    "Refused",
    "RepClient",
    "VisitorClient",
    "Welcomed",
    "may_reconnect",
    "retry_delay",
]
