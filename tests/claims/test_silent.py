"""A chat whose visitor is silent gives its place back until they write (PR-4)."""

import pytest

from frontdesk.errors import FrontdeskError
from tests.desk import GONE, IDLE, SILENT, Desk

AT_ONCE = 1
"""Ms: whatever was said is longer ago, for all that is asked afterwards."""


@pytest.fixture
async def held(desk: Desk) -> Desk:
    """Ann holds c1, the one chat she can have; c2 waits for her."""
    await desk.at().comes("ann", capacity=1)
    await desk.at().request("c1", "ann")
    await desk.at().claim("c1", "ann")
    await desk.at().request("c2", "ann")
    return desk


async def falls_silent(desk: Desk, node: str = "n1") -> bool:
    await desk.pass_time(SILENT + 1000)
    return await desk.at(node).look_silent("c1", "ann", after=AT_ONCE)


async def test_the_place_of_a_silent_visitor_is_free(held: Desk) -> None:
    assert await falls_silent(held)
    assert (await held.rep("ann")).load == 0
    assert "drain:ann" in (await held.peek())[0]
    assert (await held.at().offer("c2", "ann")).outcomes == {"ann": "rung"}
    assert await held.at().presence.held("ann") == ["c1"]


async def test_who_writes_again_has_their_place_whatever_came_meanwhile(held: Desk) -> None:
    await falls_silent(held)
    await held.at().offer("c2", "ann")
    await held.at().claim("c2", "ann")
    await held.at().says("c1", "v", "m9")
    await held.pass_time(10_000)
    assert not await held.at("n2").look_silent("c1", "ann")
    assert (await held.rep("ann")).load == 2


async def test_who_writes_again_into_the_last_place_ends_what_else_rings(held: Desk) -> None:
    await falls_silent(held)
    await held.at().offer("c2", "ann")
    await held.at().says("c1", "v", "m9")
    await held.pass_time(10_000)
    await held.at().look_silent("c1", "ann")
    assert "fill:ann" in (await held.peek())[0]
    await held.at().claims.ring_ended("c2", "ann", "full", local=False)
    assert await held.ring("c2") == {}


async def test_what_is_not_due_or_not_held_any_more_is_not_looked_at(held: Desk) -> None:
    assert not await held.at().look_silent("c1", "ann", after=AT_ONCE)
    assert (await held.rep("ann")).load == 1
    await held.pass_time(SILENT + 1000)
    assert not await held.at().look_silent("c1", "bob", after=AT_ONCE)


async def test_a_visitor_who_spoke_lately_keeps_the_place(held: Desk) -> None:
    await held.pass_time(SILENT + 1000)
    await held.at().says("c1", "v", "m9")
    assert not await held.at().look_silent("c1", "ann")
    assert int(await held.deadline("silent:c1")) > await held.now() + SILENT / 2


@pytest.mark.parametrize("end", ["close", "transfer"])
async def test_the_end_of_a_silent_chat_leaves_nothing(held: Desk, end: str) -> None:
    await held.at().comes("bob")
    await falls_silent(held)
    if end == "close":
        await held.at().close("c1", "ann", fence=1, holder="ann")
    else:
        await held.at().release("c1", "ann", 1, "bob")
    assert await held.at().presence.held("ann") == []
    assert not await held.deadline("silent:c1")


async def test_the_watchdog_finds_nothing_wrong_with_it(held: Desk) -> None:
    await falls_silent(held)
    assert await held.watchdog.look() == {}


async def test_a_place_given_back_is_no_place_beyond_the_capacity(held: Desk) -> None:
    await held.at().offer("c2", "ann")
    with pytest.raises(FrontdeskError, match="not_offered"):
        await held.at().claim("c2", "ann")


async def test_silence_is_looked_at_from_the_first_look_at_the_session_on(desk: Desk) -> None:
    await desk.at().comes("ann")
    await desk.at().request("c1", "ann")
    await desk.at().claims.claim("c1", "ann", b'{"type":"claimed"', GONE)
    assert not await desk.deadline("silent:c1")
    deadline = await desk.deadline("quiet:c1")
    await desk.pass_time(GONE + 1000)
    expire = desk.at().conversations.expire_quiet
    assert await expire("c1", deadline, IDLE, GONE, SILENT) is None
    assert await desk.deadline("silent:c1")
