"""Sums over offers, presence and outcomes, made by the database (RT-15)."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson
from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from frontdesk.storage.tables import (
    conversation,
    decision,
    entry,
    erased_offer,
    erased_request,
    offer_record,
    presence_record,
)

DAY_MS = 24 * 60 * 60 * 1000

_c = conversation.c
_d = decision.c
_o = offer_record.c


class Offers(NamedTuple):
    """What a rep was offered, and what became of it."""

    rep: str
    offered: int
    shown: int
    declined: int
    expired: int
    claimed: int


class Available(NamedTuple):
    """Since when changes of a rep's presence were recorded in a time, and how long of the time
    after that they were available; both in ms.
    """

    rep: str
    first_at: int
    milliseconds: int


class Outcome(NamedTuple):
    """What became of a rule's requests, of one region on one day (days since 1970, UTC)."""

    rule: str
    name: str
    region: str
    day: int
    requests: int
    claimed: int
    missed: int


class Turn(NamedTuple):
    """Who was rung first of a round robin, and who could have been. `ruleset` is its version."""

    at: int
    id: str
    ruleset: int
    rule: str
    name: str
    strategy: str
    able: tuple[str, ...]
    rung: tuple[str, ...]


async def offers(connection: AsyncConnection, desk: str, *, since: int, until: int) -> list[Offers]:
    """Sums of the offers of a time, by rep; with those of erased conversations, by whole days."""
    query = _offers(_c.desk == desk, _o.at >= since, _o.at < until)
    found = [Offers(*row) for row in await connection.execute(query.group_by(_o.rep_id))]
    k = erased_offer.c
    kept = select(
        k.rep_id, *map(func.sum, (k.offered, k.shown, k.declined, k.expired, k.claimed))
    ).where(*_of_days(erased_offer, desk, since, until))
    left = [Offers(*row) for row in await connection.execute(kept.group_by(k.rep_id))]
    sums: dict[str, Offers] = {}
    for one in (*found, *left):
        was = sums.get(one.rep)
        added = (int(a) + int(b) for a, b in zip(one[1:], was[1:], strict=True)) if was else one[1:]
        sums[one.rep] = Offers(one.rep, *map(int, added))
    return list(sums.values())


async def offers_of(
    connection: AsyncConnection, desk: str, conversations: Sequence[str]
) -> list[tuple[int, Offers]]:
    """The offers of these, by day (since 1970, UTC) and rep."""
    day = (_o.at // DAY_MS).label("day")
    query = _offers(_c.desk == desk, _o.conversation_id.in_(conversations)).add_columns(day)
    rows = await connection.execute(query.group_by(_o.rep_id, day))
    return [(int(at), Offers(rep, *map(int, sums))) for rep, *sums, at in rows]


def _offers(*conditions: ColumnElement[bool]) -> Select[Any]:
    ends = [func.sum(case((_o.outcome == end, 1), else_=0)) for end in
            ("declined", "expired", "claimed")]  # fmt: skip
    return (
        select(_o.rep_id, func.count(), func.count(_o.seen_at), *ends)
        .join_from(offer_record, conversation, _c.id == _o.conversation_id)
        .where(*conditions)
    )


def _of_days(table: Table, desk: str, since: int, until: int) -> tuple[ColumnElement[bool], ...]:
    """Counts of erased conversations are kept by days, so a day belongs to a time as a whole."""
    return (
        table.c.desk == desk,
        table.c.day >= since // DAY_MS * DAY_MS,
        table.c.day < until,
    )


async def available(
    connection: AsyncConnection, states: Sequence[str], *, since: int, until: int
) -> list[Available]:
    """How long each rep was in one of these states, from their first change of this time on."""
    p = presence_record.c
    following = func.lead(p.at).over(partition_by=p.rep_id, order_by=(p.at, p.seq))
    spans = (
        select(p.rep_id, p.at, p.state, following.label("following"))
        .where(p.at >= since, p.at < until)
        .subquery()
    )
    lasted = func.coalesce(spans.c.following, literal(until)) - spans.c.at
    counted = func.sum(case((spans.c.state.in_(states), lasted), else_=0))
    query = select(spans.c.rep_id, func.min(spans.c.at), counted).group_by(spans.c.rep_id)
    rows = await connection.execute(query)
    return [Available(rep, first_at, int(total)) for rep, first_at, total in rows]


def was_missed() -> ColumnElement[bool]:
    """Nobody came (RT-6), whether or not the conversation was closed afterwards."""
    given_up = (
        select(entry.c.offset)
        .where(entry.c.conversation_id == _c.id, entry.c.type == "missed")
        .exists()
    )
    return and_(_c.claimed_at.is_(None), or_(_c.state == "missed", given_up))


async def outcomes(
    connection: AsyncConnection, desk: str, *, since: int, until: int
) -> list[Outcome]:
    """Sums of the requests of a time, by the rule of their first decision, country and day; with
    those of erased conversations, by whole days.
    """
    within = (_c.desk == desk, _c.requested_at >= since, _c.requested_at < until)
    k = erased_request.c
    kept = select(k.rule, k.name, k.region, k.day // DAY_MS, k.requests, k.claimed, k.missed).where(
        *_of_days(erased_request, desk, since, until)
    )
    left = [Outcome(*row) for row in await connection.execute(kept)]
    found = await _outcomes(connection, *within)
    return _summed([*found, *left]) if left else found


async def outcomes_of(
    connection: AsyncConnection, desk: str, conversations: Sequence[str]
) -> list[Outcome]:
    """The same sums of these conversations."""
    return await _outcomes(connection, _c.desk == desk, _c.id.in_(conversations))


def _summed(outcomes: Sequence[Outcome]) -> list[Outcome]:
    sums: dict[tuple[int, str, str], Outcome] = {}
    for one in outcomes:
        key = (one.day, one.rule, one.region)
        was = sums.get(key, one._replace(requests=0, claimed=0, missed=0))
        sums[key] = was._replace(
            requests=was.requests + one.requests,
            claimed=was.claimed + one.claimed,
            missed=was.missed + one.missed,
        )
    return [sums[key] for key in sorted(sums)]


async def _outcomes(connection: AsyncConnection, *conditions: ColumnElement[bool]) -> list[Outcome]:
    again = decision.alias()
    first = (
        select(again.c.id)
        .where(again.c.conversation_id == _c.id)
        .order_by(again.c.at, again.c.id)
        .limit(1)
        .scalar_subquery()
    )
    missed = was_missed()
    each = (
        select(
            func.coalesce(_d.body["rule"].as_string(), "").label("rule"),
            func.coalesce(_d.body["name"].as_string(), "").label("name"),
            func.coalesce(_c.about[("location", "country")].as_string(), "").label("region"),
            (_c.requested_at // DAY_MS).label("day"),
            case((_c.claimed_at.is_not(None), 1), else_=0).label("claimed"),
            case((missed, 1), else_=0).label("missed"),
        )
        .join_from(conversation, decision, _d.id == first)
        .where(*conditions)
        .subquery()
    )
    e = each.c
    query = select(
        e.rule, func.max(e.name), e.region, e.day, func.count(), func.sum(e.claimed),
        func.sum(e.missed),
    ).group_by(e.rule, e.region, e.day)  # fmt: skip
    rows = await connection.execute(query.order_by(e.day, e.rule, e.region))
    return [
        Outcome(rule, name, region, int(day), int(asked), int(claimed), int(missed_))
        for rule, name, region, day, asked, claimed, missed_ in rows
    ]


async def turns(
    connection: AsyncConnection, desk: str, *, since: int, before: tuple[int, str], limit: int
) -> list[tuple[Any, ...]]:
    """The decisions before (time, id) that rang one of a rule's targets in rotation or by chance,
    newest first, as `turn_of` reads them.
    """
    of_desk = (
        select(_c.id).where(_c.id == _d.conversation_id, _c.desk == desk).correlate(decision)
    ).exists()
    query = (
        select(
            _d.at,
            _d.id,
            _d.body["ruleset"].as_integer(),
            _d.body["rule"].as_string(),
            _d.body["name"].as_string(),
            _d.body["strategy"].as_string(),
            cast(_d.body["considered"], Text),
            cast(_d.body[("stages", 0, "reps")], Text),
            cast(_d.body["outcomes"], Text),
        )
        .where(_d.at >= since, _d.at <= before[0])
        .where(or_(_d.at < before[0], _d.id < before[1]))
        .where(of_desk)  # no join: the database must go by the time of decisions, page for page
        .where(_d.body["strategy"].as_string().in_(("rotation", "random")))
        .where(_d.body[("stages", 0, "kind")].as_string() == "targets")
        .order_by(_d.at.desc(), _d.id.desc())
        .limit(limit)
    )
    return [tuple(row) for row in await connection.execute(query)]


def turn_of(row: tuple[Any, ...]) -> Turn:
    """One decision of `turns`. Who was eligible and asked could have been rung."""
    at, id, ruleset, rule, name, strategy, considered, asked, came = row
    reps = frozenset(orjson.loads(asked or "[]") or ())
    able = [
        one["rep"]
        for one in orjson.loads(considered or "[]") or ()
        if one.get("eligibility") == "eligible" and one.get("rep") in reps
    ]
    rung = [rep for rep, end in (orjson.loads(came or "{}") or {}).items() if end == "rung"]
    return Turn(at, id, ruleset or 0, rule, name or "", strategy, tuple(able), tuple(rung))
