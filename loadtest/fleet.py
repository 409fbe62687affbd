"""Many visitors' sockets at once: opening them, and bringing them back after they were lost."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from loadtest.hindrance import Hindrances, of_error
from loadtest.light import Refused
from loadtest.meter import Latencies
from loadtest.people import Person, id_of, visitor

AT_ONCE = 200
SOURCES = [f"127.0.0.{number}" for number in range(1, 9)]
"""Several loopback addresses: one has only some 28,000 ports to connect from."""


@dataclass(slots=True)
class Fleet:
    """Visitors who are here, each with the address of their node. With `hindrances` who isn't let
    in is counted; without, it is an error.
    """

    addresses: Sequence[tuple[Any, ...]]
    people: list[Person] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    welcome: Latencies = field(default_factory=Latencies)
    attempts: int = 0
    kind: type[Person] = Person
    sources: list[str] = field(default_factory=lambda: SOURCES)
    hindrances: Hindrances | None = None
    kept_out: int = 0

    async def open(self, count: int, *, ramp: float = 0.0) -> None:
        """`count` visitors, a few at a time, or spread over `ramp` seconds; returns when all were
        welcomed.
        """
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(index: int) -> Person | None:
            await asyncio.sleep(ramp * index / count)
            async with gate:
                return await self._let_in(index)

        tasks = [asyncio.create_task(one(index)) for index in range(count)]
        self.people = [one for one in await asyncio.gather(*tasks) if one is not None]
        welcomes = [person.welcomed.result() for person in self.people]
        self.tokens = [welcome.token for welcome in welcomes]
        self.ids = [id_of(welcome.visitor) for welcome in welcomes]

    async def _let_in(self, index: int) -> Person | None:
        """None: refused, which is a result where the server isn't ours."""
        try:
            return await self._visitor(index, "")
        except (OSError, RuntimeError, TimeoutError, Refused) as error:
            if self.hindrances is None:
                raise
            self.hindrances.meet("hello", of_error(error))
            self.kept_out += 1
            return None

    async def come_back(self, index: int, *, spread: float) -> float:
        """A lost visitor tries again, with jitter, until welcomed; returns when that was."""
        longest = spread
        while True:
            await asyncio.sleep(longest * random.random())
            self.attempts += 1
            try:
                self.people[index] = await self._visitor(index, self.tokens[index])
            except (OSError, RuntimeError, TimeoutError, Refused) as error:
                if self.hindrances is not None:
                    self.hindrances.meet("hello", of_error(error))
                longest = min(5.0, longest * 1.5)
            else:
                return perf_counter()

    async def _visitor(self, index: int, token: str) -> Person:
        address = self.addresses[index % len(self.addresses)]
        begun = perf_counter()
        found = await visitor(address, token, self.sources[index % len(self.sources)], self.kind)
        self.welcome.note(perf_counter() - begun)
        return found

    def strangers(self) -> int:
        """How many came back as somebody else."""
        now = [id_of(person.welcomed.result().visitor) for person in self.people]
        return sum(before != after for before, after in zip(self.ids, now, strict=True))

    def open_sockets(self) -> int:
        return sum(person.is_open for person in self.people)
