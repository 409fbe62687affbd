"""Scenario simulate: 100,000 recorded requests routed again by other rules (RT-13).

No server: a desk that never was is written to SQLite, with its rules, reps, and their presence over
a month, and simulated as the worker does it. What counts is the CPU time of all of it: reading,
deciding twice, and the sums. `--sessions` and `--rules` change its size.
"""

import asyncio
import gc
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random
from resource import RUSAGE_SELF, getrusage
from time import perf_counter, process_time
from typing import Any

from sqlalchemy import Table, insert

from frontdesk.routing.simulations.simulate import Reader
from frontdesk.routing.simulations.simulations import Request
from frontdesk.storage import migrate
from frontdesk.storage.engine import Database
from frontdesk.storage.tables import conversation, group_member, presence_record, rep, rep_group
from loadtest.meter import Result
from loadtest.options import Options
from loadtest.rules import Document, Visitor, rules_for, visitor, visitors_with_rules

REPS = 200
GROUPS = 20
DAYS = 30
DAY_MS = 24 * 60 * 60 * 1000
NOW = 1_800_000_000_000
CHANGES = 20
"""Of a rep's presence a day."""
MATCHING = 0.5
"""Of the sessions; the others are the default rule's."""
STRATEGIES = ("rotation", "first_available", "least_busy", "random")
BATCH = 5_000
_STATES = ("eligible", "full", "away", "offline", "eligible")


async def run(options: Options) -> Result:
    """The scenario."""
    sessions, rules = options.sessions, options.rules
    result = Result(
        title="simulate",
        about="Recorded requests routed again by changed rules, on SQLite",
        parameters={"sessions": sessions, "rules": rules, "reps": REPS, "days": DAYS},
    )
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{Path(folder)}/frontdesk.db"
        await migrate.upgrade(url)
        database = Database.open(url)
        try:
            found = await _written(database, sessions, rules)
            await _measured(result, database, found, options)
        finally:
            await database.close()
    return result


async def _measured(
    result: Result, database: Database, documents: tuple[Document, Document], options: Options
) -> None:
    base, changed = documents
    told: list[int] = []

    async def progress(done: int, _of: int) -> None:
        told.append(done)

    gc.collect()
    gc.freeze()  # as the processes do with what they imported
    late: list[float] = []
    looking = asyncio.create_task(look(late))
    begun, cpu, before = perf_counter(), process_time(), _most_memory()
    reader = Reader(database, "main", now=lambda: NOW)
    done = await reader(Request(changed, base, days=DAYS), progress)
    result.add("CPU time", process_time() - cpu, "s", options.limit("simulate_seconds"))
    result.add("time by the clock", perf_counter() - begun, "s")
    looking.cancel()
    result.add("memory it took on top", _most_memory() - before, "MB")
    result.add("longest that other tasks waited", max(late) * 1000, "ms")
    result.add("progress was told", len(told), "times")
    result.add("requests routed elsewhere", done["moved_count"], "")
    if done["requests"] != options.sessions:
        result.errors.append(f"{done['requests']} of {options.sessions} sessions were simulated")


async def look(late: list[float]) -> None:
    """How long another task of the same process waits, in seconds."""
    while True:
        begun = perf_counter()
        await asyncio.sleep(0.01)
        late.append(perf_counter() - begun - 0.01)


def _most_memory() -> float:
    """The most that this process ever had, in MB."""
    return getrusage(RUSAGE_SELF).ru_maxrss / 1024


async def _written(database: Database, sessions: int, rules: int) -> tuple[Document, Document]:
    """Write the desk; return its rules and the changed ones."""
    strangers = [visitor(number) for number in range(2_000)]
    filters = rules_for(rules, [_folded(one) for one in strangers[:200]])
    known = [*strangers, *visitors_with_rules(filters, 2_000)]
    await insert_rows(database, rep, _reps())
    groups = [{"id": f"grp_{n}", "name": f"Group {n}"} for n in range(GROUPS)]
    await insert_rows(database, rep_group, iter(groups))
    await insert_rows(
        database,
        group_member,
        iter([{"group_id": f"grp_{n % GROUPS}", "rep_id": f"rep_{n:03}"} for n in range(REPS)]),
    )
    await insert_rows(database, presence_record, _presence())
    await insert_rows(database, conversation, _conversations(sessions, known))
    base = [_rule(number, filter) for number, filter in enumerate(filters)]
    default = {"targets": {"everyone": True}}
    changed = [
        {**one, "targets": {"groups": ["grp_0"]}} if n % 10 == 0 else one
        for n, one in enumerate(base)
    ]
    return {"rules": base, "default": default}, {"rules": changed, "default": default}


def _rule(number: int, filter: Document) -> Document:
    return {
        "id": f"rul_{number}",
        "name": f"Rule {number}",
        "when": filter,
        "targets": {"groups": [f"grp_{number % GROUPS}"]},
        "strategy": STRATEGIES[number % len(STRATEGIES)],
    }


def _reps() -> Iterator[dict[str, Any]]:
    for n in range(REPS):
        yield {
            "id": f"rep_{n:03}", "email": f"r{n}@desk.example", "name": f"Rep {n}", "role": "rep",
            "capacity": 3, "active": True, "created_at": 0,
        }  # fmt: skip


def _presence() -> Iterator[dict[str, Any]]:
    random = Random(1)
    for n in range(REPS):
        for _ in range(DAYS * CHANGES):
            yield {
                "rep_id": f"rep_{n:03}", "at": NOW - random.randrange(DAYS * DAY_MS), "seq": 0,
                "state": random.choice(_STATES), "cause": "chosen", "availability": "available",
                "capacity": 3, "load": random.randrange(4), "devices": [],
            }  # fmt: skip
        yield {
            "rep_id": f"rep_{n:03}", "at": NOW - (DAYS + 1) * DAY_MS, "seq": 0,
            "state": "eligible", "cause": "chosen", "availability": "available", "capacity": 3,
            "load": 0, "devices": [],
        }  # fmt: skip


def _conversations(sessions: int, known: list[Visitor]) -> Iterator[dict[str, Any]]:
    random = Random(2)
    for n in range(sessions):
        missed = random.random() < 0.1
        at = NOW - random.randrange(DAYS * DAY_MS)
        yield {
            "id": f"c_{n:06}", "desk": "main", "visitor_id": f"v_{n}", "session_id": f"s_{n}",
            "state": "missed" if missed else "closed", "epoch": "e", "requested_at": at,
            "rep_id": None if missed else f"rep_{random.randrange(REPS):03}",
            "claimed_at": None if missed else at + 5_000,
            "about": about_of(known[int(random.random() < MATCHING) * 2_000 + n % 2_000], n),
        }  # fmt: skip


def about_of(one: Visitor, number: int) -> dict[str, Any]:
    """What is known of a visitor, as conversations keep it: about 700 bytes."""
    url = f"https://www.example.com{one['page.path']}"
    return {
        "id": f"v_{number}", "session": f"s_{number}", "name": f"Visitor {number}",
        "email": f"v{number}@c{number % 5000}.example", "locale": one.get("visitor.language"),
        "page": {"url": url, "title": "Plans", "referrer": "https://www.google.com/"},
        "landing_page": url, "referrer": "https://www.google.com/", "pages_seen": number % 9,
        "utm": {"source": one.get("utm.source"), "medium": "cpc", "campaign": "spring"},
        "device": {"type": one.get("device.type"), "browser": "Firefox", "os": "Windows"},
        "location": {"country": one.get("location.country"), "city": "Osaka"},
        "industry": one.get("visitor.industry"), "employees": one.get("visitor.employees"),
        "returning": one.get("visitor.returning"), "timezone": "Asia/Tokyo",
    }  # fmt: skip


async def insert_rows(database: Database, table: Table, rows: Iterator[dict[str, Any]]) -> None:
    columns = {column.name for column in table.columns}
    batch: list[dict[str, Any]] = []
    async with database.write() as connection:
        for row in rows:
            batch.append({key: value for key, value in row.items() if key in columns})
            if len(batch) == BATCH:
                await connection.execute(insert(table).prefix_with("OR IGNORE"), batch)
                batch = []
        if batch:
            await connection.execute(insert(table).prefix_with("OR IGNORE"), batch)


def _folded(one: Visitor) -> Visitor:
    return {
        key: value.casefold() if isinstance(value, str) else value for key, value in one.items()
    }
