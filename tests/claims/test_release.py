"""release: the holder gives it up, or was lost (CH-1, CH-4, CH-5)."""

from dataclasses import replace

import pytest
import redis.asyncio

from frontdesk.errors import FrontdeskError
from tests.desk import GRACE, Desk, ring_of


@pytest.fixture
async def held(desk: Desk) -> Desk:
    """Ann holds c1 with fence 1; bob is there; dan is full."""
    await desk.at().comes("ann")
    await desk.at().comes("bob")
    await desk.at().comes("dan", capacity=1)
    await desk.at().request("c0", "dan")
    await desk.at().claim("c0", "dan")
    await desk.at().request("c1", "ann")
    await desk.at().claim("c1", "ann")
    return desk


async def test_a_transfer_rings_the_others_and_frees_the_place_in_one_step(held: Desk) -> None:
    rung = await held.at().release("c1", "ann", 1, "bob")
    assert (rung.state, rung.rung) == ("requested", ["bob"])
    assert (await held.rep("ann")).load == 0
    assert await held.kinds("c1") == ["requested", "claimed", "requested"]
    assert (await held.at().claim("c1", "bob")).fence == 2


async def test_a_transfer_to_nobody_is_refused_and_changes_nothing(held: Desk) -> None:
    before = await held.of("c1")
    with pytest.raises(FrontdeskError, match="nobody"):
        await held.at().release("c1", "ann", 1, "zoe")
    assert await held.of("c1") == before
    assert (await held.at().says("c1", "ann", "m1", fence=1)).offset == 3


async def test_a_transfer_to_somebody_at_capacity_waits_for_them(held: Desk) -> None:
    rung = await held.at().release("c1", "ann", 1, "dan")
    assert (rung.state, rung.rung) == ("requested", [])


async def test_a_lost_rep_without_anybody_else_means_missed(held: Desk) -> None:
    await held.at().goes("ann")
    await held.pass_time(GRACE + 1000)
    await held.at().presence.expire_device("d-ann", await held.deadline("device:d-ann"))
    assert await held.at().lost_or_returned("c1", "ann") == "lost"
    rung = await held.at().release("c1", "ann", 1, why="rep_lost")
    assert (rung.state, rung.first, rung.offset) == ("missed", 4, 5)
    kinds = ["requested", "claimed", "participant", "requested", "missed"]
    assert await held.kinds("c1") == kinds


async def test_a_rep_who_came_back_keeps_the_conversation(held: Desk) -> None:
    with pytest.raises(FrontdeskError, match="gone"):
        await held.at().release("c1", "ann", 1, "bob", why="rep_lost")
    assert await held.state("c1") == "active"


@pytest.mark.parametrize(("holder", "fence"), [("ann", 2), ("ann", 0), ("bob", 1), ("", 1)])
async def test_only_the_holder_with_their_fence_gives_it_up(
    held: Desk, holder: str, fence: int
) -> None:
    with pytest.raises(FrontdeskError, match="fence"):
        await held.at().release("c1", holder, fence, "bob")
    assert await held.state("c1") == "active"


async def test_what_is_over_or_never_was_is_gone(held: Desk) -> None:
    await held.at().close("c1", "ann", fence=1, holder="ann")
    for conversation in ("c1", "nothing"):
        with pytest.raises(FrontdeskError, match="gone"):
            await held.at().release(conversation, "ann", 1, "bob")


async def test_asked_again_it_is_done_already_and_rings_nobody_again(held: Desk) -> None:
    await held.at().release("c1", "ann", 1, "bob")
    again = await held.at("n2").release("c1", "ann", 1, "bob")
    assert (again.again, again.state, again.rung) == (True, "requested", [])
    assert await held.kinds("c1") == ["requested", "claimed", "requested"]


async def test_asked_again_after_somebody_took_it_it_is_done_already(held: Desk) -> None:
    await held.at().release("c1", "ann", 1, "bob")
    await held.at().claim("c1", "bob")
    again = await held.at("n2").release("c1", "ann", 1, "bob")
    assert (again.again, again.state) == (True, "active")
    assert (await held.of("c1"))["rep"] == "bob"


async def test_asked_again_after_it_went_back_to_its_rule_it_is_done_already(held: Desk) -> None:
    await held.at().release("c1", "ann", 1, "bob")
    await held.at().offer("c1", "ann", "bob", more=1000)
    assert (await held.at().release("c1", "ann", 1, "bob")).again


async def test_who_got_it_back_has_to_name_the_new_fence(held: Desk) -> None:
    await held.at().release("c1", "ann", 1, "bob", "ann")
    await held.at().claim("c1", "ann")
    with pytest.raises(FrontdeskError, match="fence"):
        await held.at().release("c1", "ann", 1, "bob", "ann")
    assert (await held.of("c1"))["rep"] == "ann"


async def test_given_up_to_somebody_else_or_for_another_reason_is_not_the_same(held: Desk) -> None:
    await held.at().release("c1", "ann", 1, "bob")
    with pytest.raises(FrontdeskError, match="fence"):
        await held.at().release("c1", "ann", 1, "bob", why="rep_lost")
    ring = replace(ring_of("dan"), extra=b'{"reason":"Dan"}')
    with pytest.raises(FrontdeskError, match="fence"):
        await held.at().claims.release(
            "c1", "ann", 1, ring, requested=b"{}", missed=b"{}", gone_ms=1, why="transfer",
            local=True,
        )  # fmt: skip


async def test_the_former_holder_writes_no_more(held: Desk) -> None:
    said = await held.at().says("c1", "ann", "m1", fence=1)
    await held.at().release("c1", "ann", 1, "bob")
    with pytest.raises(FrontdeskError, match="fence"):
        await held.at().says("c1", "ann", "m2", fence=1)
    with pytest.raises(FrontdeskError, match="fence"):
        await held.at().close("c1", "ann", fence=1, holder="ann")
    again = await held.at().says("c1", "ann", "m1", fence=1)  # a retry of what was said in time
    assert again.offset == said.offset


async def test_the_former_holders_nodes_hear_who_let_go_and_why(
    held: Desk, redis_client: redis.asyncio.Redis
) -> None:
    await held.at("n2").comes("ann", device="phone")
    async with held.heard(redis_client) as heard:
        await held.at("n1").release("c1", "ann", 1, "bob")
        notices = await heard.until(1)
    assert notices[0][0] == "n2"
    assert notices[0][1].endswith(" requested ann transfer")


async def test_what_waits_is_drained_into_the_freed_place(desk: Desk) -> None:
    await desk.at().comes("ann", capacity=1)
    await desk.at().comes("bob")
    await desk.at().request("c1", "ann")
    await desk.at().claim("c1", "ann")
    await desk.at().request("c2", "ann")
    await desk.at().release("c1", "ann", 1, "bob")
    due, *_ = await desk.peek()
    assert "drain:ann" in due
