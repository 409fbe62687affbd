"""request: a visitor asks for a person (CH-1, RT-4, RT-6)."""

import pytest
import redis.asyncio

from frontdesk.claims.store import AlreadyOpen, Moved
from frontdesk.errors import FrontdeskError
from tests.desk import GONE, WAIT, Desk


async def test_the_eligible_ring_and_each_other_rep_is_recorded_with_the_reason(
    desk: Desk,
) -> None:
    n1 = desk.at()
    await n1.comes("ann")
    await n1.comes("bob", available=False)
    await n1.comes("cid", capacity=1)
    await n1.comes("dee")
    await n1.request("c0", "cid")
    await n1.claim("c0", "cid")
    rung = await n1.request("c1", "ann", "bob", "cid", "zoe", "dee", limit=1)
    assert rung.state == "requested"
    assert rung.outcomes == {
        "ann": "rung", "bob": "away", "cid": "full", "zoe": "offline", "dee": "later",
    }  # fmt: skip
    assert await desk.ring("c1") == {"ann": "offered"}


async def test_a_first_message_is_the_second_entry_and_is_found_by_its_client_id(
    desk: Desk,
) -> None:
    n1 = desk.at()
    await n1.comes("ann")
    rung = await n1.request("c1", "ann", text="Hello", client_id="m1")
    assert (rung.first, rung.offset) == (1, 2)
    assert await desk.kinds("c1") == ["requested", "message"]
    again = await n1.says("c1", "v", "m1")
    assert again.offset == 2
    assert again.epoch == desk.link.epoch.decode()


@pytest.mark.parametrize("reps", [(), ("bob",), ("zoe",)])
async def test_when_nobody_could_come_it_is_missed_at_once(
    desk: Desk, reps: tuple[str, ...]
) -> None:
    await desk.at().comes("bob", available=False)
    rung = await desk.at().request("c1", *reps)
    assert rung.state == "missed"
    assert (rung.first, rung.offset) == (1, 2)
    assert await desk.kinds("c1") == ["requested", "missed"]


async def test_when_all_are_merely_at_capacity_the_visitor_waits(desk: Desk) -> None:
    n1 = desk.at()
    await n1.comes("ann", capacity=1)
    await n1.request("c0", "ann")
    await n1.claim("c0", "ann")
    rung = await n1.request("c1", "ann")
    assert (rung.state, rung.rung) == ("requested", [])


async def test_in_the_quiet_time_nobody_is_missed_for_being_offline(desk: Desk) -> None:
    now = await desk.now()
    await desk.link.command(b"HSET", desk.keys.meta, b"quiet_until", now + 60_000)
    assert (await desk.at().request("c1", "zoe")).state == "requested"
    assert int(await desk.deadline("decide:c1")) == now + 60_000


async def test_when_the_quiet_time_is_over_nobody_waits_for_who_is_not_back(desk: Desk) -> None:
    until = await desk.now() + WAIT // 2
    await desk.link.command(b"HSET", desk.keys.meta, b"quiet_until", until)
    await desk.at().request("c1", "zoe")
    await desk.at().offer("c1", "zoe", ends=True)  # somebody looks too early
    assert int(await desk.deadline("decide:c1")) == until
    await desk.pass_time(WAIT // 2 + 1)
    assert "decide:c1" in (await desk.peek())[0]
    await desk.at().offer("c1", "zoe", ends=True)
    due, *_ = await desk.peek()
    assert "wait:c1" in due
    assert "decide:c1" not in due


async def test_the_wait_ends_on_the_desk_clock(desk: Desk) -> None:
    await desk.at().comes("ann")
    before = await desk.now()
    await desk.at().request("c1", "ann")
    assert before + WAIT <= int(await desk.deadline("wait:c1")) <= await desk.now() + WAIT


async def test_asked_twice_it_is_the_same_request_from_any_node(desk: Desk) -> None:
    n1 = desk.at()
    await n1.comes("ann")
    await n1.request("c1", "ann", text="Hello", client_id="m1")
    for node in ("n1", "n2"):
        with pytest.raises(AlreadyOpen):
            await desk.at(node).request("c1", "ann", text="Hello", client_id="m1")
    await n1.claim("c1", "ann")
    with pytest.raises(AlreadyOpen):
        await n1.request("c1", "ann")
    assert await desk.kinds("c1") == ["requested", "message", "claimed"]


async def test_a_retry_of_a_request_that_was_missed_at_once_says_its_message_once(
    desk: Desk,
) -> None:
    await desk.at().request("c1", text="Hello", client_id="m1")
    with pytest.raises(AlreadyOpen):
        await desk.at().request("c1", text="Hello", client_id="m1")
    assert await desk.kinds("c1") == ["requested", "message", "missed"]


async def test_a_visitor_has_one_open_conversation(desk: Desk) -> None:
    await desk.at().comes("ann")
    await desk.at().request("c1", "ann")
    with pytest.raises(Moved) as moved:
        await desk.at("n2").request("c2", "ann", visitor="v-c1")
    assert moved.value.conversation == "c1"
    assert await desk.state("c2") == ""


async def test_a_missed_conversation_is_asked_for_again_in_the_same_place(desk: Desk) -> None:
    n1 = desk.at()
    await n1.request("c1")
    assert await desk.deadline("quiet:c1")
    await n1.comes("ann")
    rung = await n1.request("c1", "ann", text="Still there?", client_id="m1")
    assert (rung.state, rung.first, rung.offset) == ("requested", 3, 4)
    assert await desk.kinds("c1") == ["requested", "missed", "requested", "message"]
    await n1.claim("c1", "ann")


async def test_a_conversation_of_somebody_else_is_not_asked_for(desk: Desk) -> None:
    await desk.at().request("c1")
    with pytest.raises(FrontdeskError, match="forbidden"):
        await desk.at().request("c1", visitor="v-other")


async def test_a_closed_one_stays_closed(desk: Desk) -> None:
    await desk.at().request("c1")
    await desk.at().close("c1", "v")
    with pytest.raises(AlreadyOpen):
        await desk.at().request("c1")
    assert await desk.state("c1") == "closed"


async def test_under_memory_pressure_new_requests_are_refused(desk: Desk) -> None:
    await desk.at().comes("ann")
    await desk.link.command(b"HSET", desk.keys.meta, b"pressure", 75)
    with pytest.raises(FrontdeskError, match="overloaded"):
        await desk.at().request("c1", "ann")
    assert await desk.state("c1") == ""
    await desk.link.command(b"HSET", desk.keys.meta, b"pressure", 74)
    await desk.at().request("c1", "ann")


async def test_each_other_node_with_a_rung_rep_hears_once_whom_to_ring(
    desk: Desk, redis_client: redis.asyncio.Redis
) -> None:
    for number in range(3):
        await desk.at("n2").comes(f"r{number}")
    await desk.at("n3").comes("far")
    await desk.at("n1").comes("near")
    async with desk.heard(redis_client) as heard:
        await desk.at("n1").request("c1", "r0", "near", "r1", "far", "r2")
        notices = await heard.until(2)
    assert sorted(node for node, _ in notices) == ["n2", "n3"]
    by_node = dict(notices)
    assert by_node["n2"].endswith(" r0,r1,r2")
    assert by_node["n3"].endswith(" far")
    assert by_node["n2"].startswith("offer c1 ")


async def test_more_reps_than_one_hmget_takes_all_ring(desk: Desk) -> None:
    reps = [f"r{number}" for number in range(1000)]
    free = Desk(desk.link, desk.keys, lawful=False)
    for rep in reps:
        await free.at().comes(rep)
    rung = await desk.at().request("c1", *reps)
    assert len(rung.rung) == 1000
    assert len(await desk.ring("c1")) == 1000


async def test_the_event_has_what_the_archive_needs(desk: Desk) -> None:
    await desk.at().comes("ann")
    await desk.at().request("c1", "ann", text="Hi", client_id="m1")
    kinds = await desk.events("c1")
    assert [kind for kind, _ in kinds] == ["requested", "message"]
    requested = kinds[0][1]
    assert requested["visitor"] == "v-c1"
    assert requested["session"] == "s-c1"
    assert requested["outcomes"] == "ann,rung"
    assert (requested["o"], kinds[1][1]["o"]) == ("1", "2")
    assert "Hi" not in str(kinds)  # a body is stored once, in the log


async def test_an_expiry_of_a_missed_one_is_looked_at_when_a_visitor_would_be_gone(
    desk: Desk,
) -> None:
    await desk.at().request("c1")
    assert int(await desk.deadline("quiet:c1")) <= await desk.now() + GONE
