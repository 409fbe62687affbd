"""Scenario edit: somebody edits one of 2,000 rules, and other tasks go on (RT-14, RT-16).

No server: the desk's rules over SQLite in one process, called as the HTTP interface calls them, and
beside them a task that says how late it is. `--rules`, `--reps` and `--rounds` (edits) change it.
"""

import asyncio
import gc
import tempfile
from collections.abc import Awaitable, Iterator
from copy import deepcopy
from pathlib import Path
from random import Random
from statistics import median
from time import process_time
from typing import Any

from msgspec import Raw, json

from frontdesk.people.rep import RepIdentity
from frontdesk.people.roles import Role
from frontdesk.routing.room import Routing
from frontdesk.routing.rule import RuleSet
from frontdesk.storage import migrate
from frontdesk.storage.engine import Database
from frontdesk.storage.tables import conversation, group_member, rep, rep_group
from loadtest.meter import Latencies, Result
from loadtest.options import Options
from loadtest.rules import Document, rules_for, visitor
from loadtest.simulate import NOW, about_of, insert_rows, look

GROUPS = 50
VISITORS = 2_000
QUIET = 2.0
"""Seconds in which nothing is edited: how late tasks are anyway."""


async def run(options: Options) -> Result:
    """The scenario."""
    result = Result(
        title="edit",
        about="One of many rules is edited, checked, saved and counted",
        parameters={"rules": options.rules, "reps": options.reps, "edits": options.rounds},
    )
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{Path(folder)}/frontdesk.db"
        await migrate.upgrade(url)
        database = Database.open(url)
        try:
            await _write(database, options.reps)
            await _measured(result, database, options)
        finally:
            await database.close()
    return result


async def _measured(result: Result, database: Database, options: Options) -> None:
    room = Routing.of(database, "main", first=RuleSet.default_rule_set(), now=lambda: NOW)
    editor = RepIdentity("rep_000", "", "Rep 0", "", Role.MANAGER, (), 3, "")
    document = _document(options)
    texts = [_edited(document, number) for number in range(options.rounds)]
    await room.trials.matches(RuleSet.default_rule_set())  # the visitors are read once a minute
    gc.collect()
    gc.freeze()  # as the processes do with what they imported
    quiet = await _late(asyncio.sleep(QUIET))
    spent: dict[str, list[float]] = {"first check": [], "check": [], "save": [], "count": []}

    book = room.rulebook

    async def edits() -> None:
        await _timed(spent["first check"], book.check(Raw(json.encode(document))))
        for number, text in enumerate(texts):
            await _timed(spent["check"], book.check(text))
            await _timed(spent["save"], book.save(editor, number, text))
            await _timed(spent["count"], _count(room, text))

    busy = await _late(edits())
    limits = {"first check": "edit_first_ms", "check": "edit_ms"}
    for name, seconds in spent.items():
        limit = options.limit(limits[name]) if name in limits else None
        result.add(f"CPU of a {name}, median", median(seconds) * 1000, "ms", limit)
    result.add_latencies("late while somebody edits", busy, options.limit("edit_late_p99"))
    result.add_latencies("late otherwise", quiet)


async def _late(work: Awaitable[None]) -> Latencies:
    """How late another task of the loop is while this goes on."""
    seconds: list[float] = []
    looking = asyncio.create_task(look(seconds))
    await work
    looking.cancel()
    found = Latencies()
    for one in seconds:
        found.note(max(one, 1e-6))
    return found


async def _timed(spent: list[float], work: Awaitable[object]) -> None:
    begun = process_time()
    await work
    spent.append(process_time() - begun)


async def _count(room: Routing, text: Raw) -> None:
    await room.trials.matches(await room.rulebook.parsed(text))


def _document(options: Options) -> Document:
    random = Random(1)
    rules = [
        {
            "id": f"rul_{number}", "name": f"Rule {number}", "on": True, "when": filter,
            "targets": {
                "everyone": False,
                "reps": [f"rep_{random.randrange(options.reps):03}"],
                "groups": [f"grp_{random.randrange(GROUPS)}"],
            },
            "strategy": "rotation", "weights": {}, "ring_seconds": 30, "wait_seconds": 90,
        }
        for number, filter in enumerate(rules_for(options.rules, []))
    ]  # fmt: skip
    return {"rules": rules, "default": {"targets": {"everyone": True}}}


def _edited(document: Document, number: int) -> Raw:
    """As the console sends it: all rules, of which another one has changed."""
    changed = deepcopy(document)
    rule = changed["rules"][number * 37 % len(changed["rules"])]
    rule["name"] = f"Edited {number}"
    employees = {"field": "visitor.employees", "op": "greater", "value": 10_000 + number}
    rule["when"] = {"all": [*rule["when"]["all"], employees]}
    return Raw(json.encode(changed))


async def _write(database: Database, reps: int) -> None:
    await insert_rows(database, rep, _reps(reps))
    groups = [{"id": f"grp_{n}", "name": f"Group {n}"} for n in range(GROUPS)]
    await insert_rows(database, rep_group, iter(groups))
    members = ({"group_id": f"grp_{n % GROUPS}", "rep_id": f"rep_{n:03}"} for n in range(reps))
    await insert_rows(database, group_member, members)
    await insert_rows(database, conversation, _conversations())


def _reps(count: int) -> Iterator[dict[str, Any]]:
    for n in range(count):
        yield {
            "id": f"rep_{n:03}", "email": f"r{n}@desk.example", "name": f"Rep {n}", "role": "rep",
            "capacity": 3, "active": True, "created_at": 0,
        }  # fmt: skip


def _conversations() -> Iterator[dict[str, Any]]:
    for n in range(VISITORS):
        yield {
            "id": f"c_{n:06}", "desk": "main", "visitor_id": f"v_{n}", "session_id": f"s_{n}",
            "state": "closed", "epoch": "e", "requested_at": NOW - n - 1,
            "about": about_of(visitor(n), n),
        }  # fmt: skip
