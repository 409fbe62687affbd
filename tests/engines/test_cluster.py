"""R6.8: each command goes to the master of its slot, and follows it."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from redis.crc import key_slot

from frontdesk.errors import Retry
from frontdesk.storage.redis import postponed
from frontdesk.storage.redis.keys import Keys
from frontdesk.storage.redis.lanes import slot_of
from frontdesk.storage.redis.link import Link
from frontdesk.storage.redis.script import Script
from tests.engines.cluster import ClusterSet, running_cluster
from tests.engines.server import newest
from tests.storage.redis.faults import until


@pytest.fixture(scope="module")
def cluster() -> Iterator[ClusterSet]:
    with running_cluster(newest()) as found:
        yield found


@pytest.fixture
async def clustered(cluster: ClusterSet, keys: Keys) -> AsyncIterator[Link]:
    link = await Link.open(cluster.url, meta_key=keys.meta)
    yield link
    await link.close()


def test_the_slot_of_a_command_is_that_of_its_first_key() -> None:
    slot = key_slot(b"{d:main}")
    assert slot_of((b"GET", "fd:{d:main}:ev")) == slot
    assert slot_of((b"EVALSHA", "0" * 40, 2, "fd:{d:main}:meta", "x")) == slot
    assert slot_of((b"EVALSHA", "0" * 40, b"1", b"fd:{d:main}:meta")) == slot
    assert slot_of(("EVAL", "return 1", 0)) is None
    assert slot_of((b"INFO", b"memory")) is None
    assert slot_of(("NO_SUCH_COMMAND",)) is None


async def test_visitors_are_spread_over_all_masters_and_found_again(
    cluster: ClusterSet, clustered: Link, keys: Keys
) -> None:
    names = [keys.visitor(f"v-{number:03}") for number in range(300)]
    await asyncio.gather(*(clustered.command("SET", name, name) for name in names))
    found = await asyncio.gather(*(clustered.command("GET", name) for name in names))
    assert [value.decode() for value in found] == names
    assert len({cluster.owner(key_slot(name.encode())).port for name in names}) == 3


async def test_names_are_found_on_all_masters(clustered: Link, keys: Keys) -> None:
    names = {keys.visitor(f"v-{number:03}").encode() for number in range(300)}
    await asyncio.gather(*(clustered.command("SET", name, "") for name in names))
    found = [name async for page in clustered.names(keys.all_visitors, 50) for name in page]
    assert set(found) == names


async def test_a_read_follows_a_key_that_has_left_already_without_a_new_epoch(
    cluster: ClusterSet, clustered: Link, keys: Keys
) -> None:
    epoch = clustered.epoch
    await clustered.command("SET", keys.ev, "there")
    migration = cluster.migration(keys.meta)
    migration.begin()
    migration.move(keys.ev.encode())
    assert await clustered.command("GET", keys.ev) == b"there"
    assert clustered.epoch == epoch
    migration.end()


async def test_a_verb_waits_for_its_keys_and_one_that_was_never_done_is_retry_in_the_end(
    cluster: ClusterSet, clustered: Link, keys: Keys, count: Script,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(postponed, "LONGEST", 0.5)
    await clustered.call(count, (keys.ev,), ("x",))
    migration = cluster.migration(keys.meta)
    migration.begin()
    migration.move(keys.ev.encode())
    with pytest.raises(Retry):
        await clustered.call(count, (keys.ev,), ("y",))
    assert await clustered.command("GET", keys.ev) == b"1"
    migration.end()
    answer = [b""]
    while answer[0] != b"ok":
        try:
            answer = await clustered.call(count, (keys.ev,), ("z",))
        except Retry:
            continue
    assert answer == [b"ok", 2, b"z"]


async def test_the_desk_is_led_in_by_asking_only_until_all_of_it_has_arrived(
    cluster: ClusterSet, clustered: Link, keys: Keys, count: Script
) -> None:
    epoch = clustered.epoch
    await clustered.call(count, (keys.ev,), ("x",))
    migration = cluster.migration(keys.meta)
    migration.begin()
    migration.move()
    with pytest.raises(Retry):
        await clustered.call(count, (keys.ev,), ("y",))
    await until(lambda: clustered.up and clustered.epoch != epoch)
    arrived = clustered.epoch
    pipeline = clustered._pipeline
    assert pipeline is not None
    assert getattr(pipeline, "asking") is True  # noqa: B009 - only one kind of them has it
    assert await clustered.call(count, (keys.ev,), ("z",)) == [b"ok", 2, b"z"]
    migration.end()
    await until(lambda: not getattr(pipeline, "asking"))  # noqa: B009 - the same
    assert await clustered.call(count, (keys.ev,), ("z",)) == [b"ok", 3, b"z"]
    assert (clustered.epoch, clustered._pipeline) == (arrived, pipeline)


async def test_a_visitors_master_that_is_killed_is_waited_for(
    cluster: ClusterSet, clustered: Link, keys: Keys
) -> None:
    name = next(
        name
        for name in (keys.visitor(f"v-{number:03}") for number in range(300))
        if cluster.owner(key_slot(name.encode())) is not cluster.owner(key_slot(keys.meta.encode()))
    )
    await clustered.command("GET", name)
    node = cluster.owner(key_slot(name.encode()))
    node.kill()
    answer = clustered.command("SET", name, "x")
    await asyncio.sleep(0.3)
    node.start()
    assert await answer == b"OK"
