"""What looks wrong in rules that are sound: never matching, naming nobody (RT-14).

Nothing here keeps a set from being published. "Shadowed" is said only if it is certain.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, Literal

from msgspec import Struct

from frontdesk.filters import Registry, name_of
from frontdesk.filters.faults import quoted
from frontdesk.filters.values import fold
from frontdesk.routing.faults import pointer
from frontdesk.routing.lint.readings import Asked, Filters, Reading
from frontdesk.routing.lint.takers import Takers
from frontdesk.routing.pace import paced
from frontdesk.routing.rule import DEFAULT_ID, Rule, RuleSet

Code = Literal[
    "shadowed", "unreachable", "contradiction", "no_reps", "left_rep", "unknown_value",
    "empty_fallback", "never_rung",
]  # fmt: skip
Severity = Literal["error", "warning"]
"""An error: the rule does nothing, or leaves visitors to nobody."""

MOST_STEPS: Final = 200_000
"""Of all comparisons of rules, each some microseconds. "Shadowed" isn't looked for beyond: rules by
the thousand that nearly cover each other would take minutes."""


class Finding(Struct, frozen=True):
    """One thing that looks wrong. `place` is a JSON pointer into the rule document."""

    code: Code
    rule: str
    place: str
    message: str
    severity: Severity


class Team(Struct, frozen=True):
    """Who there is: reps who take chats, groups with their members, names of all, also of those
    who left.
    """

    reps: Collection[str]
    groups: Mapping[str, Collection[str]]
    names: Mapping[str, str] = {}


class Known:
    """What was found out about filters, from one check to the next."""

    def __init__(self, filters: Filters) -> None:
        self.filters = filters
        self.takers = Takers(filters.registry)


Observed = Mapping[str, Collection[str]]
"""Field key → all texts it has had lately; fields that aren't in it aren't looked at."""


def lint(
    ruleset: RuleSet,
    registry: Registry,
    team: Team,
    observed: Observed | None = None,
    *,
    known: Known | None = None,
) -> list[Finding]:
    """Everything that looks wrong, in the order of the rules. `known` remembers what was found out
    about these rules' filters before.
    """
    known = known or Known(Filters(registry))
    found = [*_filters(ruleset, known, _Seen.of(observed or {}))]
    there = _There.of(team)
    for place, rule in paced(_placed(ruleset)):
        found += _targets(rule, place, there)
    return sorted(found, key=lambda one: _order(one.place))


def _placed(ruleset: RuleSet) -> Iterator[tuple[str, Rule]]:
    for i, rule in enumerate(ruleset.rules):
        yield f"/rules/{i}", rule
    yield "/default", ruleset.default


def _order(place: str) -> tuple[int, str]:
    _, where, *inner = place.split("/")
    return (int(inner[0]) if where == "rules" else 1 << 30, place)


# --- filters --------------------------------------------------------------------------------------


class _Read(Struct, frozen=True):
    """A rule whose filter can be read."""

    place: str
    rule: Rule
    reading: Reading


class _Seen(Struct, frozen=True):
    """Which texts visitors had lately, by field, as they compare."""

    texts: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, observed: Observed) -> "_Seen":
        return cls({key: frozenset(map(fold, found)) for key, found in observed.items()})


def _filters(ruleset: RuleSet, known: Known, seen: _Seen) -> Iterator[Finding]:
    live: list[_Read] = []
    for i, rule in enumerate(paced(ruleset.rules)):
        read = _Read(f"/rules/{i}", rule, known.filters.read(rule.when))
        yield from _of_one(read, seen)
        if rule.on and read.reading.filter is not None and not read.reading.impossible:
            live.append(read)
    yield from _hidden(live, known.takers)


def _of_one(read: _Read, seen: _Seen) -> Iterator[Finding]:
    reading, id, at = read.reading, read.rule.id, pointer(read.place, "when")
    if reading.filter is None:
        said = f"Nobody matches: its filter can't be read any more ({reading.faults[0].message})."
        yield Finding("contradiction", id, at, said, "error")
        return
    if reading.impossible:
        said = "Nobody can match this: its conditions contradict each other."
        yield Finding("contradiction", id, at, said, "error")
    else:
        said = "Nobody can match this alternative: its conditions contradict each other."
        for place in reading.dead:
            yield Finding("contradiction", id, at + place, said, "warning")
    for one in reading.asked:
        known = seen.texts.get(one.condition.field)
        if known is not None and not one.texts <= known:
            yield _never_seen(one, known, id, at)


def _hidden(live: Sequence[_Read], takers: Takers) -> Iterator[Finding]:
    """Rules that never come to be tried, or all of whose visitors an earlier one takes."""
    readings = [one.reading for one in live]
    walls = (place for place in takers.everybody(readings) if readings[place].everybody)
    wall = next(walls, len(live))
    for one, earlier in _shadows(live[: wall + 1], takers):
        said = f"Never matches: {quoted(earlier.rule.name)} above it takes all its visitors."
        yield Finding("shadowed", one.rule.id, one.place, said, "error")
    for one in live[wall + 1 :]:
        said = f"Never reached: {quoted(live[wall].rule.name)} above it matches every visitor."
        yield Finding("unreachable", one.rule.id, one.place, said, "error")


def _shadows(tried: Sequence[_Read], takers: Takers) -> Iterator[tuple[_Read, _Read]]:
    """Rules with the first of those before them that certainly takes all their visitors."""
    left = MOST_STEPS
    suspects = takers.suspects([one.reading for one in tried])
    for later, places in zip(tried, paced(suspects), strict=True):
        for place in places:
            covers, steps = later.reading.covered_by(tried[place].reading)
            left -= steps
            if covers:
                yield later, tried[place]
            if covers or left <= 0:
                break


def _never_seen(asked: Asked, known: Collection[str], id: str, at: str) -> Finding:
    """Texts that are asked for, and that no visitor had lately."""
    value = asked.condition.value
    values = value if isinstance(value, tuple) else (value,)
    missing = [one for one in values if isinstance(one, str) and fold(one) not in known]
    named = ", ".join(_named(asked.condition.field, one) for one in missing[:5])
    more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
    said = f"No visitor has had {named}{more} lately."
    return Finding("unknown_value", id, f"{at}{asked.place}/value", said, "warning")


def _named(field: str, value: str) -> str:
    """A code by its name, any other text in quotes."""
    name = name_of(field, value)
    return name if name != value else quoted(value)


# --- targets --------------------------------------------------------------------------------------


class _There(Struct, frozen=True):
    """The team, and which of its groups have anybody who takes chats."""

    team: Team
    reps: frozenset[str]
    groups: frozenset[str]

    @classmethod
    def of(cls, team: Team) -> "_There":
        reps = frozenset(team.reps)
        groups = (id for id, members in team.groups.items() if not reps.isdisjoint(members))
        return cls(team, reps, frozenset(groups))

    def anybody(self, rule: Rule) -> bool:
        """Whether the rule's targets are anybody."""
        targets = rule.targets
        if targets.everyone:
            return bool(self.reps)
        return not (self.reps.isdisjoint(targets.reps) and self.groups.isdisjoint(targets.groups))

    def name(self, id: str, otherwise: str) -> str:
        return self.team.names.get(id, otherwise)


def _targets(rule: Rule, place: str, there: _There) -> Iterator[Finding]:
    blocks = rule.owner.on or rule.outreach.on
    if not rule.fallback:
        if not blocks:
            said = "Nobody is ever rung: the targets are removed, and no owner is looked for."
            yield Finding("never_rung", rule.id, pointer(place, "fallback"), said, "error")
        return
    yield from _those_who_left(rule, place, there)
    yield from _empty_groups(rule, place, there)
    if not there.anybody(rule):
        yield _nobody(rule, place, blocks=blocks)


def _those_who_left(rule: Rule, place: str, there: _There) -> Iterator[Finding]:
    for i, rep in enumerate(rule.targets.reps):
        if rep not in there.reps:
            said = f"{there.name(rep, 'Somebody')} takes no chats any more."
            at = pointer(place, "targets", "reps", i)
            yield Finding("left_rep", rule.id, at, said, "warning")
    for rep in rule.weights:
        if rep not in there.reps and rep not in rule.targets.reps:
            said = f"{there.name(rep, 'Somebody')} has a weight, and takes no chats any more."
            yield Finding("left_rep", rule.id, pointer(place, "weights", rep), said, "warning")


def _empty_groups(rule: Rule, place: str, there: _There) -> Iterator[Finding]:
    for i, group in enumerate(rule.targets.groups):
        if group not in there.groups:
            said = f"Nobody who takes chats is in {quoted(there.name(group, 'this group'))}."
            at = pointer(place, "targets", "groups", i)
            yield Finding("no_reps", rule.id, at, said, "warning")


def _nobody(rule: Rule, place: str, *, blocks: bool) -> Finding:
    at = pointer(place, "targets")
    if blocks:
        said = "There is nobody to fall back to. Name somebody, or remove the fallback."
        return Finding("empty_fallback", rule.id, at, said, "warning")
    what = "rings nobody" if rule.targets.nobody else "names nobody who takes chats"
    who = "The default rule" if rule.id == DEFAULT_ID else "This rule"
    return Finding("no_reps", rule.id, at, f"{who} {what}.", "error")
