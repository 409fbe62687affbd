"""Writes the demo company's past into the archive's tables."""

from sqlalchemy import insert

from frontdesk.demo.rows import Rows
from frontdesk.storage.engine import Connection
from frontdesk.storage.tables import (
    conversation,
    decision,
    entry,
    offer_record,
    presence_record,
    visitor,
)


async def write(connection: Connection, rows: Rows) -> None:
    """All of it, one statement a table."""
    for table, some in (
        (visitor, list(rows.visitors.values())),
        (conversation, rows.conversations),
        (entry, rows.entries),
        (decision, rows.decisions),
        (offer_record, rows.offers),
        (presence_record, rows.presence),
    ):
        if some:
            await connection.execute(insert(table), some)
