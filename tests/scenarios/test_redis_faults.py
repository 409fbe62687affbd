"""Redis is killed, and loses its disk, while people talk (CH-3, R1.3, R1.5)."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import pytest
import pytest_asyncio

from frontdesk.config import Durability
from frontdesk.wire import frames
from tests.scenarios.conftest import Scene
from tests.scenarios.people import Rep
from tests.scenarios.processes import installation
from tests.scenarios.test_faults import end, talk

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def own(seed: int) -> AsyncIterator[Scene]:
    """An installation for this test alone, with fsync before each answer."""
    async with installation(nodes=2, reps=3, durability=Durability.ALWAYS) as running:
        scene = Scene(running, seed)
        yield scene
        scene.complaints()
        await scene.everybody_leaves()


async def test_redis_is_killed_twice_and_nothing_acknowledged_is_lost(own: Scene) -> None:
    visitor, rep, name = await own.chat()
    talking = asyncio.create_task(talk(visitor, rep, name, count=120))
    for moment in (20, 130):
        await visitor.until(partial(visitor.reached, moment), "the moment")
        own.running.kill_redis()
        await own.running.restart_redis()
    await talking
    await end(own, visitor, rep, name)


async def test_redis_loses_its_disk_and_the_open_conversations_come_back(own: Scene) -> None:
    """What SQL had comes back by itself; what it had not, the clients say again (R1.5)."""
    visitor, rep, name = await own.chat()
    waiting = await own.visitor(0)
    other = await waiting.requests("Me too")
    await talk(visitor, rep, name, count=20)
    await own.same_view(visitor, rep, name)
    await own.check.archived(name, last=visitor.chat.offset)
    await own.check.archived(other, last=waiting.chat.offset)
    before = visitor.texts()
    own.running.lose_redis()
    await own.running.restart_redis()
    await visitor.says("Are you still there?")
    await rep.says(name, "Yes")
    # The ring was lost with the disk; the rep, who is here again, is rung anew.
    await rep.until(lambda: rings(rep, other) > 1, "a new ring")
    await rep.claims(other)
    await waiting.says("Hello")
    await rep.says(other, "Hello to you")
    await own.same_view(visitor, rep, name)
    assert visitor.texts() == [*before, "Are you still there?", "Yes"]
    await rep.closes_it(name)
    await rep.closes_it(other)
    await visitor.until(lambda: visitor.chat.state == "closed", "the end")
    await waiting.until(lambda: waiting.chat.state == "closed", "the end")
    assert waiting.texts() == ["Me too", "Hello", "Hello to you"]
    own.check.one_holder_per_fence()
    own.check.every_request_has_an_outcome()
    await own.check.state_in_sql(name, "closed")
    await own.check.state_in_sql(other, "closed")


def rings(rep: Rep, name: str) -> int:
    """How often the rep was offered this conversation."""
    return sum(isinstance(one, frames.Offer) and one.conversation == name for one in rep.pushes)
