"""What one turn of the event loop produced for a socket leaves in one write."""

import asyncio
from typing import Protocol


class Dirty(Protocol):
    """Something with messages to write."""

    def deliver(self) -> None:
        """Write what is queued."""

    def broken(self, error: Exception) -> None:
        """It could not be written: a bug of ours."""


class Flush:
    """Collects the connections that were pushed to, and writes them at the end of the turn.

    One `call_soon` for all of them, whatever their number: the callback runs after everything that
    the loop had ready when the first message was pushed.
    """

    __slots__ = ("_dirty", "_loop")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._dirty: list[Dirty] = []

    def add(self, connection: Dirty) -> None:
        """`connection` wants to write. Each adds itself once until it was delivered."""
        if not self._dirty:
            self._loop.call_soon(self.run)
        self._dirty.append(connection)

    def run(self) -> None:
        """Write everything now; what is pushed meanwhile waits for the next turn."""
        dirty, self._dirty = self._dirty, []
        for connection in dirty:
            try:
                connection.deliver()
            except Exception as error:  # noqa: BLE001 - the others' messages must leave
                connection.broken(error)
