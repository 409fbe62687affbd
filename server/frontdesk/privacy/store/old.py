"""What is too old to be kept, taken away a small batch at a time (VS-1)."""

from typing import Any

from sqlalchemy import Table, delete, exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from frontdesk.privacy.store import removal
from frontdesk.storage.tables import (
    conversation,
    dead_event,
    decision,
    erased,
    erased_offer,
    erased_request,
    offer_record,
    presence_record,
    routing_simulation,
    visitor,
)

_c, _p, _v = conversation.c, presence_record.c, visitor.c


async def conversations(connection: AsyncConnection, before: int, limit: int) -> int:
    """Closed ones that ended before; never an open one, however old."""
    query = (
        select(_c.id)
        .where(_c.state == "closed", _c.requested_at < before)
        .where(func.coalesce(_c.ended_at, _c.requested_at) < before)
        .order_by(_c.requested_at, _c.id)
        .limit(limit)
    )
    names = list((await connection.execute(query)).scalars())
    return await removal.conversations(connection, names) if names else 0


async def visitors(connection: AsyncConnection, before: int, limit: int) -> int:
    """Who was last seen before, and has no conversation left."""
    talked = exists().where(_c.visitor_id == _v.id)
    query = select(_v.id).where(_v.last_seen_at < before, ~talked).limit(limit)
    ids = list((await connection.execute(query)).scalars())
    return await _delete(connection, visitor, "id", ids)


async def presence(connection: AsyncConnection, before: int, limit: int) -> int:
    """Changes of presence, but for each rep's newest: it says how they are since then."""
    later = presence_record.alias()
    newer = exists().where(later.c.rep_id == _p.rep_id, later.c.at > _p.at)
    query = select(_p.rep_id, _p.at, _p.seq).where(_p.at < before, newer).limit(limit)
    rows = (await connection.execute(query)).all()
    for rep, at, seq in rows:
        which = (_p.rep_id == rep, _p.at == at, _p.seq == seq)
        await connection.execute(delete(presence_record).where(*which))
    return len(rows)


async def left_over(connection: AsyncConnection, before: int, limit: int) -> int:
    """Decisions and offers without their conversation, dead events, counts of erased ones."""
    of_d = exists().where(_c.id == decision.c.conversation_id)
    of_o = exists().where(_c.id == offer_record.c.conversation_id)
    d = select(decision.c.id).where(decision.c.at < before, ~of_d).limit(limit)
    gone = await _delete(connection, decision, "id", list((await connection.execute(d)).scalars()))
    o = select(offer_record.c.conversation_id).where(offer_record.c.at < before, ~of_o).limit(limit)
    names = list({*(await connection.execute(o)).scalars()})
    gone += await _delete(connection, offer_record, "conversation_id", names)
    x = select(dead_event.c.id).where(dead_event.c.at < before).limit(limit)
    gone += await _delete(
        connection, dead_event, "id", list((await connection.execute(x)).scalars())
    )
    for table in (erased_request, erased_offer):
        gone += (await connection.execute(delete(table).where(table.c.day < before))).rowcount
    return gone


async def simulations(connection: AsyncConnection, before: int) -> int:
    """Their samples may be about people: a day, whatever else is kept for ever."""
    old = delete(routing_simulation).where(routing_simulation.c.at < before)
    return (await connection.execute(old)).rowcount


async def marks(connection: AsyncConnection, before: int) -> int:
    """Of erased visitors, whose tokens are void by now."""
    old = delete(erased).where(erased.c.at < before, erased.c.done.is_(True))
    return (await connection.execute(old)).rowcount


async def _delete(connection: AsyncConnection, table: Table, key: str, ids: list[Any]) -> int:
    if not ids:
        return 0
    return (await connection.execute(delete(table).where(table.c[key].in_(ids)))).rowcount
