"""A filter as a value: conditions under all, any and not."""

from dataclasses import dataclass
from typing import TypeAlias

from frontdesk.filters.operators import Op
from frontdesk.filters.values import Scalar

Operand: TypeAlias = Scalar | tuple[Scalar, ...] | None


@dataclass(frozen=True, slots=True)
class Condition:
    """One test of one field.

    `value` is typed as the field is; a tuple for `one_of` and `none_of`, a pair for `between`, None
    for `is_blank` and `is_set`, a pattern for `matches`.
    """

    field: str
    op: Op
    value: Operand = None


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part matches; without parts it matches everybody."""

    parts: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part matches."""

    parts: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part doesn't match. A blank field is inside like everywhere: not(contains) matches it."""

    part: "Filter"


Filter: TypeAlias = Condition | AllOf | AnyOf | Not

EVERYBODY: Filter = AllOf(())
