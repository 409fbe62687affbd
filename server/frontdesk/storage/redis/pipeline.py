"""One connection that pipelines by itself (R6.1-R6.3, R6.6).

All commands of one turn of the event loop leave in one write; answers are matched first in, first
out. redis-py's asyncio client takes 40-66 µs of CPU per awaited command, this a few. It knows
neither scripts nor epochs and never sends anything twice: that is `link`'s.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

import hiredis

from frontdesk.errors import Retry
from frontdesk.storage.redis.errors import error_of

Part = bytes | str | int
Answer = Any  # bytes, int, None or a list of these, as Redis has it

MOST_IN_FLIGHT = 10_000
MOST_BYTES_IN_FLIGHT = 8 * 1024 * 1024
# Lateness is counted in ticks of the loop, not in seconds: a loop that stood still itself (a busy
# process, SIGSTOP) finds the answers that came meanwhile before it has counted eight more ticks.
TICK = 0.25
TICKS_UNTIL_DEAD = 8  # 2 s (R6.3)

_NOTHING = object()
_OTHER_EPOCH = [b"epoch"]

# hiredis' own declaration means a tuple of one item, and gives no result.
pack = cast(Callable[[tuple[Part, ...]], bytes], hiredis.pack_command)


class Slot:
    """A command on its way and the future of its answer.

    `sent` says how often it was sent, `script` whether it is one of our verbs. A cancelled future
    stays in its slot as a tombstone: were it removed, every later answer would go to the wrong
    caller (R6.2).
    """

    __slots__ = ("future", "packed", "script", "sent")

    def __init__(
        self, future: asyncio.Future[Answer], packed: bytes, *, script: bool = False
    ) -> None:
        self.future = future
        self.packed = packed
        self.script = script
        self.sent = 0

    def seal(self) -> bytes:
        """What is sent; a command that isn't packed yet (a batch) is packed now."""
        return self.packed

    def parts(self) -> Sequence["Slot"]:
        """What may be sent again by itself: of a batch each call."""
        return (self,)

    def answer(self, reply: Answer) -> None:
        if not self.future.done():
            self.future.set_result(reply)

    def fail(self, error: Exception) -> None:
        if not self.future.done():
            self.future.set_exception(error)


def fail_all(slots: Iterable[Slot]) -> None:
    """What becomes of commands whose outcome nobody will learn."""
    for slot in slots:
        slot.fail(Retry())


class Pipeline(asyncio.Protocol):
    """The connection. `send` never waits; what goes wrong is told to two functions.

    `on_lost(slots)` is called once when the connection is dead, with every command in flight: their
    outcome is unknown. `on_odd(slot, reply)` gets error replies (`hiredis.ReplyError`) and
    `[b"epoch"]`, which is a refusal if a script said it and may be anything if a list was read.
    Whoever takes the connection over may replace both.
    """

    def __init__(self) -> None:
        self.on_lost: Callable[[deque[Slot]], None] = fail_all
        self.on_odd: Callable[[Slot, Answer], None] = _answer_or_fail
        self.lost_because = ""
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._reader = hiredis.Reader(notEnoughData=_NOTHING)
        self._slots: deque[Slot] = deque()
        self._bytes = 0
        self._out: list[Slot] = []
        self._answered = 0
        self._mark = 0  # when as many are answered, whatever was in flight at the mark is
        self._ticks = 0  # since the mark
        self._ticking: asyncio.TimerHandle | None = None

    @property
    def in_flight(self) -> int:
        """How many commands wait for their answer."""
        return len(self._slots)

    @property
    def full(self) -> bool:
        """Whether as much is in flight as we let wait (R6.6)."""
        return len(self._slots) >= MOST_IN_FLIGHT or self._bytes >= MOST_BYTES_IN_FLIGHT

    @property
    def lost(self) -> bool:
        """Whether this connection is dead."""
        return bool(self.lost_because)

    def send(self, slot: Slot) -> None:
        """Sends with everything else of this turn of the loop. Not on a lost connection."""
        slot.sent += 1
        self._slots.append(slot)
        self._bytes += len(slot.packed)  # nothing yet if it is an open batch
        if not self._out:
            self._loop.call_soon(self._flush)
        self._out.append(slot)

    def ask(self, *parts: Part) -> asyncio.Future[Answer]:
        """Sends one command and gives the future of its answer."""
        future: asyncio.Future[Answer] = self._loop.create_future()
        self.send(Slot(future, pack(parts)))
        return future

    def lose(self, because: str) -> None:
        """Gives the connection up. Nothing is read from it or written to it any more."""
        if self.lost:
            return
        self.lost_because = because
        if self._transport is not None:
            self._transport.abort()
        if self._ticking is not None:
            self._ticking.cancel()
        slots, self._slots = self._slots, deque()
        self._packed()
        self._bytes = 0
        self.on_lost(slots)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._ticking = self._loop.call_later(TICK, self._tick)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lose(f"the connection broke: {exc}" if exc else "the server closed the connection")

    def data_received(self, data: bytes) -> None:
        reader = self._reader
        try:
            reader.feed(data)
            while not self.lost_because and (reply := reader.gets()) is not _NOTHING:
                self._deliver(reply)
        except hiredis.ProtocolError as error:
            self.lose(f"not an answer of Redis: {error}")

    def _deliver(self, reply: Answer) -> None:
        if not self._slots:
            self.lose(f"an answer that nobody asked for: {reply!r}")
            return
        slot = self._slots.popleft()
        self._bytes -= len(slot.packed)
        self._answered += 1
        if reply.__class__ is hiredis.ReplyError or reply == _OTHER_EPOCH:
            self.on_odd(slot, reply)
        else:
            slot.answer(reply)

    def _flush(self) -> None:
        if self._out and self._transport is not None:
            self._transport.write(b"".join(self._packed()))

    def _packed(self) -> list[bytes]:
        """All that is to be sent; batches are closed."""
        packed = [slot.packed or self._sealed(slot) for slot in self._out]
        self._out.clear()
        return packed

    def _sealed(self, slot: Slot) -> bytes:
        packed = slot.seal()
        self._bytes += len(packed)
        return packed

    def _tick(self) -> None:
        """Finds the oldest answer late, at a cost that commands don't pay."""
        self._ticks += 1
        if self._answered >= self._mark:
            self._mark = self._answered + len(self._slots)
            self._ticks = 0
        elif self._ticks >= TICKS_UNTIL_DEAD:
            self.lose("the oldest answer is 2 s late")
            return
        self._ticking = self._loop.call_later(TICK, self._tick)


def _answer_or_fail(slot: Slot, reply: Answer) -> None:
    if isinstance(reply, hiredis.ReplyError):
        slot.fail(error_of(str(reply)))
    else:
        slot.answer(reply)
