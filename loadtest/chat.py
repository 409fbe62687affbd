"""Scenario chat: request, 10 offers, 10 claims at once, 10 messages, close; over and over.

Closed loop (`--rate 0`): as many chats as `--lanes` visitors can have one after another; this is
saturation, and tells the CPU per chat. Open loop (`--rate 50`): chats begin on time, whatever the
server does; this tells latencies.
"""

import asyncio
import json
import math
import os
from array import array
from collections import Counter, deque
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter

from loadtest.fleet import Fleet
from loadtest.hindrance import Hindrances
from loadtest.installation import Served
from loadtest.meter import Cpu, Latencies, Result
from loadtest.options import Options
from loadtest.people import Heard, Person, id_of, leave, rep
from loadtest.remote import Unfit, server_of

TEXTS = [f"Message {number}: as long as people's messages usually are." for number in range(10)]

ASK_EVERY = 2.1
"""Seconds between two requests of a visitor; the server refuses them at under 2."""


@dataclass(slots=True)
class Desk:
    """What all chats of a run share. `rung`: so many reps are rung before all of these claim."""

    reps: list[Person]
    messages: int
    rung: int = 0
    hindrances: Hindrances = field(default_factory=Hindrances)
    over: "array[float]" = field(default_factory=lambda: array("d"))
    failed: "array[float]" = field(default_factory=lambda: array("d"))
    chats: dict[str, "Chat"] = field(default_factory=dict)
    early: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    ring: Latencies = field(default_factory=Latencies)
    claim: Latencies = field(default_factory=Latencies)
    message: Latencies = field(default_factory=Latencies)
    ack: Latencies = field(default_factory=Latencies)

    def listen(self) -> None:
        for index, one in enumerate(self.reps):
            one.tell(partial(self.told, index))

    def told(self, index: int, heard: Heard) -> None:
        """A push to a rep."""
        self.counts[heard.type] += 1
        if heard.type == "offer":
            conversation, now = id_of(heard.conversation), perf_counter()
            if conversation in self.chats:
                self.chats[conversation].rung(index, now)
            else:
                self.early.setdefault(conversation, []).append((index, now))
        elif heard.type == "message":
            self.chats[id_of(heard.conversation)].message_arrived(heard)

    def in_turn(self, rung: set[int]) -> list[int]:
        """The reps who ring, another one first each time: who clicks first mostly wins."""
        self.counts["claims"] += 1
        first = self.counts["claims"] % len(self.reps)
        return [one for one in (*range(first, len(self.reps)), *range(first)) if one in rung]

    def fail(self, what: str) -> None:
        self.counts["errors"] += 1
        self.failed.append(perf_counter())
        if len(self.errors) < 20:
            self.errors.append(what)


class Chat:
    """One chat of one visitor, from its request to its close."""

    __slots__ = (
        "_acked", "_asked_at", "_claimants", "_claimed_at", "_closed", "_desk", "_done", "_fence",
        "_id", "_lost", "_offset", "_rung", "_said", "_said_at", "_visitor", "_winner",
    )  # fmt: skip

    def __init__(self, desk: Desk, person: Person, due: float) -> None:
        self._desk, self._visitor = desk, person
        self._asked_at, self._claimed_at, self._said_at = due, 0.0, 0.0
        self._id, self._fence, self._winner = "", 0, -1
        self._rung: set[int] = set()
        self._claimants = 0
        self._lost = self._said = self._acked = self._offset = 0
        self._closed: set[str] = set()
        self._done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def run(self) -> None:
        """Raises TimeoutError if it isn't over within 20 s."""
        self._visitor.tell(self._told)
        self._visitor.ask(b'{"type":"request"', self._requested)
        try:
            async with asyncio.timeout(20):
                await self._done
        except TimeoutError:
            if self._id and not self._claimants:
                self._desk.hindrances.meet("chat", "never rang")
            self._desk.fail(f"stuck: {self._state()}")
        finally:
            self._desk.chats.pop(self._id, None)

    def _state(self) -> str:
        return (
            f"{self._id or 'not requested'}, {len(self._rung)} rung, winner {self._winner}, "
            f"{self._lost} lost, {self._said} said, {self._acked} acknowledged"
        )

    # --- request, offers

    def _requested(self, answer: Heard) -> None:
        if answer.type != "ok":
            self._desk.hindrances.meet("request", answer.code)
            self._finish(f"request refused: {answer.code}")
            return
        self._id = id_of(answer.conversation)
        self._desk.chats[self._id] = self
        for index, at in self._desk.early.pop(self._id, ()):
            self.rung(index, at)

    def rung(self, index: int, at: float) -> None:
        """A rep was offered the chat; when all were, all claim at once."""
        if index in self._rung:
            return
        self._rung.add(index)
        self._desk.ring.note(at - self._asked_at)
        if not self._claimants and len(self._rung) >= (self._desk.rung or len(self._desk.reps)):
            self._claimants = len(self._rung)
            self._claim()

    # --- claims

    def _claim(self) -> None:
        message = b'{"type":"claim","conversation":"%b"' % self._id.encode()
        self._claimed_at = perf_counter()
        for index in self._desk.in_turn(self._rung):
            self._desk.reps[index].ask(message, partial(self._claimed, index))

    def _claimed(self, index: int, answer: Heard) -> None:
        self._desk.claim.note(perf_counter() - self._claimed_at)
        if answer.type == "ok":
            if self._winner >= 0:
                self._finish(f"two winners of {self._id}")
            self._winner, self._fence = index, answer.fence
        elif answer.code == "already_claimed":
            self._lost += 1
        else:
            self._desk.hindrances.meet("claim", answer.code)
            self._finish(f"claim refused: {answer.code}")
        if self._winner >= 0 and self._lost == self._claimants - 1:
            self._say()

    # --- messages: each when the one before has arrived on the other side

    def _say(self) -> None:
        body = b'{"type":"message","conversation":"%b","client_id":"%b-%d","text":%b' % (
            self._id.encode(),
            self._id.encode(),
            self._said,
            _QUOTED[self._said % 10],
        )
        by_visitor = self._said % 2 == 0
        self._said += 1
        self._said_at = perf_counter()
        at = self._said_at
        if by_visitor:
            self._visitor.ask(body, lambda answer: self._acknowledged(answer, at))
        else:
            body += b',"fence":%d' % self._fence
            winner = self._desk.reps[self._winner]
            winner.ask(body, lambda answer: self._acknowledged(answer, at))

    def message_arrived(self, heard: Heard) -> None:
        """The message is on the other side."""
        self._desk.message.note(perf_counter() - self._said_at)
        if heard.offset <= self._offset:
            self._finish(f"offset {heard.offset} after {self._offset}")
        self._offset = heard.offset
        if self._said < self._desk.messages:
            self._say()
        else:
            self._close()

    def _acknowledged(self, answer: Heard, said_at: float) -> None:
        if answer.type != "ok":
            self._finish(f"message refused: {answer.code}")
        self._acked += 1
        self._desk.ack.note(perf_counter() - said_at)

    # --- close

    def _close(self) -> None:
        body = b'{"type":"close","conversation":"%b","fence":%d' % (self._id.encode(), self._fence)
        self._desk.reps[self._winner].ask(body, lambda answer: self._ended("rep", answer))

    def _told(self, heard: Heard) -> None:
        """A push to the visitor."""
        if heard.type == "message":
            self.message_arrived(heard)
        elif heard.type == "closed":
            self._ended("visitor", heard)

    def _ended(self, who: str, heard: Heard) -> None:
        if heard.type == "error":
            self._finish(f"close refused: {heard.code}")
        self._closed.add(who)
        if len(self._closed) == 2:
            if self._acked != self._desk.messages:
                self._finish(f"{self._acked} of {self._desk.messages} messages acknowledged")
            self._desk.counts["chats"] += 1
            self._desk.over.append(perf_counter())
            self._finish("")

    def _finish(self, error: str) -> None:
        if error:
            self._desk.fail(error)
        if not self._done.done():
            self._done.set_result(None)


_QUOTED = [json.dumps(text).encode() for text in TEXTS]


# --- the run --------------------------------------------------------------------------------------


class Pool:
    """Visitors who may ask: the server takes a request of the same socket only every 2 seconds."""

    def __init__(self, people: list[Person]) -> None:
        self.people = people
        self._free = deque((person, 0.0) for person in people)

    async def take(self) -> Person:
        """The one who has been free for longest, when they may ask again."""
        while not self._free:  # noqa: ASYNC110 - fewer were let in than the load needs
            await asyncio.sleep(0.05)
        person, asked_at = self._free.popleft()
        await asyncio.sleep(max(0.0, asked_at + ASK_EVERY - perf_counter()))
        return person

    def give(self, person: Person, asked_at: float) -> None:
        self._free.append((person, asked_at))


@dataclass(frozen=True, slots=True)
class Slice:
    """Some seconds of chats: what happened in them, and the CPU seconds used, by process."""

    desk: Desk
    used: dict[str, float]
    seconds: float

    @property
    def chats(self) -> int:
        return self.desk.counts["chats"]

    def cpu(self, *processes: str) -> float:
        """Milliseconds per chat in these processes together."""
        return sum(self.used[name] for name in processes) * 1000 / max(1, self.chats)


@dataclass(slots=True)
class Stage:
    """An installation with its reps available and its visitors there."""

    server: Served
    reps: list[Person]
    pool: Pool
    errors: list[str] = field(default_factory=list)
    hindrances: Hindrances = field(default_factory=Hindrances)

    async def leave(self) -> None:
        """Reps and visitors go."""
        await leave([*self.reps, *self.pool.people])

    async def play(self, options: Options, seconds: float, *, ramp: float = 0.0) -> Slice:
        """Chats for so long, after a linear start of `ramp` seconds that counts, too."""
        desk = Desk(self.reps, options.messages, options.rung, self.hindrances, errors=self.errors)
        desk.listen()
        cpu, begun = Cpu(self.server.processes()), perf_counter()
        await _load(desk, self.pool, options, seconds, ramp)
        return Slice(desk, cpu.used(), perf_counter() - begun)


async def run(options: Options) -> Result:
    """The scenario, on a server of its own or on that of `--url`."""
    async with server_of(options, nodes=options.nodes, reps=options.reps) as server:
        options = options.but(reps=len(server.reps))
        chats = await stage(server, options)
        await chats.play(options, options.warm_seconds)
        played = await chats.play(options, options.seconds, ramp=options.ramp)
        result = _result(played, options)
        result.advice += chats.hindrances.told()
        await chats.leave()
        return result


async def stage(server: Served, options: Options, kind: type[Person] = Person) -> Stage:
    """Everybody is there; `kind` is the client that speaks the server's language."""
    reps = await reps_of(server, kind)
    hindrances = Hindrances()
    fleet = Fleet([node.address for node in server.nodes], kind=kind)
    if options.url:
        fleet.sources, fleet.hindrances = [""], hindrances
    await fleet.open(_visitors(options), ramp=options.ramp)
    if not fleet.people:
        raise Unfit("Nobody was let in. " + " ".join(hindrances.told()))
    return Stage(server, reps, Pool(fleet.people), hindrances=hindrances)


def _visitors(options: Options) -> int:
    """Enough for everybody to wait between two requests."""
    return options.sockets or (int(options.rate * 3) + options.lanes if options.rate else 2500)


async def reps_of(server: Served, kind: type[Person] = Person) -> list[Person]:
    """All reps, available, spread over the nodes."""
    return [
        await rep(
            server.nodes[index % len(server.nodes)].address,
            account.token,
            f"load-{os.getpid()}-{index}",
            kind,
        )
        for index, account in enumerate(server.reps)
    ]


async def _load(desk: Desk, pool: Pool, options: Options, seconds: float, ramp: float) -> None:
    if options.rate:
        await _open_loop(desk, pool, options.rate, seconds, ramp)
    else:
        await _closed_loop(desk, pool, options.lanes, seconds, ramp)


async def _chat(desk: Desk, pool: Pool) -> None:
    person = await pool.take()
    asked_at = perf_counter()
    await Chat(desk, person, asked_at).run()
    pool.give(person, asked_at)


async def _closed_loop(desk: Desk, pool: Pool, lanes: int, seconds: float, ramp: float) -> None:
    begun = perf_counter()

    async def lane(number: int) -> None:
        await asyncio.sleep(ramp * number / lanes)
        while perf_counter() < begun + ramp + seconds:
            await _chat(desk, pool)

    async with asyncio.TaskGroup() as group:
        for number in range(lanes):
            group.create_task(lane(number))


async def _open_loop(desk: Desk, pool: Pool, rate: float, seconds: float, ramp: float) -> None:
    """Chats begin when they are due, whatever became of those before."""
    begun = perf_counter()
    async with asyncio.TaskGroup() as chats:
        for number in range(chats_due(rate, seconds, ramp)):
            due = begun + due_at(number, rate, ramp)
            await asyncio.sleep(max(0.0, due - perf_counter()))
            chats.create_task(_chat(desk, pool))


def chats_due(rate: float, seconds: float, ramp: float) -> int:
    """How many begin: while the rate grows to its height, half as many as at it."""
    return int(rate * (seconds + ramp / 2))


def due_at(number: int, rate: float, ramp: float) -> float:
    """Seconds after the begin: n chats have begun at t with n = rate·t²/2·ramp, then rate·t."""
    growing = rate * ramp / 2
    if number < growing:
        return math.sqrt(2 * number * ramp / rate)
    return ramp + (number - growing) / rate


def _result(found: Slice, options: Options) -> Result:
    desk, used, seconds, chats = found.desk, found.used, found.seconds, found.chats
    how = f"at {options.rate:g} chats/s" if options.rate else f"with {options.lanes} lanes"
    where = options.url or f"{options.nodes} node(s), fsync {options.durability}"
    result = Result(
        f"chat {how}, {where}",
        f"request, {options.reps} offers, {options.reps} claims at once, {options.messages} "
        "messages, close",
        options.shown(),
        errors=desk.errors,
    )
    result.add("chats", chats, "")
    result.add("chats per second", chats / seconds, "/s")
    if "node" in used:
        result.add("node busy", used["node"] / seconds / options.nodes * 100, "%")
    result.add("client busy", used["client"] / seconds * 100, "%")
    limits = {} if options.rate else options.cpu_limits()
    result.add_cpu(used, chats, "chat", limits)
    for name, taken in (("ring", desk.ring), ("claim", desk.claim), ("message", desk.message)):
        result.add_latencies(name, taken, options.limit(f"{name}_p99") if options.rate else None)
    result.add_latencies("acknowledgement", desk.ack)
    result.moments = {"chats": desk.over, "errors": desk.failed}
    if not chats:
        result.errors.append("no chat was finished")
    return result
