"""close, lost: how a conversation ends, and what happens when its rep is lost (CH-1, CH-5)."""

import pytest
import redis.asyncio

from frontdesk.errors import FrontdeskError
from tests.desk import GRACE, LOST, Desk


@pytest.fixture
async def held(desk: Desk) -> Desk:
    """Ann holds c1 with fence 1; bob was rung, too."""
    await desk.at().comes("ann")
    await desk.at().comes("bob")
    await desk.at().request("c1", "ann", "bob")
    await desk.at().claim("c1", "ann")
    return desk


async def refusal(coroutine: object) -> str:
    with pytest.raises(FrontdeskError) as refused:
        await coroutine  # type: ignore[misc]  # any awaitable of a verb
    return refused.value.code


async def goes_offline(desk: Desk, rep: str = "ann") -> None:
    await desk.at().goes(rep)
    await desk.pass_time(GRACE + 5000)
    await desk.at().presence.expire_device(f"d-{rep}", await desk.deadline(f"device:d-{rep}"))


# --- close


@pytest.mark.parametrize(("who", "fence"), [("v", 0), ("ann", 1), ("s", 0)])
async def test_visitor_holder_and_server_may_end_it(held: Desk, who: str, fence: int) -> None:
    ended = await held.at().close("c1", who, fence=fence, holder="ann")
    assert (ended.offset, ended.again) == (3, False)
    assert await held.state("c1") == "closed"
    assert (await held.rep("ann")).load == 0
    assert await held.at().conversations.open_of("v-c1") is None


async def test_ended_twice_is_ended_once(held: Desk) -> None:
    first = await held.at("n1").close("c1", "ann", fence=1, holder="ann")
    for node in ("n1", "n2"):
        again = await held.at(node).close("c1", "ann", fence=1, holder="ann")
        assert (again.offset, again.again) == (first.offset, True)
    assert (await held.at().close("c1", "v", holder="")).again
    assert await held.kinds("c1") == ["requested", "claimed", "closed"]


async def test_who_believes_in_another_holder_is_corrected(held: Desk) -> None:
    ended = await held.at().close("c1", "v", holder="somebody")
    assert not ended.again
    assert (await held.rep("ann")).load == 0


@pytest.mark.parametrize(("who", "fence"), [("ann", 2), ("bob", 1), ("ann", 0)])
async def test_other_reps_and_stale_fences_end_nothing(held: Desk, who: str, fence: int) -> None:
    assert await refusal(held.at().close("c1", who, fence=fence, holder="ann")) == "fence"
    assert await held.state("c1") == "active"


async def test_another_visitor_ends_nothing(held: Desk) -> None:
    close = held.at().conversations.close(
        "c1", "v", "v-other", fence=0, why="ended", body=b"{}", holder="ann"
    )
    assert await refusal(close) == "forbidden"
    assert await refusal(held.at().close("c9", "v")) == "not_found"


async def test_a_cancelled_request_stops_ringing_and_names_who_rang(
    desk: Desk, redis_client: redis.asyncio.Redis
) -> None:
    await desk.at("n2").comes("ann")
    await desk.at("n3").comes("bob")
    await desk.at("n1").request("c1", "ann", "bob")
    await desk.at("n1").claims.ring_ended("c1", "bob", "seen", local=True)
    async with desk.heard(redis_client) as heard:
        ended = await desk.at("n1").close("c1", "v")
        notices = await heard.until(2)
    assert sorted(ended.unrung) == ["ann", "bob"]
    assert sorted(node for node, _ in notices) == ["n2", "n3"]


async def test_a_missed_one_can_be_ended_by_its_visitor(desk: Desk) -> None:
    await desk.at().request("c1")
    await desk.at().close("c1", "v")
    assert await desk.kinds("c1") == ["requested", "missed", "closed"]


# --- the rep is lost


async def test_the_visitor_is_told_once_that_the_rep_is_lost_and_once_that_they_are_back(
    held: Desk,
) -> None:
    await goes_offline(held)
    assert await held.at("n1").lost_or_returned("c1", "ann") == "lost"
    assert await held.at("n2").lost_or_returned("c1", "ann") is None
    assert int(await held.deadline("lost:c1")) > await held.now() + LOST - 5000
    await held.at("n2").comes("ann", device="other")
    assert await held.at("n2").lost_or_returned("c1", "ann") == "returned"
    assert await held.at("n1").lost_or_returned("c1", "ann") is None
    assert await held.kinds("c1") == ["requested", "claimed", "participant", "participant"]


async def test_a_rep_with_another_device_is_not_lost(held: Desk) -> None:
    await held.at("n2").comes("ann", device="phone")
    await goes_offline(held)
    assert await held.at().lost_or_returned("c1", "ann") is None


async def test_only_the_holder_can_be_lost_to_it(held: Desk) -> None:
    await goes_offline(held, "bob")
    assert await held.at().lost_or_returned("c1", "bob") is None
    assert await held.at().lost_or_returned("c9", "bob") is None


async def test_a_lost_rep_who_is_back_in_time_goes_on_with_the_same_fence(held: Desk) -> None:
    await goes_offline(held)
    await held.at().lost_or_returned("c1", "ann")
    await held.at().comes("ann")
    await held.at().lost_or_returned("c1", "ann")
    assert (await held.at().says("c1", "ann", "m1", fence=1)).offset == 5


async def test_a_lost_reps_chat_can_be_ended_and_offered_again(held: Desk) -> None:
    await goes_offline(held)
    await held.at().lost_or_returned("c1", "ann")
    rung = await held.at().release("c1", "ann", 1, "bob", why="rep_lost")
    assert rung.rung == ["bob"]
    assert not await held.deadline("lost:c1")
    await held.at().close("c1", "v")
