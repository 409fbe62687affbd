"""Visitors and reps who do all that people do, in any order, and go on whatever breaks.

Each draws from a generator of its own. A client whose connection says nothing for a while breaks it
and goes elsewhere; what it was not answered it asks again, under the same client id.
"""

import asyncio
import random
import time
from typing import Any

import msgspec

from frontdesk.wire import frames
from frontdesk.wire.client import Event, Welcomed
from tests.chaos.history import Journal
from tests.scenarios.people import Call, Person, Rep, Visitor
from tests.scenarios.processes import Account, Installation

SILENT = 4.0
"""Seconds without a word, though asked, after which a client breaks its connection."""


class Restless(Person):
    """What both sides have in common here: leaving, coming back, noticing silence."""

    history: Journal

    def __init__(self, *given: Any, seed: int = 0, **options: Any) -> None:
        self.is_away = False
        self._heard_at = time.monotonic()
        super().__init__(*given, **options)
        self._random = random.Random(f"{seed} {self.name}")
        self._watch = asyncio.create_task(self._watch_silence())

    async def _choose(self) -> int:
        while self.is_away:
            await asyncio.sleep(0.05)
        self._heard_at = time.monotonic()
        return await super()._choose()

    def go(self) -> None:
        """The tab has no network; everything it knows stays."""
        self.is_away = True
        self.drop()

    def come(self) -> None:
        self.is_away = False

    async def leave(self) -> None:
        """The tab is closed: what it was not answered, nobody will ever know."""
        self._watch.cancel()
        await super().leave()
        self.history.write("left", who=self.name)

    async def _watch_silence(self) -> None:
        while True:
            await asyncio.sleep(1)
            if self.client.ready:
                self.client.ping()
                self._flush()
            if time.monotonic() - self._heard_at > SILENT:
                self._heard_at = time.monotonic()
                self.drop()

    def _heard(self, events: list[Event]) -> None:
        self._heard_at = time.monotonic()
        super()._heard(events)

    def _one(self, event: Event) -> None:
        super()._one(event)
        if isinstance(event, Welcomed):
            for conversation in self.known():
                self.history.view(self.name, conversation)

    def known(self) -> list[frames.Conversation]:
        """The conversations of this client's screen."""
        return list(self.client._known())

    async def done(self, number: int, *, patience: float = 3.0) -> Call:
        """Asks, and waits a while; it goes on being asked however long that takes."""
        call = self.begin(number)
        deadline = time.monotonic() + patience
        while not (call.ok or call.error) and time.monotonic() < deadline:
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), 0.2)
            except TimeoutError:
                continue
        return call


class Guest:
    """A visitor, tab after tab."""

    def __init__(self, running: Installation, number: int, journal: Journal, seed: int) -> None:
        self._running = running
        self._journal = journal
        self._name = f"visitor {number}"
        self._seed = seed
        self._random = random.Random(f"{seed} {self._name}")
        self._said = 0
        self.tab = self._open("")

    def _open(self, token: str) -> "Tab":
        return Tab(self._running, self._name, self._journal, token=token, seed=self._seed)

    async def live(self, over: asyncio.Event) -> None:
        """Until it is over."""
        while not over.is_set():
            await asyncio.sleep(self._random.uniform(0.03, 0.5))
            if self.tab.client.ready and not over.is_set():
                await self._act()

    async def _act(self) -> None:
        chat, tab, dice = self.tab.client.conversation, self.tab, self._random.random()
        if dice < 0.04:
            await self._goes_away()
        elif dice < 0.07:
            await self._opens_another_tab()
        elif chat is None or chat.state == "closed":
            await tab.done(tab.client.request(self._text()))
        elif chat.state == "missed":
            await self._missed(chat.id, dice)
        elif dice < 0.12:
            await tab.done(tab.client.close(chat.id))
        elif dice < 0.75:
            await tab.done(tab.client.message(chat.id, self._text()))
        elif dice < 0.85:
            tab.client.read(chat.id, chat.offset)
            tab.hint()
        elif dice < 0.9:
            tab.client.typing(chat.id)
            tab.hint()

    async def _missed(self, name: str, dice: float) -> None:
        tab = self.tab
        if dice < 0.4:
            await tab.done(tab.client.leave(name, email="a@example.com", text=self._text()))
        elif dice < 0.8:
            await tab.done(tab.client.request(self._text()))
        else:
            await tab.done(tab.client.close(name))

    async def _goes_away(self) -> None:
        self.tab.go()
        await asyncio.sleep(self._random.expovariate(1 / 1.5))
        self.tab.come()

    async def _opens_another_tab(self) -> None:
        """The old one is closed; what it was not answered is said again in the new one."""
        old = self.tab
        unsaid = [call.request for call in old.unanswered()]
        await old.leave()
        self.tab = self._open(old.client.token)
        for request in unsaid:
            if isinstance(request, frames.SendMessage):
                number = next(self.tab.client._ids)
                self.tab.client.again(msgspec.structs.replace(request, id=number))
                self.tab.begin(number)

    def _text(self) -> str:
        self._said += 1
        return f"{self._name} says {self._said}"


class Answerer:
    """A rep at their console."""

    def __init__(
        self, running: Installation, account: Account, journal: Journal, seed: int
    ) -> None:
        self.console = Console(running, account, journal, seed=seed)
        self._others = [one.id for one in running.reps if one.id != account.id]
        self._groups = list(running.groups.values())
        self._random = random.Random(f"{seed} {account.name}")
        self._name = account.name
        self._said = 0

    async def live(self, over: asyncio.Event) -> None:
        """Until it is over."""
        while not over.is_set():
            await asyncio.sleep(self._random.uniform(0.03, 0.4))
            if self.console.client.ready and not over.is_set():
                await self._act()

    async def takes_what_rings(self) -> None:
        """Nothing else: all is calm, and nobody should wait in vain."""
        snapshot = self.console.client.snapshot
        if self.console.client.ready and snapshot and snapshot.offers:
            await self.console.done(self.console.client.claim(snapshot.offers[0].conversation))

    async def _act(self) -> None:
        client, dice = self.console.client, self._random.random()
        snapshot = client.snapshot
        assert snapshot is not None
        if dice < 0.02:
            await self._goes_away()
        elif snapshot.availability == "away":
            await self._choose("available", dice < 0.4)
        elif dice < 0.05:
            await self._choose("away", now=True)
        elif snapshot.offers and (dice < 0.6 or not snapshot.conversations):
            await self._answers(self._random.choice(snapshot.offers).conversation, dice)
        elif snapshot.conversations:
            await self._talks(self._random.choice(snapshot.conversations))

    async def _choose(self, state: Any, now: bool) -> None:  # noqa: FBT001 - a throw of the dice
        if now:
            await self.console.done(self.console.client.availability(state))

    async def _answers(self, name: str, dice: float) -> None:
        client = self.console.client
        if dice < 0.1:
            await self.console.done(client.decline(name))
        elif dice < 0.2:
            client.seen(name)
            self.console.hint()
        else:
            await self.console.done(client.claim(name))

    async def _talks(self, chat: frames.Conversation) -> None:
        client, dice = self.console.client, self._random.random()
        if dice < 0.07:
            await self.console.done(client.transfer(chat.id, fence=chat.fence, **self._whom()))
        elif dice < 0.14:
            await self.console.done(client.close(chat.id, fence=chat.fence))
        elif dice < 0.75:
            self._said += 1
            text = f"{self._name} says {self._said}"
            await self.console.done(client.message(chat.id, text, fence=chat.fence))
        elif dice < 0.85:
            client.read(chat.id, chat.offset)
            self.console.hint()

    def _whom(self) -> dict[str, str]:
        rep, group = self._random.choice(self._others), self._random.choice(self._groups)
        return self._random.choice([{"rep": rep}, {"group": group}, {}])

    async def _goes_away(self) -> None:
        self.console.go()
        await asyncio.sleep(self._random.expovariate(1 / 2.5))
        self.console.come()


class Tab(Restless, Visitor):
    """A visitor's."""


class Console(Restless, Rep):
    """A rep's."""
