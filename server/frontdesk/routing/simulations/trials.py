"""Trying rules before they are live: on one visitor, and how many each would take (RT-13).

Reading and counting run in a thread, one count at a time: thousands of rules against thousands
of visitors must not keep a node from its chats.
"""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from msgspec import Struct

from frontdesk.clock import NowMs
from frontdesk.filters import Registry
from frontdesk.people.refusals import unknown
from frontdesk.people.store.reps import all_groups, all_reps
from frontdesk.routing.decisions.compiled import CompiledRules
from frontdesk.routing.decisions.decide import RepView, decide
from frontdesk.routing.decisions.decision import Decision
from frontdesk.routing.decisions.record import as_json
from frontdesk.routing.lint.readings import Filters
from frontdesk.routing.owners.owners import Owners
from frontdesk.routing.owners.ownership import UNOWNED, Facts
from frontdesk.routing.pace import paced
from frontdesk.routing.rule import DEFAULT_ID, RuleSet
from frontdesk.routing.rules.read_rule import Readers
from frontdesk.routing.visitors.fields import VisitorFields
from frontdesk.routing.visitors.given import given_visitor
from frontdesk.routing.visitors.samples import Samples, Visitors
from frontdesk.routing.visitors.situation import situation_of
from frontdesk.storage.engine import Database

About = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tried:
    """A decision: its record, and what it is told in words with: names and fields."""

    record: dict[str, Any]
    names: dict[str, str]
    registry: Registry


class Matches(Struct, frozen=True):
    """How many of `of` visitors each rule takes, by id; the default rule by `default`."""

    rules: dict[str, int]
    of: int


class Trials:
    """Tries rules. `reps` gives the presence of this instant."""

    def __init__(
        self,
        database: Database,
        samples: Samples,
        fields: VisitorFields,
        owners: Owners,
        readers: Readers,
        *,
        now: NowMs,
        reps: Callable[[], RepView],
    ) -> None:
        self._database = database
        self._samples = samples
        self._fields = fields
        self._owners = owners
        self._readers = readers
        self._now = now
        self._reps = reps
        self._one_at_a_time = asyncio.Lock()

    async def about_of(self, conversation: str) -> About:
        """What is known of a conversation's visitor. Raises not_found."""
        found = await self._samples.of_conversation(conversation)
        if found is None:
            raise unknown("conversation")
        return found

    async def given(self, told: About) -> About:
        """A visitor whom somebody describes. Raises bad_request."""
        return given_visitor(told, await self._fields.registry())

    async def decision(self, number: int, ruleset: RuleSet, about: About) -> Tried:
        """What these rules would do with this visitor, if they asked for a person now."""
        compiled = await self._compiled(number, ruleset)
        own = await self._owners.find(about) if compiled.looks_at_ownership else UNOWNED
        facts = Facts(situation_of(about, compiled.registry), own)
        await asyncio.to_thread(compiled.match, facts.situation)  # found here, remembered below
        return Tried(self._decided(compiled, facts), await self.names(), compiled.registry)

    def _decided(self, compiled: CompiledRules, facts: Facts) -> dict[str, Any]:
        decision: Decision = decide(
            compiled, facts, self._reps(), why="request", now_ms=self._now(),
            rng=random.Random(),  # noqa: S311 - chance, not a secret
        )  # fmt: skip
        return as_json(decision)

    async def names(self) -> dict[str, str]:
        """Reps' and groups' names by id, for words."""
        async with self._database.read() as connection:
            people = {rep.id: rep.name for rep in await all_reps(connection)}
            groups = {group.id: group.name for group in await all_groups(connection)}
        return people | groups

    async def matches(self, ruleset: RuleSet) -> Matches:
        """Count which rule takes whom of the last 30 days' visitors, at most 2,000."""
        registry = await self._fields.registry()
        async with self._one_at_a_time:
            visitors = await self._samples.visitors(registry)
            filters = self._readers.reader(registry).filters
            return await asyncio.to_thread(_counted, ruleset, filters, visitors)

    async def _compiled(self, number: int, ruleset: RuleSet) -> CompiledRules:
        registry = await self._fields.registry()
        async with self._database.read() as connection:
            members = {group.id: group.members for group in await all_groups(connection)}
        filters = self._readers.reader(registry).filters
        return await asyncio.to_thread(CompiledRules.to_try, number, ruleset, filters, members)


def _counted(ruleset: RuleSet, filters: Filters, visitors: Visitors) -> Matches:
    """Nothing is compiled: each rule takes its own of those whom the rules above it left."""
    crowd, found = visitors.crowd, dict[str, int]()
    left = crowd.everybody
    for rule in paced(ruleset.rules):
        filter = filters.read(rule.when).filter if rule.on else None
        taken = 0 if filter is None else crowd.matching(filter) & left
        found[rule.id] = taken.bit_count()
        left ^= taken
    return Matches({**found, DEFAULT_ID: left.bit_count()}, visitors.count)
