"""Runs a simulation: over the recorded requests of the last days, or a CSV of samples (RT-13).

Page by page: the database is asked in this task, deciding is done in a thread, so that whatever
else the process does goes on, and no more than a page is in memory.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from frontdesk.clock import NowMs, now_ms
from frontdesk.filters import Registry
from frontdesk.people.rep import Rep
from frontdesk.people.roles import RIGHTS, Right
from frontdesk.people.store.reps import all_groups, all_reps
from frontdesk.routing.decisions.compiled import CompiledRules
from frontdesk.routing.owners.owners import OwnerTable
from frontdesk.routing.owners.ownership import UNOWNED, Ownership
from frontdesk.routing.references import fields_of
from frontdesk.routing.reps.hours import Hours
from frontdesk.routing.reps.view import Candidate, everybody_available
from frontdesk.routing.reps.working_hours import hours_of_row
from frontdesk.routing.rules.rules import stored_rules
from frontdesk.routing.simulations.comparison import Comparison, about_of, name_of
from frontdesk.routing.simulations.history import History
from frontdesk.routing.simulations.sample_csv import Sample, read_samples
from frontdesk.routing.simulations.simulated import Happened, Side
from frontdesk.routing.simulations.simulations import Request
from frontdesk.routing.store import fields as fields_store
from frontdesk.routing.store import hours as hours_store
from frontdesk.routing.store import recorded as store
from frontdesk.routing.store.recorded import Asked, Change, Looked
from frontdesk.routing.visitors.fields import registry_of
from frontdesk.routing.visitors.situation import SomeFields
from frontdesk.storage.engine import Database

PAGE: Final = 2000
"""Requests, and changes of presence, at a time."""
DECISIONS: Final = 100
"""Recorded decisions at a time: with two hundred reps one has some 20 kB."""
DAY_MS: Final = 24 * 60 * 60 * 1000

Progress = Callable[[int, int], Awaitable[None]]


class Reader:
    """The `Simulate` of the worker and of the command line."""

    def __init__(
        self, database: Database, desk: str, *, owner_over: int = 0, now: NowMs = now_ms
    ) -> None:
        self._database = database
        self._desk = desk
        self._owner_over = owner_over
        self._now = now
        self._owners = OwnerTable(database, now=now)

    async def __call__(self, request: Request, progress: Progress) -> dict[str, Any]:
        """Return the result as `SimulationResult` of the console has it. Raises bad_request for a
        CSV that can't be read.
        """
        world = await self._world()
        before, after = await asyncio.to_thread(
            lambda: (self._side(request.base, world), self._side(request.rules, world))
        )
        fields = SomeFields(world.registry, fields_of(request.base) | fields_of(request.rules))
        if request.samples:
            history = world.everybody_here()
            comparison = Comparison(before, after, fields, history)
            await self._samples(comparison, request.samples, world.registry, progress)
        else:
            history = History(world.candidates())
            comparison = Comparison(before, after, fields, history)
            await _Recorded(self._database, self._desk, self._owners, comparison, history).run(
                since=self._now() - request.days * DAY_MS, until=self._now(), progress=progress
            )
        return await asyncio.to_thread(comparison.result)

    async def _world(self) -> "_World":
        async with self._database.read() as connection:
            return _World(
                await all_reps(connection),
                {group.id: group.members for group in await all_groups(connection)},
                {
                    rep: hours_of_row(row)
                    for rep, row in (await hours_store.all_hours(connection)).items()
                },
                registry_of(await fields_store.all_fields(connection)),
            )

    def _side(self, document: dict[str, Any], world: "_World") -> Side:
        compiled = CompiledRules.of(0, stored_rules(document), world.registry, world.members)
        return Side(compiled, owner_over=self._owner_over)

    async def _samples(
        self, comparison: Comparison, text: str, registry: Registry, progress: Progress
    ) -> None:
        samples = await asyncio.to_thread(read_samples, text, registry)
        await progress(0, len(samples))
        for begin in range(0, len(samples), PAGE):
            page = samples[begin : begin + PAGE]
            abouts = [one.about for one in page]
            owned = await _owned(self._owners, comparison, abouts)
            await asyncio.to_thread(_add_samples, comparison, page, owned, self._now())
            await progress(begin + len(page), len(samples))


class _World:
    """Reps, groups, hours and fields as they are today."""

    def __init__(
        self,
        reps: Sequence[Rep],
        members: dict[str, tuple[str, ...]],
        hours: dict[str, Hours],
        registry: Registry,
    ) -> None:
        self._reps = reps
        self._hours = hours
        self.members = members
        self.registry = registry

    def candidates(self) -> list[Candidate]:
        """All who take chats."""
        return [
            Candidate(rep.id, frozenset(rep.groups), self._hours.get(rep.id))
            for rep in self._reps
            if rep.active and Right.TAKE_CHATS in RIGHTS[rep.role]
        ]

    def everybody_here(self) -> History:
        """All of them available with nothing to do, whatever their hours."""
        seen = everybody_available(self._reps).seen(0)
        return History(seen.candidates.values(), seen.statuses)


class _Recorded:
    """Leads a comparison through the recorded requests and the presence between them."""

    def __init__(
        self,
        database: Database,
        desk: str,
        owners: OwnerTable,
        comparison: Comparison,
        history: History,
    ) -> None:
        self._database = database
        self._desk = desk
        self._owners = owners
        self._comparison = comparison
        self._history = history
        self._changed = store.BEGINNING

    async def run(self, *, since: int, until: int, progress: Progress) -> None:
        async with self._database.read() as connection:
            of = await store.count_requests(connection, self._desk, since=since, until=until)
            for change in await store.presence_before(connection, since):
                self._history.take(change)
        self._changed = (since, "", 0)
        await progress(0, of)
        after, done = (since - 1, ""), 0
        while page := await self._requests(after, until):
            await self._work_off(page)
            after, done = (page[-1].at, page[-1].id), done + len(page)
            await progress(done, max(of, done))

    async def _requests(self, after: tuple[int, str], until: int) -> list[Asked]:
        async with self._database.read() as connection:
            return await store.requests(
                connection, self._desk, after=after, until=until, limit=PAGE
            )

    async def _work_off(self, page: list[Asked]) -> None:
        """Requests up to each page of changes; then the rest, after which nothing changed."""
        begin, until = 0, page[-1].at + 1
        self._history.forget_teams()
        while True:
            changes = await self._changes(until)
            last = len(changes) < PAGE
            end = len(page) if last else _before(page, changes[-1].at, begin)
            await self._decide(page[begin:end], changes)
            begin = end
            if last:
                return

    async def _changes(self, until: int) -> list[Change]:
        async with self._database.read() as connection:
            found = await store.presence_changes(
                connection, after=self._changed, until=until, limit=PAGE
            )
        if found:
            self._changed = (found[-1].at, found[-1].rep, found[-1].seq)
        return found

    async def _decide(self, requests: list[Asked], changes: list[Change]) -> None:
        silent = await self._silent([one.id for one in requests if one.missed])
        if not self._history.unrecorded:
            await self._some(requests, changes, silent, {})
            return
        for begin in range(0, len(requests), DECISIONS):
            some = requests[begin : begin + DECISIONS]
            async with self._database.read() as connection:
                looked = await store.looked_at(connection, [one.id for one in some])
            until = some[-1].at
            due = [one for one in changes if one.at <= until]
            changes = changes[len(due) :]
            await self._some(some, due, silent, looked)
        await self._some([], changes, silent, {})

    async def _some(
        self,
        requests: list[Asked],
        changes: list[Change],
        silent: dict[str, frozenset[str]],
        looked: dict[str, list[Looked]],
    ) -> None:
        abouts = await asyncio.to_thread(lambda: [about_of(one.about) for one in requests])
        owned = await _owned(self._owners, self._comparison, abouts)
        await asyncio.to_thread(self._lead, requests, abouts, owned, changes, silent, looked)

    def _lead(
        self,
        requests: list[Asked],
        abouts: list[dict[str, Any]],
        owned: list[Ownership],
        changes: list[Change],
        silent: dict[str, frozenset[str]],
        looked: dict[str, list[Looked]],
    ) -> None:
        taken = 0
        for one, about, own in zip(requests, abouts, owned, strict=True):
            while taken < len(changes) and changes[taken].at <= one.at:
                self._history.take(changes[taken])
                taken += 1
            if one.id in looked:
                self._history.look(looked[one.id])
            happened = Happened(one.rep, one.missed, silent.get(one.id, ()))
            self._comparison.add(one.id, one.at, about, ownership=own, happened=happened)
        for change in changes[taken:]:
            self._history.take(change)

    async def _silent(self, missed: list[str]) -> dict[str, frozenset[str]]:
        """Who was rung and didn't come, of those that were missed."""
        if not missed:
            return {}
        async with self._database.read() as connection:
            return await store.rung(connection, missed)


def _before(page: list[Asked], at: int, begin: int) -> int:
    """The first request of this instant or later: more changes of that instant may follow."""
    return next((i for i in range(begin, len(page)) if page[i].at >= at), len(page))


async def _owned(
    owners: OwnerTable, comparison: Comparison, abouts: Sequence[dict[str, Any]]
) -> list[Ownership]:
    if not comparison.looks_at_ownership:
        return [UNOWNED] * len(abouts)
    return await owners.find_all(abouts)


def _add_samples(
    comparison: Comparison, page: Sequence[Sample], owned: Sequence[Ownership], at: int
) -> None:
    for one, own in zip(page, owned, strict=True):
        said = f"Line {one.line}: {name_of(one.about)}".removesuffix(": ")
        comparison.add(f"line-{one.line}", at, one.about, visitor=said, ownership=own)
