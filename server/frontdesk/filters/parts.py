"""What a column of the index is made of: each part sorts values into classes with equal answers.

Two values of a class leave the same rows in, as far as the part's conditions go. So what follows
depends on classes only, of which there are no more than the rules can tell apart, however many
values visitors bring. Each part leaves in every row that asks nothing of its kind.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from frontdesk.filters.masks import changed, mask_of, without


class Part(Protocol):
    """What every part has."""

    @property
    def classify(self) -> Callable[[Any], int | None]:
        """A value, a text folded, → its class."""

    @property
    def count(self) -> int:
        """How many classes there may be, about."""

    def mask(self, number: Any) -> int:
        """The rows that values of this class don't rule out."""


class Members:
    """Is, one of, and their opposites. A class is a value that rows name; None all other values."""

    def __init__(
        self,
        base: int,
        among: Mapping[Any, Sequence[int]],
        barred: Mapping[Any, Sequence[int]],
        size: int,
    ) -> None:
        values = list(dict.fromkeys([*among, *barred]))
        numbers: dict[Any, int] = {value: number for number, value in enumerate(values)}
        self.classify = numbers.get
        self.count = len(values) + 1
        self._changes = [(among.get(value, ()), barred.get(value, ())) for value in values]
        self._base = base
        self._size = size

    def mask(self, number: int | None) -> int:
        if number is None:
            return self._base
        return changed(self._base, *self._changes[number], self._size)


class Backward:
    """A part that reads texts from their end."""

    def __init__(self, part: Part) -> None:
        classify = part.classify
        self.classify = lambda text: classify(text[::-1])
        self.count = part.count
        self.mask = part.mask


class Contained:
    """Texts that are looked for inside; a class is the set of those that are there, as bits."""

    def __init__(self, texts: Mapping[str, Sequence[int]], size: int) -> None:
        found = tuple((text, 1 << number) for number, text in enumerate(texts))

        def classify(text: str) -> int:
            there = 0
            for one, bit in found:
                if one in text:
                    there |= bit
            return there

        self.classify = classify
        self.count = 4 * len(texts)
        self._rows = [mask_of(rows, size) for rows in texts.values()]
        self._base = without(_all(texts.values()), size)

    def mask(self, number: int) -> int:
        mask = self._base
        for index, rows in enumerate(self._rows):
            if number >> index & 1:
                mask |= rows
        return mask


def _all(several: Iterable[Iterable[int]]) -> Iterable[int]:
    return (row for rows in several for row in rows)
