"""attach, detach, retire: positions and who hears of a conversation (R1.3, R8.2, R3.3)."""

import pytest
import redis.asyncio

from frontdesk.conversations.snapshot import Snapshot
from tests.desk import GONE, IDLE, Desk


@pytest.fixture
async def talking(desk: Desk) -> Desk:
    """Ann holds c1; entries 1 requested, 2 claimed, 3 to 7 messages."""
    await desk.at().comes("ann")
    await desk.at().request("c1", "ann")
    await desk.at().claim("c1", "ann")
    for number in range(3, 8):
        await desk.at().says("c1", "v", f"m{number}")
    return desk


async def attached(
    desk: Desk, epoch: str, offset: int, *, node: str = "n2", side: str = "v"
) -> Snapshot:
    found = await desk.at(node).conversations.attach("c1", side, epoch, offset)
    assert found is not None
    return found


async def test_a_valid_position_gets_exactly_what_came_after(talking: Desk) -> None:
    epoch = talking.link.epoch.decode()
    for offset in range(1, 8):
        snapshot = await attached(talking, epoch, offset)
        assert snapshot.recovered
        assert [one.offset for one in snapshot.entries] == list(range(offset + 1, 8))
        assert snapshot.offset == 7


@pytest.mark.parametrize(("epoch", "offset"), [("other", 5), ("", 3), ("own", 8), ("own", 99)])
async def test_a_position_that_never_was_gets_a_snapshot_and_is_told_so(
    talking: Desk, epoch: str, offset: int
) -> None:
    own = talking.link.epoch.decode()
    snapshot = await attached(talking, own if epoch == "own" else epoch, offset)
    assert not snapshot.recovered
    assert [one.offset for one in snapshot.entries] == list(range(1, 8))


async def test_from_the_begin_everything_comes(talking: Desk) -> None:
    snapshot = await attached(talking, "", 0)
    assert [one.offset for one in snapshot.entries] == list(range(1, 8))
    assert snapshot.epoch == talking.link.epoch.decode()


async def test_a_position_that_was_trimmed_is_not_valid_any_more(talking: Desk) -> None:
    await talking.link.command(b"XTRIM", talking.keys.conversation("c1").log, b"MINID", b"5-0")
    own = talking.link.epoch.decode()
    assert not (await attached(talking, own, 3)).recovered
    assert [one.offset for one in (await attached(talking, own, 3)).entries] == [5, 6, 7]
    assert (await attached(talking, own, 5)).recovered


async def test_after_a_new_epoch_old_positions_stay_valid_where_nothing_was_lost(
    talking: Desk,
) -> None:
    old = talking.link.epoch.decode()
    await talking.link.command(b"HSET", talking.keys.meta, b"epoch", b"new")
    talking.link.epoch = b"new"
    await talking.at().says("c1", "v", "m8")
    snapshot = await attached(talking, old, 6)
    assert snapshot.recovered
    assert [(one.offset, one.epoch) for one in snapshot.entries] == [(7, old), (8, "new")]
    assert not (await attached(talking, old, 8)).recovered
    assert (await attached(talking, "new", 8)).recovered


async def test_what_was_rolled_back_and_grew_again_is_a_gap_not_the_same(talking: Desk) -> None:
    """A failover lost 7; the new 7 is another message."""
    log = talking.keys.conversation("c1").log
    old = talking.link.epoch.decode()
    await talking.link.command(b"XDEL", log, b"7-0")
    await talking.link.command(b"HDEL", talking.keys.conversation("c1").c, b"v:v-c1 m7")
    await talking.link.command(b"HSET", talking.keys.conversation("c1").c, b"off", 6)
    await talking.link.command(b"HSET", talking.keys.meta, b"epoch", b"new")
    talking.link.epoch = b"new"
    await talking.link.command(b"XSETID", log, b"6-0")
    await talking.at().says("c1", "v", "other")
    assert not (await attached(talking, old, 7)).recovered
    assert (await attached(talking, old, 6)).recovered


async def test_where_nothing_is_there_is_nothing_to_attach(desk: Desk) -> None:
    assert await desk.at().conversations.attach("c9", "v") is None
    assert await desk.of("c9") == {}


async def test_who_holds_it_hears_that_the_visitor_left_and_came_back(
    talking: Desk, redis_client: redis.asyncio.Redis
) -> None:
    here = talking.at("n1").conversations
    await talking.at("n2").conversations.attach("c1", "r")
    async with talking.heard(redis_client) as heard:
        await here.detach("c1", "v", GONE)
        await here.detach("c1", "v", GONE)
        await talking.at("n3").conversations.attach("c1", "v")
        notices = await heard.until(3)
    assert ("n2", "here c1 0") in notices
    assert ("n2", "here c1 1") in notices
    assert len(notices) == 3
    kinds = [kind for kind, _ in await talking.events("c1")]
    assert kinds.count("visitor_gone") == 1


async def test_a_visitor_on_two_nodes_is_here_until_both_are_left(talking: Desk) -> None:
    await talking.at("n2").conversations.attach("c1", "v")
    await talking.at("n1").conversations.detach("c1", "v", GONE)
    assert (await talking.of("c1")).get("gone", "") == ""
    await talking.at("n2").conversations.detach("c1", "v", GONE)
    assert (await talking.of("c1"))["gone"]


async def test_any_node_can_detach_a_dead_one(talking: Desk) -> None:
    await talking.at("n2").conversations.detach("c1", "-", GONE, "n1")
    nodes, vnodes = await talking.at().conversations.nodes_of("c1")
    assert (nodes, vnodes) == ([], [])


# --- the session's end


async def expire(desk: Desk) -> str | None:
    deadline = await desk.deadline("quiet:c1")
    return await desk.at().conversations.expire_quiet("c1", deadline, IDLE, GONE)


async def test_a_message_puts_the_sessions_end_off_without_a_timer(talking: Desk) -> None:
    deadline = await talking.deadline("quiet:c1")
    await talking.pass_time(IDLE - 60_000)
    await talking.at().says("c1", "v", "late")
    await talking.pass_time(120_000)
    assert await talking.deadline("quiet:c1") == deadline
    assert await expire(talking) is None
    assert int(await talking.deadline("quiet:c1")) > int(deadline)
    await talking.pass_time(IDLE)
    assert await expire(talking) == "ann"


async def test_a_visitor_who_is_gone_ends_it_sooner_unless_they_come_back(talking: Desk) -> None:
    await talking.at().conversations.detach("c1", "v", GONE)
    assert int(await talking.deadline("quiet:c1")) <= await talking.now() + GONE
    await talking.pass_time(GONE + 5000)
    await talking.at().conversations.attach("c1", "v")
    assert await expire(talking) is None
    await talking.at().conversations.detach("c1", "v", GONE)
    await talking.pass_time(GONE + 5000)
    assert await expire(talking) == "ann"


async def test_in_the_quiet_time_no_session_ends(talking: Desk) -> None:
    await talking.pass_time(IDLE + 5000)
    now = await talking.now()
    await talking.link.command(b"HSET", talking.keys.meta, b"quiet_until", now + 5000)
    assert await expire(talking) is None
    assert int(await talking.deadline("quiet:c1")) >= now


async def test_another_deadline_than_the_items_is_stale(talking: Desk) -> None:
    await talking.pass_time(IDLE + 5000)
    assert await talking.at().conversations.expire_quiet("c1", "1", IDLE, GONE) is None
    assert await talking.state("c1") == "active"


# --- what is archived may go


async def ttl(desk: Desk, name: str) -> int:
    return int(await desk.link.command(b"TTL", name))


async def test_closed_and_archived_it_goes_in_ten_minutes_and_not_before(talking: Desk) -> None:
    await talking.at().close("c1", "ann", fence=1, holder="ann")
    retire = talking.at().conversations.retire
    await retire("c1", 7)
    for name in talking.keys.conversation("c1"):
        assert await ttl(talking, name) < 0
    await retire("c1", 8)
    names = talking.keys.conversation("c1")
    for name in (names.c, names.log, names.ring):
        assert 0 < await ttl(talking, name) <= 600


async def test_an_open_one_keeps_its_end_and_loses_what_is_archived_long_ago(
    talking: Desk,
) -> None:
    for number in range(8, 251):
        await talking.link.command(b"HSET", talking.keys.meta, b"quiet_until", 0)
        await Desk(talking.link, talking.keys, lawful=False).at().says("c1", "v", f"m{number}")
    await talking.at().conversations.retire("c1", 240)
    entries = await talking.at().conversations.entries("c1", 1, 999)
    assert [entries[0].offset, entries[-1].offset] == [40, 250]
    assert await ttl(talking, talking.keys.conversation("c1").c) < 0
    await talking.at().says("c1", "v", "after")
