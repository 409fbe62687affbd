"""The history of reps' presence in SQL (PR-7); the archiver writes it."""

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from frontdesk.storage.tables import presence_record


class Moment(Struct, frozen=True):
    """What a rep's presence became at an instant (ms), and why."""

    at: int
    state: str
    cause: str
    load: int
    capacity: int


async def history(
    connection: AsyncConnection, rep: str, *, since: int, until: int, limit: int
) -> list[Moment]:
    """Return a rep's changes of that time, oldest first, after the one that held when it began.

    Of more than `limit` the newest.
    """
    c = presence_record.c
    query = select(c.at, c.state, c.cause, c.load, c.capacity).where(c.rep_id == rep)
    newest = (c.at.desc(), c.seq.desc())
    within = query.where(c.at >= since, c.at < until).order_by(*newest).limit(limit)
    before = query.where(c.at < since).order_by(*newest).limit(1)
    rows = [*await connection.execute(within), *await connection.execute(before)]
    return [Moment(*row) for row in reversed(rows)]
