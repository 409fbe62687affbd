"""The desk's own table of owners in SQL (RT-7, RT-9)."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from msgspec import Struct
from sqlalchemy import Row, Select, and_, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from frontdesk.storage.engine import upsert
from frontdesk.storage.tables import owner, rep

MOST_KEYS = 500
"""Keys asked for in one statement: SQLite takes 32,766 parameters, older ones 999."""
_CHANGES = ("rep_id", "rep_email", "name", "record", "system", "updated_at")


class Place(NamedTuple):
    """Where a page of the list ended."""

    key: str
    kind: str


class OwnerRow(Struct, frozen=True):
    """Who owns a person or a company. `rep_id` is None: no rep of ours, or not any more.

    `rep_email` is as imported; it names its rep as soon as there is one with that address.
    """

    id: str
    kind: str
    key: str
    rep_id: str | None
    rep_email: str
    name: str
    record: str
    system: str
    updated_at: int
    active: bool = True


_mine = rep.alias("mine")
_BY = or_(
    _mine.c.id == owner.c.rep_id,
    and_(owner.c.rep_id.is_(None), owner.c.rep_email != "", _mine.c.email == owner.c.rep_email),
)


def _owners() -> Select[Any]:
    return select(owner, _mine.c.id.label("whose"), _mine.c.active).join_from(
        owner, _mine, _BY, isouter=True
    )


async def listed(
    connection: AsyncConnection, words: str, *, after: Place | None, limit: int
) -> list[OwnerRow]:
    """Return a page by key; `words` must occur in key, owner's name or address."""
    query = _owners().where(*_conditions(words))
    if after is not None:
        later = and_(owner.c.key == after.key, owner.c.kind > after.kind)
        query = query.where(or_(owner.c.key > after.key, later))
    rows = await connection.execute(query.order_by(owner.c.key, owner.c.kind).limit(limit))
    return [_row(row) for row in rows]


async def count(connection: AsyncConnection, words: str) -> int:
    query = select(func.count()).select_from(owner).where(*_conditions(words))
    return int((await connection.execute(query)).scalar_one())


async def named(connection: AsyncConnection, keys: Iterable[str]) -> list[OwnerRow]:
    """Return every owner of these keys, of whatever kind."""
    wanted, found = sorted(set(keys)), []
    for begin in range(0, len(wanted), MOST_KEYS):
        query = _owners().where(owner.c.key.in_(wanted[begin : begin + MOST_KEYS]))
        found += [_row(row) for row in await connection.execute(query)]
    return found


async def one(connection: AsyncConnection, kind: str, key: str) -> OwnerRow | None:
    query = _owners().where(owner.c.kind == kind, owner.c.key == key)
    row = (await connection.execute(query)).first()
    return None if row is None else _row(row)


async def by_id(connection: AsyncConnection, id: str) -> OwnerRow | None:
    row = (await connection.execute(_owners().where(owner.c.id == id))).first()
    return None if row is None else _row(row)


class Said(NamedTuple):
    """What is kept of an owner, as an import says it."""

    rep_email: str
    name: str
    record: str
    system: str


async def said(connection: AsyncConnection, keys: Iterable[str]) -> dict[tuple[str, str], Said]:
    """Return what is kept of the owners of these keys, by kind and key."""
    c, wanted = owner.c, sorted(set(keys))
    found: dict[tuple[str, str], Said] = {}
    for begin in range(0, len(wanted), MOST_KEYS):
        query = select(c.kind, c.key, c.rep_email, c.name, c.record, c.system)
        some = query.where(c.key.in_(wanted[begin : begin + MOST_KEYS]))
        found.update(
            ((kind, key), Said(*rest)) for kind, key, *rest in await connection.execute(some)
        )
    return found


async def put(connection: AsyncConnection, rows: Sequence[OwnerRow]) -> None:
    """Add these owners, or change those of their kind and key.

    In the same order whoever puts, so that two at the same time wait for each other only in one
    direction; and some at a time, for the event loop prepares them.
    """
    statement = upsert(connection, owner, update=_CHANGES, key=("kind", "key"))
    ordered = sorted(rows, key=lambda row: (row.kind, row.key))
    for begin in range(0, len(ordered), MOST_KEYS):
        some = [_values(row) for row in ordered[begin : begin + MOST_KEYS]]
        await connection.execute(statement, some)


async def remove(connection: AsyncConnection, id: str) -> None:
    await connection.execute(delete(owner).where(owner.c.id == id))


def _conditions(words: str) -> list[Any]:
    where = (owner.c.key, owner.c.name, owner.c.rep_email)
    return [
        or_(*(column.icontains(word, autoescape=True) for column in where))
        for word in words.split()[:5]
    ]


def _values(row: OwnerRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__struct_fields__ if name != "active"}


def _row(row: Row[*tuple[Any, ...]]) -> OwnerRow:
    return OwnerRow(
        row.id,
        row.kind,
        row.key,
        row.whose,
        row.rep_email,
        row.name,
        row.record,
        row.system,
        row.updated_at,
        bool(row.active),
    )
