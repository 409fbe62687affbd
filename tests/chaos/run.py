"""One run: an installation, people, faults; then calm, and everything is looked at."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from msgspec import to_builtins

from frontdesk.wire import frames
from frontdesk.wire.client import may_reconnect
from tests.chaos.evidence import Evidence, Screen
from tests.chaos.faults import World, bring_back, dead
from tests.chaos.gather import Eye, is_archived, is_empty, sql_of
from tests.chaos.history import Journal, read
from tests.chaos.options import CAPACITY, GRACE, Options
from tests.chaos.people import Answerer, Console, Guest, Tab
from tests.chaos.rules import findings
from tests.chaos.schedule import carry_out, plan
from tests.chaos.world import opened
from tests.scenarios.processes import Installation

PATIENCE = 20.0
"""Seconds until what should come about by itself is taken for something that won't."""


@dataclass(slots=True)
class Run:
    """What a run has while it goes on."""

    options: Options
    world: World
    journal: Journal
    eye: Eye
    guests: list[Guest]
    answerers: list[Answerer]

    @property
    def people(self) -> list[Tab | Console]:
        return [*(one.tab for one in self.guests), *(one.console for one in self.answerers)]

    async def through(self, history: Path) -> Evidence:
        """Storm, calm, the end; → what was seen of it."""
        self.journal.began = time.monotonic()
        await self.storm()
        self.journal.write("calm")
        calm = self.journal.now()
        await self.calm()
        screens = await self.screens()
        await self.end()
        return await self.evidence(calm, screens, history)

    async def storm(self) -> None:
        """Everybody does something, and everything breaks."""
        over = asyncio.Event()
        planned = plan(self.world, self.options.seed, self.options.seconds)
        async with asyncio.TaskGroup() as group:
            for guest in self.guests:
                group.create_task(guest.live(over))
            for answerer in self.answerers:
                group.create_task(answerer.live(over))
            await carry_out(planned, self.world, self.journal)
            await asyncio.sleep(max(0.0, self.options.seconds - self.journal.now()))
            over.set()

    async def guard(self) -> None:
        """What dies although nothing struck it is noted, and started again, for ever."""
        async with asyncio.TaskGroup() as group:
            while True:
                await asyncio.sleep(0.5)
                for name in dead(self.world):
                    self.journal.write("died", what=name)
                    self.world.struck.add(name)
                    group.create_task(self._bring_back(name))

    async def _bring_back(self, name: str) -> None:
        await bring_back(self.world, name)
        self.world.struck.discard(name)

    async def calm(self) -> None:
        """Nothing breaks any more, nobody asks for anything new; whatever waits is answered."""
        for person in self.people:
            person.come()
        for one in self.answerers:
            await one.console.done(one.console.client.availability("available"))
        await self._until(self._nobody_waits, 2 * self.options.wait + GRACE + 5)
        await self._until(self._all_is_answered, PATIENCE)

    async def _nobody_waits(self) -> bool:
        for one in self.answerers:
            await one.takes_what_rings()
        return not await self.eye.waiting()

    async def _all_is_answered(self) -> bool:
        return not any(person.unanswered() for person in self.people)

    async def screens(self) -> list[Screen]:
        """Everybody's, beside what a new tab of theirs shows. What differs is looked at again: a
        push may be on its way, but not for long.
        """
        return [await self._screen(person) for person in self.people]

    async def _screen(self, person: Tab | Console) -> Screen:
        fresh = self._beside(person)
        found = Screen(who=person.name, at=self.journal.now())

        async def same() -> bool:
            found.at = self.journal.now()
            found.kept, found.fresh = _shown(person, fresh), _shown(fresh, person)
            return bool(found.kept == found.fresh)

        try:
            await self._until(lambda: _true(fresh.client.ready), PATIENCE)
            await self._until(same, PATIENCE / 2)
        finally:
            await fresh.leave()
        return found

    def _beside(self, person: Tab | Console) -> Tab | Console:
        running, journal = self.world.running, self.journal
        if isinstance(person, Console):
            return Console(running, person.account, journal)
        return Tab(running, "a new tab", journal, token=person.client.token)

    async def end(self) -> None:
        """Every visitor closes what is open, everybody leaves, and it is archived."""
        for one in self.guests:
            chat = one.tab.client.conversation
            if chat is not None and chat.state != "closed":
                await one.tab.done(one.tab.client.close(chat.id), patience=PATIENCE)
        await self._until(self._consoles_are_empty, PATIENCE / 2)
        for person in self.people:
            if person.closes and not may_reconnect(person.closes[-1]):
                self.journal.write("gone", who=person.name, code=str(person.closes[-1]))
        await asyncio.gather(*(person.leave() for person in self.people))
        await self._until(self._nothing_is_left, PATIENCE)
        await self._until(self._is_archived, 2 * PATIENCE)

    async def _consoles_are_empty(self) -> bool:
        return not any(one.console.known() for one in self.answerers)

    async def _nothing_is_left(self) -> bool:
        return is_empty(await self.eye.remains())

    async def _is_archived(self) -> bool:
        await self.eye.look()
        last = self.eye.events[-1].id if self.eye.events else "0-0"
        return await is_archived(self.world.running, last)

    async def _until(self, is_so: Callable[[], Awaitable[bool]], seconds: float) -> None:
        """Or until it won't be; the rules say what that means."""
        deadline = time.monotonic() + seconds
        while not await is_so() and time.monotonic() < deadline:
            await asyncio.sleep(0.1)

    async def evidence(self, calm: float, screens: list[Screen], history: Path) -> Evidence:
        """All that was seen, asked and is left."""
        running = self.world.running
        remains = await self.eye.remains()
        return Evidence(
            capacity={account.id: CAPACITY for account in running.reps}, wait=self.options.wait,
            grace=GRACE, calm=calm, over=self.journal.now(), lines=read(history),
            events=self.eye.events, sql=await sql_of(running), remains=remains, screens=screens,
            logged=list(alarms(running)),
        )  # fmt: skip


def alarms(running: Installation) -> list[str]:
    """What the processes logged as a fault of their own."""
    found = []
    for line in running.logged():
        text = str(line.get("exception", "")) + str(line.get("raw", ""))
        if "Traceback" in text or line.get("level") == "critical":
            found.append(f"{line.get('event', '')} {text}")
    return found


def _shown(person: Tab | Console, beside: Tab | Console) -> Any:
    """A screen as plain data; of logs that part which both have."""
    if isinstance(person, Console) and isinstance(beside, Console):
        snapshot = person.client.snapshot
        assert snapshot is not None
        there = {one.id: one.first for one in beside.known()}
        chats = [_cut(one, there.get(one.id, 1)) for one in snapshot.conversations]
        return to_builtins(msgspec.structs.replace(snapshot, conversations=chats))
    assert isinstance(person, Tab)
    chat, other = person.client.conversation, beside.known()
    if chat is None or chat.state == "closed":
        return None  # a new tab begins without what is over
    return to_builtins(_cut(chat, other[0].first if other else 1))


def _cut(chat: frames.Conversation, first: int) -> frames.Conversation:
    """From this offset on, where it knows of earlier ones."""
    first = max(first, chat.first)
    return msgspec.structs.replace(chat, first=first, entries=chat.entries[first - chat.first :])


async def _true(value: bool) -> bool:  # noqa: FBT001 - only to wait for it
    return value


# --- the whole of it ------------------------------------------------------------------------------


async def run(options: Options, folder: Path) -> tuple[Evidence, list[str]]:
    """Runs, judges, and leaves history, evidence, plan and logs in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    journal = Journal(folder / "history.jsonl")
    async with opened(options, folder) as world:
        _write_plan(world, options, folder / "faults.txt")
        evidence = await _evidence(world, options, journal, folder / "history.jsonl")
    journal.close()
    (folder / "evidence.json").write_bytes(evidence.dump())
    found = findings(evidence)
    (folder / "findings.txt").write_text("\n".join(found) + "\n", encoding="utf-8")
    return evidence, found


def _write_plan(world: World, options: Options, path: Path) -> None:
    clock = "its TIME jumps" if world.clock.is_real else "no cc here: only its desk's clock jumps"
    planned = map(str, plan(world, options.seed, options.seconds))
    path.write_text("\n".join([f"{options}; redis: {clock}", *planned, ""]), encoding="utf-8")


async def _evidence(world: World, options: Options, journal: Journal, path: Path) -> Evidence:
    running, seed = world.running, options.seed
    eye = Eye(running, journal)
    world.clock.move_meta = eye.move_meta
    guests = [Guest(running, number, journal, seed) for number in range(options.visitors)]
    answerers = [Answerer(running, account, journal, seed) for account in running.reps]
    going = Run(options, world, journal, eye, guests, answerers)
    beside = [asyncio.create_task(eye.watch()), asyncio.create_task(going.guard())]
    try:
        return await going.through(path)
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        await eye.close()
