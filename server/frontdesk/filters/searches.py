"""The index over patterns, and over `contains` where a field has too many of them for its column.

They cost more than asking a candidate or two, and are looked at only after some have failed.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from frontdesk.filters.cells import Look
from frontdesk.filters.columns import MOST_CONTAINED, contained_texts
from frontdesk.filters.conditions import Test, value_test
from frontdesk.filters.masks import affordable, mask_of, without
from frontdesk.filters.needs import Need
from frontdesk.filters.operators import Op
from frontdesk.filters.registry import Registry, Situation
from frontdesk.filters.tree import Condition


def searches(field: str, needs: Mapping[int, Need], registry: Registry, size: int) -> Look | None:
    """None if no row of the field searches. Each distinct search is tested once a value."""
    in_column = len(contained_texts(needs)) <= MOST_CONTAINED
    rows: dict[Condition, list[int]] = defaultdict(list)
    for row, need in needs.items():
        if need.search is not None and not (in_column and need.search.op is Op.CONTAINS):
            rows[need.search].append(row)
    if not rows:
        return None
    tests = [(value_test(one, registry), mask_of(found, size)) for one, found in rows.items()]
    base = without((row for found in rows.values() for row in found), size)
    return _remembering(field, _look(tests, base), affordable(size))


def _look(tests: list[tuple[Test, int]], base: int) -> Callable[[Any], int]:
    def look(value: Any) -> int:
        mask = base
        for test, rows in tests:
            if test(value):
                mask |= rows
        return mask

    return look


def _remembering(field: str, look: Callable[[Any], int], most: int) -> Look:
    """Pages come again and again."""
    known: dict[Any, int] = {}

    def remembered(situation: Situation) -> int:
        value = situation.get(field)
        if (mask := known.get(value)) is None:
            if len(known) >= most:
                known.clear()
            mask = known[value] = look(value)
        return mask

    return remembered
