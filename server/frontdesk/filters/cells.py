"""Columns by ones and twos, with the masks of what came before: what runs for every decision.

A decision is one look-up and one `&` per cell. Two columns share a cell when their classes together
are few enough for the masks of all pairs. In front of the classes stand the values themselves, for
visitors' values come again and again; when too many different ones come, classes answer.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from frontdesk.filters.columns import Column
from frontdesk.filters.fields import FieldType
from frontdesk.filters.masks import MOST_MASKS, affordable
from frontdesk.filters.registry import Situation

Look: TypeAlias = Callable[[Situation], int]
"""A situation → the mask of rows that it doesn't rule out."""

FORGET_AFTER: Final = 16 * MOST_MASKS
"""Values that weren't there when there was no room for them: then others may have it."""
LONGEST_KEPT: Final = 200
"""Characters of a text: visitors don't decide how much memory a node holds."""


def is_short(value: object) -> bool:
    """Whether a visitor's value may be kept, to know it when it comes again."""
    if isinstance(value, str):
        return len(value) <= LONGEST_KEPT
    return not isinstance(value, tuple)


def cells(columns: Sequence[Column], size: int) -> list[Look]:
    """Those first that rule out most."""
    found: list[list[Column]] = []
    for column in sorted(columns, key=lambda one: one.count):
        if found and _may_join(found[-1], column, size):
            found[-1].append(column)
        else:
            found.append([column])
    found.sort(key=lambda those: -sum(one.sharpness for one in those))
    return [_cell(those, size) for those in found]


def _may_join(those: Sequence[Column], column: Column, size: int) -> bool:
    return len(those) == 1 and those[0].count * column.count <= affordable(size)


def _cell(columns: Sequence[Column], size: int) -> Look:
    masks = _Masks(columns, size)
    if len(columns) == 2:
        return _pair(columns[0].field, columns[1].field, _Seen(masks.of_values))
    if columns[0].type in (FieldType.URL, FieldType.EMAIL) or columns[0].count > MOST_MASKS:
        return _by_class(columns[0], masks)
    return _single(columns[0].field, _Seen(masks.of_values))


def _pair(left: str, right: str, seen: "_Seen") -> Look:
    get, make = seen.get, seen.make

    def look(situation: Situation) -> int:
        values = situation.get(left), situation.get(right)
        mask = get(values)
        return make(values) if mask is None else mask

    return look


def _single(field: str, seen: "_Seen") -> Look:
    get, make = seen.get, seen.make

    def look(situation: Situation) -> int:
        values = (situation.get(field),)
        mask = get(values)
        return make(values) if mask is None else mask

    return look


def _by_class(column: Column, masks: "_Masks") -> Look:
    """Of a field whose values seldom come again."""
    field, classify = column.field, column.classify

    def look(situation: Situation) -> int:
        return masks.of_classes((classify(situation.get(field)),))

    return look


class _Masks:
    """By classes; begun anew when they are too many."""

    def __init__(self, columns: Sequence[Column], size: int) -> None:
        self._columns = columns
        self._known: dict[tuple[Any, ...], int] = {}
        self._most = affordable(size)

    def of_values(self, values: tuple[Any, ...]) -> int:
        found = zip(self._columns, values, strict=True)
        return self.of_classes(tuple([column.classify(value) for column, value in found]))

    def of_classes(self, classes: tuple[Any, ...]) -> int:
        mask = self._known.get(classes)
        return self._make(classes) if mask is None else mask

    def _make(self, classes: tuple[Any, ...]) -> int:
        first, *others = (
            column.mask(one) for column, one in zip(self._columns, classes, strict=True)
        )
        for mask in others:
            first &= mask
        if len(self._known) >= self._most:
            self._known.clear()
        self._known[classes] = first
        return first


class _Seen(dict[tuple[Any, ...], int]):
    """By the values themselves, as long as there is room."""

    def __init__(self, mask: Callable[[tuple[Any, ...]], int]) -> None:
        super().__init__()
        self._mask = mask
        self._missed = 0

    def make(self, values: tuple[Any, ...]) -> int:
        if not all(map(is_short, values)):
            return self._mask(values)
        if len(self) >= MOST_MASKS:
            self._missed += 1
            if self._missed < FORGET_AFTER:
                return self._mask(values)
            self.clear()
            self._missed = 0
        mask = self[values] = self._mask(values)
        return mask
