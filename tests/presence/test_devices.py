"""Devices, availability and node leases (PR-1, PR-2, PR-3)."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
import redis.asyncio

from frontdesk.errors import FrontdeskError
from frontdesk.presence.store import Presence
from tests.desk import GRACE, Desk


async def expire(desk: Desk, device: str, node: str = "n1") -> None:
    deadline = await desk.deadline(f"device:{device}")
    await desk.at(node).presence.expire_device(device, deadline)


async def test_a_new_rep_is_away_until_they_choose(desk: Desk) -> None:
    status = await desk.at().comes("ann", available=False)
    assert (status.availability, status.online, status.eligibility) == ("away", True, "away")
    status = await desk.at().presence.availability("ann", "available", "chosen")
    assert status.eligibility == "eligible"


async def test_what_was_chosen_outlives_the_connection(desk: Desk) -> None:
    await desk.at().comes("ann")
    await desk.at().goes("ann")
    await desk.pass_time(GRACE + 5000)
    await expire(desk, "d-ann")
    assert (await desk.rep("ann")).eligibility == "offline"
    back = await desk.at("n2").comes("ann", available=False)
    assert back.eligibility == "eligible"


async def test_several_devices_are_one_rep_and_losing_one_changes_nothing(desk: Desk) -> None:
    await desk.at("n1").comes("ann", device="laptop")
    before = len(await desk.events())
    await desk.at("n2").comes("ann", device="phone", available=False)
    await desk.at("n1").goes("ann", device="laptop")
    await desk.pass_time(GRACE + 5000)
    await expire(desk, "laptop")
    assert (await desk.rep("ann")).devices == ("phone@n2",)
    assert len(await desk.events()) == before


async def test_back_within_the_grace_nobody_is_told(desk: Desk) -> None:
    await desk.at("n1").comes("ann")
    before = len(await desk.events())
    await desk.at("n1").goes("ann")
    assert (await desk.rep("ann")).online
    await desk.at("n2").comes("ann", nonce="2", available=False)
    assert not await desk.deadline("device:d-ann")
    assert (await desk.rep("ann")).devices == ("d-ann@n2",)
    assert len(await desk.events()) == before


async def test_a_late_good_bye_of_the_old_connection_is_left_alone(desk: Desk) -> None:
    await desk.at("n1").comes("ann", nonce="1")
    await desk.at("n2").comes("ann", nonce="2")
    assert not await desk.at("n1").goes("ann", nonce="1")
    assert not await desk.deadline("device:d-ann")
    assert not await desk.at("n1").goes("nobody")


async def test_the_later_connection_owns_the_device_and_the_earlier_is_told(
    desk: Desk, redis_client: redis.asyncio.Redis
) -> None:
    await desk.at("n1").comes("ann", nonce="1")
    async with desk.heard(redis_client) as heard:
        await desk.at("n2").comes("ann", nonce="2", available=False)
        assert await heard.until(1) == [("n1", "superseded d-ann 1")]


async def test_a_device_of_another_rep_is_refused(desk: Desk) -> None:
    await desk.at().comes("ann", device="shared")
    with pytest.raises(FrontdeskError, match="forbidden"):
        await desk.at().comes("bob", device="shared")


async def test_the_grace_is_over_at_its_deadline_not_before(desk: Desk) -> None:
    await desk.at().comes("ann")
    await desk.at().goes("ann")
    await expire(desk, "d-ann")
    assert (await desk.rep("ann")).online
    await desk.pass_time(GRACE + 5000)
    await desk.at().presence.expire_device("d-ann", "1")
    assert (await desk.rep("ann")).online
    await expire(desk, "d-ann", "n1")
    await desk.at("n2").presence.expire_device("d-ann", "1")
    assert not (await desk.rep("ann")).online
    assert [kind for kind, _ in await desk.events()][-1] == "rep_offline"


async def test_good_bye_twice_is_one_grace(desk: Desk) -> None:
    await desk.at().comes("ann")
    await desk.at().goes("ann")
    deadline = await desk.deadline("device:d-ann")
    await desk.pass_time(GRACE // 2)
    assert await desk.at().goes("ann")
    assert await desk.deadline("device:d-ann") == deadline


async def test_in_the_quiet_time_nobody_is_declared_gone(desk: Desk) -> None:
    await desk.at().comes("ann")
    await desk.at().goes("ann")
    await desk.pass_time(GRACE + 5000)
    now = await desk.now()
    await desk.link.command(b"HSET", desk.keys.meta, b"quiet_until", now + 5000)
    await expire(desk, "d-ann")
    assert (await desk.rep("ann")).online
    assert int(await desk.deadline("device:d-ann")) >= now + 2000


async def test_going_offline_asks_for_what_is_left_behind(desk: Desk) -> None:
    await desk.at().comes("ann")
    await desk.at().goes("ann")
    await desk.pass_time(GRACE + 5000)
    await expire(desk, "d-ann")
    due, *_ = await desk.peek()
    assert "orphans:ann" in due


async def test_who_becomes_eligible_is_looked_up_for_those_who_wait(desk: Desk) -> None:
    await desk.at().comes("bob")
    await desk.at().request("c1", "bob")
    await desk.at().comes("ann", available=False)
    assert not await desk.deadline("drain:ann")
    await desk.at().presence.availability("ann", "available", "chosen")
    assert await desk.deadline("drain:ann")
    await desk.at().presence.availability("ann", "away", "chosen")
    assert await desk.deadline("orphans:ann")


async def test_choosing_the_same_again_changes_nothing(desk: Desk) -> None:
    before = await desk.at().comes("ann")
    events = len(await desk.events())
    assert await desk.at("n2").presence.availability("ann", "available", "chosen") == before
    assert len(await desk.events()) == events


async def test_who_was_never_here_has_no_availability(desk: Desk) -> None:
    with pytest.raises(FrontdeskError, match="not_found"):
        await desk.at().presence.availability("zoe", "available", "chosen")


async def test_every_node_hears_of_presence(desk: Desk, redis_client: redis.asyncio.Redis) -> None:
    for node in ("n1", "n2", "n3"):
        await desk.at(node).presence.renew(60_000)
    async with desk.heard(redis_client) as heard:
        await desk.at("n1").comes("ann", available=False)
        notices = await heard.until(2)
    assert sorted(notices) == [("n2", "presence ann"), ("n3", "presence ann")]


async def test_each_change_moves_the_revision_that_nodes_compare(desk: Desk) -> None:
    before = (await desk.at().presence.renew(4000)).revision
    await desk.at().comes("ann")
    assert (await desk.at().presence.renew(4000)).revision > before


# --- nodes


async def test_a_node_that_renews_lives_one_that_does_not_is_dead(desk: Desk) -> None:
    assert not (await desk.at("n1").presence.renew(4000)).known
    await desk.at("n2").presence.renew(4000)
    assert (await desk.at("n1").presence.renew(4000)).known
    await desk.pass_time(3000)
    await desk.at("n2").presence.renew(4000)
    await desk.pass_time(2000)
    assert (await desk.peek())[3] == ["n1"]


async def test_in_the_quiet_time_no_node_is_dead(desk: Desk) -> None:
    await desk.at("n1").presence.renew(4000)
    await desk.pass_time(9000)
    now = await desk.now()
    await desk.link.command(b"HSET", desk.keys.meta, b"quiet_until", now + 5000)
    assert (await desk.peek())[3] == []


async def test_a_node_that_woke_in_time_is_not_forgotten_one_that_leaves_is(desk: Desk) -> None:
    await desk.at("n1").presence.renew(4000)
    await desk.at("n2").presence.forget_node("n1")
    assert (await desk.at("n1").presence.renew(4000)).known
    await desk.at("n1").presence.forget_node("n1", force=True)
    assert not (await desk.at("n1").presence.renew(4000)).known


async def test_the_sequence_of_an_inbox_counts_what_was_told(desk: Desk) -> None:
    await desk.at("n1").presence.renew(60_000)
    await desk.at("n2").presence.renew(60_000)
    before = (await desk.at("n1").presence.renew(60_000)).sequence
    await desk.at("n2").comes("ann")
    assert (await desk.at("n1").presence.renew(60_000)).sequence == before + 2


async def test_the_devices_of_a_node_are_found_for_who_takes_them_over(desk: Desk) -> None:
    await desk.at("n1").comes("ann")
    await desk.at("n2").comes("bob")
    await desk.at("n1").comes("cid", device="phone", nonce="7")
    found = await desk.at("n2").presence.devices_of("n1")
    assert {(d.id, d.rep, d.nonce) for d in found} == {("d-ann", "ann", "1"), ("phone", "cid", "7")}


async def test_a_node_that_woke_late_does_not_take_a_device_back_from_where_it_is_now(
    desk: Desk,
) -> None:
    """SIGSTOP, the tab reconnects elsewhere, SIGCONT: the old node attaches everything again."""
    await desk.at("n1").comes("ann", nonce="1")
    await desk.at("n2").comes("ann", nonce="2")
    with pytest.raises(FrontdeskError):
        await desk.at("n1").presence.device_up("d-ann", "ann", "1", 3, again=True)
    assert (await desk.rep("ann")).devices == ("d-ann@n2",)


async def test_a_device_whose_grace_ran_out_is_up_again_on_the_node_that_still_has_it(
    desk: Desk,
) -> None:
    await desk.at("n1").comes("ann", nonce="1")
    await desk.at("n2").goes("ann", nonce="1")
    await desk.pass_time(GRACE + 5000)
    await expire(desk, "d-ann", "n2")
    status = await desk.at("n1").presence.device_up("d-ann", "ann", "1", 3, again=True)
    assert status.devices == ("d-ann@n1",)


async def test_a_connection_that_was_given_up_takes_nothing_from_the_one_that_followed_it(
    desk: Desk, redis_client: redis.asyncio.Redis
) -> None:
    """Its node could reach Redis only when the tab was long back where it had been."""
    await desk.at("n1").comes("ann", nonce="1")
    async with desk.heard(redis_client) as heard:
        with pytest.raises(FrontdeskError, match="gone"):
            await desk.at("n2").presence.device_up("d-ann", "ann", "2", 3, wanted=lambda: False)
        assert (await desk.rep("ann")).devices == ("d-ann@n1",)
        assert not await desk.at("n2").goes("ann", nonce="2")
        await desk.at("n3").comes("ann", nonce="3", available=False)
        assert await heard.until(1) == [("n1", "superseded d-ann 1")]


async def test_it_is_not_taken_from_a_third_connection_that_was_never_asked_about(
    desk: Desk,
) -> None:
    """The tab left n1 for n2, and n2 for n1, while n2 asked again whether to take it over."""
    await desk.at("n1").comes("ann", nonce="1")
    asked = desk.at("n2").presence._link
    waits = [True, False]
    moved = False

    async def and_back(*given: Any) -> Any:
        nonlocal moved
        if given[2][-1] == b"1" and not moved:  # named as the one to take it from
            moved = True
            await desk.at("n1").comes("ann", nonce="3", available=False)
        return await asked.call(*given)

    presence = Presence(cast("Any", SimpleNamespace(call=and_back)), desk.keys, "n2")
    with pytest.raises(FrontdeskError, match="gone"):
        await presence.device_up("d-ann", "ann", "2", 3, wanted=lambda: waits.pop(0))
    assert moved
    assert (await desk.rep("ann")).devices == ("d-ann@n1",)
