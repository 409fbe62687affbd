"""Which visitors gave an address: in a field, in the form of a missed request, or written.

It looks at every row (nothing is indexed by what texts say); SQL sorts out, Python looks at whole
addresses. On a million conversations that may take a minute (an estimate), in one reading
transaction.
"""

from collections import defaultdict
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from frontdesk.privacy.store.reading import plain
from frontdesk.privacy.subject import Subject
from frontdesk.storage.tables import conversation, entry, owner, visitor

Places = dict[str, set[str]]
"""Visitor → where they gave it: fields, left, written."""

_c, _e, _v = conversation.c, entry.c, visitor.c


async def visitors_of(connection: AsyncConnection, desk: str, subject: Subject) -> Places:
    """Visitors of an address, or the one visitor, if there is anything of them."""
    found: Places = defaultdict(set)
    if not subject.is_email:
        await _one(connection, desk, subject.text, found)
        return found
    await _fields(connection, subject, found)
    await _conversations(connection, desk, subject, found)
    await _written(connection, desk, subject, found)
    return found


async def _one(connection: AsyncConnection, desk: str, id: str, found: Places) -> None:
    known = select(_v.id).where(_v.id == id)
    talked = select(_c.id).where(_c.visitor_id == id, _c.desk == desk).limit(1)
    for query in (known, talked):
        if (await connection.execute(query)).first() is not None:
            found[id].add("id")


async def _fields(connection: AsyncConnection, subject: Subject, found: Places) -> None:
    query = select(_v.id, _v.email, _v.name, _v.fields).where(
        _names(subject, _v.email, _v.name, _v.fields)
    )
    for id, *told in await connection.execute(query):
        if subject.is_in(told):
            found[id].add("fields")


async def _conversations(
    connection: AsyncConnection, desk: str, subject: Subject, found: Places
) -> None:
    query = select(_c.visitor_id, _c.email, _c.about).where(
        _c.desk == desk, _names(subject, _c.email, _c.about)
    )
    for id, email, about in await connection.execute(query):
        if subject.is_in(email):
            found[id].add("left")
        if subject.is_in(about):
            found[id].add("fields")


async def _written(connection: AsyncConnection, desk: str, subject: Subject, found: Places) -> None:
    query = (
        select(_c.visitor_id, _e.type, _e.body)
        .join_from(entry, conversation, _c.id == _e.conversation_id)
        .where(_c.desk == desk, or_(_e.sender == "visitor", _e.type == "left"))
        .where(_names(subject, _e.body))
    )
    for id, kind, body in await connection.execute(query):
        if subject.is_in(body):
            found[id].add("left" if kind == "left" else "written")


async def conversations_of(
    connection: AsyncConnection, visitor: str, *, after: str = "", limit: int = 1_000_000
) -> list[str]:
    """Ids of a visitor's archived conversations, in their order, behind `after`."""
    query = select(_c.id).where(_c.visitor_id == visitor, _c.id > after).order_by(_c.id)
    return list((await connection.execute(query.limit(limit))).scalars())


async def owners_of(connection: AsyncConnection, subject: Subject) -> list[dict[str, Any]]:
    """Rows of the table of owners that are about this address."""
    if not subject.is_email:
        return []
    query = select(owner).where(owner.c.key.in_(subject.spellings)).order_by(owner.c.kind)
    return [plain(row) for row in (await connection.execute(query)).mappings()]


def _names(subject: Subject, *columns: ColumnElement[Any]) -> ColumnElement[bool]:
    texts = [func.lower(cast(column, Text)) for column in columns]
    return or_(
        *(text.contains(one, autoescape=True) for text in texts for one in subject.spellings)
    )
