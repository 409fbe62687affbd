"""A reader with a position: rows and position in one SQL transaction, so each event counts once.

No consumer groups (docs/architecture.md): they cost more and can't commit with SQL. Two readers
of the same purpose are harmless: the second's commit fails on the position, and it reads again.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Any, Protocol

import orjson
import structlog
from sqlalchemy import insert, select, update
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from frontdesk import ids
from frontdesk.errors import FrontdeskError
from frontdesk.events.stream import Event, EventStream, event_of
from frontdesk.storage.engine import Connection, Database, upsert
from frontdesk.storage.tables import dead_event, reader
from frontdesk.telemetry import Counter, Gauge

log = structlog.get_logger("relay")

EVENTS = Counter("events", "Events taken, by purpose and kind.", "purpose", "kind")
DEAD = Counter("dead_events", "Events put aside after three tries alone.", "purpose")
LAG = Gauge(
    "event_lag_seconds", "Age of what this purpose has not read yet.", "purpose", joined="max"
)

IDLE = 0.2
"""Seconds between two looks at an empty stream."""
TRIM_EVERY = 10.0
KEEP_MS = 300_000
"""The last five minutes are never trimmed."""
TRIES = 3
"""An event that fails alone so often is dead: recorded, named, passed over."""


class Taker(Protocol):
    """What a purpose does with events."""

    async def prepare(self, events: Sequence[Event]) -> Any:
        """Reads what is needed besides (bodies of the log), before the transaction."""

    async def write(self, connection: Connection, events: Sequence[Event], prepared: Any) -> None:
        """Writes the rows; must be idempotent, for a new epoch reads again (see `_position`)."""

    async def done(self, events: Sequence[Event]) -> None:
        """After the commit."""


TROUBLE = (FrontdeskError, OSError, OperationalError, InterfaceError, PoolTimeout)
"""SQL or Redis is away or busy: no event's fault, and nothing moves until it is over."""


class _Overtaken(Exception):
    """Another reader of this purpose has committed; ours is rolled back."""


class Relay:
    """Hands the stream to a taker, in order, for ever."""

    def __init__(
        self, database: Database, stream: EventStream, purpose: str, taker: Taker, *, trims: bool
    ) -> None:
        self._database = database
        self._stream = stream
        self._purpose = purpose
        self._taker = taker
        self._trims = trims
        self._trimmed = 0.0
        self._tries: dict[str, int] = {}
        DEAD.add(purpose, by=0)
        self._current = _now()
        """What happened before this, ms since 1970, is taken."""

    async def run(self) -> None:
        """Trouble with SQL or Redis is waited out: nothing moves meanwhile, nothing is lost."""
        while True:
            try:
                if not await self.step():
                    await asyncio.sleep(IDLE)
            except TROUBLE as error:
                log.warning("reading waits", purpose=self._purpose, error=str(error))
                await asyncio.sleep(0.5)
            except Exception:
                log.exception("reading waits", purpose=self._purpose)
                await asyncio.sleep(1)

    def look(self) -> None:
        """Says how far behind it is now; a reader that gets nowhere is ever further."""
        LAG.set(max(0, _now() - self._current) / 1000, self._purpose)

    async def step(self) -> int:
        """One batch. → how many events were taken."""
        epoch, position = await self._position()
        now = _now()
        raws = await self._stream.after(position)
        if raws:
            await self._take(raws, epoch, position)
            now = _stream_id(raws[-1][0].decode())[0]
        self._current = now
        await self._trim()
        return len(raws)

    async def _position(self) -> tuple[str, str]:
        """Where to read on. Under a new epoch the stream is read from its begin: it may have been
        rolled back, or its ids begun anew; what was written before is then written again over
        itself (R1.7).
        """
        query = select(reader.c.epoch, reader.c.at).where(
            reader.c.stream == self._stream.name, reader.c.purpose == self._purpose
        )
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        if row is not None and row.epoch == self._stream.epoch:
            return row.epoch, row.at
        epoch = self._stream.epoch
        async with self._database.write() as connection:
            fresh = {
                "stream": self._stream.name,
                "purpose": self._purpose,
                "epoch": epoch,
                "at": "0-0",
                "updated_at": _now(),
            }
            changes = ("epoch", "at", "updated_at")
            await connection.execute(upsert(connection, reader, fresh, update=changes))
        return epoch, "0-0"

    async def _take(self, raws: list[Any], epoch: str, position: str) -> None:
        """The batch as one; if that fails, each event alone, so that one doesn't stop the rest."""
        try:
            await self._commit(raws, epoch, position)
        except _Overtaken:
            log.info("another reader was first", purpose=self._purpose)
        except TROUBLE:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a bad event does to a taker
            if len(raws) == 1:
                await self._poison(raws[0], epoch, position, error)
                return
            log.warning("a batch failed; one by one", purpose=self._purpose, error=str(error))
            for raw in raws:
                await self._take([raw], epoch, position)
                position = raw[0].decode()

    async def _commit(self, raws: list[Any], epoch: str, position: str) -> None:
        events = [event_of(raw) for raw in raws]
        prepared = await self._taker.prepare(events)
        async with self._database.write() as connection:
            # The position first: its row is the lock that an erasure takes, too (OP-5).
            await self._advance(connection, epoch, position, raws[-1][0].decode())
            await self._taker.write(connection, events, prepared)
        for event in events:
            EVENTS.add(self._purpose, event.kind)
        await self._taker.done(events)

    async def _advance(self, connection: Connection, epoch: str, old: str, new: str) -> None:
        moved = await connection.execute(
            update(reader)
            .where(
                reader.c.stream == self._stream.name,
                reader.c.purpose == self._purpose,
                reader.c.epoch == epoch,
                reader.c.at == old,
            )
            .values(at=new, updated_at=_now())
        )
        if moved.rowcount != 1:
            raise _Overtaken

    async def _poison(self, raw: Any, epoch: str, position: str, error: Exception) -> None:
        """Fails alone: tried again, then put aside with its error."""
        name = raw[0].decode()
        self._tries[name] = self._tries.get(name, 0) + 1
        if self._tries[name] < TRIES:
            raise error
        where = _conversation_of(raw)
        log.error(
            "a dead event", purpose=self._purpose, id=name, conversation=where, error=str(error)
        )
        del self._tries[name]
        flat = [part.decode(errors="replace") for part in raw[1]]
        row = {
            "id": ids.new("x"),
            "stream": self._stream.name,
            "event_id": f"{epoch}:{name}",
            "error": f"{type(error).__name__}: {error}"[:2000],
            "body": orjson.loads(orjson.dumps(dict(zip(flat[::2], flat[1::2], strict=False)))),
            "at": _now(),
        }
        async with self._database.write() as connection:
            await connection.execute(insert(dead_event).values(row))
            await self._advance(connection, epoch, position, name)
        DEAD.add(self._purpose)

    async def _trim(self) -> None:
        """To behind the lowest position of all purposes, never the last five minutes."""
        if not self._trims or time.monotonic() - self._trimmed < TRIM_EVERY:
            return
        self._trimmed = time.monotonic()
        query = select(reader.c.at).where(reader.c.stream == self._stream.name)
        async with self._database.read() as connection:
            positions = [row.at for row in await connection.execute(query)]
        lowest = min((_stream_id(at) for at in positions), default=(0, 0))
        keep = (_now() - KEEP_MS, 0)
        ms, sequence = min(lowest, keep)
        await self._stream.trim(f"{ms}-{sequence + 1}")


def _conversation_of(raw: Any) -> str:
    """As far as it can be read: a dead event may be anything."""
    try:
        return event_of(raw).conversation
    except (ValueError, IndexError):
        return ""


def _stream_id(text: str) -> tuple[int, int]:
    ms, _, sequence = text.partition("-")
    return int(ms), int(sequence or 0)


def _now() -> int:
    return int(time.time() * 1000)
