"""The index over thresholds of numbers and dates: a binary search, and a mask ready for each span.

The thresholds cut the line into spans and points between them; within one, every row's answer is
the same.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping
from itertools import accumulate
from operator import xor
from typing import Any, Final

from frontdesk.filters.masks import affordable, mask_of
from frontdesk.filters.needs import Need

MOST_CUTS: Final = 500
"""Of more thresholds only some are told apart: more rows stay in than need to, and are asked."""


class Spans:
    """Value → the rows whose lowest and highest value allow it. Rows without these always stay."""

    __slots__ = ("_cuts", "_end", "_masks")

    def __init__(self, needs: Mapping[int, Need], size: int) -> None:
        ends = {end for need in needs.values() for end in (need.low, need.high) if end is not None}
        self._cuts: list[Any] = _some(sorted(ends), min(MOST_CUTS, affordable(size) // 2))
        self._end = len(self._cuts)
        self._masks = self._all_masks(needs, size)

    def look(self, value: Any) -> int:
        return self._masks[self._place(value)]

    def _place(self, value: Any) -> int:
        """Odd for the cuts themselves, even for what lies between."""
        at = bisect_left(self._cuts, value)
        return 2 * at + 1 if at < self._end and self._cuts[at] == value else 2 * at

    def _all_masks(self, needs: Mapping[int, Need], size: int) -> list[int]:
        """Each mask is the one before it with those rows changed that begin or end there."""
        changes: dict[int, list[int]] = defaultdict(list)
        for row, need in needs.items():
            changes[self._first(need)].append(row)
            changes[self._last(need) + 1].append(row)
        outside = ((1 << size) - 1) & ~mask_of(needs, size)
        steps = (mask_of(changes.get(place, ()), size) for place in range(2 * self._end + 1))
        return list(accumulate(steps, xor, initial=outside))[1:]

    def _first(self, need: Need) -> int:
        if need.low is None:
            return 0
        place = self._place(need.low)
        return place + 1 if need.low_open and place % 2 else place

    def _last(self, need: Need) -> int:
        if need.high is None:
            return 2 * self._end
        place = self._place(need.high)
        return place - 1 if need.high_open and place % 2 else place


def _some(cuts: list[Any], most: int) -> list[Any]:
    if len(cuts) <= most:
        return cuts
    return [cuts[number * len(cuts) // most] for number in range(most)]
