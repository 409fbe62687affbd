"""Simulations in SQL: asked of any node, worked off by the worker (RT-13)."""

from typing import Any

from msgspec import Struct
from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from frontdesk.storage.tables import routing_simulation

Document = dict[str, Any]


class Simulation(Struct, frozen=True):
    """One simulation. `state`: waiting, running, done, failed; times in ms."""

    id: str
    by: str
    at: int
    updated_at: int
    state: str
    done: int
    of: int
    result: Document | None


_c = routing_simulation.c
_COLUMNS = (_c.id, _c.by, _c.at, _c.updated_at, _c.state, _c.done, _c.of, _c.result)


async def add(
    connection: AsyncConnection, desk: str, id: str, request: Document, *, by: str, at: int
) -> None:
    row = {"id": id, "desk": desk, "by": by, "at": at, "updated_at": at, "state": "waiting"}
    await connection.execute(insert(routing_simulation).values(**row, request=request))


async def one(connection: AsyncConnection, desk: str, id: str) -> Simulation | None:
    query = select(*_COLUMNS).where(_c.id == id, _c.desk == desk)
    row = (await connection.execute(query)).first()
    return None if row is None else Simulation(*row)


async def unfinished(connection: AsyncConnection, desk: str) -> int:
    query = select(func.count()).where(_c.desk == desk, _c.state.in_(("waiting", "running")))
    return int((await connection.execute(query)).scalar_one())


async def take(
    connection: AsyncConnection, desk: str, *, now: int, silent_since: int
) -> tuple[str, Document] | None:
    """Take the oldest that waits, or whose worker has been silent since then, for oneself.

    Of two workers at the same time one gets it: the second finds another state or time.
    """
    free = or_(_c.state == "waiting", (_c.state == "running") & (_c.updated_at < silent_since))
    query = select(_c.id, _c.updated_at, _c.request).where(_c.desk == desk, free)
    row = (await connection.execute(query.order_by(_c.at).limit(1))).first()
    if row is None:
        return None
    mine = (
        update(routing_simulation)
        .where(_c.id == row.id, _c.updated_at == row.updated_at, free)
        .values(state="running", updated_at=max(now, row.updated_at + 1), done=0, of=0)
    )
    taken = (await connection.execute(mine)).rowcount == 1
    return (row.id, row.request) if taken else None


async def progress(connection: AsyncConnection, id: str, *, done: int, of: int, now: int) -> None:
    changes = {"done": done, "of": of, "updated_at": now}
    await connection.execute(
        update(routing_simulation).where(_c.id == id, _c.state == "running").values(changes)
    )


async def finish(
    connection: AsyncConnection, id: str, state: str, result: Document, *, now: int
) -> None:
    changes = {"state": state, "result": result, "updated_at": now}
    if state == "done":
        changes["done"] = _c.of
    await connection.execute(update(routing_simulation).where(_c.id == id).values(changes))


async def delete_old(connection: AsyncConnection, before: int) -> None:
    await connection.execute(delete(routing_simulation).where(_c.at < before))
