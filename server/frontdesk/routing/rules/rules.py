"""The document of rules: read whole or refused whole, with everything that is wrong (RT-1).

A draft, a published version and the command line's YAML are the same document.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from msgspec import UNSET, DecodeError, Raw, Struct, UnsetType, convert, json
from msgspec.structs import asdict

from frontdesk.filters import Registry
from frontdesk.routing.faults import Fault, RuleFaults, pointer, quoted
from frontdesk.routing.pace import paced
from frontdesk.routing.rule import (
    DEFAULT_ID,
    DEFAULT_NAME,
    MOST_RULES,
    Booking,
    Look,
    Missed,
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
from frontdesk.routing.rules.read_rule import ReadRule, RuleReader
from frontdesk.routing.rules.reading import decoded, unknown_keys

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
    "read_stored",
    "stored_rules",
    "write_rules",
]

Known = Collection[str] | None
"""the ids there are; None: not checked"""


def parse_rules(
    document: object,
    registry: Registry,
    *,
    reps: Known = None,
    groups: Known = None,
    reader: RuleReader | None = None,
) -> RuleSet:
    """The rule set of a document. `reps` and `groups` are the ids there are; without them it isn't
    asked: a version once published stays readable after somebody left. `reader` remembers rules
    that it has read before. Raises RuleFaults with all faults.
    """
    faults: list[Fault] = []
    rules, default = _read(document, reader or RuleReader(registry), faults)
    faults += _taken(rules)
    every = [*rules, ("/default", default)] if default else rules
    for place, one in paced(every):
        faults += _unknown(one.targets.reps, place, "rep", reps)
        faults += _unknown(one.targets.groups, place, "group", groups)
    sound = [one.rule for _, one in every if one.rule]
    if faults or default is None:
        raise RuleFaults(faults)
    return RuleSet(rules=tuple(sound[:-1]), default=sound[-1])


_GOES_WITHOUT_SAYING = ("id", "name", "on", "when")


def dump_rules(ruleset: RuleSet) -> dict[str, Any]:
    """The document of a rule set, for JSON and YAML; `parse_rules` reads it back."""
    return {"rules": [_written(rule) for rule in ruleset.rules], "default": _default(ruleset)}


def _default(ruleset: RuleSet) -> dict[str, Any]:
    default = _written(ruleset.default)
    for key in _GOES_WITHOUT_SAYING:
        del default[key]
    return default


def write_rules(ruleset: RuleSet, reader: RuleReader | None = None) -> bytes:
    """The document of a rule set as JSON. `reader` remembers rules that it read. In pieces:
    whoever waits for Python gets a turn.
    """
    reader = reader or RuleReader(Registry.builtin())
    rules = [reader.written(rule, _text) for rule in paced(ruleset.rules)]
    return b'{"rules":[%b],"default":%b}' % (b",".join(rules), json.encode(_default(ruleset)))


def _text(rule: Rule) -> bytes:
    return json.encode(_written(rule))


def _written(rule: Rule) -> dict[str, Any]:
    """As JSON has it: lists, not tuples; whole numbers as people write them: 30, not 30.0."""
    document: dict[str, Any] = json.decode(json.encode(rule))
    for key in ("ring_seconds", "wait_seconds"):
        document[key] = _whole(document[key])
    document["weights"] = {rep: _whole(one) for rep, one in document["weights"].items()}
    return document


def _whole(number: float) -> int | float:
    return int(number) if number == int(number) else number


Read = tuple[str, ReadRule]
"""A place, and the rule there as far as it could be read."""


def _read(
    document: object, reader: RuleReader, faults: list[Fault]
) -> tuple[list[Read], ReadRule | None]:
    document = _unpacked(document)
    if not isinstance(document, Mapping):
        faults.append(Fault("", "invalid", f"this must be an object, not {quoted(document)}"))
        return [], None
    faults += unknown_keys(document, ("rules", "default"), "")
    listed = document.get("rules", ())
    if not isinstance(listed, list | tuple):
        faults.append(Fault("/rules", "invalid", f"this must be a list, not {quoted(listed)}"))
        listed = ()
    rules = [
        (f"/rules/{i}", reader.rule(one)) for i, one in enumerate(paced(listed[: MOST_RULES + 1]))
    ]
    for place, one in rules:
        faults += _placed(one.faults, place)
    if "default" not in document:
        faults.append(Fault("/default", "missing", "the default rule can't be left out"))
        return rules, None
    default = reader.default(_without_formality(decoded(document["default"])))
    faults += _placed(default.faults, "/default")
    return rules, default


def stored_rules(document: Mapping[str, Any]) -> RuleSet:
    """The rule set of a document that was checked when it was stored. What it names may be gone
    since: rules stay in force when a rep or a field goes.
    """
    plan = asdict(convert(document["default"], Plan))
    rules = tuple(convert(rule, Rule) for rule in document["rules"])
    return RuleSet(rules=rules, default=default_rule(**plan))


def read_stored(text: bytes) -> RuleSet:
    """The same of a document's text, piece by piece, for a thread."""
    shell = json.decode(text, type=_Shell)
    rules = tuple(json.decode(one, type=Rule) for one in paced(shell.rules))
    default = json.decode(shell.default, type=Plan) if isinstance(shell.default, Raw) else Plan()
    return RuleSet(rules=rules, default=default_rule(**asdict(default)))


class _Shell(Struct, frozen=True, forbid_unknown_fields=True):
    rules: list[Raw] = []
    default: Raw | UnsetType = UNSET


def _unpacked(document: object) -> object:
    """Of JSON the outermost layer: rules that were read before are known by their bytes."""
    if not isinstance(document, Raw):
        return document
    try:
        shell = json.decode(document, type=_Shell)
    except (DecodeError, UnicodeDecodeError):  # something else, or faulty: that is told in full
        return decoded(document)
    found: dict[str, object] = {"rules": shell.rules}
    return found if shell.default is UNSET else found | {"default": shell.default}


def _without_formality(default: object) -> object:
    """The default rule may be written with the id and the name that it always has."""
    if not isinstance(default, Mapping):
        return default
    formal = {"id": DEFAULT_ID, "name": DEFAULT_NAME}
    return {
        key: value for key, value in default.items() if key not in formal or value != formal[key]
    }


def _placed(faults: Collection[Fault], place: str) -> Iterator[Fault]:
    for fault in faults:
        yield Fault(place + fault.place, fault.code, fault.message)


def _taken(rules: list[Read]) -> Iterator[Fault]:
    """Ids and names that two rules have; names are told apart ignoring case."""
    if len(rules) > MOST_RULES:
        yield Fault("/rules", "too_many", f"there can be at most {MOST_RULES:,} rules")
    ids, names = {DEFAULT_ID: ""}, {DEFAULT_NAME.casefold(): ""}
    for place, one in rules:
        for key, seen, value in (("id", ids, one.id), ("name", names, one.name.casefold())):
            if not value:
                continue
            if value in seen:
                at = seen[value] or "the default rule"
                yield Fault(pointer(place, key), f"{key}_taken", f"another rule has it: {at}")
            seen.setdefault(value, place)


def _unknown(named: tuple[str, ...], place: str, what: str, known: Known) -> Iterator[Fault]:
    if known is None:
        return
    for i, id in enumerate(named):
        if id not in known:
            at = pointer(place, "targets", f"{what}s", i)
            yield Fault(at, f"unknown_{what}", f"there is no {what} {quoted(id)}")
