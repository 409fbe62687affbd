"""Every script runs on a slot that is moving: not at all, or wholly (R1.8, R6.8)."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from redis.exceptions import AskError, TryAgainError

from frontdesk.bus.pressure import Pressure
from frontdesk.bus.rates import Rate, Rates
from frontdesk.bus.tell import tell_all
from frontdesk.claims.store import Claims
from frontdesk.claims.turns import Turns
from frontdesk.conversations.rebuild import MEND, RESTORE
from frontdesk.errors import Retry
from frontdesk.storage.redis.batch import Head
from frontdesk.storage.redis.keys import Keys
from frontdesk.storage.redis.link import Link
from frontdesk.storage.redis.script import Script, registered
from frontdesk.visitors.store import Visitors
from tests.desk import GRACE, RING, WAIT, Desk, in_turn
from tests.engines.cluster import ClusterSet, Migration, running_cluster
from tests.engines.server import Server, newest, oldest

PROGRAMS = {"redis62": oldest, "redis7": newest}
Part = bytes | str | int

ONE_KEY = {"boot", "press", "keep", "erase_visit"}
"""They need one key alone, which is always wholly in one place."""


@pytest.fixture(scope="module", params=PROGRAMS)
def cluster(request: pytest.FixtureRequest) -> Iterator[ClusterSet]:
    program: Callable[[], Path] = PROGRAMS[request.param]
    with running_cluster(program()) as found:
        yield found


class MigratingLink:
    """A link under whose every script the slot moves to another master: half of the keys that the
    script needs are there already when it comes, or (`still`) none.
    """

    def __init__(self, link: Link, cluster: ClusterSet, keys: Keys, *, still: bool) -> None:
        self._still = still
        self._link = link
        self._cluster = cluster
        self._keys = keys
        self._dice = random.Random(7)
        self.on_epoch = link.on_epoch
        self.refused: set[str] = set()
        self.ran: set[str] = set()
        self.at_once: set[str] = set()

    @property
    def epoch(self) -> bytes:
        return self._link.epoch

    async def call(
        self, script: Script, keys: Sequence[Part] = (), args: Sequence[Part] = ()
    ) -> Any:
        declared = [self._keys.meta, *keys]

        def packed() -> tuple[Part, ...]:
            return ("EVALSHA", script.sha, len(declared), *declared, self.epoch, *args)

        answer = await self._moved_under(
            script.name, declared, packed, lambda: self._link.call(script, keys, args)
        )
        await self._settle_down()
        return answer

    async def together(self, head: Head, keys: Sequence[Part], args: Sequence[Part]) -> Any:
        script, shared_keys, shared_args = head
        return (await self.call(script, (*shared_keys, *keys), (*shared_args, *args)))[0]

    async def command(self, *parts: Part) -> Any:
        if parts[0] != b"EVALSHA":
            return await self._link.command(*parts)
        name = next(one.name for one in registered() if one.sha == parts[1])
        declared = parts[3 : 3 + int(parts[2])]
        return await self._moved_under(
            name, declared, lambda: parts, lambda: self._link.command(*parts)
        )

    async def _settle_down(self) -> None:
        """The quiet time of a new epoch is over."""
        with suppress(Retry):  # this may be the first that hears of the move
            await self._link.command(b"HSET", self._keys.meta, b"quiet_until", 0)
            return
        await self._link.command(b"HSET", self._keys.meta, b"quiet_until", 0)

    async def _moved_under(
        self, name: str, keys: Sequence[Part], packed: Callable[[], tuple[Part, ...]],
        ask: Callable[[], asyncio.Future[Any]],
    ) -> Any:  # fmt: skip
        migration = self._cluster.migration(_text(keys[0]))
        migration.begin()
        if not self._still:
            self._move_half(migration, {_text(key) for key in keys})
        before = everything(migration, _text(keys[0]))
        try:
            answer = attempt(migration, packed())
        except (AskError, TryAgainError):
            assert everything(migration, _text(keys[0])) == before, f"{name}: half of it was done"
            self.refused.add(name)
            answer = await self._asked_while_it_ends(migration, ask)
        else:
            self.at_once.add(name)
            migration.end()
        self.ran.add(name)
        return answer

    def _move_half(self, migration: Migration, names: set[str]) -> None:
        """Of what the script needs, and of the rest; not all of either, if it is more than one."""
        there = migration.left()
        for some in (
            [key for key in there if key.decode() in names],
            [key for key in there if key.decode() not in names],
        ):
            chosen = self._dice.sample(some, (len(some) + self._dice.randrange(2)) // 2)
            if chosen:
                migration.move(*chosen)

    async def _asked_while_it_ends(
        self, migration: Migration, ask: Callable[[], asyncio.Future[Any]]
    ) -> Any:
        """As a node asks: what it sends meanwhile waits, and is done once the slot has arrived."""
        asked = ask()
        await asyncio.sleep(0.01)
        assert not asked.done() or isinstance(asked.exception(), Retry), asked
        migration.end()
        while True:
            try:
                return await asked
            except Retry:  # the desk is another's, and has a new epoch: nothing was done
                await self._settle_down()
                asked = ask()


def attempt(migration: Migration, parts: tuple[Part, ...]) -> Any:
    """The script itself, at the old master, and where that sends us. Raises what it says."""
    try:
        return migration.source.ask(*parts)
    except AskError:
        migration.target.ask("ASKING")
        return migration.target.ask(*parts)


def everything(migration: Migration, of: str) -> dict[bytes, bytes]:
    """All keys of the slot on both masters that begin like `of`, with their values: those of tests
    before may end at any moment.
    """
    prefix = of.partition("{")[0].encode()
    there = [key for key in migration.left() if key.startswith(prefix)]
    found = {key: migration.source.ask("DUMP", key) for key in there}
    for key in keys_at(migration.target, migration.slot):
        if not key.startswith(prefix):
            continue
        assert key not in found, f"{key!r} is in two places"
        migration.target.ask("ASKING")
        found[key] = migration.target.ask("DUMP", key)
    return found


def keys_at(server: Server, slot: int) -> list[bytes]:
    found: list[bytes] = server.ask("CLUSTER", "GETKEYSINSLOT", slot, 100_000)
    return found


def _text(part: Part) -> str:
    return part.decode() if isinstance(part, bytes) else str(part)


@pytest.fixture
async def moving(cluster: ClusterSet, keys: Keys) -> AsyncIterator[MigratingLink]:
    async with migrating(cluster, keys, still=False) as link:
        yield link


@pytest.fixture
async def still(cluster: ClusterSet, keys: Keys) -> AsyncIterator[MigratingLink]:
    async with migrating(cluster, keys, still=True) as link:
        yield link


@asynccontextmanager
async def migrating(
    cluster: ClusterSet, keys: Keys, *, still: bool
) -> AsyncIterator[MigratingLink]:
    for node in cluster.nodes[:3]:
        for script in registered():
            node.ask("SCRIPT", "LOAD", script.source)
    link = await Link.open(cluster.url, meta_key=keys.meta)
    yield MigratingLink(link, cluster, keys, still=still)
    await link.close()


async def test_no_script_is_half_done_on_a_moving_slot_and_each_is_done_in_the_end(
    moving: MigratingLink, keys: Keys
) -> None:
    link: Any = moving
    desk = Desk(link, keys, lawful=False)
    await reps_come_and_go(desk)
    await visitors_are_served(desk)
    await what_was_lost_comes_back(desk, link)
    await tell_all(link, keys, "people")
    await Pressure(link).look()
    rates = Rates(link, keys, {"ask": Rate(visitor=6, address=60)})
    await rates.take("ask", "v1", "192.0.2.1")
    await visitors_visit(Visitors(link, keys, "n1", idle_ms=1000, gone_ms=1000))
    await what_nobody_needs_goes(Turns(link, keys))
    every = {script.name for script in registered() if not script.name.endswith("_for_tests")}
    assert moving.ran == every - {"boot"}, "each script has to be tried here"
    assert moving.refused == every - ONE_KEY


async def test_what_a_script_empties_it_touches_no_more(still: MigratingLink, keys: Keys) -> None:
    """On a slot that begins to move a key that is there may be looked at, and one that isn't there
    may not: a script that empties one and comes back to it would stop half way.
    """
    link: Any = still
    desk = Desk(link, keys, lawful=False)
    await alone_on_the_desk(desk)
    emptying = {"claim", "close", "decline", "expire_wait", "lost", "release", "request"}
    assert still.at_once >= emptying


async def alone_on_the_desk(desk: Desk) -> None:
    """Each verb on what is the last of its kind: the rep's only chat, the only one that waits, the
    only ring, the only entry of `due`. What a verb needs besides is there: a set of silent chats.
    """
    k, node, link = desk.keys, desk.at(), desk.link
    await link.command("HSET", k.silent, "c-other", "bob")
    await link.command("HSET", k.inbox, "n9", 0)
    await link.command("SADD", k.held("ann"), "c-other")
    await node.comes("ann")
    await node.request("c1", "ann")
    await link.command("HSET", k.rot, "pool", "0 0")
    await link.command("HSET", k.dev, "d-other", "bob|n1|1|live")
    await node.presence.renew(4000)
    won = await node.claim("c1", "ann")
    await link.command("SREM", k.held("ann"), "c-other")
    for lost in (True, False):
        await link.command("ZREM", k.due, "silent:c1")
        if lost:
            await node.goes("ann")
            await desk.pass_time(GRACE + 1000)
            await node.presence.expire_device("d-ann", await desk.deadline("device:d-ann"))
            await desk.settle("orphans:ann", await desk.deadline("orphans:ann"))
        else:
            await node.comes("ann")
        await node.lost_or_returned("c1", "ann")
    await link.command("ZADD", k.queue, 1, "c-other")
    await node.release("c1", "ann", won.fence, "ann")
    await link.command("ZREM", k.queue, "c-other")
    await link.command("SADD", k.held("ann"), "c-other")
    again = await node.claim("c1", "ann")
    await link.command("SREM", k.held("ann"), "c-other")
    await link.command("ZADD", k.queue, 1, "c-other")
    await node.close("c1", "ann", fence=again.fence, holder="ann")
    await link.command("ZREM", k.queue, "c-other")
    await node.request("c2", "ann")
    await node.claims.ring_ended("c2", "ann", "away", local=True)
    await desk.pass_time(WAIT + 1000)
    await link.command("ZREM", k.due, "decide:c2")
    await link.command("HSET", k.conversation("c2").ring, "ann", "offered")
    await node.expire_wait("c2", await desk.deadline("wait:c2"))
    await link.command("ZADD", k.queue, 1, "c-other")
    await node.request("c2", "ann")


async def reps_come_and_go(desk: Desk) -> None:
    node = desk.at()
    await node.presence.renew(4000)
    for rep in ("ann", "bob", "cid"):
        await node.comes(rep)
    await node.presence.activity("d-cid", "1", idle=True)
    await node.goes("cid")
    await desk.pass_time(GRACE + 1000)
    await node.presence.expire_device("d-cid", await desk.deadline("device:d-cid"))
    await desk.settle("orphans:cid", await desk.deadline("orphans:cid"))
    await desk.at("n2").presence.renew(4000)
    await node.presence.forget_node("n2", force=True)
    _, now, _, _ = await desk.peek()
    assert now > 0


async def visitors_are_served(desk: Desk) -> None:
    node = desk.at()
    claims: Claims = node.claims
    turn = in_turn("ann", "bob")
    await node.request("c1", turn, text="Hello", client_id="m1")
    await desk.pass_time(RING + 1000)
    await node.pass_over("c1", await desk.deadline("ring:c1"), turn)
    await claims.reroute(
        "c1", turn_of("ann", "bob"), route="1 rul_1", before="1 default", about=b'{"id":"v"}',
        extra=b"{}", decision=b"{}",
    )  # fmt: skip
    await claims.ringing("bob")
    won = await node.claim("c1", "bob")
    for number in range(3):
        await node.says("c1", "v", f"v{number}")
        await node.says("c1", "bob", f"r{number}", fence=won.fence)
    await node.conversations.read("c1", "v", "v-c1", 2)
    await node.conversations.about("c1", "v-c1", b'{"id":"v-c1"}')
    await desk.at("n2").conversations.attach("c1", "v")
    await desk.at("n2").conversations.detach("c1", "v", 1000)
    await node.look_silent("c1", "bob")
    quiet = await desk.deadline("quiet:c1")
    await node.conversations.expire_quiet("c1", quiet, 3_600_000, 300_000)
    await node.lost_or_returned("c1", "bob")
    await node.release("c1", "bob", won.fence, "ann")
    again = await node.claim("c1", "ann")
    assert not await desk.watchdog.look()
    ended = await node.close("c1", "ann", fence=again.fence, holder="ann")
    assert ended.offset == len(await desk.kinds("c1"))
    await node.conversations.retire("c1", ended.offset)
    assert await node.conversations.erase("c1")
    await node.request("c2", "ann")
    await desk.pass_time(WAIT + 1000)
    assert await node.expire_wait("c2", await desk.deadline("wait:c2"))
    await node.leave("c2", "m1")
    await node.request("c4", "ann", "bob")
    await claims.ring_ended("c4", "ann", "declined", local=True)
    await node.offer("c4", "bob")


def turn_of(*reps: str) -> tuple[Any, ...]:
    return (in_turn(*reps),)


async def what_was_lost_comes_back(desk: Desk, link: Any) -> None:
    k = desk.keys
    c, _, log = k.conversation("c3")
    body = b'{"type":"message","from":"visitor","text":"hi","client_id":"m1"}'
    entry = (1, "e0", 1000, "v:v-c3", "m1", body)
    fields = ("fence", 0, "off", 1, "rev", 1)
    restored = await link.call(
        RESTORE, (c, log, k.open, k.due, k.held(""), k.queue, k.reps),
        ("c3", "v-c3", "requested", "", 1000, 1000, 1000, len(fields), *fields, *entry),
    )  # fmt: skip
    assert restored == [b"ok"]
    mended = await link.call(MEND, (k.ev, k.inbox, c, log), ("c3", "v:v-c3", "m2", body))
    assert mended == [b"ok", 2]


async def what_nobody_needs_goes(turns: Turns) -> None:
    async for page in turns.all():
        assert await turns.forget(page) == len(page)


async def visitors_visit(visitors: Visitors) -> None:
    """In another slot, by the lanes, without an epoch."""
    for _ in range(4):
        await visitors.visit("v-7", page=b'{"url":"/"}', here=True)
        seen = await visitors.visit("v-7", page=b'{"url":"/pricing"}', here=True)
        await visitors.keep("v-7", seen.about, b'{"name":"Mira"}')
        await visitors.keep("v-7", b'{"name":"Mira"}', b"")
        await visitors.gone("v-7")
    assert await visitors.elsewhere("v-7") == []
    await visitors.erase("v-7")
    assert await visitors.erased(["v-7", "v-8"]) == {"v-7"}
