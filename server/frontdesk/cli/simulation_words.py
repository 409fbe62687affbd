"""What a simulation came to, as lines for a terminal. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from frontdesk.routing.references import plans
from frontdesk.routing.rule import DEFAULT_ID, DEFAULT_NAME
from frontdesk.routing.rules.yaml_form import Document, Names

LISTED = 20
"""Visitors who would be routed elsewhere; the console has up to 500."""


def said_simulation(
    result: Mapping[str, Any], documents: Sequence[Document], names: Names
) -> Iterator[str]:
    """Yield the sums, then each rule and rep whose number changes, then the first who move."""
    requests, moved, missed = result["requests"], result["moved_count"], result["missed"]
    yield f"{requests:,} requests; {moved:,} would be routed elsewhere."
    yield f"Missed: {missed['before']:,} → {missed['after']:,}."
    rules = {str(plan.get("id")): str(plan.get("name")) for one in documents for plan in plans(one)}
    rules[DEFAULT_ID] = DEFAULT_NAME
    yield from _changes("Rules", result["rules"], lambda id: rules.get(id, id))
    yield from _changes("Reps", result["reps"], names.rep)
    for one in result["moved"][:LISTED]:
        sides = (f"{side['name']} ({_reps(side, names)})" for side in (one["before"], one["after"]))
        yield f"{one['visitor'] or one['conversation']}: {' → '.join(sides)}"
    if moved > LISTED:
        yield f"And {moved - LISTED:,} more."


def _changes(title: str, counts: Mapping[str, Any], name: Callable[[str], str]) -> Iterator[str]:
    changed = [(name(id), one) for id, one in counts.items() if one["before"] != one["after"]]
    if changed:
        yield f"{title}:"
        yield from (f"  {name}: {one['before']:g} → {one['after']:g}" for name, one in changed)


def _reps(side: Mapping[str, Any], names: Names) -> str:
    return ", ".join(names.rep(id) for id in side["reps"]) or "nobody"
