"""Scenario broadcast: reps of one node change their availability, 200 reps of another are told.

What is measured is the last leg, which the live view will stand on: one event arrives at a node
and goes out to many sockets. Presence is coalesced (at most one push per 100 ms and rep), so that
several reps toggle, each slower than that.
"""

import asyncio
from collections import Counter
from functools import partial
from time import perf_counter

from loadtest.installation import installation
from loadtest.meter import Cpu, Result
from loadtest.options import Options
from loadtest.people import Heard, Person, rep

SETTLE_SECONDS = 2.0
IDLE_SECONDS = 5.0
PERIOD = 0.2
"""Seconds between two changes of the same rep."""


class Audience:
    """Who is told, how often each was, and in how many frames."""

    def __init__(self, listeners: list[Person]) -> None:
        self._listeners = listeners
        self._frames_before = sum(one.frames for one in listeners)
        self.deliveries: Counter[int] = Counter()
        for index, one in enumerate(listeners):
            one.tell(partial(self._told, index))

    def _told(self, index: int, heard: Heard) -> None:
        if heard.type == "presence":
            self.deliveries[index] += 1

    def frames(self) -> int:
        return sum(one.frames for one in self._listeners) - self._frames_before


async def run(options: Options) -> Result:
    """The scenario: togglers on node 0, listeners on node 1."""
    listeners = options.reps
    async with installation(
        nodes=2, reps=listeners + options.togglers, durability=options.durability
    ) as server:
        here, there = server.nodes
        heard = [await rep(there.address, one.token, "tab") for one in server.reps[:listeners]]
        toggling = [await rep(here.address, one.token, "tab") for one in server.reps[listeners:]]
        await asyncio.sleep(SETTLE_SECONDS)
        processes = {
            "node of the listeners": there.pids(),
            "node of the togglers": here.pids(),
            **{name: server.processes()[name] for name in ("redis", "client")},
        }
        idle = await _idle(processes)
        audience, cpu, begun = Audience(heard), Cpu(processes), perf_counter()
        changes = await _toggle(toggling, options.seconds)
        await asyncio.sleep(1.0)
        used, seconds = cpu.used(), perf_counter() - begun
        net = {name: used[name] - idle[name] * seconds for name in used}
        return _result(audience, changes, net, seconds, options)


async def _idle(processes: dict[str, list[int]]) -> dict[str, float]:
    """CPU seconds per second while nothing happens: leases, timers, heartbeats."""
    cpu = Cpu(processes)
    await asyncio.sleep(IDLE_SECONDS)
    return {name: used / IDLE_SECONDS for name, used in cpu.used().items()}


async def _toggle(people: list[Person], seconds: float) -> int:
    """Everybody changes every `PERIOD`, evenly spread; returns how many changes were made."""
    begun, changes = perf_counter(), 0
    states = [b"away", b"available"]
    while perf_counter() - begun < seconds:
        person = people[changes % len(people)]
        state = states[changes // len(people) % 2]
        person.ask(b'{"type":"availability","state":"%b"' % state, _ignore)
        changes += 1
        await asyncio.sleep(max(0.0, begun + changes * PERIOD / len(people) - perf_counter()))
    return changes


def _ignore(answer: Heard) -> None:
    """That a change was taken isn't what this scenario looks at."""


def _result(
    audience: Audience, changes: int, used: dict[str, float], seconds: float, options: Options
) -> Result:
    deliveries, frames = audience.deliveries.total(), audience.frames()
    result = Result(
        f"broadcast, {changes} changes to {options.reps} reps of another node",
        "a presence event of one node is delivered to every rep of the other; CPU without what "
        "the processes use when idle",
        options.shown(),
    )
    result.add("deliveries", deliveries, "")
    result.add("deliveries per second", deliveries / seconds, "/s")
    result.add("deliveries per change and rep", deliveries / max(1, changes * options.reps), "")
    result.add("deliveries per frame", deliveries / max(1, frames), "")
    microseconds = used["node of the listeners"] * 1e6
    result.add(
        "node CPU per delivery",
        microseconds / max(1, deliveries),
        "µs",
        options.limit("us_per_delivery"),
    )
    result.add("node CPU per frame", microseconds / max(1, frames), "µs")
    result.add_cpu(used, changes, "change", {})
    told = audience.deliveries
    if len(told) < options.reps or min(told.values()) < max(told.values()):
        result.errors.append(f"not everybody was told the same: {sorted(set(told.values()))}")
    return result
