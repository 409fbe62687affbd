"""Calls of one script that leave as one command, and each is what it would be by itself (0038)."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from redis.asyncio import Redis

from frontdesk.errors import Overloaded, Retry
from frontdesk.storage.redis import batch as batch_module
from frontdesk.storage.redis import link as link_module
from frontdesk.storage.redis import postponed, script
from frontdesk.storage.redis.batch import Head
from frontdesk.storage.redis.errors import ScriptFailed
from frontdesk.storage.redis.keys import Keys
from frontdesk.storage.redis.link import Link
from frontdesk.storage.redis.pipeline import Pipeline
from frontdesk.storage.redis.script import Script
from tests.engines.cluster import ClusterSet, running_cluster
from tests.engines.server import newest
from tests.storage.redis.faults import Relay, until_equal


@pytest.fixture(scope="module")
def counts(tmp_path_factory: pytest.TempPathFactory) -> Script:
    """As `count`, for many: each call has a counter and a word. 'no' is refused."""
    path = tmp_path_factory.mktemp("lua") / "counts_for_tests.lua"
    path.write_text(
        "-- Counts how often each call ran.\n-- KEYS: 1 meta, 2 total, 3.. counters\n"
        "-- ARGV: 1 epoch, 2 who, 3.. words\n-- Returns: of each {times, word} or {'refused'}\n"
        "if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then return {'epoch'} end\n"
        "redis.call('INCR', KEYS[2])\n"
        "local answers = {}\n"
        "for i = 3, #KEYS do\n"
        "  if ARGV[i] == 'no' then answers[i - 2] = {'refused'}\n"
        "  else answers[i - 2] = {redis.call('INCR', KEYS[i]), ARGV[i]} end\n"
        "end\n"
        "return answers\n"
    )
    return script.load(path)


@pytest.fixture
def head(counts: Script, keys: Keys) -> Head:
    return counts, (keys.ev,), ("n-1",)


@pytest.fixture
async def relayed(relay: Relay, keys: Keys, counts: Script) -> AsyncIterator[Link]:
    assert counts.name  # a handshake loads what is known by then
    link = await Link.open(await relay.open(), meta_key=keys.meta)
    yield link
    await link.close()


def counters(keys: Keys, number: int) -> list[str]:
    """Of one slot, and as many names as are asked for."""
    return [keys.conversation(f"c-{one}").c for one in range(number)]


async def lost(relay: Relay, link: Link) -> None:
    """The connection is, and no new one is there yet."""
    relay.cut()
    while link.up:
        await asyncio.sleep(0)


async def test_the_calls_of_one_turn_are_one_command_and_each_has_its_own_answer(
    link: Link, keys: Keys, head: Head
) -> None:
    names = counters(keys, 5)
    words: list[bytes | str] = ["a", "no", "ü", b"\x00\xff", "no"]
    answers = [link.together(head, (name,), (words[n],)) for n, name in enumerate(names)]
    assert list(await asyncio.gather(*answers)) == [
        [1, b"a"], [b"refused"], [1, "ü".encode()], [1, b"\x00\xff"], [b"refused"],
    ]  # fmt: skip
    assert await link.command("GET", keys.ev) == b"1"
    await link.together(head, (names[0],), ("b",))  # another turn, another command
    assert await link.command("GET", keys.ev) == b"2"


async def test_only_so_many_are_one_command_and_only_with_the_same_head(
    link: Link, keys: Keys, head: Head, counts: Script
) -> None:
    names = counters(keys, batch_module.MOST + 1)
    answers = [link.together(head, (name,), ("x",)) for name in names]
    other: Head = (counts, (keys.ev,), ("n-2",))
    answers.append(link.together(other, (names[0],), ("y",)))
    assert (await asyncio.gather(*answers))[-1] == [2, b"y"]
    assert await link.command("GET", keys.ev) == b"3"


async def test_its_place_among_other_commands_is_that_of_the_first_call(
    link: Link, keys: Keys, head: Head
) -> None:
    one, two = counters(keys, 2)
    first = link.together(head, (one,), ("x",))
    between = link.command("GET", two)
    second = link.together(head, (two,), ("y",))
    after = link.command("GET", two)
    found: list[Any] = list(await asyncio.gather(first, between, second, after))
    assert found == [[1, b"x"], b"1", [1, b"y"], b"1"]


async def test_a_call_that_is_given_up_shifts_no_answer(link: Link, keys: Keys, head: Head) -> None:
    names = counters(keys, 6)
    answers = [link.together(head, (name,), (str(n),)) for n, name in enumerate(names)]
    answers[1].cancel()
    await asyncio.sleep(0)  # they are sent
    answers[4].cancel()
    kept = [answers[n] for n in (0, 2, 3, 5)]
    assert await asyncio.gather(*kept) == [[1, b"0"], [1, b"2"], [1, b"3"], [1, b"5"]]


async def test_a_mistake_in_the_script_is_told_to_each(link: Link, keys: Keys, head: Head) -> None:
    one, two = counters(keys, 2)
    await link.command("SET", two, "not a number")
    answers = [link.together(head, (name,), ("x",)) for name in (one, two)]
    for answer in answers:
        with pytest.raises(ScriptFailed, match="not an integer"):
            await answer


async def test_lost_on_the_way_it_goes_once_more_and_then_each_hears_retry(
    relay: Relay, relayed: Link, keys: Keys, head: Head, redis_client: Redis
) -> None:
    names = counters(keys, 3)
    relay.swallow_after = head[0].sha.encode()
    answers = [relayed.together(head, (name,), ("x",)) for name in names]
    await until_equal(lambda: redis_client.get(keys.ev), b"1")
    relay.swallow_after = None
    relay.cut()
    assert await asyncio.gather(*answers) == [[2, b"x"]] * 3

    relay.swallow_after = head[0].sha.encode()
    answers = [relayed.together(head, (name,), ("x",)) for name in names]
    for times in (b"3", b"4"):
        await until_equal(lambda: redis_client.get(keys.ev), times)
        relay.cut()
    found = await asyncio.gather(*answers, return_exceptions=True)
    assert all(isinstance(one, Retry) for one in found)
    relay.swallow_after = None


async def test_without_a_connection_calls_wait_each_for_itself(
    relay: Relay, relayed: Link, keys: Keys, head: Head, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lost(relay, relayed)
    answers = [relayed.together(head, (name,), ("x",)) for name in counters(keys, 3)]
    assert await asyncio.gather(*answers) == [[1, b"x"]] * 3
    monkeypatch.setattr(link_module, "MOST_IN_FLIGHT", 1)
    await lost(relay, relayed)
    answers = [relayed.together(head, (name,), ("x",)) for name in counters(keys, 3)]
    found = await asyncio.gather(*answers, return_exceptions=True)
    assert found[0] == [2, b"x"]
    assert [type(one) for one in found[1:]] == [Overloaded] * 2


async def test_what_is_open_when_the_connection_ends_is_not_lost(
    relayed: Link, keys: Keys, head: Head
) -> None:
    """Nothing of it was sent: it had not even been packed."""
    answers = [relayed.together(head, (name,), ("x",)) for name in counters(keys, 3)]
    pipeline = relayed._pipeline
    assert isinstance(pipeline, Pipeline)
    pipeline.lose("the test wants it")
    assert await asyncio.gather(*answers) == [[1, b"x"]] * 3
    assert await relayed.command("GET", keys.ev) == b"1"


async def test_all_that_waits_counts_as_in_flight_and_nothing_stays_behind(
    link: Link, keys: Keys, head: Head
) -> None:
    answers = [link.together(head, (name,), ("x" * 1000,)) for name in counters(keys, 100)]
    await asyncio.gather(*answers)
    pipeline = link._pipeline
    assert pipeline is not None
    assert (link.in_flight, pipeline._bytes) == (0, 0)


@pytest.fixture(scope="module")
def cluster() -> Iterator[ClusterSet]:
    with running_cluster(newest()) as found:
        yield found


async def test_on_a_moving_slot_only_those_wait_whose_keys_have_left(
    cluster: ClusterSet, keys: Keys, head: Head, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postponed, "LONGEST", 0.5)
    link = await Link.open(cluster.url, meta_key=keys.meta)
    names = counters(keys, 4)
    await asyncio.gather(*(link.together(head, (name,), ("x",)) for name in names))
    migration = cluster.migration(keys.meta)
    migration.begin()
    migration.move(names[1].encode())
    answers: list[Any] = [link.together(head, (name,), ("y",)) for name in names]
    found = await asyncio.gather(*answers, return_exceptions=True)
    assert [found[n] for n in (0, 2, 3)] == [[2, b"y"]] * 3
    assert isinstance(found[1], Retry)
    migration.end()
    await link.close()
