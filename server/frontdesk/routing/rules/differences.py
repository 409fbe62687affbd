"""What is different between two rule sets, rule by rule: for the history and for a plan. Pure.

Documents are compared as they are stored; rules are the same if their ids are (RT-16).
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

from msgspec import UNSET, Struct, UnsetType

from frontdesk.routing.rules.rules import DEFAULT_ID, DEFAULT_NAME

Document = Mapping[str, Any]
_WHOLE = frozenset({"when"})
"""Compared in one piece: half a filter says nothing."""


class Change(StrEnum):
    """What happened to a rule."""

    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    CHANGED = "changed"


class FieldChange(Struct, frozen=True, omit_defaults=True):
    """A value: `path` in the rule, such as `targets.groups`; unset where there is none."""

    path: str
    before: Any | UnsetType = UNSET
    after: Any | UnsetType = UNSET


class RuleChange(Struct, frozen=True):
    """One change of one rule; a rule that moved and changed has two."""

    rule: str
    name: str
    change: Change
    fields: tuple[FieldChange, ...] = ()


def differences(before: Document, after: Document) -> list[RuleChange]:
    """Return every change, in the order of the rules after it, what was removed first."""
    old = {rule["id"]: rule for rule in before["rules"]}
    new = {rule["id"]: rule for rule in after["rules"]}
    found = [
        RuleChange(id, rule["name"], Change.REMOVED, tuple(_fields(rule, {})))
        for id, rule in old.items()
        if id not in new
    ]
    moved = _moved([id for id in old if id in new], [id for id in new if id in old])
    places = {id: place for place, id in enumerate(old, 1)}
    for place, (id, rule) in enumerate(new.items(), 1):
        if id not in old:
            found.append(RuleChange(id, rule["name"], Change.ADDED, tuple(_fields({}, rule))))
            continue
        if id in moved:
            step = FieldChange("position", places[id], place)
            found.append(RuleChange(id, rule["name"], Change.MOVED, (step,)))
        found += _changed(id, rule["name"], old[id], rule)
    return found + _changed(DEFAULT_ID, DEFAULT_NAME, before["default"], after["default"])


def _changed(id: str, name: str, old: Document, new: Document) -> list[RuleChange]:
    fields = tuple(_fields(old, new))
    return [RuleChange(id, name, Change.CHANGED, fields)] if fields else []


def _fields(old: Document, new: Document, path: str = "") -> Iterator[FieldChange]:
    for key in (*new, *(key for key in old if key not in new)):
        before, after = old.get(key, UNSET), new.get(key, UNSET)
        if key == "id" or before == after:
            continue
        here = f"{path}{key}"
        if key not in _WHOLE and isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from _fields(before, after, f"{here}.")
        else:
            yield FieldChange(here, before, after)


def _moved(old: Sequence[str], new: Sequence[str]) -> set[str]:
    """The fewest rules that must be moved to bring one order into the other: all but the longest
    run of those that stand in the same order in both.
    """
    place = {id: number for number, id in enumerate(old)}
    ends: list[int] = []  # the lowest place in which a run of that length can end
    of_length: list[int] = []
    for id in new:
        length = bisect_left(ends, place[id])
        ends[length : length + 1] = [place[id]]
        of_length.append(length)
    stay, length = set(), len(ends) - 1
    for id, its in zip(reversed(new), reversed(of_length), strict=True):
        if its == length:
            stay.add(id)
            length -= 1
    return set(new) - stay
