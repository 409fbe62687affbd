"""Visitors of the last days, as routing saw them: what a rule set can be tried on (RT-13)."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from frontdesk.storage.tables import conversation

About = dict[str, Any]


async def newest(connection: AsyncConnection, desk: str, *, since: int, limit: int) -> list[About]:
    """Return what was known of the visitors of the newest conversations, one a session."""
    c = conversation.c
    query = (
        select(c.session_id, c.id, c.about)
        .where(c.desk == desk, c.requested_at >= since)
        .order_by(c.requested_at.desc(), c.id.desc())
        .limit(limit)
    )
    rows = await connection.execute(query)
    return list({row.session_id or row.id: row.about or {} for row in rows}.values())


async def about_of(connection: AsyncConnection, desk: str, id: str) -> About | None:
    """Return what is known of the visitor of a conversation."""
    c = conversation.c
    query = select(c.about).where(c.desk == desk, c.id == id)
    row = (await connection.execute(query)).first()
    return None if row is None else row.about or {}
