"""After the loss of Redis with its disk: open conversations come back from SQL (architecture.md).

What can be missing is said: whatever was not yet archived, at most the archiver's lag. Entries keep
their (epoch, offset), so a client's position stays valid (R1.3).
"""

import asyncio
from pathlib import Path
from typing import Any, Protocol

import orjson
import structlog
from sqlalchemy import func, select

from frontdesk.storage import erased
from frontdesk.storage.engine import Database
from frontdesk.storage.redis.keys import Keys
from frontdesk.storage.redis.link import Link
from frontdesk.storage.redis.script import load
from frontdesk.storage.tables import conversation, entry

_LUA = Path(__file__).parent / "lua"
RESTORE = load(_LUA / "restore.lua")
MEND = load(_LUA / "mend.lua")
log = structlog.get_logger("rebuild")

NEWEST = 500
"""Entries that go back into a log; the older ones are in SQL."""


class RestoreWaits(Protocol):
    """Milliseconds: see routing's Waits."""

    @property
    def total(self) -> int: ...
    @property
    def lost(self) -> int: ...
    @property
    def gone(self) -> int: ...


class Rebuild:
    """Compares SQL's open conversations with Redis, at the start and after each new epoch."""

    def __init__(self, database: Database, link: Link, keys: Keys, waits: RestoreWaits) -> None:
        self._database = database
        self._link = link
        self._keys = keys
        self._waits = waits
        self._epoch_changed = asyncio.Event()
        link.on_epoch.append(lambda _old, _new: self._epoch_changed.set())

    async def run(self) -> None:
        """Once now, and after every new epoch."""
        while True:
            try:
                await self.if_needed()
            except Exception:
                log.exception("rebuilding waits")
                await asyncio.sleep(1)
                continue
            await self._epoch_changed.wait()
            self._epoch_changed.clear()

    async def if_needed(self) -> int:
        """Restores what is missing, appends what was rolled back. → how many were restored."""
        # While the archive reads the stream again, a row may say what was so before; entries stay.
        newest = select(func.max(entry.c.offset)).where(
            entry.c.conversation_id == conversation.c.id
        )
        query = select(conversation, newest.scalar_subquery().label("archived")).where(
            conversation.c.state != "closed"
        )
        async with self._database.read() as connection:
            rows = list((await connection.execute(query)).mappings())
        restored: list[str] = []
        for row in rows:
            keys = self._keys.conversation(row["id"])
            offset = await self._link.command(b"HGET", keys.c, b"off")
            if offset is None:
                restored += [row["id"]] if await self._restore(row) else []
            elif int(offset) < (row["archived"] or 0):
                await self._mend(row, int(offset))
        if restored:
            log.warning("restored from SQL", conversations=len(restored))
            await self._look_for_erased(restored)
        return len(restored)

    async def _look_for_erased(self, restored: list[str]) -> None:
        """Whose rows were read before they were erased and restored afterwards (OP-5). An erasure
        marks first and takes the live state away last, so that one of us sees the other.
        """
        async with self._database.read() as connection:
            gone = await erased.among(connection, "conversation", restored)
        if gone:
            async with self._database.write() as connection:
                await erased.again(connection, "conversation", gone)

    async def _entries(self, name: str, after: int = 0) -> list[Any]:
        query = (
            select(entry)
            .where(entry.c.conversation_id == name, entry.c.offset > after)
            .order_by(entry.c.offset.desc())
            .limit(NEWEST)
        )
        async with self._database.read() as connection:
            rows = list((await connection.execute(query)).mappings())
        # Two entries of one offset: the log was rolled back and went on; the later one stands.
        newest = {row["offset"]: row for row in sorted(rows, key=lambda row: row["at"])}
        return [newest[offset] for offset in sorted(newest)]

    async def _restore(self, row: Any) -> bool:
        k = self._keys
        c, _, log_key = k.conversation(row["id"])
        state = row["state"]
        rep = (row["rep_id"] or "") if state == "active" else ""
        flat: list[bytes | str | int] = []
        entries = await self._entries(row["id"])
        if entries and entries[-1]["type"] == "closed":
            # The archive reads the stream again from its begin, and has only come to what was so
            # before the end. Entries don't go back with it.
            return False
        for one in entries:
            flat += [
                one["offset"], one["epoch"], one["at"], _sender(one, row["visitor_id"]),
                one["client_id"] or "", _body(one["body"]),
            ]  # fmt: skip
        fields = _fields(row, entries)
        reply = await self._link.call(
            RESTORE,
            (c, log_key, k.open, k.due, k.held(rep), k.queue, k.reps),
            (row["id"], row["visitor_id"], state, rep, self._waits.lost, self._waits.total,
             self._waits.gone, len(fields), *fields, *flat),
        )  # fmt: skip
        log.warning("conversation restored", conversation=row["id"], state=state)
        return bool(reply[0] == b"ok")

    async def _mend(self, row: Any, offset: int) -> None:
        k = self._keys
        c, _, log_key = k.conversation(row["id"])
        for one in await self._entries(row["id"], offset):
            if one["type"] != "message":
                log.error("lost: not restored", conversation=row["id"], offset=one["offset"])
                continue
            reply = await self._link.call(
                MEND,
                (k.ev, k.inbox, c, log_key),
                (row["id"], _sender(one, row["visitor_id"]), one["client_id"] or "",
                 _body(one["body"])),
            )  # fmt: skip
            log.warning("message appended again", conversation=row["id"], result=reply[0].decode())


def _fields(row: Any, entries: list[Any]) -> list[bytes | str | int]:
    """The conversation's hash, name and value in turn."""
    about = row["about"] or {"id": row["visitor_id"]}
    extra = orjson.dumps({"reason": "First available", "why": "again"})
    last = entries[-1]["offset"] if entries else row["last_offset"]
    return [
        "session", row["session_id"], "fence", row["fence"], "off", max(last, row["last_offset"]),
        "rev", row["rev"] + 1, "at", row["requested_at"], "about", orjson.dumps(about),
        "extra", extra, "why", row["why"] or "request", "claimed", row["claimed_at"] or 0,
    ]  # fmt: skip


def _sender(one: Any, visitor: str) -> str:
    """As the scripts name senders."""
    if one["sender"] == "visitor" or one["type"] == "left":
        return f"v:{visitor}"
    return f"r:{one['rep_id']}" if one["sender"] == "rep" else "server"


def _body(body: dict[str, Any]) -> bytes:
    """`type` comes first, as entries.kind_of expects; JSON columns don't keep the order."""
    rest = {name: value for name, value in body.items() if name != "type"}
    return orjson.dumps({"type": body["type"], **rest})
