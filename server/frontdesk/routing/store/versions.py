"""Rule sets in SQL: the versions, which one is live, the draft, who is editing (RT-16).

Two who write at the same time are told apart by one statement each: a draft is changed only under
the revision it was read with, and the number of the live version is counted up in its own row.
"""

from collections.abc import Sequence
from typing import Any

import orjson
from msgspec import Struct
from sqlalchemy import Row, Text, and_, case, cast, delete, insert, null, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from frontdesk.storage.engine import upsert
from frontdesk.storage.tables import (
    rep,
    routing_draft,
    routing_editor,
    routing_live,
    routing_version,
)

Document = dict[str, Any]
Written = Document | orjson.Fragment
"""A document, or one that is written already."""


class Version(Struct, frozen=True):
    """A published rule set. `by` is a rep id or "system"; `at` in ms."""

    number: int
    by: str
    at: int
    note: str
    document: Document


class Heading(Struct, frozen=True):
    """A version without its rules."""

    number: int
    by: str
    at: int
    note: str


class Draft(Struct, frozen=True):
    """The draft, or (without a document) that there is none. `revision` goes on in both cases."""

    base: int
    revision: int
    by: str
    at: int
    document: Document | None


class DraftHeading(Struct, frozen=True):
    """The draft without its rules. `number` is its revision."""

    number: int
    base: int
    by: str
    at: int


class Editing(Struct, frozen=True):
    """A rep who has the editor open, and when they last said so."""

    id: str
    name: str
    at: int


NO_DRAFT = Draft(0, 0, "", 0, None)
_HEADING = (
    routing_version.c.number,
    routing_version.c.by,
    routing_version.c.at,
    routing_version.c.note,
)


async def live_number(connection: AsyncConnection, desk: str) -> int:
    """Return the number of the live version; 0 before the first one."""
    query = select(routing_live.c.number).where(routing_live.c.desk == desk)
    return int((await connection.execute(query)).scalar() or 0)


async def version(connection: AsyncConnection, desk: str, number: int) -> Version | None:
    query = select(*_HEADING, routing_version.c.document).where(
        routing_version.c.desk == desk, routing_version.c.number == number
    )
    row = (await connection.execute(query)).first()
    if row is None:
        return None
    return Version(row.number, row.by, row.at, row.note, row.document)


async def version_text(
    connection: AsyncConnection, desk: str, number: int
) -> tuple[Heading, bytes]:
    """Return a version that there is, with its document as it is written."""
    text = cast(routing_version.c.document, Text)
    query = select(*_HEADING, text).where(
        routing_version.c.desk == desk, routing_version.c.number == number
    )
    found, by, at, note, document = (await connection.execute(query)).one()
    return Heading(found, by, at, note), document.encode()


async def rules_text(connection: AsyncConnection, desk: str, number: int) -> bytes | None:
    """Return a version's document as it is written."""
    query = select(cast(routing_version.c.document, Text)).where(
        routing_version.c.desk == desk, routing_version.c.number == number
    )
    text: str | None = (await connection.execute(query)).scalar()
    return None if text is None else text.encode()


async def headings(
    connection: AsyncConnection, desk: str, *, before: int, limit: int
) -> list[Heading]:
    """Return versions below `before` (0: all), newest first."""
    query = select(*_HEADING).where(routing_version.c.desk == desk)
    if before:
        query = query.where(routing_version.c.number < before)
    rows = await connection.execute(query.order_by(routing_version.c.number.desc()).limit(limit))
    return [Heading(row.number, row.by, row.at, row.note) for row in rows]


async def draft(connection: AsyncConnection, desk: str) -> Draft:
    query = select(routing_draft).where(routing_draft.c.desk == desk)
    row = (await connection.execute(query)).first()
    return NO_DRAFT if row is None else _draft(row)


async def draft_text(connection: AsyncConnection, desk: str) -> tuple[DraftHeading, bytes | None]:
    """Return the draft with its document as it is written, if there is one."""
    c = routing_draft.c
    query = select(c.revision, c.base, c.by, c.at, cast(c.document, Text)).where(c.desk == desk)
    row = (await connection.execute(query)).first()
    if row is None:
        return DraftHeading(0, 0, "", 0), None
    *heading, text = row
    return DraftHeading(*heading), None if text is None else text.encode()


async def revision(connection: AsyncConnection, desk: str) -> int:
    """Return the draft's revision, which goes on where there is no draft."""
    query = select(routing_draft.c.revision).where(routing_draft.c.desk == desk)
    return int((await connection.execute(query)).scalar() or 0)


async def save_draft(
    connection: AsyncConnection,
    desk: str,
    revision: int,
    document: Written,
    *,
    base: int,
    by: str,
    at: int,
) -> int | None:
    """Replace the draft of this revision and return the new one; None if it is another by now.

    `base` counts only where there was no draft.
    """
    c = routing_draft.c
    changed = (
        update(routing_draft)
        .where(c.desk == desk, c.revision == revision)
        .values(
            base=case((c.document.is_(null()), base), else_=c.base),
            revision=c.revision + 1,
            document=document,
            by=by,
            at=at,
        )
        .returning(c.revision)
    )
    if revision:
        found: int | None = (await connection.execute(changed)).scalar()
        return found
    row = {"desk": desk, "base": base, "revision": 1, "document": document, "by": by, "at": at}
    added = upsert(connection, routing_draft, row).returning(c.revision)
    first: int | None = (await connection.execute(added)).scalar()
    return first


async def discard_draft(
    connection: AsyncConnection, desk: str, revision: int, *, by: str, at: int
) -> bool:
    """Remove the draft of this revision; False if it is another by now, or none."""
    c = routing_draft.c
    gone = (
        update(routing_draft)
        .where(c.desk == desk, c.revision == revision, c.document.is_not(null()))
        .values(document=null(), revision=c.revision + 1, by=by, at=at)
    )
    return (await connection.execute(gone)).rowcount == 1


async def add_version(
    connection: AsyncConnection, desk: str, document: Written, *, note: str, by: str, at: int
) -> int:
    """Add a version, make it the live one, and return its number.

    Whoever publishes waits here for whoever publishes at the same time: the live row is locked.
    """
    none_yet = {"desk": desk, "number": 0, "by": by, "at": at}
    await connection.execute(upsert(connection, routing_live, none_yet))
    live = update(routing_live).where(routing_live.c.desk == desk)
    counted = live.values(number=routing_live.c.number + 1, by=by, at=at)
    number: int = (await connection.execute(counted.returning(routing_live.c.number))).scalar_one()
    row = {
        "desk": desk,
        "number": number,
        "document": document,
        "note": note,
        "by": by,
        "at": at,
    }
    await connection.execute(insert(routing_version).values(row))
    return number


async def say_editing(connection: AsyncConnection, desk: str, rep_id: str, at: int) -> None:
    row = {"desk": desk, "rep_id": rep_id, "at": at}
    await connection.execute(upsert(connection, routing_editor, row, update=["at"]))


async def editing(connection: AsyncConnection, desk: str, since: int) -> Sequence[Editing]:
    """Return who said since then that they edit, by name; forget the others."""
    c = routing_editor.c
    query = (
        select(c.rep_id, rep.c.name, c.at)
        .join_from(routing_editor, rep, rep.c.id == c.rep_id)
        .where(c.desk == desk, c.at >= since)
        .order_by(rep.c.name, c.rep_id)
    )
    return [Editing(row.rep_id, row.name, row.at) for row in await connection.execute(query)]


async def forget_editing(connection: AsyncConnection, desk: str, before: int) -> None:
    c = routing_editor.c
    await connection.execute(delete(routing_editor).where(and_(c.desk == desk, c.at < before)))


async def names(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, str]:
    """Return the names of these reps."""
    query = select(rep.c.id, rep.c.name).where(rep.c.id.in_(set(ids)))
    return {row.id: row.name for row in await connection.execute(query)}


def _draft(row: Row[*tuple[Any, ...]]) -> Draft:
    return Draft(row.base, row.revision, row.by, row.at, row.document)
