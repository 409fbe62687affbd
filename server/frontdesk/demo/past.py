"""Gives the demo company a week of visitors to look back on, as the archive would have kept it."""

import asyncio
import random
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from frontdesk.clock import now_ms
from frontdesk.config import Settings
from frontdesk.demo import store
from frontdesk.demo.guests import guest
from frontdesk.demo.rows import Rows, rows_of
from frontdesk.demo.shifts import ZONES, shifts
from frontdesk.demo.week import MINUTE, Request, Week
from frontdesk.people.rep import Rep
from frontdesk.people.store.reps import all_groups, all_reps
from frontdesk.routing.decisions.compiled import CompiledRules
from frontdesk.routing.owners.owners import OwnerTable
from frontdesk.routing.owners.ownership import Facts
from frontdesk.routing.reps.view import Candidate
from frontdesk.routing.reps.working_hours import hours_of_row
from frontdesk.routing.rule import RuleSet
from frontdesk.routing.rules.rules import stored_rules
from frontdesk.routing.store import fields, hours, versions
from frontdesk.routing.visitors.fields import registry_of
from frontdesk.routing.visitors.situation import situation_of
from frontdesk.storage.engine import Connection, Database

HOW_MANY = 360
"""Visits; some are too close to another one and left out."""
DAYS_MS = 7 * 24 * 60 * MINUTE
APART = 4 * MINUTE
"""Between two requests: nobody is rung for two at once."""
LATEST = 30 * MINUTE
"""Everything is over before the demo begins."""
SEED = 4
_OPEN, _CLOSED, _SATURDAY = 8, 18, 5
Visit = tuple[int, dict[str, Any]]
"""When (ms), and who."""


async def remember(database: Database, settings: Settings) -> None:
    """Writes the week that ends now, under the rules that are live."""
    now, rng = now_ms(), random.Random(SEED)  # noqa: S311 - dice of a play
    async with database.read() as connection:
        reps = await all_reps(connection)
        week = await _week(connection, settings.desk, reps, rng)
        registry = registry_of(await fields.all_fields(connection))
    apart = max(APART, int(settings.wait_seconds * 1000) + MINUTE)
    visits = list(_apart(sorted(_visits(now, rng), key=lambda one: one[0]), apart))
    abouts = [about for _, about in visits]
    owned = await OwnerTable(database).find_all(abouts)
    requests = [
        Request(at, about, Facts(situation_of(about, registry), own))
        for (at, about), own in zip(visits, owned, strict=True)
    ]
    rows = await asyncio.to_thread(_lived, week, reps, requests, now, settings.desk)
    async with database.write() as connection:
        await store.write(connection, rows)


def _lived(
    week: Week, reps: Sequence[Rep], requests: Sequence[Request], now: int, desk: str
) -> Rows:
    steps = {
        rep.id: shifts(ZONES[_host(rep)], now - DAYS_MS, now - MINUTE, week.rng)
        for rep in reps
        if _host(rep) in ZONES
    }
    week.run(steps, requests, now - MINUTE)
    return rows_of(week, {rep.id: rep for rep in reps}, desk)


async def _week(connection: Connection, desk: str, reps: Sequence[Rep], rng: random.Random) -> Week:
    groups = {group.id: group.members for group in await all_groups(connection)}
    clocks = {rep: hours_of_row(row) for rep, row in (await hours.all_hours(connection)).items()}
    registry = registry_of(await fields.all_fields(connection))
    number = await versions.live_number(connection, desk)
    live = await versions.version(connection, desk, number)
    ruleset = stored_rules(live.document) if live else RuleSet.default_rule_set()
    compiled = CompiledRules.of(number, ruleset, registry, groups)
    candidates = [Candidate(rep.id, frozenset(rep.groups), clocks.get(rep.id)) for rep in reps]
    return Week(compiled, candidates, {rep.id: rep.capacity for rep in reps}, rng)


def _visits(now: int, rng: random.Random) -> Iterator[Visit]:
    """Who came when; who has the same address is the same visitor. Most come by day."""
    known: dict[str, str] = {}
    for _ in range(HOW_MANY):
        about = guest(rng)
        if email := about.get("email"):
            about["id"] = known.setdefault(email, about["id"])
        at = rng.randrange(now - DAYS_MS, now - LATEST)
        while rng.random() > _likely(at, about["timezone"]):
            at = rng.randrange(now - DAYS_MS, now - LATEST)
        yield at, about


def _likely(at: int, zone: str) -> float:
    """How likely somebody there is at work at this time."""
    there = datetime.fromtimestamp(at / 1000, ZoneInfo(zone))
    by_hour = 1.0 if _OPEN <= there.hour < _CLOSED else 0.04
    return by_hour * (0.15 if there.weekday() >= _SATURDAY else 1)


def _apart(visits: Sequence[Visit], apart: int) -> Iterator[Visit]:
    """The visits with some time between them, none later than the latest."""
    last = 0
    for at, about in visits:
        if at - last >= apart:
            last = at
            yield at, about


def _host(rep: Rep) -> str:
    return rep.email.partition("@")[0]
