"""A plan, faults and lint as lines for a terminal. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import UNSET

from frontdesk.routing.faults import Fault
from frontdesk.routing.lint.lint import Finding
from frontdesk.routing.rules.differences import Change, FieldChange, RuleChange

_MARKS = {Change.ADDED: "+", Change.REMOVED: "-", Change.MOVED: "~", Change.CHANGED: "~"}
LONGEST = 200
_UNSHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def shown(line: str) -> str:
    """The line without what would move the cursor or turn the text around: names and values are
    whatever visitors and colleagues have written.
    """
    return _UNSHOWN.sub("\ufffd", line)


def said_changes(changes: Sequence[RuleChange]) -> Iterator[str]:
    """Yield a line for each rule that changes, and one for each of its values; then the sum."""
    for change in changes:
        yield f"{_MARKS[change.change]} {change.name}: {_what(change)}"
        if change.change is not Change.MOVED:
            for field in change.fields:
                yield from _field(field)
    if changes:
        counts = {kind: sum(one.change is kind for one in changes) for kind in Change}
        yield ", ".join(f"{count} {kind}" for kind, count in counts.items() if count) + "."


def said_faults(faults: Iterable[Fault], document: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield a line for each fault, with the rule's name where it has one."""
    for fault in faults:
        yield f"{_where(fault.place, document)}: {fault.message}"


def said_lint(found: Iterable[Finding], document: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each thing that looks wrong."""
    for one in found:
        yield f"{one.severity:<7}  {_where(one.place, document)}: {one.message}"


def _what(change: RuleChange) -> str:
    if change.change is Change.MOVED:
        (step,) = change.fields
        return f"moves from place {step.before} to {step.after}"
    return f"is {change.change}"


def _field(field: FieldChange) -> Iterator[str]:
    if field.before is not UNSET and field.after is not UNSET:
        yield f"    ~ {field.path}: {_short(field.before)} → {_short(field.after)}"
    elif field.after is not UNSET:
        yield f"    + {field.path}: {_short(field.after)}"
    else:
        yield f"    - {field.path}: {_short(field.before)}"


def _short(value: Any) -> str:
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _where(place: str, document: Mapping[str, Any] | None) -> str:
    """`/rules/3/targets/reps/0` → `rule 4 "APAC" (targets/reps/0)`."""
    steps = place.split("/")[1:]
    if len(steps) < 2 or steps[0] != "rules" or not steps[1].isdigit():
        return place.lstrip("/") or "the file"
    name = _name(document, int(steps[1]))
    inside = f" ({'/'.join(steps[2:])})" if steps[2:] else ""
    return f"rule {int(steps[1]) + 1}{name}{inside}"


def _name(document: Mapping[str, Any] | None, number: int) -> str:
    rules = document.get("rules") if document else None
    if (
        not isinstance(rules, list)
        or number >= len(rules)
        or not isinstance(rules[number], Mapping)
    ):
        return ""
    name = rules[number].get("name")
    return f' "{name}"' if isinstance(name, str) else ""
