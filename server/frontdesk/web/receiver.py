"""The domain's end of every socket: hands each to its side's commands."""

from frontdesk.hub.connection import Connection
from frontdesk.people.rep import RepIdentity
from frontdesk.web.rep_commands import RepCommands
from frontdesk.web.visitor_commands import VisitorCommands


class Sides:
    """A `Receiver` (hub/connection.py): visitors' and reps' sockets of this node."""

    def __init__(self, visitors: VisitorCommands, reps: RepCommands) -> None:
        self._visitors = visitors
        self._reps = reps
        self.connections: set[Connection] = set()

    def opened(self, connection: Connection, identity: object | None) -> None:
        """Past the door; nothing is known but the cookie's identity, if there was one."""
        self.connections.add(connection)
        if isinstance(identity, RepIdentity):
            self._reps.identities[connection] = identity

    def received(self, connection: Connection, payload: bytes) -> None:
        """A frame."""
        side = self._visitors if connection.side == "visitor" else self._reps
        side.received(connection, payload)

    def closed(self, connection: Connection) -> None:
        """Over."""
        self.connections.discard(connection)
        side = self._visitors if connection.side == "visitor" else self._reps
        side.closed(connection)
