"""This node's copy of the rules that are live: read from SQL, compiled, swapped whole when told.

What decisions need at hand: the compiled rules, the fields, working hours, who owns whom.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from frontdesk.bus.rereading import Rereading
from frontdesk.filters import Registry
from frontdesk.people.store.reps import all_groups
from frontdesk.routing.decisions.compiled import CompiledRules
from frontdesk.routing.owners.owners import Owners, OwnerTable
from frontdesk.routing.reps.hours import Hours
from frontdesk.routing.reps.working_hours import hours_of_row
from frontdesk.routing.rule import RuleSet
from frontdesk.routing.rules.rules import read_stored
from frontdesk.routing.store import fields, versions
from frontdesk.routing.store import hours as hours_store
from frontdesk.routing.store.fields import VisitorField
from frontdesk.routing.store.hours import HoursRow
from frontdesk.routing.visitors.fields import registry_of
from frontdesk.routing.visitors.situation import situation_of
from frontdesk.storage.engine import Connection, Database

log = structlog.get_logger("live_rules")

KEPT = 8
"""Older versions at hand: rings that began under one end under it."""
Members = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read at one instant; `rules` is None while the version is still the same."""

    number: int
    rules: bytes | None
    fields: list[VisitorField]
    members: Members
    hours: dict[str, HoursRow]


async def _stored(text: bytes) -> RuleSet:
    """In a thread: to decode thousands of rules takes a moment."""
    return await asyncio.to_thread(read_stored, text)


class LiveRules:
    """The live version, ready to decide with. `first` is in force until one was published."""

    def __init__(
        self, database: Database, desk: str, *, first: RuleSet, owners: Owners | None = None
    ) -> None:
        self._database = database
        self._desk = desk
        self._first = first
        self.owners: Owners = owners or OwnerTable(database)
        self.fields = Registry.builtin()
        self.hours: Mapping[str, Hours] = {}
        self.current = CompiledRules.of(0, first, self.fields, {})
        self._fields: list[VisitorField] = []
        self.declared: Mapping[str, VisitorField] = {}
        """The desk's own fields by name: what visitors are told to be is made to fit them."""
        self._members: Members = {}
        self._rows: dict[str, HoursRow] = {}
        self._older: OrderedDict[int, CompiledRules] = OrderedDict()
        self._rereading = Rereading("rules", self.refresh)
        self.on_change: Callable[[], None] = lambda: None

    async def version(self, number: int) -> CompiledRules:
        """An older version, for what began under it; what is live if that one is nowhere."""
        if number == self.current.version:
            return self.current
        if number in self._older:
            self._older.move_to_end(number)
            return self._older[number]
        if number == 0:
            return self._keep(await self._compiled(0, self._first))
        async with self._database.read() as connection:
            text = await versions.rules_text(connection, self._desk, number)
        if text is None:
            log.warning("no such version", number=number)
            return self.current
        return self._keep(await self._compiled(number, await _stored(text)))

    def seen_by(self, about: Mapping[str, Any]) -> str:
        """Version and rule that say who sees a visitor, of whom `about` is known (RT-10); '' where
        there is only the default rule.
        """
        rules = self.current
        if not rules.ruleset.rules:
            return ""
        return f"{rules.version} {rules.match(situation_of(about, self.fields)).id}"

    async def refresh(self) -> None:
        """Reads what changed, and swaps it in."""
        async with self._database.read() as connection:
            read = await self._read(connection)
        fields_changed, before = read.fields != self._fields, self.current
        if fields_changed:
            self.fields, self._fields = registry_of(read.fields), read.fields
            self.declared = {field.name: field for field in read.fields}
        members_changed, self._members = read.members != self._members, read.members
        hours_changed = self._take_hours(read.hours)
        if members_changed:  # of older versions, too: what rings by one goes on with who is there
            self._older.clear()
            self.current = before.with_members(read.members)
        if read.rules is not None or fields_changed:
            ruleset = before.ruleset if read.rules is None else await _stored(read.rules)
            self._swap(await self._compiled(read.number, ruleset), fields_changed=fields_changed)
        if self.current is not before or hours_changed:
            self.on_change()

    def soon(self) -> None:
        """Something was published: read again now."""
        self._rereading.soon()

    async def run(self) -> None:
        """Reads again when told, and now and then."""
        await self._rereading.run()

    async def _read(self, connection: Connection) -> _Read:
        number, rules = await versions.live_number(connection, self._desk), None
        if number != self.current.version:
            rules = await versions.rules_text(connection, self._desk, number)
        return _Read(
            number,
            rules,
            await fields.all_fields(connection),
            {group.id: group.members for group in await all_groups(connection)},
            await hours_store.all_hours(connection),
        )

    def _take_hours(self, rows: dict[str, HoursRow]) -> bool:
        if rows == self._rows:
            return False
        self._rows = rows
        self.hours = {rep: hours_of_row(row) for rep, row in rows.items()}
        return True

    def _swap(self, fresh: CompiledRules, *, fields_changed: bool) -> None:
        if fields_changed:
            self._older.clear()
        else:
            self._keep(self.current)
        self.current = fresh
        log.info("rules", version=fresh.version, rules=len(fresh.ruleset.rules))

    def _keep(self, rules: CompiledRules) -> CompiledRules:
        self._older[rules.version] = rules
        while len(self._older) > KEPT:
            self._older.popitem(last=False)
        return rules

    async def _compiled(self, number: int, ruleset: RuleSet) -> CompiledRules:
        """In a thread: thousands of rules take a moment, and chats go on meanwhile."""
        return await asyncio.to_thread(
            CompiledRules.of, number, ruleset, self.fields, self._members
        )
