"""Which reps and groups a rule document names, and the same document with others' names. Pure."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from frontdesk.routing.faults import pointer

Document = Mapping[str, Any]
Rename = Callable[[str, str], str]
"""Is given a name and its place (a JSON pointer), and returns another name."""


class References(NamedTuple):
    """Ids, of whomever they are."""

    reps: frozenset[str]
    groups: frozenset[str]


NOBODY = References(frozenset(), frozenset())


def references(document: object) -> References:
    """Return what a document names, whatever else is wrong with it."""
    reps: set[str] = set()
    groups: set[str] = set()
    for plan in plans(document):
        targets = plan.get("targets")
        if isinstance(targets, Mapping):
            reps.update(_texts(targets.get("reps")))
            groups.update(_texts(targets.get("groups")))
        reps.update(_texts(plan.get("weights")))
    return References(frozenset(reps), frozenset(groups))


def fields_of(document: object) -> frozenset[str]:
    """Return the keys of all fields that the rules' filters test."""
    found: set[str] = set()
    for plan in plans(document):
        _collect_fields(plan.get("when"), found)
    return frozenset(found)


def plans(document: object) -> list[Document]:
    """Return the rules of a document and its default rule, those that are objects at all."""
    if not isinstance(document, Mapping):
        return []
    rules = document.get("rules")
    every = [*(rules if isinstance(rules, list | tuple) else ()), document.get("default")]
    return [plan for plan in every if isinstance(plan, Mapping)]


def renamed(document: Document, rep: Rename, group: Rename) -> dict[str, Any]:
    """Return the document with each rep and group called by what the functions return."""
    rules, default = document.get("rules"), document.get("default")
    changed = dict(document)
    if isinstance(rules, list | tuple):
        changed["rules"] = [_renamed(one, f"/rules/{i}", rep, group) for i, one in enumerate(rules)]
    if isinstance(default, Mapping):
        changed["default"] = _renamed(default, "/default", rep, group)
    return changed


def _renamed(plan: Any, place: str, rep: Rename, group: Rename) -> Any:
    if not isinstance(plan, Mapping):
        return plan
    changed = dict(plan)
    targets, weights = plan.get("targets"), plan.get("weights")
    if isinstance(targets, Mapping):
        changed["targets"] = dict(targets)
        for key, name in (("reps", rep), ("groups", group)):
            if isinstance(targets.get(key), list | tuple):
                at = pointer(place, "targets", key)
                changed["targets"][key] = [
                    _said(one, pointer(at, i), name) for i, one in enumerate(targets[key])
                ]
    if isinstance(weights, Mapping):
        at = pointer(place, "weights")
        changed["weights"] = {
            _said(one, pointer(at, str(one)), rep): weight for one, weight in weights.items()
        }
    return changed


def _said(one: Any, place: str, name: Rename) -> Any:
    return name(one, place) if isinstance(one, str) else one


def _texts(value: object) -> list[str]:
    if isinstance(value, Mapping | list | tuple):
        return [one for one in value if isinstance(one, str)]
    return []


def _collect_fields(condition: object, found: set[str]) -> None:
    """Walks with a stack of its own: a document may be nested deeper than Python likes."""
    left = [condition]
    while left:
        one = left.pop()
        if isinstance(one, list | tuple):
            left.extend(one)
        elif isinstance(one, Mapping):
            if isinstance(one.get("field"), str):
                found.add(one["field"])
            left.extend(value for key, value in one.items() if key in {"all", "any", "not"})
