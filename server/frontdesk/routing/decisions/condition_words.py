"""A tested condition in words, with the visitor's own value: "employees 1,200 > 1,000" (RT-12)."""

from collections.abc import Iterable, Mapping
from typing import Any

from frontdesk.filters import Op, Registry, name_of, say_field, say_value

LONGEST = 5
"""Values of a list that are named here; the record has them all."""

_SIGNS = {Op.GREATER: (">", "≤"), Op.LESS: ("<", "≥")}
_VERBS = {
    Op.CONTAINS: ("contains", "doesn't contain"),
    Op.STARTS_WITH: ("starts with", "doesn't start with"),
    Op.ENDS_WITH: ("ends with", "doesn't end with"),
    Op.MATCHES: ("matches", "doesn't match"),
    Op.BEFORE: ("is before", "isn't before"),
    Op.AFTER: ("is after", "isn't after"),
}


def say_reasons(tested: Iterable[Mapping[str, Any]], registry: Registry, *, matched: bool) -> str:
    """Why a rule matched, or the first thing for which it didn't: `tested` of its record."""
    telling = [one for one in tested if (one["matched"] is not _inside_not(one)) is matched]
    if not matched:
        telling = telling[:1]
    return ", ".join(say_tested(one, registry) for one in telling)


def _inside_not(one: Mapping[str, Any]) -> bool:
    """Whether it was asked for not to hold: under an odd number of `not`."""
    place: str = one["place"]
    return place.split("/").count("not") % 2 == 1


def say_tested(one: Mapping[str, Any], registry: Registry) -> str:
    """One condition of a record, as it turned out."""
    field, op, holds = say_field(one["field"], registry), Op(one["op"]), one["matched"]
    actual, value = (_named(one["field"], one.get(what)) for what in ("actual", "value"))
    if actual is None or op in (Op.IS_BLANK, Op.IS_SET):
        return _blank_or_set(field, op, actual, value)
    match op:
        case Op.GREATER | Op.LESS:
            return f"{field} {_value(actual)} {_SIGNS[op][not holds]} {_value(value)}"
        case Op.BETWEEN:
            between = "is between" if holds else "isn't between"
            return f"{field} {_value(actual)} {between} {_pair(value)}"
        case Op.IS | Op.IS_NOT | Op.ONE_OF | Op.NONE_OF:
            return _equal(field, op, actual, value, holds=holds)
        case _:
            return f"{field} {_value(actual)} {_VERBS[op][not holds]} {_value(value)}"


def _named(field: str, value: Any) -> Any:
    """Codes by their names."""
    if isinstance(value, list):
        return [_named(field, one) for one in value]
    return (
        _Name(name)
        if isinstance(value, str) and (name := name_of(field, value)) != value
        else value
    )


class _Name(str):
    """It needs no quotes, whatever is in it."""

    __slots__ = ()


def _blank_or_set(field: str, op: Op, actual: Any, value: Any) -> str:
    if actual is not None:
        return f"{field} is {_value(actual)}" + (", not blank" if op is Op.IS_BLANK else "")
    if op in (Op.IS_BLANK, Op.IS_SET):
        return f"{field} is blank"
    return f"{field} is blank, not {_any(value)}" if value is not None else f"{field} is blank"


def _equal(field: str, op: Op, actual: Any, value: Any, *, holds: bool) -> str:
    same = holds is (op in (Op.IS, Op.ONE_OF))
    if not same:
        return f"{field} is {_value(actual)}, not {_any(value)}"
    return f"{field} is {_value(actual)}"


def _any(value: Any) -> str:
    if not isinstance(value, list):
        return _value(value)
    named = [_value(one) for one in value[:LONGEST]]
    if len(value) > LONGEST:
        named.append(f"{len(value) - LONGEST} more")
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} or {named[-1]}"


def _pair(value: Any) -> str:
    low, high = value
    return f"{_value(low)} and {_value(high)}"


def _value(value: Any) -> str:
    if isinstance(value, _Name):
        return value
    return say_value(tuple(value) if isinstance(value, list) else value)
