"""Visitors of the last days, as routing saw them: what a rule set can be tried on (RT-13)."""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import Text, cast, select
from sqlalchemy.ext.asyncio import AsyncConnection

from frontdesk.storage.tables import conversation

About = dict[str, Any]


async def newest(
    connection: AsyncConnection, desk: str, *, since: int, limit: int
) -> Sequence[str | None]:
    """Return what was known of the visitors of the newest conversations, one a session; as it is
    written, for `decoded`: the driver would decode on the event loop.
    """
    c = conversation.c
    query = (
        select(c.session_id, c.id, cast(c.about, Text))
        .where(c.desk == desk, c.requested_at >= since)
        .order_by(c.requested_at.desc(), c.id.desc())
        .limit(limit)
    )
    found: dict[str, str | None] = {}
    for session, id, about in await connection.execute(query):
        found.setdefault(session or id, about)  # the newest knows most
    return list(found.values())


def decoded(texts: Sequence[str | None]) -> list[About]:
    """What `newest` read."""
    return [(orjson.loads(text) if text else None) or {} for text in texts]


async def about_of(connection: AsyncConnection, desk: str, id: str) -> About | None:
    """Return what is known of the visitor of a conversation."""
    c = conversation.c
    query = select(c.about).where(c.desk == desk, c.id == id)
    row = (await connection.execute(query)).first()
    return None if row is None else row.about or {}
