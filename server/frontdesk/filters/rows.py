"""A filter as alternatives of literals, for the index: it matches only if all of one row holds.

`any` makes several rows of one rule, `not` is pushed down to the conditions. Where that would make
too many rows, a part is left out, so that a row may promise too much but never too little: the
index asks the compiled filter before it believes a row.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from frontdesk.filters.conditions import fits
from frontdesk.filters.operators import OPPOSITE, Op
from frontdesk.filters.registry import Registry
from frontdesk.filters.tree import AllOf, AnyOf, Condition, Filter, Not

MOST_ROWS: Final = 8
"""Of one filter. Each costs a bit in every mask."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A condition of a positive operator that must hold, or must not."""

    condition: Condition
    wanted: bool


Row: TypeAlias = tuple[Literal, ...]
"""All of these must hold."""

_TRUE: Final[Sequence[Row]] = ((),)
_FALSE: Final[Sequence[Row]] = ()


def rows(filter: Filter, registry: Registry) -> Sequence[Row]:
    """At most MOST_ROWS; none for a filter that matches nobody."""
    return _rows(filter, registry, wanted=True)


def _rows(filter: Filter, registry: Registry, *, wanted: bool) -> Sequence[Row]:
    match filter:
        case Condition():
            if fits(filter, registry):
                return ((_literal(filter, wanted=wanted),),)
            return _TRUE if (filter.op in OPPOSITE) is wanted else _FALSE
        case Not(part):
            return _rows(part, registry, wanted=not wanted)
        case AllOf(parts) | AnyOf(parts):
            inside = [_rows(part, registry, wanted=wanted) for part in parts]
            return _both(inside) if isinstance(filter, AllOf) is wanted else _either(inside)


def _literal(condition: Condition, *, wanted: bool) -> Literal:
    """`is_not` and its kind are the very opposites of others, and become these."""
    if (opposite := OPPOSITE.get(condition.op)) is not None:
        condition = Condition(condition.field, opposite, condition.value)
        wanted = not wanted
    if condition.op is Op.IS:
        condition = Condition(condition.field, Op.ONE_OF, _as_list(condition))
    return Literal(condition, wanted)


def _both(parts: Iterable[Sequence[Row]]) -> Sequence[Row]:
    """Every row of one with every row of the others, as far as that isn't too many."""
    found: Sequence[Row] = _TRUE
    for part in sorted(parts, key=len):
        if len(found) * len(part) > MOST_ROWS:
            break
        found = [(*left, *right) for left in found for right in part]
    return found


def _either(parts: Sequence[Sequence[Row]]) -> Sequence[Row]:
    found = _merged([row for part in parts for row in part])
    return _TRUE if len(found) > MOST_ROWS else found


def _merged(alternatives: Sequence[Row]) -> Sequence[Row]:
    """Alternatives that only say what one field may be are one: country is JP, or is SG."""
    values: dict[str, list[Condition]] = {}
    others: list[Row] = []
    for row in alternatives:
        match row:
            case (Literal(Condition(field, Op.ONE_OF) as condition, True),):
                values.setdefault(field, []).append(condition)
            case _:
                others.append(row)
    for field, found in values.items():
        together = tuple(one for condition in found for one in _as_list(condition))
        others.append((Literal(Condition(field, Op.ONE_OF, together), wanted=True),))
    return others


def _as_list(condition: Condition) -> tuple[str | int | float | bool, ...]:
    value = condition.value
    return value if isinstance(value, tuple) else (value,)  # type: ignore[return-value]  # one scalar
