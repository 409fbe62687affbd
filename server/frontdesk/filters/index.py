"""Which of thousands of filters is the first to match (RT-1), without asking one after the other.

Every filter is one or a few rows (`rows`): conditions that must all hold. For each field there is a
column, which sorts values into classes and knows for each class a mask: a whole number with one bit
per row, of the rows that such a value doesn't rule out. The masks of all columns are and-ed; what
is left are the candidates, the first one the highest bit; it is asked in full before it is
believed. So a decision costs a look-up and an `&` for each field or two, whatever the number of
rules, and a column may be coarse where being exact would cost memory.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from frontdesk.filters.cells import cells
from frontdesk.filters.columns import Column
from frontdesk.filters.evaluate import Compiler
from frontdesk.filters.masks import every_row
from frontdesk.filters.needs import Need
from frontdesk.filters.registry import Registry, Situation
from frontdesk.filters.rows import Row, rows
from frontdesk.filters.searches import searches
from frontdesk.filters.tree import Filter

PATIENCE: Final = 8
"""So many candidates may turn out not to match before the searches are looked at, which cost more
than a candidate but rule out many."""


class RuleIndex:
    """Finds filters by their number in the sequence. Immutable, but for what it remembers."""

    __slots__ = ("_cells", "_every", "_owner", "_searches", "_tests")

    def __init__(self, filters: Sequence[Filter], registry: Registry) -> None:
        compiler = Compiler(registry)
        self._tests = tuple(compiler.predicate(one) for one in filters)
        found = [
            (number, needs)
            for number, one in enumerate(filters)
            for row in rows(one, registry)
            if (needs := _needs_of(row, registry)) is not None
        ]
        found.reverse()  # the first rule has the highest bits: the highest is cheap to find
        self._owner = tuple(number for number, _ in found)
        size = len(found)
        self._every = every_row(size)
        by_field = _by_field([needs for _, needs in found])
        columns = [Column(field, needs, size) for field, needs in by_field.items()]
        self._cells = tuple(cells(columns, size))
        looks = (searches(field, needs, registry, size) for field, needs in by_field.items())
        self._searches = tuple(look for look in looks if look is not None)

    def first(self, situation: Situation) -> int | None:
        """The first that matches."""
        mask = self._every
        for look in self._cells:
            mask &= look(situation)
            if not mask:
                return None
        return next(self._asked(mask, situation), None)

    def matching(self, situation: Situation) -> Iterator[int]:
        """All that match, in order."""
        return self._asked(self._mask(situation), situation)

    def candidates(self, situation: Situation) -> Iterator[int]:
        """In order, all that match, and perhaps some that don't."""
        mask = self._mask(situation) & self._mask_of_searches(situation)
        before = None
        while mask:
            row = mask.bit_length() - 1
            mask ^= 1 << row
            if self._owner[row] != before:
                before = self._owner[row]
                yield before

    def _asked(self, mask: int, situation: Situation) -> Iterator[int]:
        """The rules of these rows that really match."""
        owner, tests, before, failed = self._owner, self._tests, None, 0
        while mask:
            row = mask.bit_length() - 1
            mask ^= 1 << row
            rule = owner[row]
            if rule == before:
                continue
            before = rule
            if tests[rule](situation):
                yield rule
                continue
            failed += 1
            if failed == PATIENCE:
                mask &= self._mask_of_searches(situation)

    def _mask(self, situation: Situation) -> int:
        mask = self._every
        for look in self._cells:
            mask &= look(situation)
        return mask

    def _mask_of_searches(self, situation: Situation) -> int:
        mask = self._every
        for look in self._searches:
            mask &= look(situation)
        return mask


def _needs_of(row: Row, registry: Registry) -> dict[str, Need] | None:
    """What a row asks of each field; None if nothing can be all that."""
    needs: dict[str, Need] = {}
    for literal in row:
        key = literal.condition.field
        if key not in needs:
            needs[key] = Need(registry[key].type)
        needs[key].add(literal)
    for need in needs.values():
        need.settle()
    return None if any(need.impossible for need in needs.values()) else needs


def _by_field(all_needs: Sequence[Mapping[str, Need]]) -> dict[str, dict[int, Need]]:
    found: dict[str, dict[int, Need]] = defaultdict(dict)
    for row, needs in enumerate(all_needs):
        for field, need in needs.items():
            found[field][row] = need
    return found
