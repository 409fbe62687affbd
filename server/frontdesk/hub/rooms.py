"""The conversations that sockets of this node follow: each entry once, in order, to all of them.

Entries come by two ways, by this node's own answers and by its inbox, so they can overtake each
other. A room forwards offset = last + 1, drops what it has forwarded, and keeps what is ahead until
the gap is filled (R8.3). The hub knows nothing of what an entry says.
"""

from collections.abc import Callable
from typing import NamedTuple

from frontdesk.hub.connection import Connection
from frontdesk.wire.codec import Outgoing

_UNKNOWN = -1
"""The offset of a room whose log this node has not read yet."""


class Arrival(NamedTuple):
    """An entry for the sockets of a room. `author` gets `ack` in its place; `after` is called when
    it was forwarded. `read` from the log, its place is certain whatever the epoch before it was.
    """

    epoch: str
    offset: int
    out: Outgoing
    author: Connection | None = None
    ack: Outgoing | None = None
    after: Callable[[], None] | None = None
    read: bool = False

    def settled(self) -> None:
        """Its author gets the answer, and what follows from the entry happens."""
        if self.author is not None and self.ack is not None:
            self.author.push(self.ack)
        if self.after is not None:
            self.after()


class Room:
    """One conversation on this node: its sockets and the last position forwarded to them."""

    __slots__ = (
        "ahead", "catching_up", "data", "epoch", "expected", "id", "offset", "reps", "visitors",
    )  # fmt: skip

    def __init__(self, id: str, epoch: str, offset: int) -> None:
        self.id = id
        self.epoch = epoch
        self.offset = offset
        self.visitors: list[Connection] = []
        self.reps: list[Connection] = []
        self.ahead: dict[int, Arrival] = {}
        self.catching_up = False
        self.expected = 0
        """Commands under way that will say where the log stands."""
        self.data = ""
        """Whatever those who open rooms want to remember with them."""

    @property
    def empty(self) -> bool:
        """Nobody here follows it."""
        return not self.visitors and not self.reps

    def join(self, connection: Connection) -> None:
        """From now on this socket gets what happens here; nothing if it closed meanwhile, for
        nobody would take it out again.
        """
        if connection.closed:
            return
        side = self.visitors if connection.side == "visitor" else self.reps
        if connection not in side:
            side.append(connection)

    def leave(self, connection: Connection) -> None:
        """It gets no more."""
        side = self.visitors if connection.side == "visitor" else self.reps
        if connection in side:
            side.remove(connection)

    def forward(self, arrival: Arrival) -> None:
        """To every socket, and the answer to its author."""
        self.epoch, self.offset = arrival.epoch, arrival.offset
        author, out = arrival.author, arrival.out
        for connection in self.visitors:
            if connection is not author:
                connection.push(out)
        for connection in self.reps:
            if connection is not author:
                connection.push(out)
        arrival.settled()

    def push(self, out: Outgoing, *, without: Connection | None = None) -> None:
        """Something without an offset, to all."""
        for connection in (*self.visitors, *self.reps):
            if connection is not without:
                connection.push(out)


class Rooms:
    """All rooms of this node. `on_gap(room)` is called when an entry is missing before another."""

    def __init__(self) -> None:
        self._rooms: dict[str, Room] = {}
        self.on_gap: Callable[[Room], None] = lambda _room: None

    def __len__(self) -> int:
        return len(self._rooms)

    def all(self) -> list[Room]:
        """Every room, as of now."""
        return list(self._rooms.values())

    def get(self, conversation: str) -> Room | None:
        """The room, if anybody here follows the conversation."""
        return self._rooms.get(conversation)

    def expect(self, conversation: str) -> Room:
        """Before a command that makes this node hear of the conversation: what the inbox brings
        before the command's own answer is kept. Ended by `settle`.
        """
        room = self._rooms.get(conversation)
        if room is None:
            room = self._rooms[conversation] = Room(conversation, "", _UNKNOWN)
        room.expected += 1
        return room

    def settle(self, room: Room, epoch: str = "", offset: int | None = None) -> None:
        """The answer said where the log stood, or (None) there was nothing to hear of."""
        room.expected -= 1
        if offset is not None and room.offset == _UNKNOWN:
            self.restart(room, epoch, offset)
        elif offset is None and room.empty and not room.expected:
            self.drop(room.id)

    def drop(self, conversation: str) -> None:
        """Nobody here follows it any more. What was kept for it has its consequences all the same:
        a ring that ended elsewhere ends here, an author gets the answer.
        """
        room = self._rooms.pop(conversation, None)
        if room is not None:
            for ahead in sorted(room.ahead):
                room.ahead[ahead].settled()

    def deliver(self, conversation: str, arrival: Arrival) -> None:
        """Forward now, later, or never, by its offset. Under another epoch than the last one the
        log may have been rolled back: then nothing is forwarded that wasn't read from it (R1.4).
        """
        room = self._rooms.get(conversation)
        if room is None or (arrival.author is not None and arrival.offset <= room.offset):
            arrival.settled()  # a retry: where it stands is known, whatever the epoch is by now
        elif arrival.epoch != room.epoch and not arrival.read and room.offset > 0:
            self._keep(room, arrival)
        elif arrival.offset <= room.offset:
            arrival.settled()
        elif arrival.offset > room.offset + 1:
            self._keep(room, arrival)
        else:
            room.forward(arrival)
            self._go_on(room)

    def _go_on(self, room: Room) -> None:
        """What was ahead and now isn't."""
        while room.ahead:
            following = room.ahead.get(room.offset + 1)
            if following is None or following.epoch != room.epoch:
                return
            del room.ahead[following.offset]
            room.forward(following)

    def _keep(self, room: Room, arrival: Arrival) -> None:
        known = room.ahead.get(arrival.offset)
        if known is None or arrival.author is not None:
            room.ahead[arrival.offset] = arrival
        if not room.catching_up and room.offset != _UNKNOWN:
            self.on_gap(room)

    def restart(self, room: Room, epoch: str, offset: int) -> None:
        """The sockets are at this position now; what is ahead of it goes on from there."""
        room.epoch, room.offset = epoch, offset
        for ahead in sorted(room.ahead):
            arrival = room.ahead.pop(ahead, None)
            if arrival is None:
                continue
            if ahead <= offset:
                arrival.settled()
            else:
                self.deliver(room.id, arrival)
