"""Values of fields: how what comes from outside becomes one, and when two texts are equal.

Texts are trimmed and brought to Unicode's composed form (NFC) when they come in, and keep their
case, because people see them. They are compared by `fold`: without case, as Unicode folds it
("Straße" equals "STRASSE"), accents count.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from math import isfinite
from typing import Final, TypeAlias
from unicodedata import normalize

Scalar: TypeAlias = str | int | float | bool | date
Value: TypeAlias = Scalar | tuple[str, ...]

LONGEST_TEXT: Final = 2_000
"""Characters of a visitor's value that count: bounds what testing it can cost."""
MOST_TEXTS: Final = 500
LARGEST_NUMBER: Final = 10**15
"""Exact as a float too, in Python and in browsers."""
_YES: Final = frozenset({"true", "yes", "1"})
_NO: Final = frozenset({"false", "no", "0"})


def fold(text: str) -> str:
    """The form in which texts are compared."""
    return text.casefold()


def tidy(text: str) -> str:
    """Trimmed and composed; half characters (lone surrogates), which no encoding has, replaced."""
    text = text[:LONGEST_TEXT].strip()
    if text.isascii():
        return text
    return normalize("NFC", text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


def is_blank(value: object) -> bool:
    return value is None or value in ("", ())


def as_text(raw: object) -> str | None:
    """None if there is nothing in it, or it is no single value."""
    match raw:
        case str():
            return tidy(raw) or None
        case bool():
            return "true" if raw else "false"
        case int() | float() if (number := as_number(raw)) is not None:
            return str(number)
        case date():
            return raw.isoformat()
        case _:
            return None


def as_texts(raw: object) -> tuple[str, ...] | None:
    if isinstance(raw, str) or not isinstance(raw, Iterable):
        raw = (raw,)
    found = (as_text(one) for _, one in zip(range(MOST_TEXTS), raw, strict=False))
    return tuple(text for text in found if text) or None


def as_number(raw: object) -> int | float | None:
    """Of a number or a text such as "1200.5"; whole numbers become integers."""
    if isinstance(raw, bool):
        return None
    try:
        number = float(raw) if isinstance(raw, int | float | str) else None
    except (ValueError, OverflowError):
        return None
    if number is None or not isfinite(number) or abs(number) > LARGEST_NUMBER:
        return None
    return int(number) if number.is_integer() else number


def as_boolean(raw: object) -> bool | None:
    """Of true, false, and the texts and numbers that mean them."""
    if isinstance(raw, int):
        return bool(raw) if raw in (0, 1) else None
    word = fold(raw.strip()) if isinstance(raw, str) else ""
    return True if word in _YES else False if word in _NO else None


def as_date(raw: object) -> date | None:
    """Of a date, a time (its day in UTC) or the ISO form of either."""
    if isinstance(raw, str):
        try:
            raw = datetime.fromisoformat(raw.strip())
        except ValueError:
            return None
    if isinstance(raw, datetime):
        return (raw if raw.tzinfo is None else _in_utc(raw)).date()
    return raw if isinstance(raw, date) else None


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # at the ends of the calendar
        return moment
