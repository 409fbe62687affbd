"""The audit log (US-3): written in the transaction of the change, never changed afterwards."""

from typing import Any

from msgspec import Struct
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from frontdesk import ids
from frontdesk.storage.tables import audit

SYSTEM = "system"


class AuditLine(Struct, frozen=True):
    """Who changed what on which thing, and the values before and after."""

    id: str
    at: int
    who: str
    what: str
    on: str
    details: dict[str, Any]


async def record(
    connection: AsyncConnection, now: int, who: str, what: str, on: str, **details: object
) -> None:
    """Write one line. `details` must hold no secret: the log is read by many."""
    row = {
        "id": ids.new("a"),
        "at": now,
        "who": who,
        "what": what,
        "on": on,
        "details": details,
    }
    await connection.execute(insert(audit).values(row))


async def newest(connection: AsyncConnection, *, limit: int = 200) -> list[AuditLine]:
    query = select(audit).order_by(audit.c.at.desc(), audit.c.id.desc()).limit(limit)
    return [
        AuditLine(row.id, row.at, row.who, row.what, row.on, row.details)
        for row in await connection.execute(query)
    ]
