"""A rule set made ready to decide with: filters behind an index, groups resolved (RT-1)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, Self

from frontdesk.filters import (
    Condition,
    Crowd,
    Filter,
    FilterFaults,
    Registry,
    RuleIndex,
    Situation,
    Tested,
    conditions,
    is_blank,
    parse,
)
from frontdesk.filters.conditions import Test, value_test
from frontdesk.routing.lint.readings import Filters
from frontdesk.routing.pace import paced
from frontdesk.routing.rule import Rule, RuleSet, Targets

IN_FULL = 50
"""Rules that a record explains condition by condition; of more, the matching one always (RT-12)."""

Members = Mapping[str, Collection[str]]
"""Group id → ids of its reps."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A rule that was tried. `number` is its place in the list as people count, from 1; a rule that
    is switched off has its number too, but isn't tried.
    """

    rule: str
    name: str
    number: int
    matched: bool
    tested: tuple[Tested, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """The rules down to the one that matched; `skipped` more were tried and aren't listed."""

    rules: tuple[Tried, ...]
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Live:
    """A rule that is on, with its filter read."""

    number: int
    rule: Rule
    filter: Filter


class Finder(Protocol):
    """What finds the first of the rules that are on."""

    def first(self, situation: Situation) -> int | None:
        """Its place among them."""


class OneByOne:
    """Asks one filter after the other; remembers the last visitor's."""

    def __init__(self, filters: Sequence[Filter], registry: Registry) -> None:
        self._filters = filters
        self._registry = registry
        self._last: tuple[Situation, int | None] | None = None

    def first(self, situation: Situation) -> int | None:
        """Its place; some ms of thousands: the first time is for a thread."""
        if self._last is None or self._last[0] != situation:
            crowd = Crowd([situation], self._registry)
            each = enumerate(paced(self._filters))
            found = next((place for place, one in each if crowd.matching(one)), None)
            self._last = situation, found
        return self._last[1]


class CompiledRules:
    """A version of the rules. Immutable; a node swaps it whole.

    `broken` are rules whose filter can't be read any more, because a field of it is gone or has
    become another type: they match nobody, and everybody else is still routed.
    """

    def __init__(
        self,
        version: int,
        ruleset: RuleSet,
        registry: Registry,
        members: Members,
        live: Sequence[Live],
        broken: Mapping[str, FilterFaults],
        finder: Finder | None = None,
    ) -> None:
        self.version = version
        self.ruleset = ruleset
        self.registry = registry
        self.broken = broken
        self._live = tuple(live)
        self._index = finder or RuleIndex([one.filter for one in live], registry)
        self._conditions: dict[int, tuple[_Condition, ...]] = {}
        self._by_id = {rule.id: rule for rule in ruleset.every}
        self._teams = _teams(ruleset, members)
        on = (*(one.rule for one in live), ruleset.default)
        self.looks_at_ownership = any(rule.looks_at_ownership for rule in on)

    @classmethod
    def to_try(cls, version: int, ruleset: RuleSet, filters: Filters, members: Members) -> Self:
        """The same for a visitor or two: for them an index of thousands of rules isn't worth it."""
        live, broken = [], {}
        for number, rule in enumerate(paced(ruleset.rules), 1):
            if rule.on and (reading := filters.read(rule.when)).filter is not None:
                live.append(Live(number, rule, reading.filter))
            elif rule.on:
                broken[rule.id] = FilterFaults(reading.faults)
        registry = filters.registry
        finder = OneByOne([one.filter for one in live], registry)
        return cls(version, ruleset, registry, members, live, broken, finder)

    @classmethod
    def of(cls, version: int, ruleset: RuleSet, registry: Registry, members: Members) -> Self:
        """Compile a rule set for these fields and groups."""
        live, broken = [], {}
        for number, rule in enumerate(ruleset.rules, 1):
            if not rule.on:
                continue
            try:
                live.append(Live(number, rule, parse(rule.when, registry)))
            except FilterFaults as error:
                broken[rule.id] = error
        return cls(version, ruleset, registry, members, live, broken)

    def with_members(self, members: Members) -> Self:
        """The same rules after people joined or left groups; nothing is compiled again."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__, _teams=_teams(self.ruleset, members))
        return other

    def match(self, situation: Situation) -> Rule:
        """The first rule that is on and matches, else the default rule (RT-1)."""
        found = self._index.first(situation)
        return self.ruleset.default if found is None else self._live[found].rule

    def team(self, rule: Rule) -> frozenset[str] | None:
        """The reps that a rule of this set names; None: all."""
        return self._teams[rule.id]

    def rule(self, id: str) -> Rule | None:
        """A rule of this set by its id."""
        return self._by_id.get(id)

    def tried(self, situation: Situation) -> Trial:
        """Every rule down to the match, explained. Slow: for records and the try panel (RT-12)."""
        found = self._index.first(situation)
        before = self._live if found is None else self._live[:found]
        listed = [self._tried(one, situation, matched=False) for one in before[: IN_FULL - 1]]
        if found is not None:
            listed.append(self._tried(self._live[found], situation, matched=True))
        return Trial(tuple(listed), max(0, len(before) - (IN_FULL - 1)))

    def _tried(self, live: Live, situation: Situation, *, matched: bool) -> Tried:
        tested = tuple([_tested(one, situation) for one in self._conditions_of(live)])
        return Tried(live.rule.id, live.rule.name, live.number, matched, tested)

    def _conditions_of(self, live: Live) -> "tuple[_Condition, ...]":
        """Made once for each rule: making a test costs far more than asking it."""
        found = self._conditions.get(live.number)
        if found is None:
            found = tuple(
                _Condition(place, one, value_test(one, self.registry))
                for place, one in conditions(live.filter)
            )
            self._conditions[live.number] = found
        return found


class _Condition(NamedTuple):
    """A condition of a rule, its place in the filter, and its test."""

    place: str
    condition: Condition
    test: Test


def _tested(one: _Condition, situation: Situation) -> Tested:
    """As `filters.explain` has it."""
    place, condition, test = one
    actual = situation.get(condition.field)
    return Tested(
        place,
        condition.field,
        condition.op,
        condition.value,
        None if is_blank(actual) else actual,
        test(actual),
    )


def _teams(ruleset: RuleSet, members: Members) -> dict[str, frozenset[str] | None]:
    return {rule.id: team_of(rule.targets, members) for rule in ruleset.every}


def team_of(targets: Targets, members: Members) -> frozenset[str] | None:
    """The reps that are named, themselves or by their groups; None: all (RT-3)."""
    if targets.everyone:
        return None
    return frozenset(targets.reps).union(*(members.get(group, ()) for group in targets.groups))
