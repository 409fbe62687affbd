"""When which fault comes: drawn from the seed alone, so that a seed is a schedule."""

import asyncio
import contextlib
import random
from collections.abc import Sequence
from dataclasses import dataclass

from tests.chaos.faults import KINDS, Fault, Kind, World
from tests.chaos.history import Journal

FIRST = 2.0
"""Seconds without faults at the begin: everybody has arrived and talks."""
PAUSE = 2.0
"""Seconds from one fault to the next, on average; on different places they overlap."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A fault at its time; seconds since the begin."""

    at: float
    lasts: float
    on: str
    fault: Fault

    @property
    def until(self) -> float:
        return self.at + self.lasts

    def __str__(self) -> str:
        return f"{self.at:7.2f} s  {self.fault.name}, for {self.lasts:.2f} s"


def plan(world: World, seed: int, seconds: float, kinds: Sequence[Kind] = KINDS) -> list[Planned]:
    """Faults from begin to end; the last is undone when `seconds` are over."""
    chance = random.Random(f"faults {seed}")
    found: list[Planned] = []
    at = FIRST
    while (at := at + chance.expovariate(1 / PAUSE)) < seconds:
        kind = chance.choices(kinds, [one.weight for one in kinds])[0]
        lasts = min(chance.uniform(*kind.lasts), seconds - at)
        places = kind.on(world)
        on = chance.choice(places) if places else ""
        fault = kind.make(world, on, chance) if places else None
        struck = any(one.on == on and one.until + 1 > at for one in found)
        if fault is not None and not struck:
            found.append(Planned(round(at, 2), round(lasts, 2), on, fault))
    return found


async def carry_out(planned: Sequence[Planned], world: World, journal: Journal) -> None:
    """All of them at their times; returns when the last is undone. Cancelled, it undoes what is."""
    turns = {one.on: asyncio.Lock() for one in planned}
    async with asyncio.TaskGroup() as group:
        for one in planned:
            group.create_task(_in_turn(one, turns[one.on], world, journal))


async def _in_turn(planned: Planned, turn: asyncio.Lock, world: World, journal: Journal) -> None:
    """What takes longer than planned, such as a drain, holds up what comes to the same place."""
    await asyncio.sleep(planned.at - journal.now())
    async with turn:
        world.struck.add(planned.on)
        try:
            await _one(planned, journal)
        finally:
            world.struck.discard(planned.on)


async def _one(planned: Planned, journal: Journal) -> None:
    journal.write("fault", what=planned.fault.name)
    await planned.fault.do()
    try:
        await asyncio.sleep(planned.until - journal.now())
    finally:
        with contextlib.suppress(ProcessLookupError):
            await planned.fault.undo()
        journal.write("undone", what=planned.fault.name)
