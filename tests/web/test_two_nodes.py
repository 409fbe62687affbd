"""One visitor with tabs on two nodes of one desk."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from frontdesk.app import Node
from frontdesk.config import Settings
from frontdesk.hub.flush import Flush
from frontdesk.storage.engine import Database
from frontdesk.storage.redis.keys import Keys
from frontdesk.storage.redis.link import Link
from tests.database_fixtures import sqlite
from tests.web.inside import Inside, Tab, until
from tests.web.node import SECONDS

__all__ = ["sqlite"]


@dataclass
class Desk:
    """Two nodes, and what is in Redis."""

    one: Inside
    two: Inside
    link: Link
    keys: Keys

    async def come(self, inside: Inside, token: str = "") -> Tab:
        """A tab there; with a token, another one of the same visitor."""
        tab = inside.visitor_tab()
        fields = {"token": token} if token else {}
        welcome = await tab.ask("hello", page={"url": "https://shop.example/"}, **fields)
        assert welcome["type"] == "welcome", welcome
        return tab

    async def both(self) -> tuple[Tab, Tab]:
        """A visitor's tab on each node."""
        first = await self.come(self.one)
        return first, await self.come(self.two, first.of("welcome")[0]["token"])

    async def visit(self, tab: Tab) -> dict[str, str]:
        """What is kept of the visit."""
        key = self.keys.visitor(tab.of("welcome")[0]["visitor"])
        flat = await self.link.command(b"HGETALL", key)
        return {flat[i].decode(): flat[i + 1].decode() for i in range(0, len(flat), 2)}

    async def nodes(self, tab: Tab) -> list[str]:
        return sorted((await self.visit(tab))["nodes"].split())


@pytest.fixture
async def desk(
    redis_url: str, prefix: str, link: Link, sqlite: Database, tmp_path: Path, keys: Keys
) -> AsyncIterator[Desk]:
    settings = Settings(
        redis_url=redis_url, redis_prefix=prefix, data=tmp_path, secret_key="k" * 40
    )
    await link.command(b"HSET", keys.meta, b"quiet_until", b"0")
    nodes = [Node(settings, link, sqlite, index=index) for index in range(2)]
    async with nodes[0].running(), nodes[1].running():
        await until(lambda: all(node.inbox.up for node in nodes))
        flush = Flush(asyncio.get_running_loop())
        one, two = (Inside(node, flush, ["ann"]) for node in nodes)
        yield Desk(one, two, link, keys)


async def wait_for(desk: Desk, tab: Tab, nodes: list[str]) -> None:
    async with asyncio.timeout(SECONDS):
        while await desk.nodes(tab) != sorted(nodes):
            await asyncio.sleep(0.01)


async def test_a_request_is_shown_on_the_tabs_of_other_nodes_at_once(desk: Desk) -> None:
    first, second = await desk.both()
    asked = (await first.ask("request", text="Hi", client_id="1"))["conversation"]
    shown: Any = (await until(lambda: second.of("conversation")))[0]
    assert (shown["id"], shown["entries"]) == (asked["id"], asked["entries"])
    await second.ask("close", conversation=asked["id"])
    await until(lambda: first.of("closed"))
    assert first.connection.data.conversation == ""


async def test_what_is_said_afterwards_reaches_both(desk: Desk) -> None:
    first, second = await desk.both()
    name = (await first.ask("request"))["conversation"]["id"]
    await until(lambda: second.of("conversation"))
    if first.of("missed"):
        pytest.fail("there is a rep")
    answer = await second.ask("close", conversation=name)
    assert answer["type"] == "ok"


async def test_a_notice_of_somebody_elses_conversation_shows_nothing(desk: Desk) -> None:
    first, stranger = await desk.come(desk.one), await desk.come(desk.two)
    name = (await first.ask("request"))["conversation"]["id"]
    opened = desk.two.node.inbox.opened
    await opened(stranger.of("welcome")[0]["visitor"], name)
    assert stranger.of("conversation") == []
    assert stranger.connection.data.conversation == ""


async def test_asking_counts_a_conversation_and_says_where_else_they_are(desk: Desk) -> None:
    first, _ = await desk.both()
    visitor = first.of("welcome")[0]["visitor"]
    for node, other in ((desk.one.node, desk.two.node), (desk.two.node, desk.one.node)):
        assert await node.sides._visitors._learning._visitors.asked(visitor) == [other.id]
    assert (await desk.visit(first))["conversations"] == "2"


async def test_a_visitor_is_where_their_tabs_are(desk: Desk) -> None:
    first, second = await desk.both()
    one, two = desk.one.node.id, desk.two.node.id
    assert await desk.nodes(first) == sorted([one, two])
    second.breaks()
    await wait_for(desk, first, [one])
    assert (await desk.visit(first))["gone"] == "0"
    first.breaks()
    await wait_for(desk, first, [])
    assert int((await desk.visit(first))["gone"]) > 0


async def test_a_tab_that_closes_before_its_welcome_is_nowhere(desk: Desk) -> None:
    first, second = await desk.both()
    token = first.of("welcome")[0]["token"]
    second.breaks()
    await wait_for(desk, first, [desk.one.node.id])
    hasty = desk.two.visitor_tab()
    hasty.send("hello", token=token)
    hasty.breaks()
    await until(lambda: not desk.two.node.sides._visitors._greeting)
    await wait_for(desk, first, [desk.one.node.id])


async def test_a_page_change_on_one_node_stays_on_it(desk: Desk) -> None:
    """The next page's tab comes before or after the last one's end: they are here all the time."""
    tab = await desk.come(desk.one)
    token = tab.of("welcome")[0]["token"]
    for _ in range(10):
        following = desk.one.visitor_tab()
        number = following.send("hello", token=token)
        tab.breaks()
        await following.answer(number)
        tab = following
    await desk.link.command(b"PING")
    await wait_for(desk, tab, [desk.one.node.id])


async def test_visitors_of_a_dead_node_are_gone_unless_they_are_elsewhere(desk: Desk) -> None:
    first, _ = await desk.both()
    alone = [await desk.come(desk.two) for _ in range(5)]
    dead = desk.two.node.id
    await desk.one.node.keeping.node_died(dead)
    assert await desk.nodes(first) == [desk.one.node.id]
    assert (await desk.visit(first))["gone"] == "0"
    for tab in alone:
        assert await desk.nodes(tab) == []
        assert int((await desk.visit(tab))["gone"]) > 0
    for name in desk.keys.all_visitors_at(dead):
        assert await desk.link.command(b"EXISTS", name) == 0


async def test_after_the_node_died_and_the_time_passed_a_visit_is_a_new_one(desk: Desk) -> None:
    tab = await desk.come(desk.two)
    welcome = tab.of("welcome")[0]
    await desk.one.node.keeping.node_died(desk.two.node.id)
    key = desk.keys.visitor(welcome["visitor"])
    await desk.link.command(b"HINCRBY", key, b"gone", -desk.one.node.waits.gone - 1000)
    back = await desk.come(desk.one, welcome["token"])
    assert back.of("welcome")[0]["session"] != welcome["session"]
