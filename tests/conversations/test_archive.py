"""What the archive writes of rings in stages and of presence (RT-10, RT-12, PR-7)."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import Table, select

from frontdesk.conversations.archive import Archive
from frontdesk.events.relay import Relay
from frontdesk.events.stream import EventStream, event_of
from frontdesk.storage.engine import Database
from frontdesk.storage.tables import decision, offer_record, presence_record
from tests.desk import RING, Desk, in_turn, stages_of


@pytest.fixture
def relay(desk: Desk, sqlite: Database) -> Relay:
    archive = Archive(desk.at().conversations, "main")
    return Relay(sqlite, EventStream(desk.link, desk.keys), "archive", archive, trims=False)


async def rows(database: Database, table: Table) -> list[dict[str, Any]]:
    async with database.read() as connection:
        found = await connection.execute(select(table).order_by(table.c.at))
        return [dict(row) for row in found.mappings()]


async def test_who_was_passed_over_is_expired_and_the_next_one_rings(
    desk: Desk, sqlite: Database, relay: Relay
) -> None:
    for rep in ("ann", "bob"):
        await desk.at().comes(rep)
    stage = in_turn("ann", "bob")
    await desk.at().request("c1", stage)
    deadline = await desk.deadline("ring:c1")
    await desk.pass_time(RING + 1000)
    await desk.at().pass_over("c1", deadline, stage)
    await relay.step()
    offers = {row["rep_id"]: row["outcome"] for row in await rows(sqlite, offer_record)}
    assert offers == {"ann": "expired", "bob": None}


async def test_another_decision_is_kept_beside_the_first(
    desk: Desk, sqlite: Database, relay: Relay
) -> None:
    for rep in ("ann", "bob", "cid"):
        await desk.at().comes(rep)
    await desk.at().request("c1", "ann", "bob")
    await desk.at().claims.reroute(
        "c1", stages_of("bob", "cid"), route="1 rul_1", before="1 default", about=b'{"id":"v"}',
        extra=b'{"reason":""}', decision=b'{"rule":"rul_1"}',
    )  # fmt: skip
    await relay.step()
    offers = [(row["rep_id"], row["outcome"]) for row in await rows(sqlite, offer_record)]
    assert sorted(offers) == [("ann", "rerouted"), ("bob", None), ("cid", None)]
    assert [row["body"].get("rule") for row in await rows(sqlite, decision)] == [None, "rul_1"]


async def test_every_change_of_presence_is_kept_with_its_cause(
    desk: Desk, sqlite: Database, relay: Relay
) -> None:
    await desk.at().comes("ann")
    await desk.at().presence.activity("d-ann", "1", idle=True)
    await asyncio.sleep(0.002)  # of what happens within a millisecond the last is kept
    await desk.at().presence.activity("d-ann", "1", idle=False)
    await desk.at().presence.availability("ann", "away", "manager")
    await relay.step()
    kept = await rows(sqlite, presence_record)
    assert sorted((row["state"], row["cause"]) for row in kept) == [
        ("away", "manager"), ("away", "new"), ("eligible", "chosen"), ("eligible", "chosen"),
        ("idle", "idle"),
    ]  # fmt: skip
    assert kept[0]["devices"] == ["d-ann"]


async def test_a_ring_ends_in_sql_although_the_clock_was_set_back_meanwhile(
    desk: Desk, sqlite: Database
) -> None:
    """Ids of the stream don't go back with it."""
    raws = [
        (
            b"61000-0",
            [b"h", b"1 requested e 61000 c1 1", b"visitor", b"v", b"outcomes", b"ann,rung"],
        ),
        (b"61000-1", [b"h", b"1 missed e 1000 c1 2"]),
    ]
    archive = Archive(desk.at().conversations, "main")
    async with sqlite.write() as connection:
        await archive.write(connection, [event_of(raw) for raw in raws], {})
    assert [row["outcome"] for row in await rows(sqlite, offer_record)] == ["expired"]
