"""Rules as YAML: reps by email address, groups by name, nothing that goes without saying (OP-3)."""

import hashlib
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import yaml
from msgspec import to_builtins

from frontdesk import ids
from frontdesk.people.rep import Group, Rep
from frontdesk.routing.faults import Fault, quoted
from frontdesk.routing.references import References, references, renamed
from frontdesk.routing.rule import Plan

LONGEST = 5 * 1024 * 1024
"""Bytes of a file."""
_HEAD = (
    "# Routing rules. `frontdesk routing plan FILE` says what applying this file would change.\n"
)
_DEFAULTS: dict[str, Any] = {**to_builtins(Plan()), "on": True}
_FIRST = ("id", "name", "on", "when")
Document = dict[str, Any]


class NotYaml(Exception):
    """The text can't be read; the message says where and why."""


class Loaded(NamedTuple):
    """A document by ids. `unknown`: each name that is nobody's; an id that nobody has (of `nobody`)
    stands in its place, so that all the rest of the document can be looked at.
    """

    document: Document
    unknown: list[Fault]
    nobody: References


class Names:
    """Reps and groups by what people call them."""

    def __init__(self, reps: Iterable[Rep], groups: Iterable[Group]) -> None:
        self._emails = {rep.id: rep.email for rep in reps}
        self._groups = {group.id: group.name for group in groups}
        self._reps_by = {email.casefold(): id for id, email in self._emails.items()}
        self._groups_by = {name.casefold(): id for id, name in self._groups.items()}

    def rep(self, id: str) -> str:
        """A rep's email address; of who is gone the id."""
        return self._emails.get(id, id)

    def written(self, document: Document) -> Document:
        """The document with names for ids; who is gone keeps their id."""
        return renamed(
            document,
            lambda id, _place: self.rep(id),
            lambda id, _place: self._groups.get(id, id),
        )

    def read(self, document: Document, live: Document) -> Loaded:
        """The document with ids for names. Ids that the `live` rules have may stay as they are."""
        faults: list[Fault] = []
        nobodies: set[str] = set()
        known = references(live)

        def nobody(name: str, place: str, what: str, said: str) -> str:
            faults.append(Fault(place, f"unknown_{what}", said))
            id = f"nobody-{hashlib.blake2b(name.casefold().encode(), digest_size=12).hexdigest()}"
            nobodies.add(id)
            return id

        def rep(name: str, place: str) -> str:
            if id := self._reps_by.get(name.casefold()):
                return id
            if name in known.reps:
                return name
            said = f"there is no rep {quoted(name)}; reps are named by their email address"
            return nobody(name, place, "rep", said)

        def group(name: str, place: str) -> str:
            if id := self._groups_by.get(name.casefold()):
                return id
            if name in known.groups:
                return name
            said = f"there is no group {quoted(name)}; groups are named as in the console"
            return nobody(name, place, "group", said)

        found = renamed(document, rep, group)
        return Loaded(found, faults, References(frozenset(nobodies), frozenset(nobodies)))


def dump_yaml(document: Document, names: Names) -> str:
    """Return a document as YAML."""
    written = names.written(document)
    concise = {
        "rules": [_concise(_in_order(rule), _DEFAULTS) for rule in written["rules"]],
        "default": _concise(written["default"], _DEFAULTS),
    }
    text: str = yaml.dump(
        concise, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100, indent=2
    )
    return _HEAD + text


def load_yaml(text: str, names: Names, live: Document) -> Loaded:
    """Return the document of a YAML text. A rule without an id is the `live` one of that name, or a
    new one. Raises NotYaml.
    """
    document = _parsed(text)
    if not isinstance(document, dict):
        raise NotYaml("There are no rules in it: it must have `rules:` and `default:`.")
    found = names.read(document, live)
    return found._replace(document=_with_ids(found.document, live))


def in_order(faults: Iterable[Fault]) -> list[Fault]:
    """As they stand in the document: its own, those of each rule, those of the default rule."""
    return sorted(faults, key=lambda fault: _rule_number(fault.place))


def _rule_number(place: str) -> float:
    found = re.match(r"/rules/(\d+)", place)
    return float(found[1]) if found else math.inf if place.startswith("/default") else -1


def _parsed(text: str) -> Any:
    if len(text) > LONGEST:
        raise NotYaml(f"It is longer than {LONGEST:,} bytes.")
    try:
        if "*" in text and "&" in text:
            _refuse_aliases(text)
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader with fewer scalars
    except yaml.YAMLError as error:
        raise NotYaml(" ".join(str(error).split())) from None
    except (RecursionError, ValueError) as error:
        raise NotYaml(f"It can't be read: {error}") from None


def _refuse_aliases(text: str) -> None:
    """A few lines of aliases of aliases can stand for more than fits into memory."""
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent):
            line = event.start_mark.line + 1 if event.start_mark else 0
            raise NotYaml(f"Line {line}: aliases (*{event.anchor}) can't be used here.")


def _with_ids(document: Document, live: Document) -> Document:
    rules = document.get("rules")
    if not isinstance(rules, list):
        return document
    by_name = {rule["name"].casefold(): rule["id"] for rule in live["rules"]}
    taken = {rule.get("id") for rule in rules if isinstance(rule, Mapping)}

    def identified(rule: Any) -> Any:
        if not isinstance(rule, Mapping) or "id" in rule:
            return rule
        id = by_name.get(str(rule.get("name", "")).casefold())
        fresh = id if id and id not in taken else ids.new("rul_")
        taken.add(fresh)
        return {"id": fresh, **rule}

    return {**document, "rules": [identified(rule) for rule in rules]}


def _concise(value: Mapping[str, Any], usual: Mapping[str, Any]) -> Document:
    """Without what is as usual."""
    kept: Document = {}
    for key, one in value.items():
        default = usual.get(key)
        if isinstance(one, Mapping) and isinstance(default, Mapping) and default:
            one = _concise(one, default)  # noqa: PLW2901 - the same block, shorter
            if not one:
                continue
        elif key in usual and _plain(one) == _plain(default):
            continue
        kept[key] = one
    return kept


def _in_order(rule: Document) -> Document:
    """As a person would write it: what it is, whom it takes, then what it does."""
    return {**{key: rule[key] for key in _FIRST}, **rule}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc] # it is a class
    """libyaml's where the wheel has it. Quotes what any YAML reader could take for something else:
    `on`, NO.
    """


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc] # it is a class
    """Safe, and with the scalars of YAML 1.2 alone: YAML 1.1 reads the key `on` and the country NO
    as booleans, 12:30 as a number and a date as an object. A key that stands twice is refused.
    """

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - how PyYAML has it

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        seen: set[Any] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} is there twice", key.start_mark
                )
            seen.add(key.value)
        found: dict[Any, Any] = super().construct_mapping(node, deep)
        return found


_WHOLE = r"[-+]?(0|[1-9][0-9]*)"
_DIGITS = list("-+0123456789")
for _tag, _pattern, _first in (
    ("bool", "^(true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    ("null", "^(~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("int", f"^{_WHOLE}$", _DIGITS),
    ("float", rf"^{_WHOLE}(\.[0-9]*)?([eE][-+]?[0-9]+)?$", _DIGITS),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), _first)
