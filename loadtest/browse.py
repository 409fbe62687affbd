"""Scenario browse: many visitors go from page to page while others chat.

Each of `--sockets` visitors is on another page each `--every` seconds, which the server keeps with
their visit; beside that `--rate` chats a second are asked for, rung to all reps, claimed and
spoken. Tells whether the crowd delays the rings, what a page costs, and the nodes' memory per
visitor with their pages. A process may hold only so many sockets, so that nodes and crowds are as
many as that needs.
"""

import asyncio
import resource
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from loadtest import chat
from loadtest.chat import Slice
from loadtest.crowd import Child, Count, tasks_of
from loadtest.hindrance import Hindrances
from loadtest.installation import Served
from loadtest.meter import Cpu, Latencies, Result, memory_kb
from loadtest.options import Options
from loadtest.remote import Unfit, server_of

SETTLE_SECONDS = 3.0
SPARE_FILES = 1000
"""Of a node: sockets of those who chat, Redis, SQL, the supervisor."""


@dataclass(slots=True)
class Phase:
    """Some seconds of browsing: what it came to, and CPU seconds by process."""

    seconds: float
    used: dict[str, float]
    counts: list[Count] = field(default_factory=list)

    @property
    def pages(self) -> int:
        return sum(one.pages for one in self.counts)


async def run(options: Options) -> Result:
    """The scenario, on a server of its own or on that of `--url`; there without chats if no rep's
    token was given.
    """
    visitors = options.sockets or (500 if options.url else 5000)
    nodes = max(options.nodes, needed(visitors))
    options = options.but(nodes=nodes, sockets=0, rate=options.rate or 50.0)
    async with server_of(options, nodes=nodes, reps=options.reps) as server:
        options = options.but(reps=len(server.reps))
        stage = await chat.stage(server, options) if server.reps else None
        if stage:
            await stage.play(options, options.warm_seconds)
        await asyncio.sleep(SETTLE_SECONDS)
        before = memories(server)
        async with crowds(server, visitors, options) as crowd:
            result = await _measured(server, stage, crowd, before, options)
        if stage:
            await stage.leave()
        return result


async def _measured(
    server: Served,
    stage: chat.Stage | None,
    crowd: "Gathered",
    before: dict[str, int],
    options: Options,
) -> Result:
    children = crowd.children
    await asyncio.sleep(SETTLE_SECONDS)
    silent = await _phase(server, children, options.seconds)
    for child in children:
        child.browse()
    await asyncio.sleep(SETTLE_SECONDS)
    await _counts(children)
    alone = await _phase(server, children, max(options.seconds, options.every))
    after = memories(server)
    result = _result(crowd.visitors, options)
    result.add_pages(silent, alone, options.limit("page_p99") if options.url else None)
    for name, kb in before.items():
        limit = options.limit("kb_per_visitor") if name == "node" else None
        each = (after[name] - kb) / crowd.visitors
        result.add(f"{name} memory per visitor, pages included", each, "kB", limit)
    counts = alone.counts
    if stage:
        played, counts = await _chats(stage, children, options)
        _add_chats(result, played, counts, options)
        crowd.hindrances.met += stage.hindrances.met
    for one in (*alone.counts, *counts):
        for code in one.refused:
            crowd.hindrances.meet("page", code)
    result.advice += crowd.hindrances.told()
    result.errors.extend(_wrong(alone.counts, counts))
    return result


class BrowseResult(Result):
    """With what a page costs."""

    def add_pages(self, silent: Phase, alone: Phase, p99: float | None) -> None:
        """CPU of browsing alone, without what the silent crowd costs; how long a page takes."""
        self.add("pages per second", alone.pages / alone.seconds, "/s")
        for name in [one for one in ("node", "redis", "worker") if one in alone.used]:
            idle = silent.used[name] / silent.seconds
            busy = alone.used[name] / alone.seconds
            self.add(f"{name} busy, all silent", idle * 100, "%")
            self.add(f"{name} busy, all browsing", busy * 100, "%")
            cost = (busy - idle) * alone.seconds * 1e6 / max(1, alone.pages)
            self.add(f"{name} CPU per page", cost, "µs")
        waits = Latencies()
        waits.seconds.extend(wait for one in alone.counts for wait in one.waits)
        self.add_latencies("page", waits, p99)


def _result(visitors: int, options: Options) -> BrowseResult:
    return BrowseResult(
        f"browse, {visitors:,} visitors, {options.url or f'{options.nodes} node(s)'}, "
        f"{options.rate if options.reps else 0:g} chats/s",
        f"a page each {options.every:g} s from each visitor; beside it chats: request, "
        f"{options.reps} offers, {options.reps} claims at once, {options.messages} messages, close",
        {**options.shown(), "sockets": visitors},
    )


async def _phase(server: Served, children: Sequence[Child], seconds: float) -> Phase:
    cpu = Cpu(server.processes())
    begun = asyncio.get_running_loop().time()
    await asyncio.sleep(seconds)
    took = asyncio.get_running_loop().time() - begun
    used = cpu.used()
    return Phase(took, used, await _counts(children))


async def _chats(
    stage: chat.Stage, children: Sequence[Child], options: Options
) -> tuple[Slice, list[Count]]:
    await stage.play(options, options.warm_seconds)
    await _counts(children)
    played = await stage.play(options, options.seconds)
    return played, await _counts(children)


async def _counts(children: Sequence[Child]) -> list[Count]:
    return list(await asyncio.gather(*(child.count() for child in children)))


def _add_chats(result: Result, played: Slice, counts: list[Count], options: Options) -> None:
    desk = played.desk
    result.add("chats", played.chats, "")
    result.add("chats per second", played.chats / played.seconds, "/s")
    pages = sum(one.pages for one in counts)
    result.add("pages per second beside the chats", pages / played.seconds, "/s")
    for process in [one for one in ("node", "redis", "worker") if one in played.used]:
        result.add(f"{process} busy with both", played.used[process] / played.seconds * 100, "%")
    for name, taken in (("ring", desk.ring), ("claim", desk.claim), ("message", desk.message)):
        limit = options.limit("browse_ring_p99") if name == "ring" else None
        result.add_latencies(name, taken, limit)
    result.errors.extend(desk.errors)
    result.moments = {"chats": desk.over, "errors": desk.failed}
    wanted = chat.chats_due(options.rate, options.seconds, 0)
    result.add("chats dropped", wanted - played.chats, "", 0)


def _wrong(*phases: list[Count]) -> list[str]:
    found = []
    lost = sum(one.lost for one in phases[-1])
    if lost:
        found.append(f"{lost} visitors lost their socket")
    codes = {code for counts in phases for one in counts for code in one.refused}
    return [*found, *(f"pages refused with {code}" for code in sorted(codes))]


@dataclass(frozen=True, slots=True)
class Gathered:
    """The crowds, how many visitors they are, and what kept others out."""

    children: list[Child]
    visitors: int
    hindrances: Hindrances


@asynccontextmanager
async def crowds(server: Served, visitors: int, options: Options) -> AsyncIterator[Gathered]:
    """Processes with so many visitors together; returns when all were welcomed."""
    addresses = [node.address for node in server.nodes]
    tasks = tasks_of(addresses, visitors, needed(visitors), options)
    children = [await Child.of(task) for task in tasks]
    try:
        opened = await asyncio.gather(*(child.opened() for child in children))
        found, hindrances = sum(count for count, _ in opened), Hindrances()
        for _, met in opened:
            hindrances.met.update(met)
        if not found or (found < visitors and not options.url):
            told = " ".join(hindrances.told())
            raise Unfit(f"Only {found:,} of {visitors:,} visitors were let in. {told}")
        yield Gathered(children, found, hindrances)
    finally:
        await asyncio.gather(*(child.stop() for child in children))


def memories(server: Served) -> dict[str, int]:
    """What the server's processes have alone, by name, in kB; nothing of one elsewhere."""
    processes = server.processes()
    named = {name: processes[name] for name in ("node", "redis") if name in processes}
    return {name: sum(map(memory_kb, pids)) for name, pids in named.items()}


def needed(visitors: int) -> int:
    """So many processes that each has files for its share."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return -(-visitors // (hard - SPARE_FILES))
