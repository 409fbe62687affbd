"""The index over `contains` and `matches`: each distinct one is tested once, and remembered."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from frontdesk.filters.conditions import value_test
from frontdesk.filters.masks import affordable, mask_of
from frontdesk.filters.needs import Need
from frontdesk.filters.registry import Registry
from frontdesk.filters.tree import Condition


def searches(
    needs: Mapping[int, Need], registry: Registry, size: int
) -> Callable[[Any], int] | None:
    """A value → the rows whose search finds something in it; None if no row searches."""
    rows: dict[Condition, list[int]] = defaultdict(list)
    for row, need in needs.items():
        if need.search is not None:
            rows[need.search].append(row)
    if not rows:
        return None
    base = ((1 << size) - 1) & ~mask_of((row for found in rows.values() for row in found), size)
    tests = [(value_test(one, registry), mask_of(found, size)) for one, found in rows.items()]
    known: dict[Any, int] = {}
    most = affordable(size)

    def look(value: Any) -> int:
        if (mask := known.get(value)) is not None:
            return mask
        mask = base
        for test, found in tests:
            if test(value):
                mask |= found
        if len(known) >= most:
            known.clear()
        known[value] = mask
        return mask

    return look
