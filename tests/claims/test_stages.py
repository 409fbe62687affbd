"""Stages: the owner before the rest, one after the other, whose turn it is (RT-5 … RT-9, PR-8)."""

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import redis.asyncio

from frontdesk.errors import FrontdeskError
from frontdesk.routing.decisions.decision import Stage
from tests.desk import RING, WAIT, Desk, in_turn, owner, stages_of

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "rotation.json").read_text())


@pytest.fixture
async def team(desk: Desk) -> Desk:
    """ann, bob and cid may ring."""
    for rep in ("ann", "bob", "cid"):
        await desk.at().comes(rep)
    return desk


async def ring_time_passes(
    desk: Desk, *asked: str | Stage, nodes: tuple[str, ...] = ("n1",)
) -> Any:
    """What each node got that looked."""
    deadline = await desk.deadline("ring:c1")
    assert deadline
    await desk.pass_time(RING + 1000)
    return [await desk.at(node).pass_over("c1", deadline, *asked) for node in nodes]


def rings(outcomes: dict[str, str]) -> list[str]:
    return [rep for rep, ring in outcomes.items() if ring in ("offered", "seen")]


async def test_the_owner_rings_alone_and_then_the_others(team: Desk) -> None:
    rung = await team.at().request("c1", owner("ann"), "ann", "bob")
    assert rung.rung == ["ann"]
    assert rung.until < rung.expires
    assert rings(await team.ring("c1")) == ["ann"]
    await ring_time_passes(team, owner("ann"), "ann", "bob")
    assert await team.ring("c1") == {"ann": "expired", "bob": "offered"}
    assert not await team.deadline("ring:c1")  # the rest ring until the wait is over
    kinds = [kind for kind, _ in await team.events("c1")]
    assert kinds == ["requested", "expired", "offered"]


@pytest.mark.parametrize("why", ["away", "offline", "full"])
async def test_an_owner_who_cannot_ring_is_passed_over_at_once(desk: Desk, why: str) -> None:
    await desk.at().comes("bob")
    await desk.at().comes("ann", available=why == "full", capacity=1)
    if why == "full":
        await desk.at().request("c0", "ann")
        await desk.at().claim("c0", "ann")
    asked = owner("zoe") if why == "offline" else owner("ann")
    assert (await desk.at().request("c1", asked, "bob")).rung == ["bob"]


async def test_many_nodes_pass_over_once_and_a_claim_that_was_first_stands(team: Desk) -> None:
    stage = in_turn("ann", "bob", "cid")
    await team.at().request("c1", stage)
    done = await ring_time_passes(team, stage, nodes=("n1", "n2", "n3"))
    assert [bool(one) for one in done] == [True, False, False]
    assert rings(await team.ring("c1")) == ["bob"]
    deadline = await team.deadline("ring:c1")
    await team.pass_time(RING + 1000)
    await team.at().claim("c1", "bob")
    assert await team.at("n2").pass_over("c1", deadline, stage) is None
    assert await team.state("c1") == "active"


async def test_not_before_the_ring_time_and_not_in_the_quiet_time(team: Desk) -> None:
    stage = in_turn("ann", "bob")
    await team.at().request("c1", stage)
    deadline = await team.deadline("ring:c1")
    assert await team.at().pass_over("c1", deadline, stage) is None
    await team.pass_time(RING + 1000)
    quiet = await team.now() + 60_000
    await team.link.command(b"HSET", team.keys.meta, b"quiet_until", quiet)
    assert await team.at().pass_over("c1", deadline, stage) is None
    assert int(await team.deadline("ring:c1")) > int(deadline)


@pytest.mark.parametrize("step", [3_600_000, -3_600_000])
async def test_a_step_of_the_hosts_clock_neither_ends_a_ring_nor_keeps_it_for_ever(
    team: Desk, step: int
) -> None:
    stage = in_turn("ann", "bob")
    await team.at().request("c1", stage)
    deadline = await team.deadline("ring:c1")
    await team.link.command(b"HINCRBY", team.keys.meta, b"last", -step)  # as if it had been so
    assert int(deadline) > await team.now()
    assert await team.at().pass_over("c1", deadline, stage) is None
    await ring_time_passes(team, stage)
    assert rings(await team.ring("c1")) == ["bob"]


async def host_clock_steps(desk: Desk, step: int) -> None:
    """All that is written says the time before the step, the host says the time after it."""
    await desk.link.command(b"HINCRBY", desk.keys.meta, b"last", -step)
    await desk.link.command(b"HINCRBY", desk.keys.conversation("c1").c, b"expires", -step)
    await desk.peek()


@pytest.mark.parametrize("step", [3_600_000, -3_600_000])
async def test_after_a_step_of_the_hosts_clock_whoever_is_next_rings_for_the_ring_time(
    team: Desk, step: int
) -> None:
    stage = in_turn("ann", "bob")
    await team.at().request("c1", stage)
    await host_clock_steps(team, step)
    await ring_time_passes(team, stage)
    assert rings(await team.ring("c1")) == ["bob"]
    left = int(await team.deadline("ring:c1")) - await team.now()
    assert RING - 1000 < left <= RING
    assert int(await team.deadline("wait:c1")) > await team.now() + left


@pytest.mark.parametrize("step", [3_600_000, -3_600_000])
async def test_after_a_step_of_the_hosts_clock_no_ring_outlasts_the_wait(
    team: Desk, step: int
) -> None:
    await team.at().request("c1", owner("ann"), "bob", wait=RING + 20_000)
    await host_clock_steps(team, step)
    before = int((await team.of("c1"))["expires"])
    await ring_time_passes(team, owner("ann"), in_turn("bob"))
    assert rings(await team.ring("c1")) == ["bob"]
    assert not await team.deadline("ring:c1")  # less than a ring time is left of the wait
    assert abs(int((await team.of("c1"))["expires"]) - before - step) < RING + 5000


async def test_when_all_let_it_expire_and_nobody_is_merely_full_it_is_missed_at_once(
    team: Desk,
) -> None:
    stage = in_turn("ann", "bob")
    await team.at().request("c1", stage)
    await ring_time_passes(team, stage)
    await ring_time_passes(team, stage)
    due, *_ = await team.peek()
    assert await team.at().expire_wait("c1", due["wait:c1"])
    assert await team.state("c1") == "missed"


async def test_somebody_merely_full_is_waited_for_and_rung_when_a_place_frees(desk: Desk) -> None:
    for rep in ("ann", "bob"):
        await desk.at().comes(rep, capacity=1)
    await desk.at().request("c0", "bob")
    won = await desk.at().claim("c0", "bob")
    stage = in_turn("ann", "bob")
    await desk.at().request("c1", stage)
    await ring_time_passes(desk, stage)
    assert rings(await desk.ring("c1")) == []
    assert int(await desk.deadline("wait:c1")) > await desk.now()
    await desk.at().close("c0", "bob", fence=won.fence, holder="bob")
    await desk.at().offer("c1", stage)
    assert rings(await desk.ring("c1")) == ["bob"]
    assert await desk.deadline("ring:c1")


async def test_declining_passes_on_at_once(team: Desk) -> None:
    stage = in_turn("ann", "bob", "cid")
    await team.at().request("c1", stage)
    await team.at().claims.ring_ended("c1", "ann", "declined", local=True)
    due, *_ = await team.peek()
    assert "decide:c1" in due
    await team.at("n2").offer("c1", stage, ends=True)
    assert rings(await team.ring("c1")) == ["bob"]


async def test_who_comes_meanwhile_rings_too_only_where_everybody_does(desk: Desk) -> None:
    await desk.at().comes("ann")
    await desk.at().request("c1", in_turn("ann", "bob"))
    await desk.at().request("c2", owner("ann"), "bob")
    await desk.at().request("c3", "ann", "bob")
    await desk.at().comes("bob")
    await desk.at().offer("c1", in_turn("ann", "bob"))
    await desk.at().offer("c2", owner("ann"), "bob")
    await desk.at().offer("c3", "bob")
    assert rings(await desk.ring("c1")) == ["ann"]
    assert rings(await desk.ring("c2")) == ["ann"]
    assert rings(await desk.ring("c3")) == ["ann", "bob"]


async def test_the_owner_and_the_reps_ring_together(team: Desk) -> None:
    both = Stage(
        kind="owner", mode="rotation", reps=("cid", "ann", "bob"), limit=2, always=1, ring_ms=RING,
        pool="rul_2",
    )  # fmt: skip
    await team.at().request("c1", both)
    assert sorted(rings(await team.ring("c1"))) == ["ann", "cid"]
    await team.at().claims.ring_ended("c1", "ann", "declined", local=True)
    await team.at().offer("c1", both, ends=True)
    assert sorted(rings(await team.ring("c1"))) == ["bob", "cid"]
    await ring_time_passes(team, both)
    assert rings(await team.ring("c1")) == []


async def test_an_owner_may_be_one_past_their_capacity(desk: Desk) -> None:
    await desk.at().comes("ann", capacity=1)
    await desk.at().comes("bob", capacity=1)
    await desk.at().request("c0", "ann")
    await desk.at().claim("c0", "ann")
    assert (await desk.at().request("c1", owner("ann", over=1), "bob")).rung == ["ann"]
    await desk.at("n2").claim("c1", "ann")
    assert (await desk.rep("ann")).load == 2
    assert (await desk.at().request("c2", owner("ann", over=1), "bob")).rung == ["bob"]


async def test_past_the_capacity_only_who_was_rung_for_it(desk: Desk) -> None:
    await desk.at().comes("ann", capacity=1)
    for name in ("c1", "c2"):
        await desk.at().request(name, "ann")
    await desk.at().claim("c1", "ann")
    with pytest.raises(FrontdeskError, match="at_capacity"):
        await desk.at().claim("c2", "ann")


async def test_a_card_says_until_when_it_rings(team: Desk) -> None:
    rung = await team.at().request("c1", in_turn("ann", "bob"))
    (card,) = await team.at().claims.ringing("ann")
    assert card.expires == rung.until == rung.wall + RING


async def test_the_total_wait_ends_whoever_rings_then(team: Desk) -> None:
    await team.at().request("c1", in_turn("ann", "bob"), wait=RING // 2)
    assert not await team.deadline("ring:c1")
    deadline = await team.deadline("wait:c1")
    await team.pass_time(RING)
    assert await team.at().expire_wait("c1", deadline)
    assert await team.ring("c1") == {"ann": "expired"}


# --- rotation


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda one: one["name"])
async def test_the_script_picks_as_the_specification_does(
    link: Any, keys: Any, vector: dict[str, Any]
) -> None:
    desk = Desk(link, keys, lawful=False)
    await desk.settle_down()
    for number, offer in enumerate(vector["offers"]):
        available, loads = offer["available"], offer.get("loads", {})
        for rep in available:
            status = f"available|1000|{loads.get(rep, 0)}|0|chosen|d@n1"
            await link.command(b"HSET", keys.reps, rep, status)
        weights = tuple(float(offer.get("weights", {}).get(rep, 1)) for rep in available)
        stage = in_turn(
            *available, mode="least_busy" if "loads" in offer else "rotation", weights=weights
        )
        rung = await desk.at().request(f"c{number}", stage)
        assert rung.rung == [offer["picked"]]
        clock, _ = (await link.command(b"HGET", keys.rot, b"rul_1")).decode().split()
        turn = await link.command(b"HGET", keys.rot, f"rul_1 {offer['picked']}")
        finish, place = turn.decode().split()
        assert (float(clock), float(finish), int(place)) == (
            offer["clock"], offer["finish"], offer["number"],
        )  # fmt: skip


async def offers_at_once(desk: Desk, stage: Stage, count: int) -> Counter[str]:
    """From several nodes at the same time: who was offered how many."""
    nodes = ("n1", "n2", "n3")
    rung = await asyncio.gather(
        *(desk.at(nodes[i % 3]).request(f"c{i}", stage) for i in range(count))
    )
    return Counter(one.rung[0] for one in rung)


async def test_over_any_hundred_offers_the_counts_differ_by_one_at_most(
    link: Any, keys: Any
) -> None:
    desk = Desk(link, keys, lawful=False)
    await desk.settle_down()
    reps = [f"r{number}" for number in range(7)]
    for rep in reps:
        await desk.at().comes(rep, capacity=1000)
    counts = await offers_at_once(desk, in_turn(*reps), 150)
    assert max(counts.values()) - min(counts.values()) <= 1
    by_weight = in_turn(*reps[:3], weights=(1.0, 2.0, 5.0))
    rung = [(await desk.at("n2").request(f"w{i}", by_weight)).rung[0] for i in range(400)]
    shares = Counter(rung)
    for rep, weight in zip(reps, (1, 2, 5), strict=False):
        assert abs(shares[rep] - 400 * weight / 8) <= 400 * 0.05


async def test_whoever_is_offered_all_at_once_does_not_lose_a_turn(team: Desk) -> None:
    await team.at().request("c1", "ann", "bob", "cid")
    assert (await team.at().request("c2", in_turn("ann", "bob"))).rung == ["ann"]


# --- unanswered


async def let_expire(desk: Desk, name: str, *, seen: bool) -> None:
    stage = in_turn("ann")
    await desk.at().request(name, stage)
    if seen:
        await desk.at().claims.ring_ended(name, "ann", "seen", local=True)
    deadline = await desk.deadline(f"ring:{name}")
    await desk.pass_time(RING + 1000)
    await desk.at().pass_over(name, deadline, stage)


async def test_who_lets_two_shown_offers_expire_in_a_row_is_away(team: Desk) -> None:
    await let_expire(team, "c1", seen=True)
    assert (await team.rep("ann")).availability == "available"
    await let_expire(team, "c2", seen=True)
    status = await team.rep("ann")
    assert (status.availability, status.cause) == ("away", "unanswered")
    assert await team.deadline("orphans:ann")
    assert ("rep_away", "unanswered") in [
        (kind, fields.get("cause")) for kind, fields in await team.events()
    ]


async def test_what_was_never_on_a_screen_is_nobodys_fault(team: Desk) -> None:
    for number in range(3):
        await let_expire(team, f"c{number}", seen=False)
    assert (await team.rep("ann")).availability == "available"


@pytest.mark.parametrize("answer", ["claimed", "declined"])
async def test_an_answer_in_between_begins_the_count_anew(team: Desk, answer: str) -> None:
    await let_expire(team, "c1", seen=True)
    await team.at().request("c2", "ann")
    if answer == "claimed":
        await team.at().claim("c2", "ann")
    else:
        await team.at().claims.ring_ended("c2", "ann", "declined", local=True)
    await let_expire(team, "c3", seen=True)
    status = await team.rep("ann")
    assert (status.availability, status.cause) == ("available", "chosen")


async def test_a_whole_wait_that_was_shown_counts_too(team: Desk) -> None:
    for name in ("c1", "c2"):
        await team.at().request(name, "ann", "bob")
        await team.at().claims.ring_ended(name, "ann", "seen", local=True)
        deadline = await team.deadline(f"wait:{name}")
        await team.pass_time(WAIT + 1000)
        assert await team.at().expire_wait(name, deadline)
    assert (await team.rep("ann")).availability == "away"
    assert (await team.rep("bob")).availability == "available"


async def test_who_rang_only_the_end_of_a_wait_isnt_blamed(team: Desk) -> None:
    for name in ("c1", "c2"):
        await team.at().request(name, "bob")
        await team.at().offer(name, "ann", "bob")
        await team.at().claims.ring_ended(name, "ann", "seen", local=True)
        deadline = await team.deadline(f"wait:{name}")
        await team.pass_time(WAIT + 1000)
        await team.at().expire_wait(name, deadline)
    assert (await team.rep("ann")).availability == "available"


async def test_who_has_no_place_left_is_not_blamed(desk: Desk) -> None:
    """Many rang at once, and those that were started took every place."""
    await desk.at().comes("ann", capacity=1)
    stage = in_turn("ann")
    for name in ("c0", "c1", "c2"):
        await desk.at().request(name, stage)
        await desk.at().claims.ring_ended(name, "ann", "seen", local=True)
    await desk.at().claim("c0", "ann")
    for name in ("c1", "c2"):
        deadline = await desk.deadline(f"ring:{name}")
        await desk.pass_time(RING + 1000)
        await desk.at().pass_over(name, deadline, stage)
    assert (await desk.rep("ann")).availability == "available"


# --- rerouted


async def reroute(desk: Desk, *asked: str | Stage, before: str = "1 default") -> Any:
    return await desk.at("n2").claims.reroute(
        "c1", stages_of(*asked), route="1 rul_1", before=before, about=b'{"id":"v"}',
        extra=b'{"reason":"new"}', decision=b"{}",
    )  # fmt: skip


async def test_another_decision_replaces_the_rings_and_keeps_the_wait(
    team: Desk, redis_client: redis.asyncio.Redis
) -> None:
    await team.at().request("c1", "ann", "bob")
    deadline = await team.deadline("wait:c1")
    async with team.heard(redis_client) as heard:
        await reroute(team, "bob", "cid")
        notices = await heard.until(2)
    assert await team.ring("c1") == {"bob": "offered", "cid": "offered"}
    assert await team.deadline("wait:c1") == deadline
    assert any(words.endswith(" ann rerouted") for _, words in notices)
    assert [kind for kind, _ in await team.events("c1")] == ["requested", "rerouted", "offered"]


async def test_a_claim_that_landed_first_is_not_rerouted(team: Desk) -> None:
    await team.at().request("c1", "ann", "bob")
    await team.at().claim("c1", "ann")
    assert await reroute(team, "cid") is None
    assert await team.state("c1") == "active"


async def test_rerouted_twice_is_rerouted_once(team: Desk) -> None:
    await team.at().request("c1", "ann")
    await reroute(team, "cid")
    assert await reroute(team, "cid") is None
    assert [kind for kind, _ in await team.events("c1")].count("rerouted") == 1
