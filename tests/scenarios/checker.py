"""Reads a scenario's history, the logs and SQL afterwards, and finds what must never be."""

import asyncio
import time
from collections import Counter, defaultdict

from sqlalchemy import func, select

from frontdesk.storage.tables import conversation, dead_event, entry
from frontdesk.wire import frames
from tests.scenarios.people import History, Rep, Visitor, texts_of
from tests.scenarios.processes import PATIENCE, Installation


class Checker:
    """What holds after any scenario, whatever was killed in it."""

    def __init__(self, installation: Installation, history: History) -> None:
        self._installation = installation
        self._history = history

    def one_holder_per_fence(self) -> None:
        """CH-2: nobody else was ever told that they hold it with the same fence."""
        holders: dict[tuple[str, int], set[str]] = defaultdict(set)
        for call in self._history.of(frames.Claim):
            if call.ok is not None and isinstance(call.ok.fence, int):
                assert isinstance(call.request, frames.Claim)
                holders[call.request.conversation, call.ok.fence].add(call.who)
        for (name, fence), who in holders.items():
            assert len(who) == 1, f"{name} with fence {fence} is held by {who}"

    def every_request_has_an_outcome(self) -> None:
        open_ones = [call for call in self._history.calls if not (call.ok or call.error)]
        assert not open_ones, f"never answered: {open_ones[:3]}"

    def told_once_and_in_order(self) -> None:
        """CH-3: to one person, the entries of a conversation come by rising offsets."""
        last: dict[tuple[str, str], int] = {}
        for _at, who, message in self._history.told:
            if isinstance(message, frames.Entry):
                before = last.get((who, message.conversation), 0)
                assert message.offset > before, f"{who} was told {message} after {before}"
                last[who, message.conversation] = message.offset

    def nothing_lost_doubled_or_reordered(
        self, name: str, visitor: list[str], rep: list[str], stored: list[str]
    ) -> None:
        """CH-3: all see the same, and what was acknowledged stands there by its offset, once."""
        assert visitor == rep, f"{name}: visitor and rep see different things"
        assert visitor == stored, f"{name}: SQL has something else"
        twice = [text for text, count in Counter(stored).items() if count > 1]
        assert not twice, f"{name}: said twice: {twice}"
        sent: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for call in self._history.of(frames.SendMessage):
            assert isinstance(call.request, frames.SendMessage)
            if call.ok is not None and call.request.conversation == name:
                assert isinstance(call.ok.offset, int)
                sent[call.who].append((call.ok.offset, call.request.text))
        for who, acknowledged in sent.items():
            offsets = [offset for offset, _ in acknowledged]
            assert offsets == sorted(offsets), f"{who}'s messages changed their order"
            lost = {text for _, text in acknowledged} - set(stored)
            assert not lost, f"acknowledged to {who} and lost: {lost}"

    async def archived(self, name: str, *, last: int) -> list[str]:
        """Waits until SQL has the conversation to its last entry; → what was said in it."""
        deadline = time.monotonic() + PATIENCE
        count = select(func.count()).where(entry.c.conversation_id == name)
        while True:
            async with self._installation.database.read() as connection:
                found = (await connection.execute(count)).scalar_one()
            if found >= last:
                break
            assert time.monotonic() < deadline, f"{name}: SQL has {found} of {last} entries"
            await asyncio.sleep(0.1)
        assert found == last, f"{name}: SQL has {found} entries of {last}"
        return await self._texts(name)

    async def _texts(self, name: str) -> list[str]:
        query = (
            select(entry.c.type, entry.c.body)
            .where(entry.c.conversation_id == name)
            .order_by(entry.c.offset)
        )
        async with self._installation.database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [row.body["text"] for row in rows if row.type == "message"]

    async def state_in_sql(self, name: str, state: str) -> None:
        """Waits until SQL says so."""
        query = select(conversation.c.state).where(conversation.c.id == name)
        deadline = time.monotonic() + PATIENCE
        found = None
        while found != state:
            assert time.monotonic() < deadline, f"{name} is {found} in SQL, not {state}"
            async with self._installation.database.read() as connection:
                found = (await connection.execute(query)).scalar_one_or_none()
            await asyncio.sleep(0.05)

    async def no_dead_events(self) -> None:
        async with self._installation.database.read() as connection:
            rows = (await connection.execute(select(dead_event.c.error))).all()
        assert not rows, f"the archive gave up on events: {rows[:3]}"

    def nothing_broke(self) -> None:
        """No stack trace in any log: whatever happened was expected."""
        for line in self._installation.logged():
            text = str(line.get("exception", "")) + str(line.get("raw", ""))
            assert "Traceback" not in text, text

    async def every_message_is_there(self, visitor: Visitor, rep: Rep, name: str) -> None:
        """Both sides see the same, without a worker that could have archived it."""
        await visitor.until(lambda: visitor.chat.state == "closed", "the end")
        texts = visitor.texts()
        self.nothing_lost_doubled_or_reordered(name, texts, texts_of(rep.seen[name]), texts)

    async def all_is_well(self, visitor: Visitor, *reps: Rep) -> None:
        """After an ended conversation: everything above."""
        name, last = visitor.chat.id, visitor.chat.offset
        seen = max((texts_of(rep.seen[name]) for rep in reps), key=len)
        stored = await self.archived(name, last=last)
        self.nothing_lost_doubled_or_reordered(name, visitor.texts(), seen, stored)
        self.one_holder_per_fence()
        self.every_request_has_an_outcome()
        self.told_once_and_in_order()
        await self.no_dead_events()
        self.nothing_broke()
