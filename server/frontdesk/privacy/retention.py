"""Lets go what is older than `retention_months`, a little at a time (VS-1)."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog

from frontdesk.bus.repeating import repeat
from frontdesk.clock import NowMs, now_ms
from frontdesk.privacy.store import old
from frontdesk.storage.engine import Connection, Database
from frontdesk.visitors.store import ERASED_MS

log = structlog.get_logger("retention")

EVERY = 3600.0
FIRST_AFTER = 60.0
"""Seconds: a start has better things to do."""
BATCH = 100
"""Conversations, or other rows, in one transaction: some milliseconds, in which SQLite's other
writers (archive, sign-in) wait."""
PAUSE = 0.1
DAY_MS = 24 * 60 * 60 * 1000

Step = Callable[[Connection, int, int], Awaitable[int]]


class Retention:
    """`months` 0: everything is kept, but for what nobody needs after a day or a token's life."""

    def __init__(self, database: Database, months: int, *, now: NowMs = now_ms) -> None:
        self._database = database
        self._months = months
        self._now = now

    async def run(self) -> None:
        """A minute after the start, then every hour."""
        await asyncio.sleep(FIRST_AFTER)
        await repeat("retention", self._clean, every=EVERY)

    async def _clean(self) -> None:
        gone = await self.clean()
        if gone:
            log.info("let go what was too old", rows=gone)

    async def clean(self) -> int:
        """Once, to the end. → rows that went, those that hang on conversations not counted."""
        now, gone = self._now(), 0
        async with self._database.write() as connection:
            gone += await old.simulations(connection, now - DAY_MS)
            gone += await old.marks(connection, now - ERASED_MS)
        if not self._months:
            return gone
        before = months_before(now, self._months)
        steps: tuple[Step, ...] = (old.conversations, old.visitors, old.presence, old.left_over)
        for step in steps:
            gone += await self._to_the_end(step, before)
        return gone

    async def _to_the_end(self, step: Step, before: int) -> int:
        gone = 0
        while True:
            async with self._database.write() as connection:
                some = await step(connection, before, BATCH)
            if not some:
                return gone
            gone += some
            await asyncio.sleep(PAUSE)


def months_before(now: int, months: int) -> int:
    """The same day of the month so many months ago (the last one, where there are fewer), ms."""
    then = datetime.fromtimestamp(now / 1000, UTC)
    year, month = divmod(then.year * 12 + then.month - 1 - months, 12)
    for day in range(then.day, 0, -1):
        try:
            at = then.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
        return round(at.timestamp() * 1000)
    raise AssertionError("every month has a first day")
