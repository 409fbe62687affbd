"""Rules on real nodes: rings in turn while processes die (RT-5, RT-6; issue: must withstand)."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from frontdesk.events.stream import Event, event_of
from frontdesk.routing.owners import OwnerTable
from frontdesk.routing.rule import RuleSet
from frontdesk.routing.rules import dump_rules
from frontdesk.storage.redis.link import Link
from frontdesk.wire import frames
from tests.scenarios.conftest import Scene
from tests.scenarios.processes import Installation
from tests.scenarios.rules import in_turn, publish

pytestmark = pytest.mark.asyncio(loop_scope="session")
RING = 5


@pytest_asyncio.fixture(loop_scope="session")
async def turns(scene: Scene) -> AsyncIterator[Scene]:
    """The first two reps ring in turn; afterwards everybody does at once again."""
    one, two, *_ = scene.running.reps
    await publish(scene.running, in_turn(one.id, two.id, ring=RING))
    yield scene
    await publish(scene.running, dump_rules(RuleSet.default_rule_set(30, 60)))


async def events(running: Installation, conversation: str) -> list[Event]:
    link = await Link.open(running.redis.url, meta_key=running.keys.meta)
    found = [event_of(raw) for raw in await link.command(b"XRANGE", running.keys.ev, b"-", b"+")]
    await link.close()
    return [one for one in found if one.conversation == conversation]


@pytest.mark.parametrize("victim", [0, 1])
async def test_a_node_is_killed_in_the_middle_of_a_ring_and_the_next_rings_once(
    turns: Scene, victim: int
) -> None:
    one, two = await turns.rep(0), await turns.rep(1)
    visitor = await turns.visitor(1 - victim)
    name = await visitor.requests()
    await one.until(lambda: one.offered(name) or two.offered(name), "a ring")
    first, second = (one, two) if one.offered(name) else (two, one)
    await turns.running.kill_node(victim)
    await second.until(lambda: second.offered(name), "the next ring")
    await second.claims(name)
    await first.until(lambda: first.is_quiet(name), "the end of the first ring")
    await visitor.until(lambda: visitor.chat.state == "active", "somebody to answer")
    passed = [one for one in await events(turns.running, name) if one.kind == "expired"]
    assert [one.fields["reps"] for one in passed] == [first.account.id]
    await second.closes_it(name)
    await visitor.until(lambda: visitor.chat.state == "closed", "the end")
    await turns.check.all_is_well(visitor, second)


async def test_when_each_let_it_ring_in_vain_the_visitor_may_leave_a_message(turns: Scene) -> None:
    await turns.rep(0)
    await turns.rep(1)
    visitor = await turns.visitor(0)
    name = await visitor.requests()
    await visitor.until(lambda: visitor.chat.state == "missed", "the end of the wait")
    passed = [one for one in await events(turns.running, name) if one.kind == "expired"]
    assert len(passed) == 2
    await visitor.ask(visitor.client.leave(name, email="a@example.com", text="Call me."))


def of_owners() -> dict[str, Any]:
    """The owner of a visitor's record rings first, then everybody."""
    document: dict[str, Any] = dump_rules(RuleSet.default_rule_set(RING, 60))
    document["default"]["owner"] |= {"on": True, "look": ["contact"]}
    return document


async def test_the_owner_of_a_visitor_rings_and_nobody_else(scene: Scene) -> None:
    """RT-7 from the website to the console: what is imported is what rings."""
    running = scene.running
    owner = running.reps[1]
    file = "kind,email,owner\ncontact,kim@acme.example,rep1@example.com\n"
    await OwnerTable(running.database).load(None, file, preview=False)
    await publish(running, of_owners())
    try:
        other, theirs = await scene.rep(0, number=0), await scene.rep(1, number=1)
        visitor = await scene.visitor(0)
        await visitor.ask(visitor.client.identify({"email": "kim@acme.example"}))
        name = await visitor.requests()
        await theirs.claims(name)
        told = [one for one in await events(running, name) if one.kind == "requested"]
        assert told[0].fields["outcomes"] == f"{owner.id},rung"
        assert not [one for one in other.pushes if isinstance(one, frames.Offer)]
        await theirs.closes_it(name)
        scene.check.nothing_broke()
    finally:
        await publish(running, dump_rules(RuleSet.default_rule_set(30, 60)))
