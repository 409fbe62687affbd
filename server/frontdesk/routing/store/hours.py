"""Working hours in SQL (PR-1). Their meaning is `routing.reps.hours`."""

from msgspec import Struct
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from frontdesk.storage.engine import upsert
from frontdesk.storage.tables import working_hours


class HoursRow(Struct, frozen=True):
    """`week` has seven days from Monday on, each a tuple of ("09:00", "17:00"); `off` are dates."""

    timezone: str
    week: tuple[tuple[tuple[str, str], ...], ...]
    off: tuple[str, ...] = ()


async def all_hours(connection: AsyncConnection) -> dict[str, HoursRow]:
    """Return everybody's hours, by rep; who has none works always."""
    rows = await connection.execute(select(working_hours))
    return {row.rep_id: _hours(row.timezone, row.week, row.off) for row in rows}


async def hours_of(connection: AsyncConnection, rep_id: str) -> HoursRow | None:
    query = select(working_hours).where(working_hours.c.rep_id == rep_id)
    row = (await connection.execute(query)).first()
    return None if row is None else _hours(row.timezone, row.week, row.off)


async def put_hours(connection: AsyncConnection, rep_id: str, hours: HoursRow) -> None:
    row = {
        "rep_id": rep_id,
        "timezone": hours.timezone,
        "week": [[list(span) for span in day] for day in hours.week],
        "off": list(hours.off),
    }
    changes = ["timezone", "week", "off"]
    await connection.execute(upsert(connection, working_hours, row, update=changes))


async def delete_hours(connection: AsyncConnection, rep_id: str) -> None:
    await connection.execute(delete(working_hours).where(working_hours.c.rep_id == rep_id))


def _hours(timezone: str, week: list[list[list[str]]], off: list[str]) -> HoursRow:
    days = tuple(tuple((begin, end) for begin, end in day) for day in week)
    return HoursRow(timezone, days, tuple(off))
