"""A column of the index: the value of a field → the mask of the rows that it doesn't rule out.

Made of parts: members (is, one of and their opposites), spans (greater, between, before…), affixes
(starts with, ends with). Each part leaves in the mask every row that asks nothing of its kind.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from frontdesk.filters.affixes import affixes
from frontdesk.filters.fields import FieldType
from frontdesk.filters.masks import Masks, mask_of
from frontdesk.filters.needs import Need
from frontdesk.filters.spans import Spans
from frontdesk.filters.values import fold

Look: TypeAlias = Callable[[Any], int]
"""A value of the field, or a blank one → mask."""
Rows: TypeAlias = dict[Any, list[int]]


@dataclass(frozen=True, slots=True)
class Column:
    """One field's. `sharpness` (0 to 1) guesses which share of the rows a value rules out."""

    field: str
    look: Look
    sharpness: float


def column(field: str, needs: Mapping[int, Need], size: int) -> Column:
    """Of what rows need of the field; there are `size` rows in all."""
    maker = _Maker(needs, size)
    return Column(field, maker.look(), maker.sharpness())


class _Maker:
    """Sorts the needs of one field by kind."""

    def __init__(self, needs: Mapping[int, Need], size: int) -> None:
        self._size = size
        self._every = (1 << size) - 1
        self._needs = needs
        self._set = {row: need for row, need in needs.items() if need.when_set}
        self._type = next(iter(needs.values())).type
        self._among, self._barred = _members(self._set)
        self._spans = {row: need for row, need in self._set.items() if need.has_span}
        self._starts = _by(self._set, lambda need: need.start)
        self._ends = _by(self._set, lambda need: need.end)

    def look(self) -> Look:
        match self._type:
            case FieldType.NUMBER | FieldType.DATE:
                return self._ordered()
            case FieldType.BOOLEAN:
                return self._boolean()
            case FieldType.TEXTS:
                return self._texts()
            case _:
                return self._text()

    def sharpness(self) -> float:
        asking = {*self._spans, *(row for rows in self._keyed() for row in rows)}
        keys = len(self._keyed()) + len({(one.low, one.high) for one in self._spans.values()})
        return len(asking) / self._size * keys / (keys + 1)

    def _keyed(self) -> list[list[int]]:
        kinds = (self._among, self._starts, self._ends)
        return [rows for kind in kinds for rows in kind.values()]

    def _blank(self) -> int:
        """The mask of a blank field."""
        return self._without(row for row, need in self._needs.items() if not need.when_blank)

    def _base(self) -> int:
        """The mask of a value that no row names as a member."""
        return self._without(
            row for row, need in self._needs.items() if not need.when_set or need.among is not None
        )

    def _without(self, rows: Any) -> int:
        return self._every & ~mask_of(rows, self._size)

    def _affixes(self) -> list[Look]:
        both = ((self._starts, False), (self._ends, True))
        return [affixes(rows, self._size, at_end=at_end) for rows, at_end in both if rows]

    # --- by type: what runs for every decision ----------------------------------------------------

    def _text(self) -> Look:
        blank, parts = self._blank(), self._affixes()
        members = Masks(self._base(), self._among, self._barred, self._size)
        known, base, make = members.known.get, members.base, members.make

        def look(value: str | None) -> int:
            if not value:
                return blank
            folded = value.casefold()
            mask = known(folded, base)
            if mask is None:
                mask = make(folded)
            for part in parts:
                mask &= part(folded)
            return mask

        return look

    def _ordered(self) -> Look:
        blank, spans = self._blank(), Spans(self._spans, self._size)
        members = Masks(self._base(), self._among, self._barred, self._size)
        known, base, make = members.known.get, members.base, members.make

        def look(value: Any) -> int:
            if value is None or value == "":
                return blank
            mask = known(value, base)
            if mask is None:
                mask = make(value)
            return mask & spans.look(value)

        return look

    def _boolean(self) -> Look:
        blank = self._blank()
        members = Masks(self._base(), self._among, self._barred, self._size)
        masks = {True: members.get(True), False: members.get(False)}
        return lambda value: masks.get(value, blank)

    def _texts(self) -> Look:
        """A row is left in if any of the texts suits it, and none is barred."""
        blank, base, parts = self._blank(), self._base(), self._affixes()
        among = Masks(0, self._among, {}, self._size)
        barred = Masks(0, self._barred, {}, self._size)

        def look(values: tuple[str, ...] | None) -> int:
            if not values:
                return blank
            folded = [fold(value) for value in values]
            mask, out = base, 0
            for one in folded:
                mask |= among.get(one)
                out |= barred.get(one)
            for part in parts:
                mask &= _any_of(part, folded)
            return mask & ~out

        return look


def _any_of(part: Look, values: list[str]) -> int:
    mask = 0
    for value in values:
        mask |= part(value)
    return mask


def _members(needs: Mapping[int, Need]) -> tuple[Rows, Rows]:
    """Value → rows that are for it; value → rows that are for all others."""
    among: Rows = defaultdict(list)
    barred: Rows = defaultdict(list)
    for row, need in needs.items():
        for value in need.among or ():
            among[value].append(row)
        for value in need.not_among:
            barred[value].append(row)
    return among, barred


def _by(needs: Mapping[int, Need], key: Callable[[Need], str]) -> Rows:
    found: Rows = defaultdict(list)
    for row, need in needs.items():
        if key(need):
            found[key(need)].append(row)
    return found
