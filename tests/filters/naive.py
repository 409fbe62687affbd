"""The language told once more, as plainly as possible: recursion over the stored JSON (RT-2).

It knows nothing of the room but the types of its fields, which the tests write down here again.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from unicodedata import normalize

TEXTS = frozenset({"field.tags"})
DATES = frozenset({"field.since"})


def matches(document: Mapping[str, Any], situation: Mapping[str, Any]) -> bool:
    if "all" in document:
        return all(matches(part, situation) for part in document["all"])
    if "any" in document:
        return any(matches(part, situation) for part in document["any"])
    if "not" in document:
        return not matches(document["not"], situation)
    return condition(document["field"], document["op"], document.get("value"), situation)


def condition(field: str, op: str, wanted: Any, situation: Mapping[str, Any]) -> bool:
    actual = situation.get(field)
    blank = actual is None or actual in ("", ())
    if op in ("is_blank", "is_set"):
        return blank is (op == "is_blank")
    if op in ("is_not", "none_of"):
        return not condition(field, {"is_not": "is", "none_of": "one_of"}[op], wanted, situation)
    if blank:
        return False
    values: Any = actual if field in TEXTS else (actual,)
    return any(one(field, op, wanted, value) for value in values)


def one(field: str, op: str, wanted: Any, actual: Any) -> bool:
    if op == "matches":
        return re.search(wanted, actual, re.IGNORECASE) is not None
    value = comparable(field, actual)
    others = [comparable(field, each) for each in (wanted if type(wanted) is list else [wanted])]
    other = others[0]
    outcomes: dict[str, Callable[[], Any]] = {
        "is": lambda: value == other,
        "one_of": lambda: value in others,
        "between": lambda: other <= value <= others[1],
        "contains": lambda: other in value,
        "starts_with": lambda: value[: len(other)] == other,
        "ends_with": lambda: value[-len(other) :] == other,
        "greater": lambda: value > other,
        "after": lambda: value > other,
        "less": lambda: value < other,
        "before": lambda: value < other,
    }
    return bool(outcomes[op]())


def comparable(field: str, value: Any) -> Any:
    if field in DATES and isinstance(value, str):
        return date.fromisoformat(value)
    return normalize("NFC", value.strip()).casefold() if isinstance(value, str) else value
