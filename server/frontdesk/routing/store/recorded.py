"""What happened, read back from SQL in time order and by pages: requests, presence, decisions.

Pages go by key, so that a page costs the same wherever it is; each is a transaction of its own.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Text, cast, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from frontdesk.routing.store.ledger import was_missed
from frontdesk.storage.tables import conversation, decision, offer_record, presence_record, rep

MOST_IDS = 500
"""Ids asked for in one statement: older SQLite takes 999 parameters."""


class Asked(NamedTuple):
    """A recorded request. `about` is JSON; `rep` claimed it, '' for nobody; `missed` really."""

    at: int
    id: str
    about: str
    rep: str
    missed: bool


class Change(NamedTuple):
    """What a rep's presence became (PR-7). `load` and `capacity` are of that instant."""

    at: int
    rep: str
    seq: int
    state: str
    cause: str
    load: int
    capacity: int


class Looked(NamedTuple):
    """A rep as a recorded decision saw them (RT-12)."""

    rep: str
    eligibility: str
    since: int
    cause: str
    load: int
    capacity: int


BEGINNING = (0, "", 0)
"""Of (time, rep, seq): before the first change of an instant is the same with its time."""

_c = conversation.c
_p = presence_record.c
_CHANGE = (_p.at, _p.rep_id, _p.seq, _p.state, _p.cause, _p.load, _p.capacity)


async def count_requests(connection: AsyncConnection, desk: str, *, since: int, until: int) -> int:
    within = (_c.desk == desk, _c.requested_at >= since, _c.requested_at < until)
    query = select(func.count()).select_from(conversation).where(*within)
    return int((await connection.execute(query)).scalar_one())


async def requests(
    connection: AsyncConnection, desk: str, *, after: tuple[int, str], until: int, limit: int
) -> list[Asked]:
    """The requests behind (time, id), oldest first."""
    query = (
        select(
            _c.requested_at,
            _c.id,
            cast(_c.about, Text),
            _c.rep_id,
            _c.claimed_at.is_not(None),
            was_missed(),
        )
        .where(_c.desk == desk, _c.requested_at < until)
        .where(tuple_(_c.requested_at, _c.id) > tuple_(*after))
        .order_by(_c.requested_at, _c.id)
        .limit(limit)
    )
    rows = (await connection.execute(query)).all()
    return [
        Asked(at, id, about or "{}", (who or "") if claimed else "", bool(missed and not claimed))
        for at, id, about, who, claimed, missed in rows
    ]


async def presence_before(connection: AsyncConnection, at: int) -> list[Change]:
    """Return the last change of each rep before this time."""
    other = presence_record.alias()
    last = select(func.max(other.c.at)).where(other.c.rep_id == rep.c.id, other.c.at < at)
    query = (
        select(*_CHANGE)
        .join_from(rep, presence_record, _p.rep_id == rep.c.id)
        .where(_p.at == last.scalar_subquery())
        .order_by(_p.rep_id, _p.seq)
    )
    found = {row.rep_id: Change(*row) for row in await connection.execute(query)}
    return list(found.values())


async def presence_changes(
    connection: AsyncConnection, *, after: tuple[int, str, int], until: int, limit: int
) -> list[Change]:
    """The changes behind (time, rep, seq) and before `until`, oldest first."""
    query = (
        select(*_CHANGE)
        .where(_p.at >= after[0], _p.at < until)
        .where(tuple_(_p.at, _p.rep_id, _p.seq) > tuple_(*after))
        .order_by(_p.at, _p.rep_id, _p.seq)
        .limit(limit)
    )
    return list(map(Change._make, (await connection.execute(query)).all()))


async def looked_at(
    connection: AsyncConnection, conversations: Sequence[str]
) -> dict[str, list[Looked]]:
    """Return whom the first recorded decision of each conversation looked at, and how they were.

    Decisions are large: ask for some dozens of them at a time.
    """
    d = decision.c
    query = select(d.conversation_id, cast(d.body["considered"], Text)).where(
        d.conversation_id.in_(conversations)
    )
    found: dict[str, list[Looked]] = {}
    for id, considered in await connection.execute(query.order_by(d.at, d.id)):
        found.setdefault(id, [_looked(one) for one in orjson.loads(considered or "[]") or []])
    return found


def _looked(one: dict[str, Any]) -> Looked:
    return Looked(
        str(one.get("rep", "")),
        str(one.get("eligibility", "")),
        one.get("since") or 0,
        one.get("cause") or "",
        one.get("load") or 0,
        one.get("capacity") or 0,
    )


async def rung(
    connection: AsyncConnection, conversations: Sequence[str]
) -> dict[str, frozenset[str]]:
    """Return who was offered each of these conversations."""
    o = offer_record.c
    found: dict[str, set[str]] = {}
    for begin in range(0, len(conversations), MOST_IDS):
        some = conversations[begin : begin + MOST_IDS]
        query = select(o.conversation_id, o.rep_id).where(o.conversation_id.in_(some))
        for id, who in await connection.execute(query):
            found.setdefault(id, set()).add(who)
    return {id: frozenset(reps) for id, reps in found.items()}
