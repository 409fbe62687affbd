"""The index over patterns, and over `contains` where a field has too many of them for its column.

They cost more than asking a candidate or two, and are looked at only after some have failed.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from frontdesk.filters.cells import Look, is_short
from frontdesk.filters.columns import MOST_CONTAINED, contained_texts
from frontdesk.filters.conditions import Test, value_test
from frontdesk.filters.fields import FieldType
from frontdesk.filters.masks import affordable, mask_of, without
from frontdesk.filters.needs import Need
from frontdesk.filters.operators import Op
from frontdesk.filters.registry import Registry, Situation
from frontdesk.filters.tree import Condition
from frontdesk.filters.values import fold


def searches(field: str, needs: Mapping[int, Need], registry: Registry, size: int) -> Look | None:
    """None if no row of the field searches. Each distinct search is tested once a value."""
    in_column = len(contained_texts(needs)) <= MOST_CONTAINED
    rows: dict[Condition, list[int]] = defaultdict(list)
    for row, need in needs.items():
        if need.search is not None and not (in_column and need.search.op is Op.CONTAINS):
            rows[need.search].append(row)
    if not rows:
        return None
    single = registry[field].type is not FieldType.TEXTS
    texts, tests = [], []
    for one, found in rows.items():
        if single and one.op is Op.CONTAINS:
            texts.append((fold(str(one.value)), mask_of(found, size)))
        else:
            tests.append((value_test(one, registry), mask_of(found, size)))
    base = without((row for found in rows.values() for row in found), size)
    return _remembering(field, _look(texts, tests, base), affordable(size))


def _look(
    texts: list[tuple[str, int]], tests: list[tuple[Test, int]], base: int
) -> Callable[[Any], int]:
    def look(value: Any) -> int:
        if not value:
            return base
        mask, folded = base, fold(value) if texts else ""
        for text, rows in texts:
            if text in folded:
                mask |= rows
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
            mask = look(value)
            if len(known) >= most:
                known.clear()
            if is_short(value):
                known[value] = mask
        return mask

    return remembered
