from bisect import bisect_right
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, Table, func, select

from frontdesk.config import Settings
from frontdesk.demo import TEAM, seed
from frontdesk.people.people import People
from frontdesk.people.sign_ins import From
from frontdesk.routing.room import Routing
from frontdesk.routing.rule import RuleSet
from frontdesk.storage import migrate
from frontdesk.storage.engine import Database, database_url
from frontdesk.storage.tables import (
    conversation,
    decision,
    entry,
    offer_record,
    owner,
    presence_record,
    routing_version,
    visitor,
    visitor_field,
    working_hours,
)


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Database]:
    """The demo company's database, as the command has just made it."""
    settings = Settings(data=tmp_path, secret_key="k" * 32)
    url = database_url("", settings.data)
    await migrate.upgrade(url)
    await seed(settings)
    database = Database.open(url)
    yield database
    await database.close()


async def test_the_demo_company_is_eight_reps_in_three_groups_whose_links_stay_the_same(
    tmp_path: Path,
) -> None:
    settings = Settings(data=tmp_path, secret_key="k" * 32, port=8123)
    url = database_url("", tmp_path)
    await migrate.upgrade(url)
    links = await seed(settings)
    assert await seed(settings) == links
    database = Database.open(url)
    people = People.of(database)
    assert len(await people.accounts.all()) == len(links) == 8
    assert len(await people.groups.all()) == 3
    for link, person in zip(links, TEAM, strict=True):
        address, _, token = link.url(settings).partition("/sign-in/")
        assert address == f"http://{person.host}.localhost:8123"
        assert (await people.sign_ins.by_link(token, From())).rep.name == person.name
    people.close()
    await database.close()


def _routing(database: Database) -> Routing:
    return Routing.of(database, "main", first=RuleSet.default_rule_set())


async def _rows(database: Database, table: Table) -> Sequence[Row[Any]]:
    async with database.read() as connection:
        return (await connection.execute(select(table))).all()


async def _count(database: Database, table: Table) -> int:
    async with database.read() as connection:
        query = select(func.count()).select_from(table)
        return int((await connection.execute(query)).scalar_one())


async def test_it_has_rules_that_lint_calls_sound_and_every_one_had_visitors(
    demo: Database,
) -> None:
    room = _routing(demo)
    standing = await room.rulebook.standing()
    assert standing.live.number == 1
    assert standing.person(standing.live.by) is not None
    names = [rule["name"] for rule in standing.live.document["rules"]]
    assert len(names) == 5
    lint = (await room.rulebook.check(standing.live.document)).lint
    assert [found for found in lint if found.severity == "error"] == []
    decided = {row.body["name"] for row in await _rows(demo, decision)}
    assert decided == {*names, "Default rule"}
    tables = (owner, visitor_field, working_hours)
    assert [await _count(demo, table) for table in tables] == [12, 3, 2]


async def test_its_week_agrees_with_itself(demo: Database) -> None:
    chats = {row.id: row for row in await _rows(demo, conversation)}
    assert 200 < len(chats) <= 360
    decided = {row.conversation_id: row for row in await _rows(demo, decision)}
    assert decided.keys() == chats.keys()
    presence = await _presence(demo)
    claims: dict[str, str] = {}
    for ring in await _rows(demo, offer_record):
        of = decided[ring.conversation_id]
        asked = {rep for stage in of.body["stages"] for rep in stage["reps"]}
        assert ring.rep_id in asked
        assert of.at <= ring.at <= ring.seen_at <= ring.ended_at
        assert _state(presence[ring.rep_id], ring.at) == "eligible"
        if ring.outcome == "claimed":
            claims[ring.conversation_id] = ring.rep_id
    assert claims == {id: chat.rep_id for id, chat in chats.items() if chat.claimed_at}
    assert 0.5 < len(claims) / len(chats) < 0.95
    assert {chat.state for chat in chats.values()} == {"closed"}
    visitors = {row.id for row in await _rows(demo, visitor)}
    assert {chat.visitor_id for chat in chats.values()} == visitors


async def test_its_conversations_are_whole_and_everybody_has_gone_home(demo: Database) -> None:
    offsets: dict[str, list[int]] = defaultdict(list)
    last = {}
    for row in sorted(await _rows(demo, entry), key=lambda row: row.offset):
        offsets[row.conversation_id].append(row.offset)
        last[row.conversation_id] = row.type
    for chat in await _rows(demo, conversation):
        assert offsets[chat.id] == list(range(1, chat.last_offset + 1))
        assert last[chat.id] == "closed"
    presence = await _presence(demo)
    assert {changes[-1][1] for changes in presence.values()} == {"offline"}


async def _presence(database: Database) -> dict[str, list[tuple[int, str]]]:
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for row in await _rows(database, presence_record):
        found[row.rep_id].append((row.at, row.state))
    return {rep: sorted(changes) for rep, changes in found.items()}


def _state(changes: list[tuple[int, str]], at: int) -> str:
    return changes[bisect_right(changes, at, key=lambda one: one[0]) - 1][1]


async def test_a_desk_that_is_in_use_keeps_its_own(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, secret_key="k" * 32)
    url = database_url("", tmp_path)
    await migrate.upgrade(url)
    database = Database.open(url)
    rules = {"rules": [], "default": {"targets": {"everyone": True}}}
    await _routing(database).rulebook.apply(None, rules, "", 0)
    await seed(settings)
    await seed(settings)
    tables = (routing_version, conversation, presence_record, owner, visitor_field)
    assert [await _count(database, table) for table in tables] == [1, 0, 0, 0, 0]
    await database.close()
