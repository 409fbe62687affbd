"""Filters in plain English, for decisions and lists ("country is one of Japan, India")."""

from datetime import date
from typing import Final

from frontdesk.filters.names import NAMES, name_of
from frontdesk.filters.operators import Op
from frontdesk.filters.registry import Registry
from frontdesk.filters.tree import AllOf, AnyOf, Condition, Filter, Not, Operand
from frontdesk.filters.values import Value, is_blank

MOST_NAMED: Final = 10
"""Values of a list that are named; of longer ones the rest is counted."""

WORDS: Final = {
    Op.IS: "is",
    Op.IS_NOT: "is not",
    Op.CONTAINS: "contains",
    Op.STARTS_WITH: "starts with",
    Op.ENDS_WITH: "ends with",
    Op.ONE_OF: "is one of",
    Op.NONE_OF: "is none of",
    Op.MATCHES: "matches",
    Op.GREATER: "is greater than",
    Op.LESS: "is less than",
    Op.BETWEEN: "is between",
    Op.BEFORE: "is before",
    Op.AFTER: "is after",
    Op.IS_BLANK: "is blank",
    Op.IS_SET: "is set",
}


def say(condition: Condition, registry: Registry) -> str:
    """One condition: "employees is greater than 1,000"."""
    words = f"{say_field(condition.field, registry)} {WORDS[condition.op]}"
    match condition.value:
        case None:
            return words
        case (low, high) if condition.op is Op.BETWEEN:
            return f"{words} {say_value(low)} and {say_value(high)}"
        case value:
            return f"{words} {say_value(value, condition.field)}"


def say_filter(filter: Filter, registry: Registry) -> str:
    """A whole filter, groups inside groups in brackets."""
    match filter:
        case Condition():
            return say(filter, registry)
        case Not(part):
            return f"not ({say_filter(part, registry)})"
        case AllOf(()):
            return "everybody"
        case AnyOf(()):
            return "nobody"
        case AllOf(parts) | AnyOf(parts):
            word = " and " if isinstance(filter, AllOf) else " or "
            return word.join(_inside(part, registry) for part in parts)


def say_field(key: str, registry: Registry) -> str:
    """A field's label as it stands inside a sentence: "country", "UTM source"."""
    field = registry.get(key)
    if field is None:
        return key
    keeps_capital = field.label[1:2].isupper()
    return field.label if keeps_capital else field.label[:1].lower() + field.label[1:]


def say_value(value: Value | Operand, field: str = "") -> str:
    """A value: "1,200", "yes", "2026-01-31", "a, b", "blank"; texts with spaces in quotes. Codes of
    countries and languages have names, where `field` says that they are some.
    """
    if value is None or is_blank(value):
        return "blank"
    match value:
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return f"{value:,}"
        case date():
            return value.isoformat()
        case tuple():
            named = ", ".join(say_value(one, field) for one in value[:MOST_NAMED])
            more = len(value) - MOST_NAMED
            return f"{named} and {more:,} more" if more > 0 else named
        case _:
            return _say_text(value, field)


def _say_text(value: str, field: str) -> str:
    if field in NAMES and (name := name_of(field, value)) != value:
        return name
    return f"“{value}”" if any(one in value for one in " ,") else value


def _inside(part: Filter, registry: Registry) -> str:
    several = isinstance(part, AllOf | AnyOf) and len(part.parts) > 1
    words = say_filter(part, registry)
    return f"({words})" if several else words
