"""Reads the evidence: the event stream while it is written, SQL and Redis at the end."""

import asyncio
import contextlib
from typing import Any

import redis.asyncio
from redis.exceptions import RedisError
from sqlalchemy import select

from frontdesk.events.stream import event_of
from frontdesk.storage import tables
from tests.chaos.evidence import Chat, Fields, Remains, Row, Sql, StreamEvent
from tests.chaos.history import Journal
from tests.scenarios.processes import Installation

LOOK_EVERY = 0.25


class Eye:
    """Reads Redis by a connection of its own, which no fault of a link concerns."""

    def __init__(self, running: Installation, journal: Journal) -> None:
        self.events: list[StreamEvent] = []
        self._running = running
        self._journal = journal
        self._at = "0-0"
        self._redis: Any = redis.asyncio.Redis.from_url(running.redis.url, socket_timeout=5)

    async def close(self) -> None:
        await self._redis.aclose()

    async def watch(self) -> None:
        """Follows the stream for ever: it is trimmed behind its slowest reader, never this soon."""
        while True:
            with contextlib.suppress(RedisError, OSError):  # it is away; what it was told stays
                await self.look()
            await asyncio.sleep(LOOK_EVERY)

    async def look(self) -> None:
        """Everything up to now."""
        while True:
            raws = await self._redis.xrange(self._running.keys.ev, f"({self._at}", "+", count=1000)
            for name, flat in raws:
                pairs = [part for pair in flat.items() for part in pair]
                self._take(event_of((name, pairs)))
            if len(raws) < 1000:
                return

    def _take(self, event: Any) -> None:
        self._at = event.id
        self.events.append(
            StreamEvent(
                id=event.id, kind=event.kind, epoch=event.epoch, conversation=event.conversation,
                offset=event.offset, at=event.at, seen=self._journal.now(), fields=event.fields,
            )
        )  # fmt: skip

    # --- at the end

    async def waiting(self) -> list[str]:
        """Conversations that nobody took yet."""
        return [one.decode() for one in await self._redis.zrange(self._running.keys.queue, 0, -1)]

    async def move_meta(self, seconds: int) -> None:
        """As if the last look had been so much later."""
        await self._redis.hincrby(self._running.keys.meta, "last", seconds * 1000)

    async def remains(self) -> Remains:
        """What is there now."""
        keys, link = self._running.keys, self._redis
        found = Remains(
            open=_text(await link.hgetall(keys.open)),
            queue=await self.waiting(),
            due=[one.decode() for one in await link.zrange(keys.due, 0, -1)],
            silent=_text(await link.hgetall(keys.silent)),
            reps=_text(await link.hgetall(keys.reps)),
            devices=_text(await link.hgetall(keys.dev)),
        )
        for rep in found.reps:
            found.held[rep] = [one.decode() for one in await link.smembers(keys.held(rep))]
        for name in {event.conversation for event in self.events if event.conversation}:
            nodes = await link.hget(keys.conversation(name).c, "rnodes")
            if nodes:
                found.rung[name] = nodes.decode()
        return found


def is_empty(remains: Remains) -> bool:
    """Whether nothing is left that anybody would wait for."""
    held = any(remains.held.values())
    return not (remains.open or remains.queue or remains.due or held or remains.devices)


def _text(raw: dict[bytes, bytes]) -> Fields:
    return {name.decode(): value.decode() for name, value in raw.items()}


async def sql_of(running: Installation) -> Sql:
    """All that was archived."""
    found = Sql()
    async with running.database.read() as connection:

        async def rows(table: Any, *order: Any) -> list[Any]:
            return list((await connection.execute(select(table).order_by(*order))).mappings())

        chat, entry = tables.conversation, tables.entry
        found.chats = [_chat(one) for one in await rows(chat, chat.c.id)]
        found.entries = [
            _row(one) for one in await rows(entry, entry.c.conversation_id, entry.c.offset)
        ]
        found.decisions = [one["id"] for one in await rows(tables.decision)]
        found.rings = [
            (one["conversation_id"], one["rep_id"], one["outcome"] or "")
            for one in await rows(tables.offer_record)
        ]
        found.presence = [
            (one["rep_id"], one["at"], one["seq"]) for one in await rows(tables.presence_record)
        ]
        found.dead = [one["error"] for one in await rows(tables.dead_event)]
    return found


async def is_archived(running: Installation, last: str) -> bool:
    """Whether the archive has read the stream up to this event."""
    query = select(tables.reader.c.at).where(tables.reader.c.stream == running.keys.ev)
    async with running.database.read() as connection:
        positions = [one.at for one in await connection.execute(query)]
    return bool(positions) and all(at == last for at in positions)


def _chat(row: Any) -> Chat:
    return Chat(
        id=row["id"], visitor=row["visitor_id"], state=row["state"], fence=row["fence"],
        last_offset=row["last_offset"], rep=row["rep_id"] or "",
    )  # fmt: skip


def _row(row: Any) -> Row:
    body = row["body"]
    return Row(
        conversation=row["conversation_id"], offset=row["offset"], epoch=row["epoch"],
        type=row["type"], sender=row["sender"] or "", rep=row["rep_id"] or "",
        client_id=row["client_id"] or "", text=body.get("text", ""), fence=body.get("fence", 0),
    )  # fmt: skip
