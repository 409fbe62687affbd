"""The fairness ledger: offers for the time reps were available, outcomes, drift (RT-15).

Sums are made by the database; of decisions, which are large, only the newest are looked at, a page
at a time and read in a thread.
"""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from msgspec import Struct

from frontdesk.clock import NowMs, now_ms
from frontdesk.errors import FrontdeskError
from frontdesk.people.store.reps import all_reps
from frontdesk.routing.ledger.drift import Drift, Shares, missed_drift
from frontdesk.routing.references import plans
from frontdesk.routing.reps.view import RINGS
from frontdesk.routing.store import ledger as store
from frontdesk.routing.store import versions
from frontdesk.routing.store.ledger import Offers, Outcome, Turn, turn_of
from frontdesk.routing.store.recorded import presence_before
from frontdesk.storage.engine import Connection, Database

MOST_DAYS: Final = 92
DAY_MS: Final = store.DAY_MS
HOUR_MS: Final = 60 * 60 * 1000
MOST_TURNS: Final = 20_000
"""Decisions of round robins that shares are taken from, the newest."""
PAGE: Final = 200
"""Of them at a time: with two hundred reps one has some 20 kB."""
MOST_ROWS: Final = 20_000
"""Of rules by day and region; more of them, and the days are added up."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NONE: Final = Offers("", 0, 0, 0, 0, 0)

Weights = Mapping[str, Mapping[str, float]]
"""Rule id → its weights."""


class FairRep(Struct, frozen=True):
    """What a rep was offered, how long they were available, and offers for an hour of that."""

    rep: str
    available_hours: float
    offered: int
    shown: int
    declined: int
    expired: int
    claimed: int
    per_hour: float


class FairRule(Struct, frozen=True):
    """What became of a rule's requests on a day (UTC), of visitors of a country ('': unknown).
    `day` is '' where days are added up.
    """

    rule: str
    name: str
    day: str
    region: str
    requests: int
    claimed: int
    missed: int


class Fairness(Struct, frozen=True):
    """The ledger of a time. Reps who had neither offers nor hours are left out."""

    reps: list[FairRep]
    rules: list[FairRule]
    drift: list[Drift]


class Ledger:
    """Adds it up when asked; one time span after the other, for it may be heavy."""

    def __init__(self, database: Database, desk: str, *, now: NowMs = now_ms) -> None:
        self._database = database
        self._desk = desk
        self._now = now
        self._one_at_a_time = asyncio.Lock()

    async def of(self, since: int, until: int) -> Fairness:
        """From, until (ms; what is still to come isn't counted). Raises bad_request."""
        _check(since, until)
        until = max(min(until, self._now()), since)
        async with self._one_at_a_time:
            async with self._database.read() as connection:
                reps = await self._reps(connection, since, until)
                now = await self._outcomes(connection, since, until)
                before = await self._outcomes(connection, 2 * since - until, since)
                names = {rep.id: rep.name for rep in await all_reps(connection)}
            shares = await self._shares(since, until)
        drift = [*shares.drift(lambda rep: names.get(rep, rep)), *missed_drift(now, before)]
        return Fairness(reps, _by_day(now), drift)

    async def _outcomes(self, connection: Connection, since: int, until: int) -> list[Outcome]:
        return await store.outcomes(connection, self._desk, since=max(since, 0), until=until)

    async def _reps(self, connection: Connection, since: int, until: int) -> list[FairRep]:
        offers = await store.offers(connection, self._desk, since=since, until=until)
        available = await _available(connection, since, until)
        by_rep = {one.rep: one for one in offers}
        return [
            _fair(by_rep.get(rep, _NONE), rep, available.get(rep, 0) / HOUR_MS)
            for rep in sorted({*by_rep, *available})
        ]

    async def _shares(self, since: int, until: int) -> Shares:
        shares, weights = Shares(), dict[int, Weights]()
        before, seen = (until, ""), 0
        while seen < MOST_TURNS:
            async with self._database.read() as connection:
                rows = await store.turns(
                    connection, self._desk, since=since, before=before, limit=PAGE
                )
                turns = await asyncio.to_thread(_read, rows)
                for number in {turn.ruleset for turn in turns} - weights.keys():
                    found = await versions.version(connection, self._desk, number)
                    weights[number] = _weights(found.document if found else {})
            for turn in turns:
                shares.add(turn, weights[turn.ruleset].get(turn.rule, {}))
            if len(rows) < PAGE:
                break
            before, seen = (turns[-1].at, turns[-1].id), seen + len(rows)
        return shares


def _check(since: int, until: int) -> None:
    if since >= until:
        raise FrontdeskError("bad_request", "`from` must be before `to`.")
    if until - since > MOST_DAYS * DAY_MS:
        raise FrontdeskError("bad_request", f"At most {MOST_DAYS} days at a time.")


async def _available(connection: Connection, since: int, until: int) -> dict[str, int]:
    """Milliseconds of each rep who was available at all."""
    found = await store.available(connection, tuple(RINGS), since=since, until=until)
    first = {one.rep: one.first_at for one in found}
    total = {one.rep: one.milliseconds for one in found}
    for held in await presence_before(connection, since):
        if held.state in RINGS:
            lasted = first.get(held.rep, until) - since
            total[held.rep] = total.get(held.rep, 0) + lasted
    return {rep: lasted for rep, lasted in total.items() if lasted > 0}


def _fair(offers: Offers, rep: str, hours: float) -> FairRep:
    return FairRep(
        rep=rep,
        available_hours=round(hours, 2),
        offered=offers.offered,
        shown=offers.shown,
        declined=offers.declined,
        expired=offers.expired,
        claimed=offers.claimed,
        per_hour=round(offers.offered / hours, 2) if hours else 0.0,
    )


def _by_day(outcomes: list[Outcome]) -> list[FairRule]:
    """Each day; of a great many the sum."""
    if len(outcomes) <= MOST_ROWS:
        return [_fair_rule(one, _day(one.day)) for one in outcomes]
    sums: dict[tuple[str, str], Outcome] = {}
    for one in outcomes:
        was = sums.get((one.rule, one.region), one._replace(requests=0, claimed=0, missed=0))
        sums[one.rule, one.region] = was._replace(
            requests=was.requests + one.requests,
            claimed=was.claimed + one.claimed,
            missed=was.missed + one.missed,
        )
    return [_fair_rule(one, "") for one in sums.values()]


def _fair_rule(one: Outcome, day: str) -> FairRule:
    return FairRule(
        one.rule, one.name or one.rule, day, one.region, one.requests, one.claimed, one.missed
    )


def _day(number: int) -> str:
    return (_EPOCH + timedelta(days=number)).date().isoformat()


def _read(rows: Iterable[tuple[Any, ...]]) -> list[Turn]:
    return [turn_of(row) for row in rows]


def _weights(document: Mapping[str, Any]) -> Weights:
    return {
        str(plan.get("id", "default")): plan["weights"]
        for plan in plans(document)
        if plan.get("weights")
    }
