"""The desk clock, peek and the timers that nodes work off (docs/architecture.md)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from frontdesk.bus.notices import parse_notice
from frontdesk.bus.timers import AT_ONCE, SLOW, Timers
from frontdesk.errors import Retry
from tests.desk import Desk


async def clock_back(desk: Desk, ms: int) -> None:
    """As after the host's clock jumped `ms` ahead, or (negative) back."""
    raw = await desk.link.command(b"HGET", desk.keys.meta, b"last")
    await desk.link.command(b"HSET", desk.keys.meta, b"last", int(raw) - ms)


@pytest.mark.parametrize("step", [3_600_000, 60_000, 5000])
async def test_an_hours_jump_or_an_outage_moves_the_desk_clock_two_seconds(
    desk: Desk, step: int
) -> None:
    before = await desk.now()
    await clock_back(desk, step)
    after = await desk.now()
    assert 2000 <= after - before < 4000


async def test_a_clock_that_goes_back_stands_still_and_then_goes_on(desk: Desk) -> None:
    before = await desk.now()
    await clock_back(desk, -3_600_000)
    assert await desk.now() == before
    async with asyncio.timeout(20):
        while await desk.now() == before:
            await asyncio.sleep(0.01)


async def test_only_peek_moves_the_clock(desk: Desk) -> None:
    await desk.now()
    meta = await desk.link.command(b"HMGET", desk.keys.meta, b"last", b"now")
    await desk.at().comes("ann")
    await desk.at().request("c1", "ann")
    assert await desk.link.command(b"HMGET", desk.keys.meta, b"last", b"now") == meta


async def test_peek_tells_what_is_due_and_what_is_next_and_removes_nothing(desk: Desk) -> None:
    now = await desk.now()
    for item, at in (("a:1", now - 5), ("b:2", now), ("c:3", now + 50_000)):
        await desk.link.command(b"ZADD", desk.keys.due, at, item)
    due, _, upcoming, _ = await desk.peek()
    assert due == {"a:1": str(now - 5), "b:2": str(now)}
    assert upcoming == now + 50_000
    assert (await desk.peek())[0] == due
    assert len((await desk.peek(1))[0]) == 1


async def test_an_empty_desk_has_no_next_deadline(desk: Desk) -> None:
    assert (await desk.peek())[2] == -1


async def test_work_asked_for_anew_while_it_was_done_stays_asked_for(desk: Desk) -> None:
    now = await desk.now()
    await desk.link.command(b"ZADD", desk.keys.due, now, "drain:ann")
    await desk.link.command(b"ZADD", desk.keys.due, now + 1, "drain:ann")
    assert not await desk.settle("drain:ann", str(now))
    assert await desk.settle("drain:ann", str(now + 1))
    assert not await desk.deadline("drain:ann")


# --- the loop of a node


@asynccontextmanager
async def looking(*timers: Timers) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(one.run()) for one in timers]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_due_item_reaches_its_handler_with_its_deadline(desk: Desk) -> None:
    timers = Timers(desk.link, desk.keys)
    got: asyncio.Future[tuple[str, str]] = asyncio.get_running_loop().create_future()

    async def handle(subject: str, deadline: str) -> None:
        await timers.settle(f"word:{subject}", deadline)
        if not got.done():
            got.set_result((subject, deadline))

    timers.handle("word", handle)
    now = await desk.now()
    await desk.link.command(b"ZADD", desk.keys.due, now, "word:with:colon")
    async with looking(timers), asyncio.timeout(20):
        assert await got == ("with:colon", str(now))


async def test_one_item_that_fails_or_is_unknown_holds_up_no_other(desk: Desk) -> None:
    timers = Timers(desk.link, desk.keys)
    tried: list[str] = []
    both = asyncio.Event()

    async def bad(subject: str, _deadline: str) -> None:
        tried.append(subject)
        raise Retry if subject == "retry" else RuntimeError("broken on purpose")

    async def good(_subject: str, _deadline: str) -> None:
        both.set()

    timers.handle("bad", bad)
    timers.handle("good", good)
    now = await desk.now()
    for at, item in enumerate(("bad:1", "bad:retry", "later-version:1", "good:1")):
        await desk.link.command(b"ZADD", desk.keys.due, now - 10 + at, item)
    async with looking(timers), asyncio.timeout(20):
        await both.wait()
        while tried.count("1") < 2:  # it stays due
            await asyncio.sleep(0.01)


async def test_more_items_than_one_look_takes_are_all_worked_off(desk: Desk) -> None:
    timers = Timers(desk.link, desk.keys)
    done: set[str] = set()

    async def handle(subject: str, deadline: str) -> None:
        done.add(subject)
        await timers.settle(f"word:{subject}", deadline)

    timers.handle("word", handle)
    now = await desk.now()
    for number in range(250):
        await desk.link.command(b"ZADD", desk.keys.due, now, f"word:{number}")
    async with looking(timers), asyncio.timeout(20):
        while len(done) < 250:
            await asyncio.sleep(0.01)


async def test_slow_work_holds_up_no_ring_however_much_there_is_of_it(desk: Desk) -> None:
    timers = Timers(desk.link, desk.keys)
    never, ring_ended, begun = asyncio.Event(), asyncio.Event(), []

    async def slow(subject: str, _deadline: str) -> None:
        begun.append(subject)
        await never.wait()

    async def quick(subject: str, deadline: str) -> None:
        await timers.settle(f"wait:{subject}", deadline)
        ring_ended.set()

    timers.handle("drain", slow, slow=True)
    timers.handle("wait", quick)
    timers.on_dead_node = lambda _node: slow("dead", "")
    await desk.at("dead").presence.renew(1000)
    await desk.pass_time(2000)
    now = await desk.now()
    for number in range(AT_ONCE + 10):  # more than one look shows, and all of them before the ring
        await desk.link.command(b"ZADD", desk.keys.due, now - 50, f"drain:{number:04}")
    await desk.link.command(b"ZADD", desk.keys.due, now - 10, "wait:c1")
    async with looking(timers), asyncio.timeout(20):
        await ring_ended.wait()
        while "dead" not in begun:
            await asyncio.sleep(0.01)
    assert len(begun) <= SLOW + 1
    assert len(begun) == len(set(begun))


async def test_work_that_is_under_way_is_not_begun_again(desk: Desk) -> None:
    timers = Timers(desk.link, desk.keys)
    begun, looks, done = [], 0, asyncio.Event()

    async def slow(subject: str, deadline: str) -> None:
        begun.append(subject)
        await done.wait()
        await timers.settle(f"drain:{subject}", deadline)

    async def each_look(_subject: str, _deadline: str) -> None:
        nonlocal looks
        looks += 1  # stays due, so it is begun by every look
        if looks == 4:
            done.set()

    timers.handle("drain", slow, slow=True)
    timers.handle("again", each_look)
    now = await desk.now()
    await desk.link.command(b"ZADD", desk.keys.due, now, "drain:ann", now, "again:1")
    async with looking(timers), asyncio.timeout(20):
        while await desk.deadline("drain:ann"):
            await asyncio.sleep(0.01)
    assert begun == ["ann"]


async def test_a_dead_node_is_reported(desk: Desk) -> None:
    await desk.at("dead").presence.renew(1000)
    await desk.pass_time(2000)
    timers = Timers(desk.link, desk.keys)
    found: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def on_dead(node: str) -> None:
        if not found.done():
            found.set_result(node)
        await desk.at().presence.forget_node(node)

    timers.on_dead_node = on_dead
    async with looking(timers), asyncio.timeout(20):
        assert await found == "dead"


# --- notices


def test_a_notice_is_a_sequence_a_kind_words_and_a_body() -> None:
    notice = parse_notice(b'7 entry c1 e 3\n{"text":"a b\\nc"}')
    assert notice == (7, b"entry", [b"c1", b"e", b"3"], b'{"text":"a b\\nc"}')


@pytest.mark.parametrize("payload", [b"", b"x entry", b"7", b"\n", b"entry 7"])
def test_what_is_no_notice_is_a_value_error(payload: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_notice(payload)
