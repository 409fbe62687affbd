"""What codes are called: "Australia" for AU, "Portuguese (Brazil)" for pt-BR.

As browsers call them, whose names come from the same source (CLDR): the console says what the
server says. An unknown code is its own name.
"""

from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Final

from babel import Locale, UnknownLocaleError


@cache
def _english() -> Locale:
    """Read when first needed: it takes some 20 ms."""
    return Locale("en")


@lru_cache(maxsize=512)
def country(code: str) -> str:
    """The name of an ISO 3166 country."""
    return str(_english().territories.get(code.upper(), code))


@lru_cache(maxsize=512)
def language(tag: str) -> str:
    """The name of a language as a browser tells it (BCP 47)."""
    try:
        return Locale.parse(tag, sep="-").get_display_name(_english()) or tag
    except (UnknownLocaleError, ValueError):
        return tag


NAMES: Final[Mapping[str, Callable[[str], str]]] = {
    "location.country": country,
    "visitor.language": language,
}
"""Fields whose values are codes."""


def name_of(field: str, value: str) -> str:
    """The value of a field as people call it."""
    return NAMES[field](value) if field in NAMES else value
