"""The worker's side of erasing: carries out what was asked for, however often it is killed (OP-5).

The order is what makes it safe. First the open conversation is closed, and all readers of the
event stream catch up, so that counts are complete. Then ids are marked in SQL: from then on no
reader writes of them, and no restored conversation stays. Then Redis forgets the visits, SQL its
rows, Redis the conversations and events. A mark is done when all of that was; until then a restart
begins with it again. At last it is looked whether anything new was found.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from frontdesk.bus.repeating import repeat
from frontdesk.clock import NowMs, now_ms
from frontdesk.errors import FrontdeskError
from frontdesk.people.store.audit import record
from frontdesk.privacy.live import Live
from frontdesk.privacy.store import erasures as store
from frontdesk.privacy.store import finding, removal
from frontdesk.privacy.store.erasures import Erasure
from frontdesk.privacy.subject import Subject
from frontdesk.storage import erased
from frontdesk.storage.engine import Database
from frontdesk.storage.redis.errors import ScriptFailed
from frontdesk.visitors.store import ERASED_MS

log = structlog.get_logger("erasing")

EVERY = 1.0
AT_ONCE = 50
"""Conversations in one transaction: the archive waits for it."""
MOST_PASSES = 5
CATCH_UP_SECONDS = 30.0
REWRITE_AFTER_MS = 6 * 60 * 1000
"""By then the stream, of which Redis gives the memory back in whole pieces, has been trimmed."""
AFTER_A_LOSS_MS = 24 * 60 * 60 * 1000
"""A new incarnation of Redis may have lost what was last written: what was erased so lately is
erased again."""

Tell = Callable[[str], Awaitable[None]]
"""Every node: this visitor was erased."""


class Erasing:
    """Works off the table of erasures of one desk."""

    def __init__(
        self, database: Database, live: Live, desk: str, *, tell: Tell, now: NowMs = now_ms
    ) -> None:
        self._database = database
        self._live = live
        self._desk = desk
        self._tell = tell
        self._now = now
        self._redis_is_new = True  # or it may have become so while no worker ran

    def epoch_changed(self) -> None:
        """Redis is another incarnation."""
        self._redis_is_new = True

    async def run(self) -> None:
        """Looks each second."""
        await repeat("erasing", self.work, every=EVERY)

    async def work(self) -> int:
        """Once. → how many erasures were carried out."""
        if self._redis_is_new:
            self._redis_is_new = False
            await self._after_a_loss()
        async with self._database.read() as connection:
            asked = await store.unfinished(connection, self._desk)
            again = await store.reopened(connection, self._desk)
        for one in asked:
            await self._carry_out(one)
        for one in again:
            await self._work_off(one)
            await self._finish(one, Subject(""))
        await self._rewrite()
        return len(asked) + len(again)

    async def _after_a_loss(self) -> None:
        try:
            async with self._database.read() as connection:
                everybody = await store.visitors(connection, self._desk, self._now() - ERASED_MS)
            await self._live.put_marks(everybody)
            async with self._database.write() as connection:
                since = self._now() - AFTER_A_LOSS_MS
                await store.reopen(connection, self._desk, since)
        except BaseException:
            self._redis_is_new = True
            raise

    async def _carry_out(self, one: Erasure) -> None:
        subject = Subject(one.subject or "")
        async with self._database.write() as connection:
            await store.working(connection, one.id)
        for _pass in range(MOST_PASSES):
            fresh = await self._find(one, subject)
            if not fresh and not await self._is_left(one):
                break
            await self._work_off(one)
        await self._finish(one, subject)

    # --- finding

    async def _find(self, one: Erasure, subject: Subject) -> bool:
        """Marks whoever it is about, with their conversations; whether somebody was new."""
        await self._caught_up()
        async with self._database.read() as connection:
            found = {*await finding.visitors_of(connection, self._desk, subject)}
        found |= await self._live.visitors_of(subject)
        for visitor in found:
            await self._live.end(visitor)
        await self._caught_up()
        async with self._database.write() as connection:
            await store.hold_readers(connection, self._live.stream)
            known = await erased.among(connection, "visitor", found)
            await erased.again(connection, "visitor", found)
            await erased.mark(connection, "visitor", found, one.id, self._now())
        return bool(found - known.keys())

    async def _is_left(self, one: Erasure) -> bool:
        async with self._database.read() as connection:
            visitors = await store.left(connection, one.id, "visitor")
            return bool(visitors or await store.left(connection, one.id, "conversation"))

    async def _caught_up(self) -> None:
        """Until every reader has taken what has happened so far, so that it is counted."""
        epoch, newest = await self._live.newest()
        try:
            async with asyncio.timeout(CATCH_UP_SECONDS):
                while not await self._has_taken(epoch, newest):  # noqa: ASYNC110 - SQL tells nobody
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise FrontdeskError("retry", "The archive is behind; erasing waits for it.") from None

    async def _has_taken(self, epoch: str, newest: str) -> bool:
        async with self._database.read() as connection:
            readers = await store.positions(connection, self._live.stream)
        if newest == "0-0":
            return True
        return bool(readers) and all(
            of == epoch and _order(at) >= _order(newest) for of, at in readers
        )

    # --- taking away

    async def _work_off(self, one: Erasure) -> None:
        """Everything that is marked and not done."""
        async with self._database.read() as connection:
            visitors = await store.left(connection, one.id, "visitor")
        for visitor in visitors:
            await self._erase_visitor(one, visitor)
        async with self._database.read() as connection:
            conversations = await store.left(connection, one.id, "conversation")
        for conversation in conversations:
            await self._erase_conversation(conversation)
        await self._live.erase_events({*visitors}, {*conversations})
        async with self._database.write() as connection:
            await removal.dead_events(connection, [*visitors, *conversations])
            await store.gone(connection, one.id, "conversation", conversations)
            await store.gone(connection, one.id, "visitor", visitors)

    async def _erase_visitor(self, one: Erasure, visitor: str) -> None:
        await self._live.end(visitor)
        await self._live.erase_visit(visitor)
        await self._tell(visitor)
        await self._live.end(visitor)  # a tab that had not heard may have asked in between
        while True:
            async with self._database.write() as connection:
                await store.hold_readers(connection, self._live.stream)
                names = await finding.conversations_of(connection, visitor, limit=AT_ONCE)
                await erased.mark(connection, "conversation", names, one.id, self._now())
                await removal.count(connection, self._desk, names)
                await removal.conversations(connection, names)
                await removal.of_visitor(connection, visitor)
            if len(names) < AT_ONCE:
                return

    async def _erase_conversation(self, conversation: str) -> None:
        """Live, and in SQL once more: a restore, or a reader of another release, may have been
        quicker.
        """
        for _attempt in range(5):
            if await self._live.erase_conversation(conversation):
                break
            await self._live.close(conversation)
        async with self._database.write() as connection:
            await removal.conversations(connection, [conversation])

    async def _finish(self, one: Erasure, subject: Subject) -> None:
        now = self._now()
        async with self._database.write() as connection:
            ids = [row["id"] for row in await finding.owners_of(connection, subject)]
            await removal.owners(connection, ids)
            names = await store.marked(connection, one.id)
            await removal.simulations(connection, subject, names)
            await removal.audit_lines(connection, subject)
            visitors, conversations = await store.finish(connection, one.id, now)
            if one.state != "done":  # once, however often it was looked after
                await record(
                    connection, now, one.by, "person.erased", one.id, visitors=visitors,
                    conversations=conversations, owners=len(ids),
                )  # fmt: skip
        await self._database.tidy()
        log.info("erased", erasure=one.id, visitors=visitors, conversations=conversations)

    async def _rewrite(self) -> None:
        """Some minutes later, Redis writes its files anew: without what was deleted."""
        now = self._now()
        async with self._database.read() as connection:
            done = await store.to_rewrite(connection, self._desk, now - REWRITE_AFTER_MS)
        if not done:
            return
        try:
            await self._live.rewrite_files()
        except ScriptFailed as error:  # one is under way, or it isn't ours to ask for
            log.warning("rewriting the append-only file waits", because=error.answer)
            return
        async with self._database.write() as connection:
            await store.rewritten(connection, done, now)


def _order(id: str) -> tuple[int, int]:
    ms, _, sequence = id.partition("-")
    return int(ms), int(sequence or 0)
