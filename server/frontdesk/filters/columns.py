"""A column of the index: what the rows ask of one field. It sorts the field's values into classes,
and knows for each class the mask of rows that it doesn't rule out.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from operator import and_, or_
from typing import Any, Final, TypeAlias

from frontdesk.filters.fields import FieldType
from frontdesk.filters.masks import every_row, without
from frontdesk.filters.needs import Need
from frontdesk.filters.operators import Op
from frontdesk.filters.parts import Backward, Contained, Members, Part
from frontdesk.filters.spans import EVERYTHING, Interval, Spans
from frontdesk.filters.values import fold

MOST_CONTAINED: Final = 24
"""Texts that are looked for in every value. Of fields with more, they are left to `searches`."""

Class: TypeAlias = Any
"""Hashable: BLANK, else the classes of the parts, together if there are several."""
BLANK: Final = -1


class Column:
    """One field's. `sharpness` (0 to 1) guesses which share of the rows a value rules out."""

    def __init__(self, field: str, needs: Mapping[int, Need], size: int) -> None:
        self.field = field
        self.sharpness = _sharpness(needs, size)
        self.type = next(iter(needs.values())).type
        self._blank = without((row for row, need in needs.items() if not need.when_blank), size)
        self._every = every_row(size)
        self._parts = _parts(needs, size)
        self.classify = self._classify()
        self.count = reduce(lambda count, part: count * part.count, self._parts, 1) + 1

    def mask(self, number: Class) -> int:
        """The rows that values of this class don't rule out."""
        if number == BLANK:
            return self._blank
        if self.type is FieldType.TEXTS:
            return self._mask_of_several(number)
        numbers = number if isinstance(number, tuple) else (number,)
        found = zip(self._parts, numbers, strict=True)
        return reduce(and_, (part.mask(one) for part, one in found), self._every)

    def _classify(self) -> Callable[[Any], Class]:
        match self.type:
            case FieldType.NUMBER | FieldType.DATE | FieldType.BOOLEAN:
                return _of_ordered(self._parts)
            case FieldType.TEXTS:
                return _of_texts(self._parts)
            case _:
                return _of_text(self._parts)

    def _mask_of_several(self, numbers: frozenset[tuple[Class, ...]]) -> int:
        """A row stays in if any of the texts suits it, and none is barred: the last part says."""
        *suiting, barring = zip(self._parts, zip(*numbers, strict=True), strict=True)
        mask = reduce(and_, (barring[0].mask(one) for one in barring[1]))
        for part, found in suiting:
            mask &= reduce(or_, (part.mask(one) for one in found))
        return mask


# --- classes: this runs for every decision ------------------------------------------------------


def _of_text(parts: list[Part]) -> Callable[[str | None], Class]:
    first = parts[0].classify
    if len(parts) == 1:
        return lambda text: first(text.casefold()) if text else BLANK
    if len(parts) == 2:
        second = parts[1].classify

        def both(text: str | None) -> Class:
            if not text:
                return BLANK
            folded = text.casefold()
            return first(folded), second(folded)

        return both
    each = [part.classify for part in parts]

    def all_of_them(text: str | None) -> Class:
        if not text:
            return BLANK
        folded = text.casefold()
        return tuple([classify(folded) for classify in each])

    return all_of_them


def _of_ordered(parts: list[Part]) -> Callable[[Any], Class]:
    """Note that 0 and False are no blanks."""
    first = parts[0].classify
    if len(parts) == 1:
        return lambda value: first(value) if value or value == 0 else BLANK
    second = parts[1].classify
    return lambda value: (first(value), second(value)) if value or value == 0 else BLANK


def _of_texts(parts: list[Part]) -> Callable[[tuple[str, ...] | None], Class]:
    each = [part.classify for part in parts]

    def together(texts: tuple[str, ...] | None) -> Class:
        if not texts:
            return BLANK
        folded = [fold(text) for text in texts]
        return frozenset([tuple([classify(one) for classify in each]) for one in folded])

    return together


# --- made once ----------------------------------------------------------------------------------


def _parts(needs: Mapping[int, Need], size: int) -> list[Part]:
    """Those that there is a use for, at least one; of several texts the last one bars."""
    settable = {row: need for row, need in needs.items() if need.when_set}
    among = _by((row, need.among or ()) for row, need in settable.items())
    barred = _by((row, need.not_among) for row, need in settable.items())
    base = without(
        (row for row, need in needs.items() if not need.when_set or need.among is not None), size
    )
    forward = _intervals((row, need.span) for row, need in settable.items())
    backward = _intervals((row, need.backward) for row, need in settable.items())
    contained = contained_texts(settable)
    several = next(iter(needs.values())).type is FieldType.TEXTS
    found: list[Part] = []
    if among or barred or base != every_row(size):
        found.append(Members(base, among, {} if several else barred, size))
    if forward:
        found.append(Spans(forward, size))
    if backward:
        found.append(Backward(Spans(backward, size)))
    if contained and len(contained) <= MOST_CONTAINED:
        found.append(Contained(contained, size))
    if several or not found:
        found.append(Members(every_row(size), {}, barred, size))
    return found


def contained_texts(needs: Mapping[int, Need]) -> dict[str, list[int]]:
    """Folded text → rows that look for it."""
    return _by(
        (row, (fold(str(need.search.value)),))
        for row, need in needs.items()
        if need.search is not None and need.search.op is Op.CONTAINS
    )


def _by(rows: Iterable[tuple[int, Iterable[Any]]]) -> dict[Any, list[int]]:
    """Value → rows that name it."""
    found: dict[Any, list[int]] = defaultdict(list)
    for row, values in rows:
        for value in values:
            found[value].append(row)
    return found


def _intervals(rows: Iterable[tuple[int, Interval]]) -> dict[int, Interval]:
    return {row: interval for row, interval in rows if interval is not EVERYTHING}


def _sharpness(needs: Mapping[int, Need], size: int) -> float:
    """A row for some of the values is ruled out by most others, a row with a threshold by half."""
    values = {value for need in needs.values() for value in need.among or ()}
    ruled_out = 0.0
    for need in needs.values():
        if need.among is not None:
            ruled_out += 1 - len(need.among) / (len(values) + 1)
        elif need.span is not EVERYTHING or need.backward is not EVERYTHING or need.search:
            ruled_out += 0.5
    return ruled_out / size
