"""Who and what was erased (OP-5): ids that nobody may write again.

An erasure marks them before it deletes, in SQL. Whoever writes of a visitor behind the live state
asks here in the transaction that writes.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Literal

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from frontdesk.storage.engine import upsert
from frontdesk.storage.tables import erased

Kind = Literal["visitor", "conversation"]
MOST_IDS = 500
"""Asked for in one statement: older SQLite takes 999 parameters."""


async def among(connection: AsyncConnection, kind: Kind, ids: Collection[str]) -> dict[str, str]:
    """Return which of these were erased, each with its erasure."""
    found: dict[str, str] = {}
    for some in parts(list(ids)):
        query = select(erased.c.id, erased.c.erasure_id)
        query = query.where(erased.c.kind == kind, erased.c.id.in_(some))
        found.update((id, of) for id, of in (await connection.execute(query)).all())
    return found


async def mark(
    connection: AsyncConnection, kind: Kind, ids: Collection[str], erasure: str, at: int
) -> None:
    """They are to be erased; what is marked already stays as it is."""
    rows = [{"kind": kind, "id": id, "erasure_id": erasure, "at": at} for id in ids]
    if rows:
        await connection.execute(upsert(connection, erased), rows)


async def again(connection: AsyncConnection, kind: Kind, ids: Collection[str]) -> None:
    """Something of them is there again: the worker erases it once more."""
    for some in parts(list(ids)):
        which = update(erased).where(erased.c.kind == kind, erased.c.id.in_(some))
        await connection.execute(which.values(done=False))


def parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """As many as one statement may name."""
    for begin in range(0, len(ids), MOST_IDS):
        yield ids[begin : begin + MOST_IDS]
