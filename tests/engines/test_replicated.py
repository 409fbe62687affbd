"""R1.9: with `replicated`, what a verb did is acknowledged once a replica has it, too."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from frontdesk.errors import Retry
from frontdesk.storage.redis.keys import Keys
from frontdesk.storage.redis.link import Link
from frontdesk.storage.redis.script import Script
from tests.engines.server import Server, newest, until
from tests.storage.redis.faults import Relay, until_equal


class Pair:
    """A master and its only replica."""

    def __init__(self, folder: Path) -> None:
        self.master, self.replica = Server(folder, newest()), Server(folder, newest())
        for server in (self.master, self.replica):
            server.start()
        self.replica.ask("REPLICAOF", "127.0.0.1", self.master.port)
        until(self.in_step, "the replica")

    def thaw(self) -> None:
        """The replica goes on, and has read what it slept through."""
        self.replica.thaw()
        until(lambda: self.master.ask("WAIT", 1, 1000) == 1, "the replica to catch up")

    def in_step(self) -> bool:
        return bool(self.replica.info()["master_link_status"] == "up")


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    found = Pair(tmp_path_factory.mktemp("pair"))
    yield found
    found.replica.stop()
    found.master.stop()


@pytest.fixture
async def waiting(pair: Pair, keys: Keys) -> AsyncIterator[Link]:
    pair.thaw()
    link = await Link.open(pair.master.socket_url, meta_key=keys.meta, replicated=True)
    yield link
    await link.close()


async def test_a_verb_is_retry_while_no_replica_has_it_and_done_when_it_is_asked_again(
    pair: Pair, waiting: Link, keys: Keys, count: Script
) -> None:
    assert await waiting.call(count, (keys.ev,), ("x",)) == [b"ok", 1, b"x"]
    pair.replica.freeze()
    answers = [waiting.call(count, (keys.ev,), ("y",)) for _ in range(3)]
    for answer in answers:
        with pytest.raises(Retry):
            await answer
    assert await waiting.command("GET", keys.ev) == b"4"  # reads are answered
    pair.thaw()
    assert await waiting.call(count, (keys.ev,), ("z",)) == [b"ok", 5, b"z"]
    assert pair.replica.ask("GET", keys.ev) == b"5"


async def test_what_was_acknowledged_is_on_the_replica_at_that_moment(
    pair: Pair, waiting: Link, keys: Keys, count: Script
) -> None:
    for number in range(1, 200):
        await waiting.call(count, (keys.ev,), ("x",))
        assert int(pair.replica.ask("GET", keys.ev)) == number


async def test_every_answer_belongs_to_its_question_however_they_are_batched(
    waiting: Link, keys: Keys, count: Script
) -> None:
    dice = random.Random(3)

    async def ask(caller: int) -> None:
        for number in range(30):
            word = f"{caller}-{number}".encode()
            if dice.random() < 0.3:
                assert await waiting.command("ECHO", word) == word
            else:
                assert (await waiting.call(count, (keys.ev,), (word,)))[2] == word
            if dice.random() < 0.2:
                await asyncio.sleep(0)

    await asyncio.gather(*map(ask, range(30)))


async def test_what_no_replica_has_is_as_unknown_as_what_was_not_answered(
    pair: Pair, relay: Relay, keys: Keys, count: Script
) -> None:
    pair.thaw()
    relay = Relay(pair.master.socket_url, relay._path.parent)
    link = await Link.open(await relay.open(), meta_key=keys.meta, replicated=True)
    pair.replica.freeze()
    answer = link.call(count, (keys.ev,), ("x",))
    await until_equal(lambda: asyncio.to_thread(pair.master.ask, "GET", keys.ev), b"1")
    relay.cut()
    pair.replica.thaw()
    assert await answer == [b"ok", 2, b"x"]  # sent once more, over the next connection
    await link.close()
    await relay.close()
