"""claim: one rep wins (CH-2, PR-4)."""

import asyncio
from typing import Any

import pytest
import redis.asyncio

from frontdesk.claims.store import Won
from frontdesk.errors import FrontdeskError
from tests.desk import Desk


async def code(coroutine: Any) -> FrontdeskError:
    """The refusal that comes of it."""
    with pytest.raises(FrontdeskError) as refused:
        await coroutine
    return refused.value


async def test_the_winner_gets_the_fence_and_the_whole_conversation(desk: Desk) -> None:
    await desk.at().comes("ann")
    await desk.at().request("c1", "ann", text="Hi", client_id="m1")
    won = await desk.at().claim("c1", "ann")
    assert (won.fence, won.offset, won.again) == (1, 3, False)
    history = await desk.at().conversations.newest("c1", won.offset)
    assert [entry.kind for entry in history] == ["requested", "message", "claimed"]
    fields = await desk.of("c1")
    assert (fields["state"], fields["rep"], fields["fence"]) == ("active", "ann", "1")
    assert (await desk.rep("ann")).load == 1
    assert await desk.deadline("quiet:c1")


async def test_of_many_at_once_from_many_nodes_one_wins_and_every_other_is_told_who(
    desk: Desk,
) -> None:
    reps = [f"r{number}" for number in range(40)]
    for number, rep in enumerate(reps):
        await desk.at(f"n{number % 4}").comes(rep)
    await desk.at().request("c1", *reps)
    claims = (desk.at(f"n{n % 4}").claim("c1", rep) for n, rep in enumerate(reps))
    results = await asyncio.gather(*claims, return_exceptions=True)
    won = [one for one in results if isinstance(one, Won)]
    lost = [one for one in results if isinstance(one, FrontdeskError)]
    winner = reps[results.index(won[0])]
    assert (len(won), len(lost)) == (1, 39)
    assert {one.code for one in lost} == {"already_claimed"}
    assert {(one.fields["by"], one.fields["at"]) for one in lost} == {(winner, won[0].wall)}


async def test_the_winner_who_asks_again_gets_the_same_fence(desk: Desk) -> None:
    await desk.at().comes("ann")
    await desk.at().request("c1", "ann")
    first = await desk.at("n1").claim("c1", "ann")
    await desk.at().says("c1", "v", "m1")
    again = await desk.at("n2").claim("c1", "ann")
    assert (again.fence, again.again, again.wall) == (first.fence, True, first.wall)
    assert await desk.kinds("c1") == ["requested", "claimed", "message"]


async def test_after_the_end_a_late_click_still_learns_who_had_it(desk: Desk) -> None:
    for rep in ("ann", "bob"):
        await desk.at().comes(rep)
    await desk.at().request("c1", "ann", "bob")
    won = await desk.at().claim("c1", "ann")
    await desk.at().close("c1", "ann", fence=won.fence, holder="ann")
    refused = await code(desk.at().claim("c1", "bob"))
    assert (refused.code, refused.fields["by"]) == ("already_claimed", "ann")


async def test_who_was_not_rung_or_passed_on_is_not_let_in(desk: Desk) -> None:
    for rep in ("ann", "bob", "cid"):
        await desk.at().comes(rep)
    await desk.at().request("c1", "ann", "cid")
    assert (await code(desk.at().claim("c1", "bob"))).code == "not_offered"
    await desk.at().claims.ring_ended("c1", "ann", "declined", local=True)
    assert (await code(desk.at().claim("c1", "ann"))).code == "not_offered"
    await desk.at().claim("c1", "cid")


async def test_capacity_counts_when_claiming_not_when_ringing(desk: Desk) -> None:
    await desk.at().comes("ann", capacity=1)
    for conversation in ("c1", "c2"):
        await desk.at().request(conversation, "ann")
    await desk.at().claim("c1", "ann")
    assert (await code(desk.at().claim("c2", "ann"))).code == "at_capacity"
    assert await desk.state("c2") == "requested"


async def test_two_claims_of_one_rep_at_once_never_exceed_the_capacity(desk: Desk) -> None:
    await desk.at().comes("ann", capacity=2)
    for number in range(6):
        await desk.at().request(f"c{number}", "ann")
    results = await asyncio.gather(
        *(desk.at(f"n{n}").claim(f"c{n}", "ann") for n in range(6)), return_exceptions=True
    )
    assert sum(isinstance(one, Won) for one in results) == 2
    assert (await desk.rep("ann")).load == 2


@pytest.mark.parametrize("state", ["nothing", "missed", "cancelled"])
async def test_what_waits_no_more_is_gone(desk: Desk, state: str) -> None:
    await desk.at().comes("ann")
    if state == "missed":
        await desk.at().request("c1", "zoe")
    elif state == "cancelled":
        await desk.at().request("c1", "ann")
        await desk.at().close("c1", "v")
    assert (await code(desk.at().claim("c1", "ann"))).code == "gone"


async def test_a_rep_who_is_away_by_now_may_still_claim_what_rings(desk: Desk) -> None:
    await desk.at().comes("ann")
    await desk.at().request("c1", "ann")
    await desk.at().presence.availability("ann", "away", "chosen")
    await desk.at().claim("c1", "ann")


async def test_nodes_of_the_visitor_the_rung_and_the_winner_hear_it_once_each(
    desk: Desk, redis_client: redis.asyncio.Redis
) -> None:
    await desk.at("n2").comes("ann")
    await desk.at("n3").comes("ann", device="tablet")
    await desk.at("n4").comes("bob")
    await desk.at("n1").request("c1", "ann", "bob")
    async with desk.heard(redis_client) as heard:
        await desk.at("n2").claim("c1", "ann")
        notices = await heard.until(3)
    assert sorted(node for node, _ in notices) == ["n1", "n3", "n4"]
    assert all(words.endswith(" claimed ann") for _, words in notices)
    body = heard.all[0][3]
    assert body == '{"type":"claimed","rep":{"id":"ann","name":"Ann"},"fence":1}'


async def test_each_claim_after_a_transfer_has_a_higher_fence(desk: Desk) -> None:
    for rep in ("ann", "bob"):
        await desk.at().comes(rep)
    await desk.at().request("c1", "ann")
    fences = []
    for holder, following in (("ann", "bob"), ("bob", "ann"), ("ann", "bob")):
        won = await desk.at().claim("c1", holder)
        fences.append(won.fence)
        await desk.at().release("c1", holder, won.fence, following)
    assert fences == [1, 2, 3]
