"""An installation for all scenarios that leave one behind, and people who come and go."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
import redis.asyncio

from tests.scenarios.checker import Checker
from tests.scenarios.people import History, Rep, Visitor
from tests.scenarios.processes import PATIENCE, Installation, installation


class Scene:
    """Who is there in one test; everybody leaves at its end."""

    def __init__(self, running: Installation, seed: int) -> None:
        self.running = running
        self.history = History()
        self.check = Checker(running, self.history)
        self.random = random.Random(seed)
        self._people: list[Visitor | Rep] = []
        self._unused = list(running.reps)

    async def rep(
        self, node: int | None = None, *, available: bool = True, number: int | None = None
    ) -> Rep:
        """A rep who is signed in."""
        account = self._unused.pop(0) if number is None else self.running.reps[number]
        rep = Rep(self.running, account, self.history, node=node)
        self._people.append(rep)
        await rep.welcomed()
        await rep.ask(rep.client.availability("available" if available else "away"))
        return rep

    async def visitor(self, node: int | None = None, **options: Any) -> Visitor:
        """A visitor who has been welcomed."""
        name = f"visitor {len(self._people)}"
        visitor = Visitor(self.running, name, self.history, node=node, **options)
        self._people.append(visitor)
        await visitor.welcomed()
        return visitor

    async def chat(self, *, visitor_at: int = 0, rep_at: int = 1) -> tuple[Visitor, Rep, str]:
        """A conversation that goes on: a visitor, the rep who holds it, its id."""
        rep = await self.rep(rep_at)
        visitor = await self.visitor(visitor_at)
        name = await visitor.requests("Hello?")
        await rep.claims(name)
        await visitor.until(lambda: visitor.chat.state == "active", "somebody to answer")
        return visitor, rep, name

    async def same_view(self, visitor: Visitor, rep: Rep, name: str) -> None:
        """Until both sides are at the same place."""

        def same() -> bool:
            held = rep.holds(name)
            return held is not None and held.offset == visitor.chat.offset

        await visitor.until(same, "the same view on both sides")

    async def until_redis(
        self, ask: Callable[[redis.asyncio.Redis], Awaitable[object]], value: object, what: str
    ) -> None:
        """Until Redis gives this answer."""
        client = redis.asyncio.Redis.from_url(self.running.redis.url)
        async with client, asyncio.timeout(PATIENCE):
            while (found := await ask(client)) != value:
                await asyncio.sleep(0.05)
        assert found == value, what

    def complaints(self) -> None:
        """Prints what the processes logged as wrong; shown with a failure."""
        for line in self.running.logged():
            if line.get("level") in ("error", "critical") or "raw" in line:
                print(line)  # noqa: T201 - shown with a failure

    async def everybody_leaves(self, *, away: bool = True) -> None:
        """With `away` reps are no longer available afterwards: each tells all others so."""
        for person in self._people if away else ():
            if isinstance(person, Rep) and person.client.ready:
                await person.ask(person.client.availability("away"))
        await asyncio.gather(*(person.leave() for person in self._people))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared() -> AsyncIterator[Installation]:
    """Two nodes and a worker for the whole run: every scenario leaves them as it found them."""
    async with installation(nodes=2, reps=8) as running:
        yield running


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """Of what is random in a scenario; printed, so that a failure can be had again."""
    found = random.Random(request.node.name).randrange(10**6)
    print(f"seed {found}")  # noqa: T201 - shown with a failure
    return found


@pytest_asyncio.fixture(loop_scope="session")
async def scene(shared: Installation, seed: int) -> AsyncIterator[Scene]:
    """People on the shared installation."""
    found = Scene(shared, seed)
    yield found
    for index, place in enumerate(shared.places):
        if not place.reachable:
            await shared.start_node(index)
    found.complaints()
    await found.everybody_leaves()
