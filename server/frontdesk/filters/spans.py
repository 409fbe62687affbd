"""The index over ranges: a binary search, and a mask ready for each span of the line.

Thresholds of numbers and dates are ranges, and so are beginnings of texts: "/pricing" is all from
itself up to "/pricinh". The ends of all ranges cut the line into spans and points between them;
within one, every row's answer is the same.
"""

import sys
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import accumulate
from operator import xor
from typing import Any, Final

from frontdesk.filters.masks import affordable, mask_of, without

MOST_CUTS: Final = 2_000
"""Of more ends only some are told apart: more rows stay in than need to, and are asked in full."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Values of one type from `low` to `high`; None is no end, and an open end isn't in it."""

    low: Any = None
    high: Any = None
    low_open: bool = False
    high_open: bool = False

    def above(self, low: Any, *, is_open: bool) -> "Interval":
        """What of it is above `low`."""
        if self.low is not None and (self.low, self.low_open) >= (low, is_open):
            return self
        return replace(self, low=low, low_open=is_open)

    def below(self, high: Any, *, is_open: bool) -> "Interval":
        """What of it is below `high`."""
        if self.high is not None and (self.high, not self.high_open) <= (high, not is_open):
            return self
        return replace(self, high=high, high_open=is_open)

    @property
    def is_empty(self) -> bool:
        if self.low is None or self.high is None:
            return False
        return bool(self.low > self.high) or (
            bool(self.low == self.high) and (self.low_open or self.high_open)
        )


EVERYTHING: Final = Interval()


def beginning_with(start: str) -> Interval:
    """All texts that begin with `start`, in the order of code points."""
    last = start.rstrip(chr(sys.maxunicode))
    after = last[:-1] + chr(ord(last[-1]) + 1) if last else None
    return Interval(start, after, high_open=True)


class Spans:
    """A part (`parts`). A class is a place: odd ones are cuts themselves, even ones lie between."""

    def __init__(self, intervals: Mapping[int, Interval], size: int) -> None:
        ends = {end for one in intervals.values() for end in (one.low, one.high)} - {None}
        self._cuts = cuts = _some(sorted(ends), min(MOST_CUTS, affordable(size) // 2))
        self.count = 2 * len(cuts) + 1
        end = len(cuts)

        def classify(value: Any) -> int:
            at = bisect_left(cuts, value)
            return 2 * at + 1 if at < end and cuts[at] == value else 2 * at

        self.classify = classify
        self._masks = self._all_masks(intervals, size)

    def mask(self, number: int) -> int:
        return self._masks[number]

    def _all_masks(self, intervals: Mapping[int, Interval], size: int) -> list[int]:
        """Each is the one before it with those rows changed that begin or end there."""
        changes: dict[int, list[int]] = defaultdict(list)
        for row, interval in intervals.items():
            changes[self._first(interval)].append(row)
            changes[self._last(interval) + 1].append(row)
        steps = (mask_of(changes.get(place, ()), size) for place in range(self.count))
        return list(accumulate(steps, xor, initial=without(intervals, size)))[1:]

    def _first(self, interval: Interval) -> int:
        if interval.low is None:
            return 0
        place = self.classify(interval.low)
        return place + 1 if interval.low_open and place % 2 else place

    def _last(self, interval: Interval) -> int:
        if interval.high is None:
            return self.count - 1
        place = self.classify(interval.high)
        return place - 1 if interval.high_open and place % 2 else place


def _some(cuts: list[Any], most: int) -> list[Any]:
    if len(cuts) <= most:
        return cuts
    return [cuts[number * len(cuts) // most] for number in range(most)]
