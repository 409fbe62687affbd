"""Scenario idle-fleet: many visitors with the page open and nothing to say.

Tells the memory of the node per visitor, and the CPU that holding them costs (heartbeats, leases).
"""

import asyncio
import random
import resource
from time import perf_counter

from loadtest.browse import memories
from loadtest.fleet import SOURCES, Fleet
from loadtest.hindrance import Hindrances, told
from loadtest.meter import Cpu, Result
from loadtest.options import Options
from loadtest.people import leave
from loadtest.remote import Unfit, server_of

SETTLE_SECONDS = 3.0
SPARE_FILES = 200


async def run(options: Options) -> Result:
    """The scenario, on one node of its own or on the server of `--url`."""
    count = possible(options.sockets or (1000 if options.url else 20_000))
    async with server_of(options, nodes=1, reps=0) as server:
        address, processes = server.nodes[0].address, server.processes()
        warm, fleet = Fleet([address], sources=_sources(options)), Fleet([address])
        fleet.sources = _sources(options)
        fleet.hindrances = Hindrances() if options.url else None
        if not options.url:
            await warm.open(200)
            await asyncio.sleep(SETTLE_SECONDS)
        before = memories(server)
        opening, begun = Cpu(processes), perf_counter()
        await fleet.open(count, ramp=options.ramp)
        opened, took = opening.used(), perf_counter() - begun
        await asyncio.sleep(SETTLE_SECONDS)
        if not fleet.people:
            raise Unfit("Nobody was let in. " + " ".join(told(fleet.hindrances)))
        after = memories(server)
        holding, begun = Cpu(processes), perf_counter()
        await asyncio.sleep(options.seconds)
        held, seconds = holding.used(), perf_counter() - begun
        result = Result(
            f"idle-fleet, {count:,} visitors on {options.url or 'one node'}",
            "visitors who are welcomed and then silent",
            {**options.shown(), "sockets": count},
        )
        result.add("visitors", fleet.open_sockets(), "")
        for name, limit in (("node", options.limit("kb_per_visitor")), ("redis", None)):
            if name in before:
                kb = (after[name] - before[name]) / count
                result.add(f"memory per visitor in {name}", kb, "kB", limit)
        result.add("welcomed per second", count / took, "/s")
        result.add_cpu(opened, count, "welcome", {})
        for name in ("node", "redis", "worker"):
            if name in held:
                result.add(f"{name} busy while all are idle", held[name] / seconds * 100, "%")
        p99 = options.limit("welcome_p99") if options.url else None
        result.add_latencies("welcome", fleet.welcome, p99)
        result.moments = {"welcomes": fleet.welcome.at}
        result.advice += told(fleet.hindrances)
        await _check(fleet, result)
        await leave([*warm.people, *fleet.people])
        return result


def _sources(options: Options) -> list[str]:
    """Addresses of loopback reach nobody else."""
    return [""] if options.url else SOURCES


async def _check(fleet: Fleet, result: Result) -> None:
    """They are really held: all open, and whoever asks is answered."""
    lost = len(fleet.people) - fleet.open_sockets()
    if lost:
        result.errors.append(f"{lost} sockets were lost while idle")
    for person in random.sample(fleet.people, min(100, len(fleet.people))):
        if person.is_open and (await person.answer(b'{"type":"ping"')).type != "ok":
            result.errors.append("a ping was refused")


def possible(count: int) -> int:
    """As many as this machine lets a process open: node and client need a file for each."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if count + 200 + SPARE_FILES > hard:
        print(f"only {hard:,} open files are allowed to a process here: {hard - 400:,} visitors")
        return hard - 200 - SPARE_FILES
    return count
