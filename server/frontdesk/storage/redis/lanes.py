"""Connections to the other masters of a cluster, for keys that no epoch guards (visitors').

The desk's own connection is the Link's. A lane that is lost is over: what was on it goes once more,
to whoever has the slot by then.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

import structlog
from redis.crc import key_slot

from frontdesk.errors import Overloaded, Retry
from frontdesk.storage.redis.address import Address
from frontdesk.storage.redis.asking import ASKING, leading
from frontdesk.storage.redis.cluster import Cluster
from frontdesk.storage.redis.errors import Elsewhere, error_of, is_passing, lost_here
from frontdesk.storage.redis.handshake import introduce
from frontdesk.storage.redis.pipeline import (
    MOST_IN_FLIGHT,
    Answer,
    Part,
    Pipeline,
    Slot,
    fail_all,
)
from frontdesk.storage.redis.postponed import Postponed

CONNECT_SECONDS = 2.0
_BY_SHA = frozenset({"EVALSHA", "EVAL"})
_WITHOUT_KEY = frozenset(
    {"ACL", "CLIENT", "CONFIG", "ECHO", "INFO", "KEYS", "PING", "SCAN", "SCRIPT", "TIME"}
)
_log = structlog.get_logger(__name__)


class Routed(Slot):
    """A command for the keys of a slot of the cluster, `number`."""

    __slots__ = ("number",)

    def __init__(self, future: asyncio.Future[Answer], packed: bytes, number: int) -> None:
        super().__init__(future, packed)
        self.number = number


class Lanes:
    """Sends each command to the master of its slot, wherever that is by now."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._loop = asyncio.get_running_loop()
        self._lanes: dict[tuple[str, int], _Lane] = {}
        self._postponed = Postponed(self._again)

    @property
    def in_flight(self) -> int:
        """How many commands wait for an answer."""
        return len(self._postponed) + sum(lane.in_flight for lane in self._lanes.values())

    def elsewhere(self, parts: Sequence[Part]) -> int | None:
        """The slot of a command that isn't for the desk; None if it is, or if it names no key."""
        number = slot_of(parts)
        return None if number is None or number == self._cluster.slot else number

    def everywhere(self) -> list[int]:
        """A slot of every master: what is sent there goes to each of them."""
        return self._cluster.slot_of_each()

    def submit(self, number: int, packed: bytes) -> asyncio.Future[Answer]:
        """Sends it. Fails with Retry after 10 s without success, or Overloaded."""
        future: asyncio.Future[Answer] = self._loop.create_future()
        self._route(Routed(future, packed, number))
        return future

    def ask(self, slot: Slot, place: Address) -> None:
        """Sends it to where the keys of its slot are arriving (ASK)."""
        self._lane(place).send(slot, asking=True)

    async def close(self) -> None:
        """Whatever is in flight gets Retry."""
        self._postponed.fail()
        await asyncio.gather(*(lane.close() for lane in list(self._lanes.values())))

    def _route(self, slot: Routed) -> None:
        owner = self._cluster.owner(slot.number)
        if owner is None:
            self._cluster.doubt()
            self._postponed.put(slot)
        else:
            self._lane(owner).send(slot)

    def _again(self, slot: Slot) -> None:
        self._route(slot if isinstance(slot, Routed) else self._of_the_desk(slot))

    def _of_the_desk(self, slot: Slot) -> Routed:
        """One that the Link had sent after keys that were leaving."""
        return Routed(slot.future, slot.packed, self._cluster.slot)

    def _lane(self, address: Address) -> "_Lane":
        name = (address.host, address.port)
        if name not in self._lanes:
            self._lanes[name] = _Lane(address, self._odd, self._over)
        return self._lanes[name]

    def _odd(self, lane: "_Lane", slot: Slot, reply: Answer) -> None:
        said = str(reply)
        if isinstance(reply, list):
            slot.answer(reply)  # a list with the word `epoch` in it, read as data
        elif isinstance(error := error_of(said), Elsewhere):
            self._redirected(lane, slot, error)
        elif is_passing(said):
            self._cluster.doubt()
            self._postponed.put(slot)
        elif lost_here(said):
            self._postponed.put(slot)
            lane.lose(said)
        else:
            slot.fail(error)

    def _redirected(self, lane: "_Lane", slot: Slot, answer: Elsewhere) -> None:
        place = self._cluster.heed(answer, lane.address)
        if place.asking:
            slot.sent = 0  # it wasn't executed
            self.ask(slot, place.address)
            return
        # After a pause, however short: nodes that don't agree yet send it from one to the other.
        self._cluster.doubt()
        self._postponed.put(slot)

    def _over(self, lane: "_Lane", slots: deque[Slot]) -> None:
        """A lane is lost, or couldn't be had; the outcome of what was sent is unknown (R6.4)."""
        self._lanes.pop((lane.address.host, lane.address.port), None)
        self._cluster.doubt()
        for slot in slots:
            if slot.sent > 1:
                slot.fail(Retry())
            elif not slot.future.done():
                sent = slot.sent
                self._postponed.put(slot)
                slot.sent = sent


class _Lane:
    """One connection to one master, from the moment that somebody needs it to its loss."""

    def __init__(
        self,
        address: Address,
        odd: Callable[["_Lane", Slot, Answer], None],
        over: Callable[["_Lane", deque[Slot]], None],
    ) -> None:
        self.address = address
        self._odd = odd
        self._over = over
        self._pipeline: Pipeline | None = None
        self._waiting: deque[Slot] = deque()
        self._task = asyncio.create_task(self._connect(), name=f"redis lane {address}")

    @property
    def in_flight(self) -> int:
        return len(self._waiting) + (self._pipeline.in_flight if self._pipeline else 0)

    def send(self, slot: Slot, *, asking: bool = False) -> None:
        pipeline = self._pipeline
        full = pipeline.full if pipeline is not None else len(self._waiting) >= MOST_IN_FLIGHT
        if full:
            slot.fail(Overloaded())
            return
        for one in (leading(), slot) if asking else (slot,):
            if pipeline is None:
                self._waiting.append(one)
            else:
                pipeline.send(one)

    def lose(self, because: str) -> None:
        if self._pipeline is not None:
            self._pipeline.lose(because)

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])
        if self._pipeline is not None:
            self._pipeline.on_lost = fail_all
            self._pipeline.lose("closed by us")
        fail_all(self._waiting)

    async def _connect(self) -> None:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                pipeline = await self._introduced()
        except Exception as error:  # noqa: BLE001 - whoever waits is told in any case
            _log.warning("redis_unreachable", address=str(self.address), error=str(error))
            self._give_back(self._waiting)
            return
        if pipeline.lost:
            self._give_back(self._waiting)
            return
        self._pipeline = pipeline
        pipeline.on_odd = lambda slot, reply: self._odd(self, slot, reply)
        pipeline.on_lost = self._give_back
        waiting, self._waiting = self._waiting, deque()
        for slot in waiting:
            pipeline.send(slot)

    async def _introduced(self) -> Pipeline:
        pipeline = await self.address.connect(Pipeline)
        try:
            await introduce(pipeline, self.address)
        except BaseException:
            pipeline.lose("the handshake failed")
            raise
        return pipeline

    def _give_back(self, slots: deque[Slot]) -> None:
        """All but ASKINGs: each goes where its slot is by then."""
        if self._pipeline is not None:
            _log.warning("redis_lost", address=str(self.address),
                         because=self._pipeline.lost_because, unknown=len(slots))  # fmt: skip
        self._over(self, deque(slot for slot in slots if slot.packed is not ASKING))


def slot_of(parts: Sequence[Part]) -> int | None:
    """The slot of a command's first key; None if it names none."""
    name = _text(parts[0]).upper()
    if name in _WITHOUT_KEY or len(parts) < 2:
        return None
    if name not in _BY_SHA:
        return key_slot(_raw(parts[1]))
    return key_slot(_raw(parts[3])) if int(parts[2]) else None


def _text(part: Part) -> str:
    return part.decode() if isinstance(part, bytes) else str(part)


def _raw(part: Part) -> bytes:
    return part if isinstance(part, bytes) else str(part).encode()
