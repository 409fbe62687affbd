"""Nodes and the worker are killed, frozen and drained while people talk (issue: must withstand)."""

import asyncio
from functools import partial

import pytest

from tests.scenarios.conftest import Scene
from tests.scenarios.people import Rep, Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def talk(visitor: Visitor, rep: Rep, name: str, *, count: int, label: str = "") -> None:
    """Both sides write at once, each one message after the other."""

    async def visitor_writes() -> None:
        for number in range(count):
            await visitor.says(f"{label}v{number}")

    async def rep_writes() -> None:
        for number in range(count):
            await rep.says(name, f"{label}r{number}")

    async with asyncio.timeout(120), asyncio.TaskGroup() as group:
        group.create_task(visitor_writes())
        group.create_task(rep_writes())


async def end(scene: Scene, visitor: Visitor, rep: Rep, name: str) -> None:
    """Both see the same; the rep ends it, and everything is checked."""
    await scene.same_view(visitor, rep, name)
    await rep.closes_it(name)
    await visitor.until(lambda: visitor.chat.state == "closed", "the end")
    await scene.check.all_is_well(visitor, rep)
    await scene.check.state_in_sql(name, "closed")


async def test_two_people_talk_over_two_nodes(scene: Scene) -> None:
    visitor, rep, name = await scene.chat()
    await talk(visitor, rep, name, count=30)
    await end(scene, visitor, rep, name)


@pytest.mark.parametrize("whose", ["visitor", "rep"])
async def test_a_node_is_killed_while_they_talk_and_both_go_on_through_another(
    scene: Scene, whose: str
) -> None:
    visitor, rep, name = await scene.chat()
    talking = asyncio.create_task(talk(visitor, rep, name, count=60))
    victim = visitor if whose == "visitor" else rep
    before = scene.random.randrange(3, 50)
    await victim.until(lambda: visitor.chat.offset >= before, "the moment")
    await scene.running.kill_node(victim.node)
    await talking
    await end(scene, visitor, rep, name)


async def test_one_node_after_the_other_is_killed_and_started_again(scene: Scene) -> None:
    visitor, rep, name = await scene.chat()
    for number in range(3):
        talking = asyncio.create_task(talk(visitor, rep, name, count=40, label=f"{number} "))
        moment = visitor.chat.offset + scene.random.randrange(1, 60)
        await visitor.until(partial(visitor.reached, moment), "the moment")
        victim = scene.random.randrange(2)
        await scene.running.kill_node(victim)
        await talking
        await scene.running.start_node(victim)
    await end(scene, visitor, rep, name)


async def test_a_claim_is_under_way_when_its_node_is_killed(scene: Scene) -> None:
    rep, visitor = await scene.rep(1), await scene.visitor(0)
    name = await visitor.requests()
    await rep.until(lambda: rep.offered(name), "the ring")
    claim = rep.begin(rep.client.claim(name))
    await scene.running.kill_node(1)
    await rep.until(lambda: claim.ok or claim.error, "an outcome of the claim")
    assert claim.ok is not None
    await talk(visitor, rep, name, count=5)
    await end(scene, visitor, rep, name)


async def test_a_request_is_under_way_when_its_node_is_killed(scene: Scene) -> None:
    rep, visitor = await scene.rep(1), await scene.visitor(0)
    asked = visitor.begin(visitor.client.request("Hello?"))
    await scene.running.kill_node(0)
    await visitor.until(lambda: asked.ok or asked.error, "an outcome of the request")
    assert asked.ok is not None
    name = visitor.chat.id
    await rep.claims(name)
    await end(scene, visitor, rep, name)
    assert visitor.texts() == ["Hello?"]


async def test_a_drained_node_tells_them_to_go_elsewhere_and_nothing_is_lost(
    scene: Scene,
) -> None:
    visitor, rep, name = await scene.chat()
    talking = asyncio.create_task(talk(visitor, rep, name, count=100))
    await visitor.until(lambda: visitor.chat.offset >= 10, "the moment")
    assert await scene.running.drain_node(visitor.node) == 0
    await talking
    assert visitor.closes[0] == 4001
    await end(scene, visitor, rep, name)


async def test_a_frozen_node_that_wakes_after_its_lease_tells_nothing_twice(
    scene: Scene,
) -> None:
    visitor, rep, name = await scene.chat(visitor_at=0, rep_at=1)
    device = rep.client.device
    frozen = rep.node
    scene.running.freeze_node(frozen)
    await rep.moves(1 - frozen)
    assert rep.client.device == device
    await talk(visitor, rep, name, count=10)
    nodes = scene.running.keys.nodes
    await scene.until_redis(lambda client: client.zcard(nodes), 1, "the lease is over")
    scene.running.thaw_node(frozen)
    await scene.until_redis(lambda client: client.zcard(nodes), 2, "it is back")
    await talk(visitor, rep, name, count=5, label="more ")
    assert rep.node == 1 - frozen
    assert 4505 not in rep.closes, "the woken node took the device back"
    await rep.moves(frozen)
    await end(scene, visitor, rep, name)


async def test_the_worker_is_killed_and_nothing_is_missing_in_sql_afterwards(
    scene: Scene,
) -> None:
    visitor, rep, name = await scene.chat()
    talking = asyncio.create_task(talk(visitor, rep, name, count=100))
    for moment in (20, 90):
        await visitor.until(partial(visitor.reached, moment), "the moment")
        await scene.running.kill_worker()
        await scene.running.start_worker()
    await talking
    await scene.same_view(visitor, rep, name)
    await scene.running.kill_worker()
    await rep.closes_it(name)
    await visitor.until(lambda: visitor.chat.state == "closed", "the end")
    await scene.running.start_worker()
    await scene.check.all_is_well(visitor, rep)
    await scene.check.state_in_sql(name, "closed")
