"""offer, decline, expire_wait: what becomes of a ring short of a claim (RT-4, RT-6, PR-6)."""

import orjson
import pytest
import redis.asyncio

from frontdesk.errors import FrontdeskError
from tests.desk import WAIT, Desk, owner


async def ended(desk: Desk, rep: str, outcome: str, node: str = "n1") -> bool:
    return await desk.at(node).claims.ring_ended("c1", rep, outcome, local=True)


@pytest.fixture
async def ringing(desk: Desk) -> Desk:
    """c1 rings for ann and bob; cid is there, but wasn't asked."""
    for rep in ("ann", "bob", "cid"):
        await desk.at().comes(rep)
    await desk.at().request("c1", "ann", "bob")
    return desk


async def test_who_becomes_eligible_is_rung_too_and_the_others_go_on_ringing(
    ringing: Desk,
) -> None:
    offered = await ringing.at("n2").offer("c1", "cid", "ann", "bob")
    assert offered.outcomes == {"cid": "rung", "ann": "offered", "bob": "offered"}
    assert offered.ringing == 3
    assert (await ringing.events("c1"))[-1][0] == "offered"


async def test_an_offer_that_changes_nothing_leaves_no_event(ringing: Desk) -> None:
    before = len(await ringing.events())
    await ringing.at().offer("c1", "ann")
    assert len(await ringing.events()) == before


async def test_who_declined_is_not_rung_again_who_was_away_is(ringing: Desk) -> None:
    assert await ended(ringing, "ann", "declined")
    assert await ended(ringing, "bob", "away")
    offered = await ringing.at().offer("c1", "ann", "bob")
    assert offered.outcomes == {"ann": "declined", "bob": "rung"}


async def test_seen_is_recorded_and_rings_on(ringing: Desk) -> None:
    assert await ended(ringing, "ann", "seen")
    assert await ended(ringing, "ann", "seen")
    assert (await ringing.ring("c1"))["ann"] == "seen"
    assert [kind for kind, _ in await ringing.events("c1")].count("seen") == 1
    await ringing.at().claim("c1", "ann")


async def test_declining_twice_is_declining_once(ringing: Desk) -> None:
    assert await ended(ringing, "ann", "declined")
    assert await ended(ringing, "ann", "declined", node="n2")
    assert [kind for kind, _ in await ringing.events("c1")].count("declined") == 1


async def test_a_ring_that_never_was_or_is_over_is_gone(ringing: Desk) -> None:
    assert not await ended(ringing, "cid", "declined")
    await ringing.at().claim("c1", "bob")
    assert not await ended(ringing, "ann", "declined")


async def test_other_tabs_of_who_declined_stop_ringing(
    ringing: Desk, redis_client: redis.asyncio.Redis
) -> None:
    await ringing.at("n2").comes("ann", device="phone")
    async with ringing.heard(redis_client) as heard:
        await ended(ringing, "ann", "declined")
        notices = await heard.until(1)
    assert notices[0][0] == "n2"
    assert notices[0][1].startswith("unring c1 ")


async def test_when_the_last_ring_ends_what_follows_is_decided_now_by_any_node(
    ringing: Desk,
) -> None:
    await ended(ringing, "ann", "declined")
    assert not await ringing.deadline("decide:c1")
    await ended(ringing, "bob", "declined")
    due, *_ = await ringing.peek()
    assert "decide:c1" in due
    await ringing.at("n2").offer("c1", "ann", "bob", "cid", ends=True)
    assert not await ringing.deadline("decide:c1")
    assert await ringing.ring("c1") == {"ann": "declined", "bob": "declined", "cid": "offered"}


async def test_nobody_left_to_ring_ends_the_wait_now(ringing: Desk) -> None:
    await ended(ringing, "ann", "declined")
    await ended(ringing, "bob", "declined")
    await ringing.at().offer("c1", "ann", "bob", ends=True)
    due, *_ = await ringing.peek()
    assert "wait:c1" in due
    assert await ringing.at().expire_wait("c1", due["wait:c1"])
    assert await ringing.state("c1") == "missed"


async def why_missed(desk: Desk) -> str:
    """The wait is over; what the visitor and the archive are told of why nobody came."""
    assert await desk.at().expire_wait("c1", await desk.deadline("wait:c1"))
    last = (await desk.at().conversations.entries("c1", 1, 10**9))[-1]
    body = orjson.loads(last.body)
    assert (body["type"], body["next"]) == ("missed", "form")
    assert (await desk.events("c1"))[-1][1]["why"] == body["why"]
    return str(body["why"])


async def test_missed_says_that_all_passed_on(ringing: Desk) -> None:
    await ended(ringing, "ann", "declined")
    await ended(ringing, "bob", "declined")
    await ringing.at().offer("c1", "ann", "bob", ends=True)
    assert await why_missed(ringing) == "declined"


async def test_missed_says_that_there_is_nobody_to_ring_any_more(ringing: Desk) -> None:
    for rep in ("ann", "bob"):
        await ringing.at().presence.availability(rep, "away", "chosen")
        await ended(ringing, rep, "away")
    await ringing.at().offer("c1", "ann", "bob", ends=True)
    assert await why_missed(ringing) == "nobody"


async def test_missed_says_that_somebody_let_it_ring_in_vain(ringing: Desk) -> None:
    await ended(ringing, "ann", "declined")
    await ringing.pass_time(WAIT + 5000)
    assert await why_missed(ringing) == "timeout"


async def test_missed_at_once_says_that_there_was_nobody(desk: Desk) -> None:
    await desk.at().request("c1", "ann")
    assert [fields.get("why") for kind, fields in await desk.events("c1") if kind == "missed"] == [
        "nobody"
    ]


async def test_who_comes_before_the_early_end_was_carried_out_rings_for_the_rest_of_the_wait(
    ringing: Desk,
) -> None:
    whole = await ringing.deadline("wait:c1")
    for rep in ("ann", "bob"):
        await ended(ringing, rep, "declined")
    await ringing.at().offer("c1", "ann", "bob", ends=True)
    early = await ringing.deadline("wait:c1")
    assert early < whole
    await ringing.at().offer("c1", "cid")
    assert await ringing.deadline("wait:c1") == whole
    assert not await ringing.at().expire_wait("c1", early)
    await ringing.pass_time(WAIT + 5000)
    assert await why_missed(ringing) == "timeout"


async def test_an_offer_to_one_more_rep_ends_no_wait(ringing: Desk) -> None:
    await ended(ringing, "ann", "declined")
    await ended(ringing, "bob", "declined")
    deadline = await ringing.deadline("wait:c1")
    await ringing.at().offer("c1", "ann")
    assert await ringing.deadline("wait:c1") == deadline


async def test_somebody_merely_at_capacity_is_waited_for(desk: Desk) -> None:
    await desk.at().comes("ann", capacity=1)
    await desk.at().request("c0", "ann")
    await desk.at().claim("c0", "ann")
    await desk.at().request("c1", "ann")
    deadline = await desk.deadline("wait:c1")
    await desk.at().offer("c1", "ann")
    assert await desk.deadline("wait:c1") == deadline


async def test_the_wait_can_begin_anew_for_the_rule(ringing: Desk) -> None:
    await ringing.pass_time(WAIT - 1000)
    before = int(await ringing.deadline("wait:c1"))
    await ringing.at().offer("c1", "cid", more=WAIT)
    assert int(await ringing.deadline("wait:c1")) > before + WAIT / 2
    assert (await ringing.of("c1"))["why"] == "again"


async def test_two_nodes_that_begin_the_wait_anew_do_it_once(ringing: Desk) -> None:
    await ringing.at("n1").offer("c1", "ann", "bob", more=WAIT)
    assert await ringing.at().claims.ring_ended("c1", "ann", "declined", local=False)
    await ringing.at("n2").offer("c1", "ann", "bob", more=WAIT)
    assert (await ringing.ring("c1"))["ann"] == "declined"


async def test_what_waits_no_more_is_offered_to_nobody(ringing: Desk) -> None:
    await ringing.at().claim("c1", "ann")
    assert await ringing.at().offer("c1", "cid") is None
    assert await ringing.at().offer("nothing", "cid") is None
    assert (await ringing.ring("c1"))["bob"] == "offered"


async def test_the_wait_is_over_at_its_deadline_not_before_and_once(ringing: Desk) -> None:
    deadline = await ringing.deadline("wait:c1")
    assert not await ringing.at().expire_wait("c1", deadline)
    await ringing.pass_time(WAIT + 5000)
    assert not await ringing.at().expire_wait("c1", str(int(deadline) + 1))
    assert await ringing.at("n1").expire_wait("c1", deadline)
    assert not await ringing.at("n2").expire_wait("c1", deadline)
    assert await ringing.kinds("c1") == ["requested", "missed"]
    assert set((await ringing.ring("c1")).values()) == {"expired"}


async def test_a_claim_that_landed_first_stands(ringing: Desk) -> None:
    deadline = await ringing.deadline("wait:c1")
    await ringing.pass_time(WAIT + 5000)
    await ringing.at().claim("c1", "ann")
    assert not await ringing.at().expire_wait("c1", deadline)
    assert await ringing.state("c1") == "active"


async def test_in_the_quiet_time_no_wait_ends(ringing: Desk) -> None:
    deadline = await ringing.deadline("wait:c1")
    await ringing.pass_time(WAIT + 5000)
    now = await ringing.now()
    await ringing.link.command(b"HSET", ringing.keys.meta, b"quiet_until", now + 1000)
    assert not await ringing.at().expire_wait("c1", deadline)
    assert int(await ringing.deadline("wait:c1")) > now


async def test_after_the_wait_nobody_can_claim(ringing: Desk) -> None:
    await ringing.pass_time(WAIT + 5000)
    await ringing.at().expire_wait("c1", await ringing.deadline("wait:c1"))
    with pytest.raises(FrontdeskError, match="gone"):
        await ringing.at().claim("c1", "ann")


async def test_a_freed_place_is_offered_to_who_waits(desk: Desk) -> None:
    await desk.at().comes("ann", capacity=1)
    await desk.at().request("c0", "ann")
    won = await desk.at().claim("c0", "ann")
    await desk.at().request("c1", "ann")
    ended = await desk.at().close("c0", "ann", fence=won.fence, holder="ann")
    assert ended.drain
    due, *_ = await desk.peek()
    assert "drain:ann" in due
    assert (await desk.at().offer("c1", "ann")).outcomes == {"ann": "rung"}
    assert await desk.settle("drain:ann", due["drain:ann"])
    assert not await desk.settle("drain:ann", due["drain:ann"])


async def test_a_place_freed_while_nobody_waits_asks_for_no_work(desk: Desk) -> None:
    await desk.at().comes("ann", capacity=1)
    await desk.at().request("c0", "ann")
    won = await desk.at().claim("c0", "ann")
    assert not (await desk.at().close("c0", "ann", fence=won.fence, holder="ann")).drain


async def test_the_oldest_waits_first(desk: Desk) -> None:
    await desk.at().comes("ann")
    for number in range(5):
        await desk.at().request(f"c{number}", "ann")
        await desk.link.command(b"ZADD", desk.keys.queue, 1000 - number, f"c{number}")
    assert await desk.at("n2").claims.waiting() == ["c4", "c3", "c2", "c1", "c0"]


async def test_a_node_that_shows_a_card_hears_how_its_ring_ends(
    ringing: Desk, redis_client: redis.asyncio.Redis
) -> None:
    """Its rep was connected elsewhere when it began to ring."""
    await ringing.at("n3").claims.ringing("ann")
    async with ringing.heard(redis_client) as heard:
        await ringing.at("n1").claim("c1", "bob")
        notices = await heard.until(1)
    assert [node for node, _ in notices] == ["n3"]


async def test_who_has_no_place_left_rings_no_more_and_again_when_one_frees(
    desk: Desk, redis_client: redis.asyncio.Redis
) -> None:
    await desk.at().comes("ann", capacity=1)
    await desk.at("n2").comes("bob")
    for name in ("c0", "c1"):
        await desk.at().request(name, "ann", "bob")
    won = await desk.at().claim("c0", "ann")
    assert won.filled
    due, *_ = await desk.peek()
    assert "fill:ann" in due
    async with desk.heard(redis_client) as heard:
        for node in ("n1", "n2"):
            await desk.at(node).claims.ring_ended("c1", "ann", "full", local=False)
        notices = await heard.until(1)
    assert notices[0][1].endswith("ann full")
    assert await desk.ring("c1") == {"bob": "offered"}
    await desk.at().close("c0", "ann", fence=won.fence, holder="ann")
    assert (await desk.at().offer("c1", "ann")).outcomes == {"ann": "rung"}


async def test_a_place_that_is_free_again_ends_no_ring(desk: Desk) -> None:
    await desk.at().comes("ann", capacity=1)
    for name in ("c0", "c1"):
        await desk.at().request(name, "ann")
    won = await desk.at().claim("c0", "ann")
    await desk.at().close("c0", "ann", fence=won.fence, holder="ann")
    assert not await desk.at().claims.ring_ended("c1", "ann", "full", local=False)
    assert await desk.ring("c1") == {"ann": "offered"}


async def test_an_owner_who_may_be_past_their_capacity_goes_on_ringing(desk: Desk) -> None:
    await desk.at().comes("ann", capacity=1)
    await desk.at().request("c0", "ann")
    await desk.at().claim("c0", "ann")
    await desk.at().request("c1", owner("ann", over=1))
    assert not await desk.at().claims.ring_ended("c1", "ann", "full", local=False)
    await desk.at().request("c2", owner("ann", over=1))
    await desk.at().claim("c2", "ann")
    assert await desk.at().claims.ring_ended("c1", "ann", "full", local=False)


async def test_a_claim_that_leaves_a_place_or_that_nobody_waits_behind_asks_for_no_work(
    desk: Desk,
) -> None:
    await desk.at().comes("ann", capacity=2)
    for name in ("c0", "c1"):
        await desk.at().request(name, "ann")
    assert not (await desk.at().claim("c0", "ann")).filled
    assert not (await desk.at().claim("c1", "ann")).filled
    assert not await desk.deadline("fill:ann")


async def test_all_who_wait_are_found_however_many_they_are(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("frontdesk.claims.store.PAGE", 3)
    at = [1, 2, 2, 2, 2, 2, 2, 2, 3, 3, 4, 5]
    names = [f"c{number:02}" for number in range(len(at))]
    for name, since in zip(names, at, strict=True):
        await desk.link.command(b"ZADD", desk.keys.queue, since, name)
    assert await desk.at().claims.waiting() == names
