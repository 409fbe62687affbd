"""What can befall an installation: each fault has a name, how it is done, and how it is undone.

To add one, write a `Kind`: how often it comes, how long it lasts, what it strikes (no two at once
strike the same), and `make`, which draws what is random from the schedule's own generator and gives
a `Fault`. Put it into `KINDS`; the schedule, the history and the findings know it by its name.
"""

import asyncio
import os
import random
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tests.chaos.clock import Clock
from tests.chaos.links import Link
from tests.scenarios.processes import Installation

Act = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is done, lasts, and is undone."""

    name: str
    do: Act
    undo: Act


@dataclass(frozen=True, slots=True)
class World:
    """All that a fault may lay its hands on. Links are named by their ends."""

    running: Installation
    links: dict[str, Link]
    clock: Clock
    struck: set[str] = field(default_factory=set)
    """Where a fault is on."""


@dataclass(frozen=True, slots=True)
class Kind:
    """`on` are the places that it strikes, in words; `lasts` the seconds, at least and at most."""

    name: str
    weight: float
    lasts: tuple[float, float]
    on: Callable[[World], list[str]]
    make: Callable[[World, str, random.Random], Fault]


# --- nodes and the worker -----------------------------------------------------------------------


def _nodes(world: World) -> list[str]:
    return [f"node-{index}" for index in range(len(world.running.places))]


def _worker(world: World) -> list[str]:
    return ["worker"] if world.running.worker else []


def dead(world: World) -> list[str]:
    """What isn't alive although no fault struck it."""
    running = world.running
    found = [name for name in [*_nodes(world), "worker"] if not _is_alive(running, name)]
    if not running.redis._alive():
        found.append("redis")
    return [name for name in found if name not in world.struck]


async def bring_back(world: World, name: str) -> None:
    """What died by itself."""
    if name == "redis":
        await world.running.restart_redis()
    else:
        await _start_until_it_serves(world.running, name)


async def _start_until_it_serves(running: Installation, name: str) -> None:
    """As the supervisor does: what ends as it starts is started again."""
    while not _is_alive(running, name):
        try:
            if name == "worker":
                await running.start_worker()
            else:
                await running.start_node(_index(name))
        except AssertionError:
            await asyncio.sleep(0.5)


def _is_alive(running: Installation, name: str) -> bool:
    process = running.worker if name == "worker" else running.places[_index(name)].process
    return process is not None and process.alive


def _index(node: str) -> int:
    return int(node.partition("-")[2])


def _kill_node(world: World, on: str, _random: random.Random) -> Fault:
    running = world.running

    async def do() -> None:
        await running.kill_node(_index(on))

    return Fault(f"kill -9 {on}", do, lambda: _start_until_it_serves(running, on))


def _drain_node(world: World, on: str, _random: random.Random) -> Fault:
    running = world.running

    async def do() -> None:
        await running.drain_node(_index(on))

    return Fault(f"drain {on}", do, lambda: _start_until_it_serves(running, on))


def _freeze_node(world: World, on: str, _random: random.Random) -> Fault:
    running = world.running

    async def do() -> None:
        running.freeze_node(_index(on))

    async def undo() -> None:
        running.thaw_node(_index(on))

    return Fault(f"freeze {on}", do, undo)


def _kill_worker(world: World, on: str, _random: random.Random) -> Fault:
    return Fault(
        f"kill -9 {on}",
        world.running.kill_worker,
        lambda: _start_until_it_serves(world.running, on),
    )


def _freeze_worker(world: World, on: str, _random: random.Random) -> Fault:
    def send(number: signal.Signals) -> None:
        if world.running.worker is not None:
            world.running.worker.send(number)

    return Fault(f"freeze {on}", *_signals(send))


def _signals(send: Callable[[signal.Signals], None]) -> tuple[Act, Act]:
    async def do() -> None:
        send(signal.SIGSTOP)

    async def undo() -> None:
        send(signal.SIGCONT)

    return do, undo


# --- Redis --------------------------------------------------------------------------------------


def _redis(_world: World) -> list[str]:
    return ["redis"]


def _kill_redis(world: World, on: str, _random: random.Random) -> Fault:
    async def do() -> None:
        world.running.kill_redis()

    return Fault(f"kill -9 {on}", do, world.running.restart_redis)


def _freeze_redis(world: World, on: str, _random: random.Random) -> Fault:
    redis = world.running.redis
    return Fault(f"freeze {on}", *_signals(lambda number: os.kill(redis.pid, number)))


def _clock(_world: World) -> list[str]:
    return ["clock"]


STEPS = (-3600, -60, -3, 3, 60, 3600)


def _step_clock(world: World, on: str, chance: random.Random) -> Fault:
    step = chance.choice(STEPS)

    async def do() -> None:
        await world.clock.step(step)

    async def undo() -> None:
        await world.clock.step(-step)

    return Fault(f"step the {on} of redis by {step:+} s", do, undo)


# --- links --------------------------------------------------------------------------------------


def _links(world: World) -> list[str]:
    return list(world.links)


def _cut(world: World, on: str, _random: random.Random) -> Fault:
    return _on_link(world, on, "cut", Link.cut)


def _stall(world: World, on: str, _random: random.Random) -> Fault:
    return _on_link(world, on, "silence", Link.stall)


def _slow(world: World, on: str, chance: random.Random) -> Fault:
    seconds = round(chance.uniform(0.02, 0.4), 2)
    return _on_link(world, on, f"slow down by {seconds} s", lambda link: link.slow(seconds))


def _on_link(world: World, on: str, what: str, how: Callable[[Link], None]) -> Fault:
    link = world.links[on]

    async def do() -> None:
        how(link)

    async def undo() -> None:
        link.mend()

    return Fault(f"{what} {on}", do, undo)


KINDS = (
    Kind("kill node", 3, (0, 6), _nodes, _kill_node),
    Kind("freeze node", 3, (0.5, 9), _nodes, _freeze_node),
    Kind("drain node", 1, (0, 2), _nodes, _drain_node),
    Kind("kill worker", 1.5, (0, 6), _worker, _kill_worker),
    Kind("freeze worker", 1, (1, 9), _worker, _freeze_worker),
    Kind("kill redis", 1.5, (0, 3), _redis, _kill_redis),
    Kind("freeze redis", 1.5, (0.3, 6), _redis, _freeze_redis),
    Kind("step clock", 1.5, (1, 10), _clock, _step_clock),
    Kind("cut link", 3, (0, 6), _links, _cut),
    Kind("silence link", 3, (0.5, 8), _links, _stall),
    Kind("slow link", 2, (1, 10), _links, _slow),
)
