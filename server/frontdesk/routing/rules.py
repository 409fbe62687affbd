"""The document of rules: read whole or refused whole, with everything that is wrong (RT-1).

A draft, a published version and the command line's YAML are the same document.
"""

import math
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from msgspec import Struct, ValidationError, convert, json
from msgspec.structs import asdict

from frontdesk.filters import FilterFaults, Registry
from frontdesk.filters import parse as parse_filter
from frontdesk.routing.faults import Fault, RuleFaults, pointer, quoted
from frontdesk.routing.reading import read_fields, sendable, unknown_keys
from frontdesk.routing.rule import (
    DEFAULT_ID,
    DEFAULT_NAME,
    MOST_RULES,
    Booking,
    Id,
    Look,
    Missed,
    Name,
    OutreachBlock,
    OutreachBook,
    OutreachRing,
    OwnerBlock,
    OwnerRing,
    Plan,
    Rule,
    RuleSet,
    Strategy,
    Targets,
    default_rule,
)

__all__ = [
    "DEFAULT_ID",
    "DEFAULT_NAME",
    "Booking",
    "Look",
    "Missed",
    "OutreachBlock",
    "OutreachBook",
    "OutreachRing",
    "OwnerBlock",
    "OwnerRing",
    "Rule",
    "RuleFaults",
    "RuleSet",
    "Strategy",
    "Targets",
    "default_rule",
    "dump_rules",
    "parse_rules",
]

Known = Collection[str] | None
"""the ids there are; None: not checked"""


class _Head(Struct, frozen=True, kw_only=True):
    """What a rule has and the default rule doesn't."""

    id: Id
    name: Name
    on: bool = True
    when: dict[str, Any]


class _Default(Plan, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class _Document(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    rules: tuple[Rule, ...] = ()
    default: _Default


def parse_rules(
    document: object, registry: Registry, *, reps: Known = None, groups: Known = None
) -> RuleSet:
    """The rule set of a document. `reps` and `groups` are the ids there are; without them it isn't
    asked: a version once published stays readable after somebody left. Raises RuleFaults with all
    faults.
    """
    faults: list[Fault] = []
    rules, default = _read(document, faults)
    for place, rule in rules:
        faults += _filter_faults(rule.get("when"), pointer(place, "when"), registry)
    faults += _taken(rules)
    for place, plan in [*rules, ("/default", default)]:
        faults += _plan_faults(plan, place, reps, groups)
    if faults:
        raise RuleFaults(faults)
    return RuleSet(rules=tuple(Rule(**rule) for _, rule in rules), default=default_rule(**default))


_GOES_WITHOUT_SAYING = ("id", "name", "on", "when")


def dump_rules(ruleset: RuleSet) -> dict[str, Any]:
    """The document of a rule set, for JSON and YAML; `parse_rules` reads it back."""
    default = _written(ruleset.default)
    for key in _GOES_WITHOUT_SAYING:
        del default[key]
    return {"rules": [_written(rule) for rule in ruleset.rules], "default": default}


def _written(rule: Rule) -> dict[str, Any]:
    """As JSON has it: lists, not tuples; whole numbers as people write them: 30, not 30.0."""
    document: dict[str, Any] = json.decode(json.encode(rule))
    for key in ("ring_seconds", "wait_seconds"):
        document[key] = _whole(document[key])
    document["weights"] = {rep: _whole(one) for rep, one in document["weights"].items()}
    return document


def _whole(number: float) -> int | float:
    return int(number) if number == int(number) else number


Read = tuple[str, dict[str, Any]]
"""A place, and the fields of the rule there that could be read."""


def _read(document: object, faults: list[Fault]) -> tuple[list[Read], dict[str, Any]]:
    document = _without_formality(document)
    try:
        whole = convert(document, _Document)  # the quick way, when there is nothing to complain of
        json.encode(whole)
    except (ValidationError, UnicodeEncodeError):
        return _read_with_faults(document, faults)
    rules = [(f"/rules/{i}", asdict(rule)) for i, rule in enumerate(whole.rules)]
    return rules, asdict(whole.default)


def _without_formality(document: object) -> object:
    """The default rule may be written with the id and the name that it always has."""
    if not isinstance(document, Mapping) or not isinstance(document.get("default"), Mapping):
        return document
    formal = {"id": DEFAULT_ID, "name": DEFAULT_NAME}
    default = {
        key: value
        for key, value in document["default"].items()
        if key not in formal or value != formal[key]
    }
    return {**document, "default": default}


def _read_with_faults(document: object, faults: list[Fault]) -> tuple[list[Read], dict[str, Any]]:
    if not isinstance(document, Mapping):
        faults.append(Fault("", "invalid", f"this must be an object, not {quoted(document)}"))
        return [], {}
    faults += unknown_keys(document, ("rules", "default"), "")
    listed = document.get("rules", ())
    if not isinstance(listed, list | tuple):
        faults.append(Fault("/rules", "invalid", f"this must be a list, not {quoted(listed)}"))
        listed = ()
    rules = [
        (f"/rules/{i}", read_fields((_Head, Plan), rule, f"/rules/{i}", faults))
        for i, rule in enumerate(listed[: MOST_RULES + 1])
    ]
    if "default" not in document:
        faults.append(Fault("/default", "missing", "the default rule can't be left out"))
        return rules, {}
    return rules, read_fields((_Default,), document["default"], "/default", faults)


def _filter_faults(when: Any, place: str, registry: Registry) -> Iterator[Fault]:
    if when is None:
        return
    try:
        parse_filter(when, registry)
        json.encode(when)
    except FilterFaults as error:
        for fault in error.faults:
            yield Fault(sendable(place + fault.place), fault.code, fault.message)
    except UnicodeEncodeError:
        yield Fault(place, "invalid", "there is half a character in a text of this")


def _taken(rules: list[Read]) -> Iterator[Fault]:
    """Ids and names that two rules have; names are told apart ignoring case."""
    if len(rules) > MOST_RULES:
        yield Fault("/rules", "too_many", f"there can be at most {MOST_RULES:,} rules")
    ids, names = {DEFAULT_ID: ""}, {DEFAULT_NAME.casefold(): ""}
    for place, rule in rules:
        for key, seen, value in (
            ("id", ids, rule.get("id")),
            ("name", names, str(rule.get("name", "")).casefold()),
        ):
            if not value:
                continue
            if value in seen:
                at = seen[value] or "the default rule"
                yield Fault(pointer(place, key), f"{key}_taken", f"another rule has it: {at}")
            seen.setdefault(value, place)


def _plan_faults(
    plan: Mapping[str, Any], place: str, reps: Known, groups: Known
) -> Iterator[Fault]:
    yield from _time_faults(plan, place)
    yield from _weight_faults(plan, place)
    targets = plan.get("targets", Targets())
    yield from _unknown(targets.reps, pointer(place, "targets", "reps"), "rep", reps)
    yield from _unknown(targets.groups, pointer(place, "targets", "groups"), "group", groups)
    owner = plan.get("owner")
    if owner and len(set(owner.look)) != len(owner.look):
        at = pointer(place, "owner", "look")
        yield Fault(at, "repeated", "each kind of record can be looked at only once")


def _time_faults(plan: Mapping[str, Any], place: str) -> Iterator[Fault]:
    ring, wait = plan.get("ring_seconds"), plan.get("wait_seconds")
    for key, value in (("ring_seconds", ring), ("wait_seconds", wait)):
        if value is not None and math.isnan(value):  # YAML has it, and it passes any bound
            yield Fault(pointer(place, key), "invalid", "this must be a number of seconds")
    if ring is not None and wait is not None and wait < ring:
        at = pointer(place, "wait_seconds")
        yield Fault(at, "wait_shorter", "the total wait can't be shorter than one rep's ring")


def _weight_faults(plan: Mapping[str, Any], place: str) -> Iterator[Fault]:
    weights = plan.get("weights", {})
    at = pointer(place, "weights")
    if weights and plan.get("strategy") is Strategy.FIRST_AVAILABLE:
        yield Fault(at, "weights_unused", "weights are for round robin only; here all ring at once")
    for rep, weight in weights.items():
        if math.isnan(weight):
            yield Fault(pointer(at, rep), "invalid", "this must be a number from 0.1 to 100")


def _unknown(named: tuple[str, ...], place: str, what: str, known: Known) -> Iterator[Fault]:
    if known is None:
        return
    for i, id in enumerate(named):
        if id not in known:
            yield Fault(pointer(place, i), f"unknown_{what}", f"there is no {what} {quoted(id)}")
