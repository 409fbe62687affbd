"""Custom visitor fields in SQL (VS-3)."""

from typing import Any

from msgspec import Struct
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from frontdesk.people.refusals import conflict
from frontdesk.storage.tables import visitor_field


class VisitorField(Struct, frozen=True):
    """A custom field. `values` are those of a picklist; `sources` their order, empty: the usual
    one (VS-3).
    """

    name: str
    label: str
    type: str
    values: tuple[str, ...]
    sources: tuple[str, ...]
    created_at: int


async def all_fields(connection: AsyncConnection) -> list[VisitorField]:
    """Return every custom field by name."""
    rows = await connection.execute(select(visitor_field).order_by(visitor_field.c.name))
    return [
        VisitorField(
            row.name, row.label, row.type, tuple(row.values), tuple(row.sources), row.created_at
        )
        for row in rows
    ]


async def add_field(connection: AsyncConnection, new: VisitorField) -> None:
    """Raises conflict if there is one of this name."""
    row: dict[str, Any] = {name: getattr(new, name) for name in new.__struct_fields__}
    row.update(values=list(new.values), sources=list(new.sources))
    try:
        await connection.execute(insert(visitor_field).values(row))
    except IntegrityError:
        raise conflict("There is a field of this name already.", name="Taken.") from None


async def change_field(connection: AsyncConnection, field: VisitorField) -> None:
    row = {"label": field.label, "values": list(field.values), "sources": list(field.sources)}
    await connection.execute(
        update(visitor_field).where(visitor_field.c.name == field.name).values(row)
    )


async def delete_field(connection: AsyncConnection, name: str) -> None:
    await connection.execute(delete(visitor_field).where(visitor_field.c.name == name))
