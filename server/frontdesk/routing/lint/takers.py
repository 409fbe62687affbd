"""Which rules may take all visitors of which others (RT-14).

Each filter has a visitor who comes to mind. A rule that takes all visitors of another takes that
one: so only those that do are compared. Who takes whom is remembered from check to check; an edit
brings one newcomer, who is shown to all, and to whom all are shown.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import islice
from operator import or_
from typing import Final

from frontdesk.filters import Crowd, Registry, numbers
from frontdesk.filters.masks import every_row, mask_of
from frontdesk.routing.lint.readings import Reading
from frontdesk.routing.pace import paced

MOST_CROWDS: Final = 32
"""The first, and those who came since; then all are made one."""
MOST_PAIRS: Final = 200_000
"""Of rules that look as if one took all visitors of the other; beyond, it isn't looked for."""
UNSURE: Final = 50
"""A rule of which no matching visitor comes to mind is compared with so many before it."""


class Takers:
    """Filters, each with its visitor. Every filter has a number of its own; bit n of a mask stands
    for the visitor of number n.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._begin()

    def _begin(self) -> None:
        self._numbers: dict[Reading, int] = {}
        self._crowds: list[tuple[int, Crowd]] = []
        self._taken: dict[Reading, tuple[int, int]] = {}

    def everybody(self, tried: Sequence[Reading]) -> Iterator[int]:
        """The places of filters that take all who came to mind, and perhaps everybody."""
        self._meet(tried)
        everybody = every_row(len(self._numbers))
        for place, one in enumerate(paced(tried)):
            if self._mask(one) == everybody:
                yield place

    def suspects(self, tried: Sequence[Reading]) -> Iterator[Sequence[int]]:
        """For each filter the places of those before it that may take all its visitors."""
        self._meet(tried)
        found = self._found(tried)
        for place, one in enumerate(tried):
            sure = one.witness is not None and self._mask(one) >> self._numbers[one] & 1
            yield found[place] if sure else range(max(0, place - UNSURE), place)

    def _found(self, tried: Sequence[Reading]) -> dict[int, list[int]]:
        found: dict[int, list[int]] = defaultdict(list)
        asking, left = _Asking(self._numbers), MOST_PAIRS
        later: dict[int, list[int]] = defaultdict(list)
        for place, one in enumerate(tried):
            later[self._numbers[one]].append(place)
        for place, one in enumerate(paced(tried)):
            for number in islice(numbers(self._mask(one) & asking.all_of(one)), left):
                left -= 1
                for other in later.get(number, ()):
                    if other > place:
                        found[other].append(place)
        return found

    def _meet(self, tried: Sequence[Reading]) -> None:
        """Gives numbers to those who are new."""
        fresh = list(dict.fromkeys(one for one in tried if one not in self._numbers))
        gone = len(self._numbers) + len(fresh) > 2 * len(tried) + MOST_CROWDS
        if fresh and (gone or len(self._crowds) >= MOST_CROWDS):
            self._begin()
            fresh = list(dict.fromkeys(tried))
        if fresh:
            first = len(self._numbers)
            visitors = [one.witness or {} for one in paced(fresh)]
            self._crowds.append((first, Crowd(visitors, self._registry)))
            self._numbers.update((one, first + number) for number, one in enumerate(fresh))

    def _mask(self, one: Reading) -> int:
        """Whom this filter takes, of all who have a number."""
        mask, seen = self._taken.get(one, (0, 0))
        if seen < len(self._crowds):
            for first, crowd in self._crowds[seen:]:
                mask |= crowd.matching(one.sound) << first
            self._taken[one] = mask, len(self._crowds)
        return mask


class _Asking:
    """Which filters ask for some fields; as masks, for there are many filters and few such sets."""

    def __init__(self, all_numbers: dict[Reading, int]) -> None:
        rows: dict[frozenset[str], list[int]] = defaultdict(list)
        for one, number in all_numbers.items():
            rows[one.fields].append(number)
        size = len(all_numbers)
        self._masks = {fields: mask_of(found, size) for fields, found in rows.items()}
        self._known: dict[frozenset[str], int] = {}

    def all_of(self, one: Reading) -> int:
        """Those that this one can cover, as far as the fields go."""
        wanted = one.insists
        if (known := self._known.get(wanted)) is None:
            found = (mask for fields, mask in self._masks.items() if wanted <= fields)
            known = self._known[wanted] = reduce(or_, found, 0)
        return known
