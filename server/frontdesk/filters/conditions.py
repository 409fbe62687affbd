"""What a condition asks of a value: one small closure, for compiling, explaining and the index.

A field is blank when its value is None, "" or (): then only `is_blank`, `is_not` and `none_of` hold
(RT-2). A field of several texts matches when any of them does, and `is_not` and `none_of` when none
does. A field that is gone from the registry, or has become another type, is always blank.
"""

from collections.abc import Callable
from datetime import date
from typing import Any, TypeAlias

from frontdesk.filters.fields import FieldType
from frontdesk.filters.operators import OPERATORS, OPPOSITE, Op
from frontdesk.filters.patterns import pattern_test
from frontdesk.filters.registry import Registry
from frontdesk.filters.tree import Condition
from frontdesk.filters.values import fold, is_blank

Test: TypeAlias = Callable[[Any], bool]
"""Whether a value of the field's type, or a blank one, is what is asked for."""


def value_test(condition: Condition, registry: Registry) -> Test:
    """The test of a condition's value."""
    if not fits(condition, registry):
        holds_when_blank = condition.op in OPPOSITE
        return lambda _: holds_when_blank
    if (opposite := OPPOSITE.get(condition.op)) is None:
        return _positive(condition, registry)
    test = _positive(Condition(condition.field, opposite, condition.value), registry)
    return lambda value: not test(value)


def fits(condition: Condition, registry: Registry) -> bool:
    """Whether the field is still there, of a type that has this operator and such values."""
    field = registry.get(condition.field)
    if field is None or condition.op not in OPERATORS[field.type]:
        return False
    values = condition.value if isinstance(condition.value, tuple) else (condition.value,)
    match field.type:
        case FieldType.NUMBER:
            wanted: type | tuple[type, ...] = (int, float)
        case FieldType.BOOLEAN:
            wanted = bool
        case FieldType.DATE:
            wanted = date
        case _:
            wanted = str
    return all(one is None or isinstance(one, wanted) for one in values)


def _positive(condition: Condition, registry: Registry) -> Test:
    if condition.op is Op.IS_SET:
        return lambda value: not is_blank(value)
    match registry[condition.field].type:
        case FieldType.NUMBER | FieldType.BOOLEAN | FieldType.DATE:
            return _ordered(condition.op, condition.value)
        case FieldType.TEXTS:
            test = _text(condition.op, condition.value)
            return lambda values: any(map(test, values)) if values else False
        case _:
            return _text(condition.op, condition.value)


def _text(op: Op, wanted: Any) -> Test:
    """`wanted` is a text, or a tuple of texts for `one_of`."""
    if op is Op.MATCHES:
        found = pattern_test(wanted)
        return lambda value: bool(value) and found(value)
    if op is Op.ONE_OF:
        folded_all = frozenset(fold(one) for one in wanted)
        return lambda value: bool(value) and fold(value) in folded_all
    folded = fold(wanted)
    match op:
        case Op.CONTAINS:
            return lambda value: bool(value) and folded in fold(value)
        case Op.STARTS_WITH:
            return lambda value: bool(value) and fold(value).startswith(folded)
        case Op.ENDS_WITH:
            return lambda value: bool(value) and fold(value).endswith(folded)
        case _:
            return lambda value: bool(value) and fold(value) == folded


def _ordered(op: Op, wanted: Any) -> Test:
    """Of numbers, dates and booleans. Note that 0 and False are no blanks."""
    match op:
        case Op.ONE_OF:
            one_of = frozenset(wanted)
            return lambda value: value in one_of
        case Op.GREATER | Op.AFTER:
            return lambda value: not is_blank(value) and value > wanted
        case Op.LESS | Op.BEFORE:
            return lambda value: not is_blank(value) and value < wanted
        case Op.BETWEEN:
            low, high = wanted
            return lambda value: not is_blank(value) and low <= value <= high
        case _:
            return lambda value: value == wanted
