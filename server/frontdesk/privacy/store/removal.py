"""Taking rows away: of an erased person, counted first; of what is too old."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Delete, Table, Text, cast, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from frontdesk.privacy.subject import Subject
from frontdesk.routing.store import ledger
from frontdesk.storage.engine import upsert
from frontdesk.storage.tables import (
    audit,
    conversation,
    dead_event,
    decision,
    entry,
    erased_offer,
    erased_request,
    offer_record,
    owner,
    routing_simulation,
    visitor,
)

OF_A_CONVERSATION = (
    (entry, entry.c.conversation_id),
    (decision, decision.c.conversation_id),
    (offer_record, offer_record.c.conversation_id),
    (conversation, conversation.c.id),
)


async def conversations(connection: AsyncConnection, names: Sequence[str]) -> int:
    """These, with all that hangs on them. → how many there were."""
    gone = 0
    for table, column in OF_A_CONVERSATION:
        gone = (await connection.execute(delete(table).where(column.in_(names)))).rowcount
    return gone


async def count(connection: AsyncConnection, desk: str, names: Sequence[str]) -> None:
    """Add these to the counts that stay, by the ledger's own definition (AN-2): call it in the
    transaction that removes them.
    """
    asked = await ledger.outcomes_of(connection, desk, names)
    requests = [
        {
            "desk": desk, "day": one.day * ledger.DAY_MS, "rule": one.rule[:64],
            "region": one.region[:64], "name": one.name[:256], "requests": one.requests,
            "claimed": one.claimed, "missed": one.missed,
        }
        for one in asked
    ]  # fmt: skip
    await _add(connection, erased_request, requests, ("requests", "claimed", "missed"))
    offers = [
        {
            "desk": desk, "day": day * ledger.DAY_MS, "rep_id": one.rep, "offered": one.offered,
            "shown": one.shown, "declined": one.declined, "expired": one.expired,
            "claimed": one.claimed,
        }
        for day, one in await ledger.offers_of(connection, desk, names)
    ]  # fmt: skip
    sums = ("offered", "shown", "declined", "expired", "claimed")
    await _add(connection, erased_offer, offers, sums)


async def _add(
    connection: AsyncConnection, table: Table, rows: list[dict[str, Any]], sums: Sequence[str]
) -> None:
    if rows:
        await connection.execute(upsert(connection, table, add=sums), rows)


async def of_visitor(connection: AsyncConnection, id: str) -> None:
    """The visitor's own row."""
    await connection.execute(delete(visitor).where(visitor.c.id == id))


async def dead_events(connection: AsyncConnection, names: Sequence[str]) -> None:
    """Events that could not be archived, of these visitors and conversations; there are few."""
    query = select(dead_event.c.id, dead_event.c.body)
    rows = (await connection.execute(query)).all()
    gone = [id for id, body in rows if any(name in repr(body) for name in names)]
    if gone:
        await connection.execute(_of(dead_event, gone))


async def simulations(connection: AsyncConnection, subject: Subject, names: Sequence[str]) -> None:
    """Those that were given the address, or show one of these; there are few, for a day each."""
    s = routing_simulation.c
    gone = []
    for id, *documents in await connection.execute(select(s.id, s.request, s.result)):
        text = repr(documents)
        named = subject.is_email and subject.is_in(documents)
        if named or any(name in text for name in names):
            gone.append(id)
    if gone:
        await connection.execute(_of(routing_simulation, gone))


async def owners(connection: AsyncConnection, ids: Sequence[str]) -> None:
    """Rows of the table of owners."""
    if ids:
        await connection.execute(_of(owner, ids))


async def audit_lines(connection: AsyncConnection, subject: Subject) -> None:
    """That something was changed stays in the audit log; the address in it doesn't."""
    a = audit.c
    for spelling in subject.spellings if subject.is_email else ():
        named = cast(a.details, Text).icontains(spelling, autoescape=True)
        query = select(a.id, a.on, a.details).where(or_(a.on == spelling[:64], named))
        for id, on, details in (await connection.execute(query)).all():
            if on == spelling[:64] or subject.is_in(details):
                told = update(audit).where(a.id == id)
                hidden = {"on": "erased" if "@" in on else on, "details": {"erased": True}}
                await connection.execute(told.values(hidden))


def _of(table: Table, ids: Sequence[str]) -> Delete:
    return delete(table).where(table.c.id.in_(ids))
