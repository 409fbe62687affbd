"""Who is connected to this node: sockets by their subject (a rep's or a visitor's id)."""

from frontdesk.hub.connection import Connection


class Roster:
    """Subject → its sockets here. Several tabs or devices are one subject."""

    def __init__(self) -> None:
        self._sockets: dict[str, tuple[Connection, ...]] = {}

    def __len__(self) -> int:
        return len(self._sockets)

    def __contains__(self, subject: str) -> bool:
        return subject in self._sockets

    def add(self, subject: str, connection: Connection) -> None:
        """A socket of this subject opened."""
        self._sockets[subject] = (*self._sockets.get(subject, ()), connection)

    def remove(self, subject: str, connection: Connection) -> None:
        """It closed."""
        left = tuple(other for other in self._sockets.get(subject, ()) if other is not connection)
        if left:
            self._sockets[subject] = left
        else:
            self._sockets.pop(subject, None)

    def of(self, subject: str) -> tuple[Connection, ...]:
        """Its sockets; () if none."""
        return self._sockets.get(subject, ())

    def subjects(self) -> list[str]:
        """Everybody connected here."""
        return list(self._sockets)

    def everyone(self) -> list[Connection]:
        """Every socket."""
        return [connection for sockets in self._sockets.values() for connection in sockets]
