"""Scenario idle-fleet: many visitors with the page open and nothing to say.

Tells the memory of the node per visitor, and the CPU that holding them costs (heartbeats, leases).
"""

import asyncio
import random
import resource
from time import perf_counter

from loadtest.fleet import Fleet
from loadtest.installation import installation
from loadtest.meter import Cpu, Result, memory_kb
from loadtest.options import Options

SETTLE_SECONDS = 3.0
SPARE_FILES = 200


async def run(options: Options) -> Result:
    """The scenario, on one node of its own."""
    count = possible(options.sockets or 20_000)
    async with installation(nodes=1, reps=0, durability=options.durability) as server:
        [node] = server.processes()["node"]
        warm, fleet = Fleet([server.nodes[0].address]), Fleet([server.nodes[0].address])
        await warm.open(200)
        await asyncio.sleep(SETTLE_SECONDS)
        before, redis_before = memory_kb(node), memory_kb(server.redis.pid)
        opening, begun = Cpu(server.processes()), perf_counter()
        await fleet.open(count)
        opened, took = opening.used(), perf_counter() - begun
        await asyncio.sleep(SETTLE_SECONDS)
        after, redis_after = memory_kb(node), memory_kb(server.redis.pid)
        holding, begun = Cpu(server.processes()), perf_counter()
        await asyncio.sleep(options.seconds)
        held, seconds = holding.used(), perf_counter() - begun
        result = Result(
            f"idle-fleet, {count:,} visitors on one node",
            "visitors who are welcomed and then silent",
            {**options.shown(), "sockets": count},
        )
        result.add("visitors", fleet.open_sockets(), "")
        result.add(
            "memory per visitor in the node",
            (after - before) / count,
            "kB",
            options.limit("kb_per_visitor"),
        )
        result.add("memory per visitor in Redis", (redis_after - redis_before) / count, "kB")
        result.add("welcomed per second", count / took, "/s")
        result.add_cpu(opened, count, "welcome", {})
        for name in ("node", "redis", "worker"):
            result.add(f"{name} busy while all are idle", held[name] / seconds * 100, "%")
        result.add_latencies("welcome", fleet.welcome)
        await _check(fleet, result)
        return result


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
