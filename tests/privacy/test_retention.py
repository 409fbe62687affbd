"""What is older than the setting says goes, in small batches, and nothing that is open (VS-1)."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from frontdesk.privacy import retention
from frontdesk.privacy.retention import Retention, months_before
from frontdesk.privacy.store import old
from frontdesk.storage import tables
from frontdesk.storage.engine import Database

DAY = 24 * 60 * 60 * 1000
NOW = round(datetime(2026, 11, 28, tzinfo=UTC).timestamp() * 1000)
OLD, YOUNG = NOW - 600 * DAY, NOW - 500 * DAY  # 18 months are 549 days


async def put(database: Database, table: Any, *rows: dict[str, Any]) -> None:
    async with database.write() as connection:
        await connection.execute(insert(table), list(rows))


async def counts(database: Database, *names: str) -> list[int]:
    async with database.read() as connection:
        return [
            await connection.scalar(select(func.count()).select_from(getattr(tables, name))) or 0
            for name in names
        ]


async def talk(
    database: Database, name: str, at: int, *, ended: int | None = 0, **more: Any
) -> None:
    ended = at if ended == 0 else ended
    row = {
        "id": name, "desk": "main", "visitor_id": f"v-{name}", "state": "closed", "epoch": "e",
        "requested_at": at, "ended_at": ended, "about": {},
    }  # fmt: skip
    await put(database, tables.conversation, {**row, **more})
    seen = {"first_seen_at": at, "last_seen_at": ended or at, "fields": {}}
    await put(database, tables.visitor, {"id": f"v-{name}", **seen})
    said = {"conversation_id": name, "offset": 1, "epoch": "e", "type": "message", "at": at}
    await put(database, tables.entry, {**said, "body": {}})
    decided = {"id": f"d-{name}", "conversation_id": name, "at": at, "version": "1", "body": {}}
    await put(database, tables.decision, decided)
    await put(database, tables.offer_record, {"conversation_id": name, "rep_id": "ann", "at": at})


WHOLE = ("conversation", "entry", "decision", "offer_record", "visitor")


def retention_of(database: Database, months: int = 18) -> Retention:
    return Retention(database, months, now=lambda: NOW)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "PAUSE", 0)


async def test_old_conversations_go_with_all_that_hangs_on_them_and_young_ones_stay(
    database: Database,
) -> None:
    await talk(database, "old", OLD)
    await talk(database, "young", YOUNG)
    await retention_of(database).clean()
    assert await counts(database, *WHOLE) == [1] * 5
    assert await retention_of(database).clean() == 0


@pytest.mark.parametrize("state", ["requested", "active", "missed"])
async def test_an_open_one_stays_however_old_it_is(database: Database, state: str) -> None:
    await talk(database, "old", OLD, ended=None, state=state)
    await retention_of(database).clean()
    assert await counts(database, *WHOLE) == [1] * 5


async def test_one_that_ended_lately_stays_however_long_it_took(database: Database) -> None:
    await talk(database, "long", OLD, ended=YOUNG)
    await retention_of(database).clean()
    assert await counts(database, *WHOLE) == [1] * 5


async def test_a_visitor_who_talked_since_stays(database: Database) -> None:
    await talk(database, "old", OLD)
    again = {"visitor_id": "v-old", "ended_at": YOUNG}
    await talk(database, "young", YOUNG)
    async with database.write() as connection:
        changed = tables.conversation.update().where(tables.conversation.c.id == "young")
        await connection.execute(changed.values(**again))
    await retention_of(database).clean()
    async with database.read() as connection:
        left = list((await connection.execute(select(tables.visitor.c.id))).scalars())
    assert sorted(left) == ["v-old", "v-young"]


async def test_nothing_goes_when_it_is_kept_for_ever(database: Database) -> None:
    await talk(database, "old", OLD)
    await retention_of(database, 0).clean()
    assert await counts(database, *WHOLE) == [1] * 5


async def test_presence_goes_but_for_each_reps_last_change(database: Database) -> None:
    rep = {"state": "away", "availability": "away", "capacity": 1, "load": 0, "devices": []}
    rows = [("ann", OLD), ("ann", OLD + 1), ("ann", YOUNG), ("bob", OLD), ("bob", OLD + 5)]
    await put(
        database,
        tables.presence_record,
        *({**rep, "rep_id": who, "at": at, "seq": 0} for who, at in rows),
    )
    await retention_of(database).clean()
    async with database.read() as connection:
        p = tables.presence_record.c
        left = [tuple(row) for row in await connection.execute(select(p.rep_id, p.at))]
    assert sorted(left) == [("ann", YOUNG), ("bob", OLD + 5)]


async def test_what_nobody_refers_to_any_more_and_old_counts_go_as_well(database: Database) -> None:
    dead = {"stream": "ev", "event_id": "e:1", "error": "", "body": {}}
    rows = ({"id": id, **dead, "at": at} for id, at in (("x1", OLD), ("x2", YOUNG)))
    await put(database, tables.dead_event, *rows)
    left = {"version": "1", "body": {}, "conversation_id": "gone"}
    await put(database, tables.decision, {"id": "d1", "at": OLD, **left})
    sums = {"desk": "main", "rule": "r", "region": "", "name": "", "requests": 1, "claimed": 0,
            "missed": 0}  # fmt: skip
    await put(database, tables.erased_request, {**sums, "day": OLD}, {**sums, "day": YOUNG})
    await retention_of(database).clean()
    assert await counts(database, "dead_event", "decision", "erased_request") == [1, 0, 1]


async def test_samples_of_simulations_go_after_a_day_and_marks_with_the_tokens(
    database: Database,
) -> None:
    row = {"desk": "main", "by": "ann", "state": "done", "updated_at": 1, "request": {}}
    await put(
        database,
        tables.routing_simulation,
        {"id": "s1", "at": NOW - 2 * DAY, **row},
        {"id": "s2", "at": NOW - DAY // 2, **row},
    )
    mark = {"kind": "visitor", "erasure_id": "e"}
    ages = {"a": (401, True), "b": (399, True), "c": (401, False)}
    await put(
        database,
        tables.erased,
        *({**mark, "id": id, "at": NOW - d * DAY, "done": done} for id, (d, done) in ages.items()),
    )
    await retention_of(database, 0).clean()
    assert await counts(database, "routing_simulation", "erased") == [1, 2]


async def test_no_transaction_takes_more_than_a_batch(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    for number in range(5):
        await talk(database, f"old{number}", OLD + number)
    taken: list[int] = []
    usual = old.conversations

    async def counted(connection: Any, before: int, limit: int) -> int:
        taken.append(await usual(connection, before, limit))
        return taken[-1]

    monkeypatch.setattr(old, "conversations", counted)
    await retention_of(database).clean()
    assert taken == [2, 2, 1, 0]
    assert await counts(database, *WHOLE) == [0] * 5


@pytest.mark.parametrize(
    ("now", "months", "then"),
    [
        ("2026-11-28", 18, "2025-05-28"), ("2026-08-31", 18, "2025-02-28"),
        ("2024-02-29", 12, "2023-02-28"), ("2026-01-15", 1, "2025-12-15"),
        ("2026-12-01", 12, "2025-12-01"),
    ],
)  # fmt: skip
def test_months_are_those_of_the_calendar(now: str, months: int, then: str) -> None:
    def ms(day: str) -> int:
        return round(datetime.fromisoformat(f"{day}T00:00+00:00").timestamp() * 1000)

    assert months_before(ms(now), months) == ms(then)
