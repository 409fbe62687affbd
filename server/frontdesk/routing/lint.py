"""What looks wrong in rules that are sound: never matching, naming nobody (RT-14).

Nothing here keeps a set from being published. "Shadowed" is said only if it is certain.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Literal

from msgspec import Struct

from frontdesk.filters import (
    AllOf,
    AnyOf,
    Condition,
    Filter,
    FilterFaults,
    Not,
    Op,
    Registry,
    RuleIndex,
    Situation,
    conditions,
    parse,
    step,
)
from frontdesk.filters.faults import quoted
from frontdesk.filters.values import fold
from frontdesk.routing.conflicts import covers, impossible, witness
from frontdesk.routing.faults import pointer
from frontdesk.routing.rule import DEFAULT_ID, Rule, RuleSet

Code = Literal[
    "shadowed", "unreachable", "contradiction", "no_reps", "left_rep", "unknown_value",
    "empty_fallback", "never_rung",
]  # fmt: skip
Severity = Literal["error", "warning"]
"""An error: the rule does nothing, or leaves visitors to nobody."""

UNSURE = 50
"""A rule of which no matching visitor comes to mind is compared with so many before it."""


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


Observed = Mapping[str, Collection[str]]
"""Field key → all texts it has had lately; fields that aren't in it aren't looked at."""


def lint(
    ruleset: RuleSet, registry: Registry, team: Team, observed: Observed | None = None
) -> list[Finding]:
    """Everything that looks wrong, in the order of the rules."""
    found = [*_filters(ruleset, registry, observed or {})]
    for place, rule in _placed(ruleset):
        found += _targets(rule, place, team)
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
    filter: Filter


def _filters(ruleset: RuleSet, registry: Registry, observed: Observed) -> Iterator[Finding]:
    live: list[_Read] = []
    for i, rule in enumerate(ruleset.rules):
        place = f"/rules/{i}"
        try:
            read = _Read(place, rule, parse(rule.when, registry))
        except FilterFaults as error:
            said = f"Nobody matches: its filter can't be read any more ({error.faults[0].message})."
            yield Finding("contradiction", rule.id, pointer(place, "when"), said, "error")
            continue
        contradictions = list(_contradictions(read, registry))
        yield from contradictions
        yield from _never_seen(read, observed)
        if rule.on and not any(one.severity == "error" for one in contradictions):
            live.append(read)
    yield from _hidden(live, registry)


def _contradictions(read: _Read, registry: Registry) -> Iterator[Finding]:
    at = pointer(read.place, "when")
    if impossible(read.filter, registry):
        said = "Nobody can match this: its conditions contradict each other."
        yield Finding("contradiction", read.rule.id, at, said, "error")
        return
    for place, part in _alternatives(read.filter, at):
        if impossible(part, registry):
            said = "Nobody can match this alternative: its conditions contradict each other."
            yield Finding("contradiction", read.rule.id, place, said, "warning")


def _alternatives(filter: Filter, place: str) -> Iterator[tuple[str, Filter]]:
    """Each part of each `any`, with its place."""
    match filter:
        case Not(part):
            yield from _alternatives(part, step(place, "not"))
        case AllOf(parts) | AnyOf(parts):
            inside = step(place, "all" if isinstance(filter, AllOf) else "any")
            for i, part in enumerate(parts):
                if isinstance(filter, AnyOf):
                    yield step(inside, i), part
                yield from _alternatives(part, step(inside, i))


def _hidden(live: Sequence[_Read], registry: Registry) -> Iterator[Finding]:
    """Rules that never come to be tried, or all of whose visitors an earlier one takes."""
    index = RuleIndex([one.filter for one in live], registry)
    wall: _Read | None = None
    for number, one in enumerate(live):
        if wall:
            said = f"Never reached: {quoted(wall.rule.name)} above it matches every visitor."
            yield Finding("unreachable", one.rule.id, one.place, said, "error")
            continue
        for earlier in _suspects(number, live, index, registry):
            if covers(earlier.filter, one.filter, registry):
                said = (
                    f"Never matches: {quoted(earlier.rule.name)} above it takes all its visitors."
                )
                yield Finding("shadowed", one.rule.id, one.place, said, "error")
                break
        if impossible(Not(one.filter), registry):
            wall = one


def _suspects(
    number: int, live: Sequence[_Read], index: RuleIndex, registry: Registry
) -> Iterator[_Read]:
    """Earlier rules that may take all visitors of this one: each must match any one of them."""
    situation = witness(live[number].filter, registry)
    matching = [] if situation is None else [*_up_to(number, index, situation)]
    if number in matching:
        yield from (live[i] for i in matching if i < number)
    else:
        yield from live[max(0, number - UNSURE) : number]


def _up_to(number: int, index: RuleIndex, situation: Situation) -> Iterator[int]:
    for i in index.matching(situation):
        if i > number:
            return
        yield i


def _never_seen(read: _Read, observed: Observed) -> Iterator[Finding]:
    """Texts that are asked for, and that no visitor had lately."""
    for place, condition in conditions(read.filter, pointer(read.place, "when")):
        if condition.op not in (Op.IS, Op.ONE_OF) or condition.field not in observed:
            continue
        if missing := _missing(condition, {fold(one) for one in observed[condition.field]}):
            named = ", ".join(quoted(one) for one in missing[:5])
            more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
            said = f"No visitor has had {named}{more} lately."
            at = step(place, "value")
            yield Finding("unknown_value", read.rule.id, at, said, "warning")


def _missing(condition: Condition, seen: Collection[str]) -> list[str]:
    values = condition.value if isinstance(condition.value, tuple) else (condition.value,)
    return [one for one in values if isinstance(one, str) and fold(one) not in seen]


# --- targets --------------------------------------------------------------------------------------


def _targets(rule: Rule, place: str, team: Team) -> Iterator[Finding]:
    blocks = rule.owner.on or rule.outreach.on
    if not rule.fallback:
        if not blocks:
            said = "Nobody is ever rung: the targets are removed, and no owner is looked for."
            yield Finding("never_rung", rule.id, pointer(place, "fallback"), said, "error")
        return
    yield from _those_who_left(rule, place, team)
    yield from _empty_groups(rule, place, team)
    if not _anybody(rule, team):
        yield _nobody(rule, place, blocks=blocks)


def _those_who_left(rule: Rule, place: str, team: Team) -> Iterator[Finding]:
    for i, rep in enumerate(rule.targets.reps):
        if rep not in team.reps:
            said = f"{team.names.get(rep, 'Somebody')} takes no chats any more."
            at = pointer(place, "targets", "reps", i)
            yield Finding("left_rep", rule.id, at, said, "warning")
    for rep in rule.weights:
        if rep not in team.reps and rep not in rule.targets.reps:
            said = f"{team.names.get(rep, 'Somebody')} has a weight, and takes no chats any more."
            yield Finding("left_rep", rule.id, pointer(place, "weights", rep), said, "warning")


def _empty_groups(rule: Rule, place: str, team: Team) -> Iterator[Finding]:
    for i, group in enumerate(rule.targets.groups):
        if not any(rep in team.reps for rep in team.groups.get(group, ())):
            said = f"Nobody who takes chats is in {quoted(team.names.get(group, 'this group'))}."
            at = pointer(place, "targets", "groups", i)
            yield Finding("no_reps", rule.id, at, said, "warning")


def _anybody(rule: Rule, team: Team) -> bool:
    targets = rule.targets
    named = (
        *targets.reps,
        *(rep for group in targets.groups for rep in team.groups.get(group, ())),
    )
    return bool(team.reps) if targets.everyone else any(rep in team.reps for rep in named)


def _nobody(rule: Rule, place: str, *, blocks: bool) -> Finding:
    at = pointer(place, "targets")
    if blocks:
        said = "There is nobody to fall back to. Name somebody, or remove the fallback."
        return Finding("empty_fallback", rule.id, at, said, "warning")
    what = "rings nobody" if rule.targets.nobody else "names nobody who takes chats"
    who = "The default rule" if rule.id == DEFAULT_ID else "This rule"
    return Finding("no_reps", rule.id, at, f"{who} {what}.", "error")
