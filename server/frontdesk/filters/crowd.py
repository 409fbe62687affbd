"""Which of many situations match a filter: the index the other way round (RT-13, RT-14).

Everybody is known before the filters are. So for each field the situations are sorted by value, and
what a condition means is a mask of them: a whole number with one bit per situation. Filters are
`&`, `|` and `~` of masks: a few µs each, whatever the number of situations. Unlike `index`, exact.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from itertools import accumulate
from operator import or_
from typing import Any, Final

from frontdesk.filters.conditions import fits, value_test
from frontdesk.filters.fields import FieldType
from frontdesk.filters.masks import every_row, mask_of
from frontdesk.filters.operators import OPPOSITE, Op
from frontdesk.filters.registry import Registry, Situation
from frontdesk.filters.spans import beginning_with
from frontdesk.filters.tree import AllOf, AnyOf, Condition, Filter, Not
from frontdesk.filters.values import fold, is_blank

_ORDERED: Final = frozenset({FieldType.NUMBER, FieldType.BOOLEAN, FieldType.DATE})
MOST_KNOWN: Final = 20_000
"""Conditions whose situations are remembered; whoever edits rules asks for most of them again."""
_END: Final = "\0"
"""Stands between texts that are searched in one go; no condition can ask for it."""


class Crowd:
    """Situations by their number in the sequence. Immutable, but for what it remembers."""

    __slots__ = ("_known", "_registry", "_values", "everybody")

    def __init__(self, situations: Sequence[Situation], registry: Registry) -> None:
        self.everybody = every_row(len(situations))
        self._registry = registry
        self._values = _sorted_by_field(situations, registry)
        self._known: dict[Condition, int] = {}

    def matching(self, filter: Filter) -> int:
        """The mask of all who match; bit n stands for situation n."""
        match filter:
            case Condition():
                return self._remembered(filter)
            case Not(part):
                return self.everybody & ~self.matching(part)
            case AllOf(parts):
                return self._all_of(parts)
            case AnyOf(parts):
                return reduce(or_, map(self.matching, parts), 0)

    def _all_of(self, parts: Sequence[Filter]) -> int:
        mask = self.everybody
        for part in parts:
            mask &= self.matching(part)
            if not mask:
                break
        return mask

    def _remembered(self, condition: Condition) -> int:
        if (known := self._known.get(condition)) is None:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            known = self._known[condition] = self._condition(condition)
        return known

    def _condition(self, condition: Condition) -> int:
        if (opposite := OPPOSITE.get(condition.op)) is None:
            return self._positive(condition)
        positive = Condition(condition.field, opposite, condition.value)
        return self.everybody & ~self._positive(positive)

    def _positive(self, condition: Condition) -> int:
        values = self._values.get(condition.field)
        if values is None or not fits(condition, self._registry):
            return 0
        return values.mask(condition)


def numbers(mask: int) -> Iterator[int]:
    """The numbers of a mask's bits, the lowest first."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def _sorted_by_field(situations: Sequence[Situation], registry: Registry) -> "dict[str, _Values]":
    rows: dict[str, dict[Any, list[int]]] = defaultdict(lambda: defaultdict(list))
    for number, situation in enumerate(situations):
        for key, value in situation.items():
            if key in registry and not is_blank(value):
                rows[key][value].append(number)
    size = len(situations)
    return {key: _Values(key, found, size, registry) for key, found in rows.items()}


class _Values:
    """The values of one field, in order, each with the mask of situations that have it."""

    def __init__(
        self, key: str, rows: Mapping[Any, list[int]], size: int, registry: Registry
    ) -> None:
        self._registry = registry
        self._textual = registry[key].type not in _ORDERED
        self._several = registry[key].type is FieldType.TEXTS
        given = {value: mask_of(found, size) for value, found in rows.items()}
        self._any = reduce(or_, given.values())
        self._given = _each_text(given) if self._several else given
        self._masks = _folded(self._given) if self._textual else given
        self._order = sorted(self._masks)
        self._in_order = [self._masks[value] for value in self._order]
        self._sums = [0] if self._several else [0, *accumulate(self._in_order)]
        self._text = _END.join([*self._order, ""]) if self._textual else ""
        lengths = (len(one) + 1 for one in self._order) if self._textual else ()
        self._starts = [0, *accumulate(lengths)]

    def mask(self, condition: Condition) -> int:
        """Who has a value that meets a condition of a positive operator."""
        value: Any = condition.value
        match condition.op:
            case Op.IS_SET:
                return self._any
            case Op.IS:
                return self._one(value)
            case Op.ONE_OF:
                return reduce(or_, map(self._one, value), 0)
            case Op.MATCHES:
                return self._tested(condition)
        if self._textual:
            return self._of_text(condition.op, fold(value))
        return self._of_range(condition.op, value)

    def _of_range(self, op: Op, value: Any) -> int:
        order = self._order
        match op:
            case Op.GREATER | Op.AFTER:
                return self._between(bisect_right(order, value), len(order))
            case Op.LESS | Op.BEFORE:
                return self._between(0, bisect_left(order, value))
        low, high = value
        return self._between(bisect_left(order, low), bisect_right(order, high))

    def _of_text(self, op: Op, text: str) -> int:
        match op:
            case Op.STARTS_WITH:
                return self._beginning(text)
            case Op.ENDS_WITH:
                return self._found(text + _END, text, at_end=True)
        return self._found(text, text)

    def _one(self, value: Any) -> int:
        return self._masks.get(fold(value) if self._textual else value, 0)

    def _beginning(self, start: str) -> int:
        span = beginning_with(start)
        high = len(self._order) if span.high is None else bisect_left(self._order, span.high)
        return self._between(bisect_left(self._order, start), high)

    def _between(self, first: int, end: int) -> int:
        if first >= end:
            return 0
        if self._several:  # the same situation may have several of the values
            return reduce(or_, self._in_order[first:end])
        return self._sums[end] - self._sums[first]

    def _found(self, wanted: str, text: str, *, at_end: bool = False) -> int:
        """Looks in all texts in one go; a hit is looked at again, for the text it is in."""
        mask, place = 0, self._text.find(wanted)
        while place >= 0:
            number = bisect_right(self._starts, place) - 1
            value = self._order[number]
            if value.endswith(text) if at_end else text in value:
                mask |= self._in_order[number]
                place = self._starts[number + 1] - 1
            place = self._text.find(wanted, place + 1)
        return mask

    def _tested(self, condition: Condition) -> int:
        """Patterns ignore case in their own way: they get the texts as they are."""
        test = value_test(condition, self._registry)
        met = (mask for one, mask in self._given.items() if test((one,) if self._several else one))
        return reduce(or_, met, 0)


def _each_text(given: Mapping[tuple[str, ...], int]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for texts, mask in given.items():
        for text in texts:
            found[text] |= mask
    return dict(found)


def _folded(given: Mapping[str, int]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for text, mask in given.items():
        found[fold(text)] |= mask
    return dict(found)
