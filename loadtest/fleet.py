"""Many visitors' sockets at once: opening them, and bringing them back after they were lost."""

import asyncio
import random
from dataclasses import dataclass, field
from time import perf_counter

from loadtest.meter import Latencies
from loadtest.people import Person, id_of, visitor

AT_ONCE = 200
SOURCES = [f"127.0.0.{number}" for number in range(1, 9)]
"""Several loopback addresses: one has only some 28,000 ports to connect from."""


@dataclass(slots=True)
class Fleet:
    """Visitors who are here, each with the address of their node."""

    addresses: list[tuple[str, int]]
    people: list[Person] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    welcome: Latencies = field(default_factory=Latencies)
    attempts: int = 0
    kind: type[Person] = Person
    sources: list[str] = field(default_factory=lambda: SOURCES)

    async def open(self, count: int) -> None:
        """`count` visitors, a few at a time; returns when all were welcomed."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(index: int) -> Person:
            async with gate:
                return await self._visitor(index, "")

        tasks = [asyncio.create_task(one(index)) for index in range(count)]
        self.people = list(await asyncio.gather(*tasks))
        welcomes = [person.welcomed.result() for person in self.people]
        self.tokens = [welcome.token for welcome in welcomes]
        self.ids = [id_of(welcome.visitor) for welcome in welcomes]

    async def come_back(self, index: int, *, spread: float) -> float:
        """A lost visitor tries again, with jitter, until welcomed; returns when that was."""
        longest = spread
        while True:
            await asyncio.sleep(longest * random.random())
            self.attempts += 1
            try:
                self.people[index] = await self._visitor(index, self.tokens[index])
            except (OSError, RuntimeError, TimeoutError):
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
