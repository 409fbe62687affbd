"""The rows of one person, as they are, for an export."""

from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import RowMapping, Table, Text, cast, select
from sqlalchemy.ext.asyncio import AsyncConnection

from frontdesk.storage.engine import Database
from frontdesk.storage.tables import (
    conversation,
    dead_event,
    decision,
    entry,
    offer_record,
    visitor,
)

PAGE = 500
Row = dict[str, Any]


def plain(row: RowMapping) -> Row:
    """A row for a codec, which takes no names that are more than texts."""
    return {str(name): value for name, value in row.items()}


async def visitor_row(connection: AsyncConnection, id: str) -> Row:
    """{} if they never had a conversation."""
    row = (await connection.execute(select(visitor).where(visitor.c.id == id))).mappings().first()
    return plain(row) if row else {}


async def conversation_row(connection: AsyncConnection, id: str) -> Row:
    """{} if it was erased or let go meanwhile."""
    query = select(conversation).where(conversation.c.id == id)
    row = (await connection.execute(query)).mappings().first()
    return plain(row) if row else {}


async def decisions(connection: AsyncConnection, id: str) -> list[Row]:
    """How it was routed, oldest first."""
    return await _of(connection, decision, id)


async def offers(connection: AsyncConnection, id: str) -> list[Row]:
    """Who was rung, oldest first."""
    return await _of(connection, offer_record, id)


async def entries(database: Database, id: str) -> AsyncIterator[Row]:
    """What was said and happened, in order, by pages that are transactions of their own."""
    after = (-1, "")
    e = entry.c
    while True:
        query = select(entry).where(
            e.conversation_id == id,
            (e.offset > after[0]) | ((e.offset == after[0]) & (e.epoch > after[1])),
        )
        async with database.read() as connection:
            page = await connection.execute(query.order_by(e.offset, e.epoch).limit(PAGE))
            rows = [plain(row) for row in page.mappings()]
        for row in rows:
            yield row
        if len(rows) < PAGE:
            return
        after = (rows[-1]["offset"], rows[-1]["epoch"])


async def dead_events(connection: AsyncConnection, name: str) -> list[Row]:
    """Events of this visitor or conversation that could not be archived."""
    held = cast(dead_event.c.body, Text).contains(name, autoescape=True)
    rows = await connection.execute(select(dead_event).where(held).order_by(dead_event.c.at))
    return [plain(row) for row in rows.mappings()]


async def _of(connection: AsyncConnection, table: Table, id: str) -> list[Row]:
    query = select(table).where(table.c.conversation_id == id).order_by(table.c.at)
    return [plain(row) for row in (await connection.execute(query)).mappings()]
