"""What a decoder refuses, in words of people: `Expected `int` >= 1 - at `$.limit`` becomes
"`limit` must be a whole number of at least 1". Pure.

msgspec's texts are English for programmers, in about twenty forms; a test holds all of them
against these patterns. What is not understood here is given as it is, rather than not at all.
"""

import re
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Any, Literal, get_args, get_origin

from msgspec import Struct
from msgspec.structs import fields

KINDS = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "str": "a text",
    "array": "a list",
    "object": "an object",
    "null": "null",
    "bytes": "bytes",
    "datetime": "a date and time",
    "date": "a date",
    "time": "a time of day",
    "uuid": "a UUID",
}
_LENGTHS = {
    "str": ("character", "characters"),
    "array": ("entry", "entries"),
    "object": ("field", "fields"),
    "bytes": ("byte", "bytes"),
}
_BOUNDS = {"<=": "at most", ">=": "at least", "<": "less than", ">": "more than"}
_PLACE = re.compile(r" - at (?P<key>`key` in )?`\$(?P<path>.*?)`$", re.DOTALL)
_NAME = re.compile(r"\.([^.\[\]]+)")


class Wrong(Struct, frozen=True):
    """`field` is the first name of the path, empty for the input as a whole. `wanted` is what it
    should be ("a text of at most 64 characters"), empty where `sentence` says something else.
    """

    field: str
    wanted: str
    sentence: str


def wrong(refusal: Exception, of: Any, whole: str = "This") -> Wrong:
    """What msgspec says of an input of type `of`; `whole` is what the input as such is called."""
    text = str(refusal)
    place = _PLACE.search(text)
    said = text[: place.start()] if place else text
    path = place["path"] if place else ""
    if found := re.fullmatch(r"Object missing required field `(.+)`", said):
        name = _joined(path, found[1])
        return Wrong(_first(name), "", f"`{name}` is missing.")
    if found := re.fullmatch(r"Object contains unknown field `(.+)`", said, re.DOTALL):
        name = _joined(path, found[1])
        return Wrong(_first(name), "", f"There is no field `{name[:64]}`: leave it out.")
    where = _where(path, whole, is_key=bool(place and place["key"]))
    wanted = _wanted(said, list(choices(of, _NAME.findall(path))))
    return Wrong(_first(_joined(path)), wanted, f"{where} must be {wanted}.")


def choices(of: Any, path: list[str]) -> Iterator[str]:
    """The values that a field may have, where they are few: of a StrEnum or of texts."""
    if isinstance(of, type) and issubclass(of, StrEnum):
        yield from (of if not path else ())
    elif get_origin(of) is Literal:
        yield from filter(None, map(str, get_args(of) if not path else ()))  # "": any, left out
    elif isinstance(of, type) and issubclass(of, Struct):
        types = [field.type for field in fields(of) if field.encode_name in path[:1]]
        for one in types:
            yield from choices(one, path[1:])
    else:
        for part in get_args(of):
            yield from choices(part, path)


def _joined(path: str, name: str = "") -> str:
    return ".".join([*_NAME.findall(path), *([name] if name else [])])


def _first(name: str) -> str:
    return name.partition(".")[0]


def _where(path: str, whole: str, *, is_key: bool) -> str:
    name = _joined(path)
    if is_key:
        return f"Each name in `{name}`" if name else "Each name"
    if path.endswith("[...]") or re.search(r"\[\d+\]$", path):
        return f"Each entry of `{name}`" if name else "Each entry"
    return f"`{name}`" if name else whole


def _wanted(said: str, allowed: list[str]) -> str:
    if allowed:
        return _either(allowed)
    for pattern, words in _FORMS:
        if found := re.fullmatch(pattern, said, re.DOTALL):
            return words(found)
    return f"right ({said[:200]})"


def _kind(kinds: str) -> str:
    """`int | null` → "a whole number or null"."""
    return _either([KINDS.get(kind, kind) for kind in kinds.split(" | ")])


def _either(words: list[str]) -> str:
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _number(text: str) -> str:
    return f"{float(text):g}" if "." in text or "e" in text else text


def _sized(found: re.Match[str]) -> str:
    unit = _LENGTHS[found[1]][found[3] != "1"]
    return f"{KINDS[found[1]]} of {_BOUNDS[found[2]]} {found[3]} {unit}"


_FORMS: tuple[tuple[str, Callable[[re.Match[str]], str]], ...] = (
    (r"Expected `(.+)`, got `(.+)`", lambda found: f"{_kind(found[1])}, not {_kind(found[2])}"),
    (r"Expected `(str|array|object|bytes)` of length ([<>]=) (\d+)", _sized),
    (
        r"Expected `array` of length (\d+)(?:, got \d+)?",
        lambda found: f"a list of {found[1]} entries",
    ),
    (
        r"Expected `(int|float)` ([<>]=?) (\S+)",
        lambda found: f"{KINDS[found[1]]} of {_BOUNDS[found[2]]} {_number(found[3])}",
    ),
    (
        r"Expected `int` that's a multiple of (\d+)",
        lambda found: f"a whole multiple of {found[1]}",
    ),
    (r"Expected `str` matching regex .*", lambda _: "a text of another form"),
    (r"Expected `(\w+)`", lambda found: _kind(found[1])),
    (r"Invalid (?:enum )?value .*", lambda _: "another value, one that is allowed here"),
    (r"(?:Integer value|Number) out of range", lambda _: "a number that is not so large"),
    (r"Invalid RFC3339 encoded datetime", lambda _: "a time such as 2026-03-01T09:30:00Z"),
    (r"Invalid RFC3339 encoded date", lambda _: "a date such as 2026-03-01"),
    (r"Invalid RFC3339 encoded time", lambda _: "a time such as 09:30:00"),
)
