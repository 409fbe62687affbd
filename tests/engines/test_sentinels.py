"""The master is where the newest switch says, and is left the moment that it is another (R1.9)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from frontdesk.errors import FrontdeskError
from frontdesk.storage.redis.errors import ScriptFailed
from frontdesk.storage.redis.keys import Keys
from frontdesk.storage.redis.link import Link
from frontdesk.storage.redis.script import Script
from frontdesk.storage.redis.subscription import Subscription
from tests.engines.sentinel import NAME, SentinelSet, running_sentinels, watching
from tests.engines.server import Server, newest, until
from tests.storage.redis import faults


@pytest.fixture
def sentinels() -> Iterator[SentinelSet]:
    with running_sentinels(newest()) as found:
        yield found


Open = Callable[..., Awaitable[Link]]


@pytest.fixture
async def open_link(keys: Keys) -> AsyncIterator[Open]:
    """Opens links for this test's desk, and closes them in the end."""
    opened: list[Link] = []

    async def open_one(url: str, **options: Any) -> Link:
        opened.append(await Link.open(url, meta_key=keys.meta, **options))
        return opened[-1]

    yield open_one
    for link in opened:
        await link.close()


async def test_a_dead_master_is_followed_by_its_successor_under_a_new_epoch(
    sentinels: SentinelSet, open_link: Open, keys: Keys, count: Script
) -> None:
    link = await open_link(sentinels.url, replicated=True)
    told: list[str] = []
    ear = Subscription(
        link.servers, keys.channel("n"), on_message=lambda message: told.append(message.decode()),
        on_up=lambda: told.append("up"), on_down=lambda: told.append("down"),
    )  # fmt: skip
    ear.open()
    await faults.until(lambda: told == ["up"])
    old = link.epoch
    assert await link.call(count, (keys.ev,), ("x",)) == [b"ok", 1, b"x"]
    dead = sentinels.kill_master()
    await faults.until(lambda: link.up and link.epoch != old)
    until(lambda: sentinels.master() is not dead, "the switch")
    master = sentinels.master()
    assert await link.command("GET", keys.ev) == b"1"
    await faults.until(lambda: told[:3] == ["up", "down", "up"])
    await asyncio.to_thread(master.ask, "PUBLISH", keys.channel("n"), "hello")
    await faults.until(lambda: told[-1] == "hello")
    await ear.close()


async def test_a_sentinel_that_slept_through_the_switch_is_outvoted(
    sentinels: SentinelSet, open_link: Open
) -> None:
    """It names the dead master until it hears better; redis-py believes the first that answers."""
    late, *others = sentinels.sentinels
    dead = sentinels.kill_master()
    late.freeze()
    for one in others:
        until(partial(has_switched, one, dead), "the switch")
    link = await open_link(sentinels.url)  # the frozen one isn't waited for
    late.thaw()
    place = await link.servers.place()
    assert place.address.port == master_of(others[0])


def has_switched(sentinel: Server, dead: Server) -> bool:
    return master_of(sentinel) != dead.port


def master_of(sentinel: Server) -> int:
    """As its configuration has it: GET-MASTER-ADDR-BY-NAME is ahead of that during the switch."""
    flat = sentinel.ask("SENTINEL", "MASTER", NAME)
    return int(flat[flat.index(b"port") + 1])


async def test_the_passwords_of_sentinels_and_servers_are_two(
    tmp_path: Path, open_link: Open, keys: Keys, count: Script
) -> None:
    server = Server(tmp_path, newest(), requirepass="spring")
    sentinel = watching(tmp_path, newest(), server, "requirepass summer\n")
    url = f"redis+sentinel://:spring@127.0.0.1:{sentinel.port}/{NAME}?sentinel_password="
    link = await open_link(url + "summer")
    assert await link.call(count, (keys.ev,), ("x",)) == [b"ok", 1, b"x"]
    with pytest.raises(ScriptFailed, match="WRONGPASS"):
        await open_link(url + "winter")
    sentinel.stop()
    server.stop()


async def test_a_name_that_no_sentinel_knows_is_said_at_once(tmp_path: Path, keys: Keys) -> None:
    server = Server(tmp_path, newest())
    sentinel = watching(tmp_path, newest(), server)
    with pytest.raises(ScriptFailed, match="No such master"):
        await Link.open(f"redis+sentinel://127.0.0.1:{sentinel.port}/other", meta_key=keys.meta)
    sentinel.stop()
    server.stop()


async def test_without_any_sentinel_the_reason_is_given(keys: Keys) -> None:
    with pytest.raises((TimeoutError, FrontdeskError), match="No Sentinel can say where desk is"):
        await Link.open("redis+sentinel://127.0.0.1:1/desk", meta_key=keys.meta, within=1)
