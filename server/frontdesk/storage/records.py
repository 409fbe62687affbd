"""Reading archived conversations: the list with its search, the entries, the routing decision.

The archiver writes these rows a moment after the live state; what is live is asked in Redis.
Search is `LIKE`: it needs no index that SQLite and PostgreSQL would have to share, stays fast on
the newest conversations, which are read first, and is case-blind for ASCII alone on SQLite.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from frontdesk.storage.tables import conversation, decision, entry, offer_record, rep, visitor

Document: TypeAlias = dict[str, Any]
SAID = ("message", "left")
MOST_DECISIONS = 50


class Place(NamedTuple):
    """Where a page of the list ended: the next one begins after it."""

    requested_at: int
    id: str


class Wanted(NamedTuple):
    """What to list; empty text means any."""

    desk: str = ""
    state: str = ""
    rep_id: str = ""
    visitor_id: str = ""
    words: str = ""


class Record(NamedTuple):
    """A conversation as archived; `text` are the newest words said. Times are milliseconds."""

    id: str
    state: str
    visitor: Document | None
    rep: Document | None
    requested_at: int
    claimed_at: int | None
    ended_at: int | None
    closed_by: str | None
    why: str | None
    email: str | None
    text: str = ""


async def listed(
    connection: AsyncConnection, wanted: Wanted, *, after: Place | None = None, limit: int = 50
) -> list[Record]:
    """Return conversations, newest request first."""
    query = _conversations().where(*_conditions(wanted))
    if after is not None:
        query = query.where(_is_after(after))
    newest = (conversation.c.requested_at.desc(), conversation.c.id.desc())
    rows = (await connection.execute(query.order_by(*newest).limit(limit))).all()
    texts = await _newest_words(connection, [row.id for row in rows])
    return [_record(row, texts.get(row.id, "")) for row in rows]


async def one(connection: AsyncConnection, id: str) -> Record | None:
    query = _conversations().where(conversation.c.id == id)
    row = (await connection.execute(query)).first()
    if row is None:
        return None
    return _record(row, (await _newest_words(connection, [id])).get(id, ""))


async def entries(
    connection: AsyncConnection, id: str, *, before: int = 0, limit: int = 1000
) -> list[Document]:
    """Return the newest entries (below offset `before`, if given), oldest first.

    As on the wire, but for `at`, which is in milliseconds.
    """
    query = select(entry, *_PERSON).join_from(entry, rep, rep.c.id == entry.c.rep_id, isouter=True)
    query = query.where(entry.c.conversation_id == id)
    if before:
        query = query.where(entry.c.offset < before)
    query = query.order_by(entry.c.offset.desc(), entry.c.at.desc()).limit(limit)
    rows = (await connection.execute(query)).all()
    return [_entry(row) for row in reversed(rows)]


class Routed(NamedTuple):
    """One decision of a conversation, as recorded (RT-12), and who was rung under it.

    `ended`: by what, `type` (claimed, missed, closed; decided: the next decision), `at` and `why`.
    `kept`: who was rung under an earlier one, and went on ringing under this.
    """

    at: int
    version: str
    body: Document
    offers: list[Document]
    ended: Document | None = None
    kept: Sequence[Document] = ()


async def decisions(
    connection: AsyncConnection, id: str, *, limit: int = MOST_DECISIONS
) -> list[Routed]:
    """Return how the conversation was routed, oldest first; of many the newest."""
    query = select(decision).where(decision.c.conversation_id == id)
    newest = query.order_by(decision.c.at.desc(), decision.c.id.desc()).limit(limit)
    rows = [*reversed((await connection.execute(newest)).all())]
    rung = select(offer_record, *_PERSON).join_from(
        offer_record, rep, rep.c.id == offer_record.c.rep_id, isouter=True
    )
    rung = rung.where(offer_record.c.conversation_id == id).order_by(offer_record.c.at)
    offers = [_offer(offer) for offer in await connection.execute(rung)]
    found = await _ends(connection, id)
    ends = [*(row.at for row in rows[1:]), math.inf]  # each ends when the next begins
    return [
        Routed(
            row.at, row.version, row.body, [o for o in offers if row.at <= o["at"] < end],
            _ended(found, row.at, end), [o for o in offers if _rang_on(o, row.at)],
        )
        for row, end in zip(rows, ends, strict=False)
    ]  # fmt: skip


def _rang_on(offer: Document, at: int) -> bool:
    """It began before that instant, which didn't end it."""
    return bool(offer["at"] < at and (offer["ended_at"] is None or offer["ended_at"] > at))


async def _ends(connection: AsyncConnection, id: str) -> list[Document]:
    """What may have ended a request of the conversation, in its order."""
    query = select(entry.c.type, entry.c.at, entry.c.body).where(
        entry.c.conversation_id == id, entry.c.type.in_(("claimed", "missed", "closed"))
    )
    rows = await connection.execute(query.order_by(entry.c.at, entry.c.offset))
    return [{"type": row.type, "at": row.at, "why": row.body.get("why", "")} for row in rows]


def _ended(ends: list[Document], begin: int, end: float) -> Document | None:
    for one in ends:
        if begin <= one["at"] < end:
            return one
    return None if end == math.inf else {"type": "decided", "at": end, "why": ""}


async def names_of(connection: AsyncConnection) -> dict[str, str]:
    """Return every rep's name."""
    return {row.id: row.name for row in await connection.execute(select(rep.c.id, rep.c.name))}


_PERSON = (
    rep.c.id.label("person_id"),
    rep.c.name.label("person_name"),
    rep.c.picture.label("person_picture"),
)


def _conversations() -> Select[Any]:
    return (
        select(conversation, *_PERSON)
        .join_from(conversation, rep, rep.c.id == conversation.c.rep_id, isouter=True)
        .join(visitor, visitor.c.id == conversation.c.visitor_id, isouter=True)
    )


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    pairs = (
        (conversation.c.desk, wanted.desk),
        (conversation.c.state, wanted.state),
        (conversation.c.rep_id, wanted.rep_id),
        (conversation.c.visitor_id, wanted.visitor_id),
    )
    conditions: list[ColumnElement[bool]] = [column == value for column, value in pairs if value]
    conditions.extend(_mentions(word) for word in wanted.words.split()[:5])
    return conditions


def _mentions(word: str) -> ColumnElement[bool]:
    """The visitor's name or address, or something that was said, contains the word."""
    where = (
        visitor.c.name,
        visitor.c.email,
        conversation.c.email,
        conversation.c.about["name"].as_string(),
        conversation.c.about["email"].as_string(),
        conversation.c.about["company"].as_string(),
    )
    said = (
        select(entry.c.offset)
        .where(entry.c.conversation_id == conversation.c.id, entry.c.type.in_(SAID))
        .where(entry.c.body["text"].as_string().icontains(word, autoescape=True))
    )
    return or_(*(column.icontains(word, autoescape=True) for column in where), said.exists())


def _is_after(place: Place) -> ColumnElement[bool]:
    same_time = and_(
        conversation.c.requested_at == place.requested_at, conversation.c.id < place.id
    )
    return or_(conversation.c.requested_at < place.requested_at, same_time)


async def _newest_words(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, str]:
    if not ids:
        return {}
    said = and_(entry.c.conversation_id.in_(ids), entry.c.type.in_(SAID))
    last = (
        select(entry.c.conversation_id, func.max(entry.c.offset).label("offset"))
        .where(said)
        .group_by(entry.c.conversation_id)
        .subquery()
    )
    query = select(entry.c.conversation_id, entry.c.body).join(
        last,
        and_(last.c.conversation_id == entry.c.conversation_id, last.c.offset == entry.c.offset),
    )
    rows = await connection.execute(query.where(entry.c.type.in_(SAID)))
    return {row.conversation_id: str(row.body.get("text", ""))[:500] for row in rows}


def _record(row: Row[*tuple[Any, ...]], text: str) -> Record:
    about = {"id": row.visitor_id, **row.about} if row.about else {"id": row.visitor_id}
    return Record(
        id=row.id,
        state=row.state,
        visitor=about,
        rep=_person(row),
        requested_at=row.requested_at,
        claimed_at=row.claimed_at,
        ended_at=row.ended_at,
        closed_by=row.closed_by,
        why=row.why,
        email=row.email,
        text=text,
    )


def _person(row: Row[*tuple[Any, ...]]) -> Document | None:
    if row.person_id is None:
        return None
    return {"id": row.person_id, "name": row.person_name, "picture": row.person_picture}


def _entry(row: Row[*tuple[Any, ...]]) -> Document:
    whole = {
        **row.body,
        "type": row.type,
        "conversation": row.conversation_id,
        "epoch": row.epoch,
        "offset": row.offset,
        "at": row.at,
    }
    if row.type == "message":
        whole.setdefault("from", row.sender)
    person = _person(row)
    if person is not None:
        whole.setdefault("rep", person)
    return whole


def _offer(row: Row[*tuple[Any, ...]]) -> Document:
    return {
        "rep": _person(row) or {"id": row.rep_id, "name": ""},
        "at": row.at,
        "seen_at": row.seen_at,
        "outcome": row.outcome,
        "ended_at": row.ended_at,
    }
