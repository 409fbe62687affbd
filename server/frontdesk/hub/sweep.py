"""One clock for all sockets of a node: heartbeats and deadlines without a timer per socket."""

import asyncio
from collections.abc import Callable, Hashable, Iterator
from math import ceil
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from websockets.frames import Frame, Opcode

from frontdesk.hub.limits import Limits
from frontdesk.wire.frames import CloseCode

if TYPE_CHECKING:  # connection needs the sweep to run, the sweep needs its type only
    from frontdesk.hub.connection import Connection

T = TypeVar("T", bound=Hashable)
PING: Final = Frame(Opcode.PING, b"").serialize(mask=False)
UNANSWERED: Final = 2
"""So many heartbeats without a sign of life, and the other side is taken for dead."""


class Deadlines(Generic[T]):
    """Things that have the same time each; the dict is ordered, so the first is due first."""

    __slots__ = ("_act", "_clock", "_due", "_seconds")

    def __init__(
        self, seconds: float, act: Callable[[T], None], clock: Callable[[], float]
    ) -> None:
        self._seconds = seconds
        self._act = act
        self._clock = clock
        self._due: dict[T, float] = {}

    def add(self, thing: T) -> None:
        """Start the time of `thing`; one that is already here keeps its own."""
        if thing not in self._due:
            self._due[thing] = self._clock() + self._seconds

    def discard(self, thing: T) -> None:
        """`thing` was in time."""
        self._due.pop(thing, None)

    def expire(self) -> None:
        """Act on all that are late, and forget them."""
        now = self._clock()
        late: list[T] = []
        for thing, due in self._due.items():
            if due > now:
                break
            late.append(thing)
        for thing in late:
            self._due.pop(thing, None)
            self._act(thing)


class Sweep:
    """Every `tick` seconds: the heartbeats whose turn it is, and whatever is late.

    Sockets are spread over as many slots as there are ticks between two heartbeats, so 20,000
    idle ones are 800 pings a second, not 20,000 at once.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, limits: Limits, *, tick: float = 1.0
    ) -> None:
        self._loop = loop
        self._tick = tick
        self.limits = limits
        self._slots: list[set[Connection]] = [
            set() for _ in range(max(1, ceil(limits.heartbeat_seconds / tick)))
        ]
        self._turn = 0
        self._timer: asyncio.TimerHandle | None = None
        self._deadlines: list[Deadlines[Connection] | Deadlines[object]] = []
        self.hellos = self.deadlines(limits.hello_seconds, _no_hello)
        self.behind = self.deadlines(limits.slow_seconds, _too_slow)
        self.closing = self.deadlines(limits.closing_seconds, _abort)

    def deadlines(self, seconds: float, act: Callable[[T], None]) -> Deadlines[T]:
        """New deadlines kept by this sweep; late by up to one tick."""
        deadlines = Deadlines(seconds, act, self._loop.time)
        self._deadlines.append(deadlines)  # type: ignore[arg-type]  # of any things: only expired here
        return deadlines

    def start(self) -> None:
        """Sweep from now on."""
        self._timer = self._loop.call_later(self._tick, self._run)

    def stop(self) -> None:
        """No more sweeps."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def watch(self, connection: "Connection") -> None:
        """A socket has opened: wait for its hello, feel its heart a whole round later."""
        connection.slot = self._turn
        self._slots[self._turn].add(connection)
        self.hellos.add(connection)

    def forget(self, connection: "Connection") -> None:
        """A socket is lost."""
        self._slots[connection.slot].discard(connection)
        for deadlines in (self.hellos, self.behind, self.closing):
            deadlines.discard(connection)

    def __iter__(self) -> Iterator["Connection"]:
        """All sockets of this node."""
        for slot in self._slots:
            yield from tuple(slot)

    def __len__(self) -> int:
        """How many sockets this node has."""
        return sum(map(len, self._slots))

    def _run(self) -> None:
        self._timer = self._loop.call_later(self._tick, self._run)
        self._turn = (self._turn + 1) % len(self._slots)
        for connection in tuple(self._slots[self._turn]):
            _feel(connection)
        for deadlines in self._deadlines:
            deadlines.expire()


def _feel(connection: "Connection") -> None:
    """Anything heard since the last round is a sign of life; else ask, twice, then give up."""
    if connection.closed:
        return
    if connection.heard:
        connection.heard = False
        connection.unanswered = 0
    if connection.unanswered >= UNANSWERED:
        connection.close(CloseCode.IDLE, "idle")
        return
    connection.unanswered += 1
    connection.beat(PING)


def _no_hello(connection: "Connection") -> None:
    if connection.principal is None:
        connection.close(CloseCode.HELLO_EXPECTED, "hello_expected")


def _too_slow(connection: "Connection") -> None:
    if connection.behind():
        connection.close(CloseCode.SLOW, "slow")


def _abort(connection: "Connection") -> None:
    connection.abort()
