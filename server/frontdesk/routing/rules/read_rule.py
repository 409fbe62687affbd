"""One rule of a document: read, and everything that is wrong with it by itself (RT-1).

What depends on other rules, or on who there is, is `rules`' to say.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from msgspec import Struct, ValidationError, convert, json
from msgspec.structs import asdict

from frontdesk.filters import Registry
from frontdesk.people.rep import FORBIDDEN_IN_NAMES
from frontdesk.routing.faults import Fault, pointer
from frontdesk.routing.lint.lint import Known
from frontdesk.routing.lint.readings import Filters, Memory, Reading, Same
from frontdesk.routing.rule import Id, Name, Plan, Rule, Strategy, Targets, default_rule
from frontdesk.routing.rules.reading import decoded, read_fields, sendable


class _Head(Struct, frozen=True, kw_only=True):
    """What a rule has and the default rule doesn't."""

    id: Id
    name: Name
    on: bool = True
    when: dict[str, Any]


class _Default(Plan, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


@dataclass(frozen=True, slots=True)
class ReadRule:
    """What could be read. `rule` is there if nothing is wrong; places in `faults` begin at it."""

    rule: Rule | None
    faults: tuple[Fault, ...]
    id: str | None
    name: str
    targets: Targets


class RuleReader:
    """Reads rules with the fields there are now, and remembers those that it read lately."""

    def __init__(self, registry: Registry) -> None:
        self.filters = Filters(registry)
        self.known = Known(self.filters)
        self._rules: Memory[ReadRule] = Memory()
        self._written: Same[bytes] = Same()

    def rule(self, raw: Any) -> ReadRule:
        """A rule as it stands in the list. JSON isn't decoded if it was read before."""
        return self._rules.get(raw, lambda: self._rule(raw))

    def written(self, rule: Rule, write: Callable[[Rule], bytes]) -> bytes:
        """What `write` makes of a rule that was read here."""
        return self._written.get(rule, lambda: write(rule), turns=self._rules.turns)

    def default(self, raw: Any) -> ReadRule:
        """The default rule, which has no id, name or filter of its own."""
        faults: list[Fault] = []
        fields = _fields(raw, _Default, (_Default,), faults)
        faults += _plan_faults(fields)
        return _read(fields, None if faults else default_rule(**fields), faults)

    def _rule(self, raw: Any) -> ReadRule:
        faults: list[Fault] = []
        fields = _fields(decoded(raw), Rule, (_Head, Plan), faults)
        faults += _name_faults(fields.get("name", ""))
        if "when" in fields:
            faults += _filter_faults(self.filters.read(fields["when"]))
        faults += _plan_faults(fields)
        return _read(fields, None if faults else Rule(**fields), faults)


class Readers:
    """The reader for the fields there are; another one, which remembers nothing, for others."""

    def __init__(self) -> None:
        self.last = RuleReader(Registry.builtin())

    def reader(self, registry: Registry) -> RuleReader:
        """The reader for these fields."""
        if self.last.filters.registry is not registry:
            self.last = RuleReader(registry)
        return self.last


def _read(fields: Mapping[str, Any], rule: Rule | None, faults: list[Fault]) -> ReadRule:
    name, targets = str(fields.get("name", "")), fields.get("targets", Targets())
    return ReadRule(rule, tuple(faults), fields.get("id"), name, targets)


def _fields(
    raw: Any, whole: type[Struct], kinds: tuple[type[Struct], ...], faults: list[Fault]
) -> dict[str, Any]:
    """The fields that can be read; the quick way, when there is nothing to complain of."""
    try:
        found = convert(raw, whole)
        json.encode(found)
        return asdict(found)
    except (ValidationError, UnicodeEncodeError):
        return read_fields(kinds, raw, "", faults)


def _name_faults(name: str) -> Iterator[Fault]:
    """A stored version may have one: who publishes it again gives it another name."""
    if found := FORBIDDEN_IN_NAMES.search(name):
        said = f"the name has a character that can't be shown: U+{ord(found[0]):04X}"
        yield Fault("/name", "unshown_character", said)


def _filter_faults(reading: Reading) -> Iterator[Fault]:
    for fault in reading.faults:
        yield Fault(sendable(f"/when{fault.place}"), fault.code, fault.message)


def _plan_faults(plan: Mapping[str, Any]) -> Iterator[Fault]:
    yield from _time_faults(plan)
    yield from _weight_faults(plan)
    owner = plan.get("owner")
    if owner and len(set(owner.look)) != len(owner.look):
        yield Fault("/owner/look", "repeated", "each kind of record can be looked at only once")


def _time_faults(plan: Mapping[str, Any]) -> Iterator[Fault]:
    ring, wait = plan.get("ring_seconds"), plan.get("wait_seconds")
    for key, value in (("ring_seconds", ring), ("wait_seconds", wait)):
        if value is not None and math.isnan(value):  # YAML has it, and it passes any bound
            yield Fault(pointer("", key), "invalid", "this must be a number of seconds")
    if ring is not None and wait is not None and wait < ring:
        said = "the total wait can't be shorter than one rep's ring"
        yield Fault("/wait_seconds", "wait_shorter", said)


def _weight_faults(plan: Mapping[str, Any]) -> Iterator[Fault]:
    weights = plan.get("weights", {})
    if weights and plan.get("strategy") is Strategy.FIRST_AVAILABLE:
        said = "weights are for round robin only; here all ring at once"
        yield Fault("/weights", "weights_unused", said)
    for rep, weight in weights.items():
        if math.isnan(weight):
            said = "this must be a number from 0.1 to 100"
            yield Fault(pointer("/weights", rep), "invalid", said)
