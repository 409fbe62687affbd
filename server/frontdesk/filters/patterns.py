"""Patterns of `matches`: RE2, which reads a value once, whatever the pattern (decision 0026)."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

import re2

LONGEST_PATTERN: Final = 200
MOST_MEMORY: Final = 1 << 18
"""Bytes for a pattern's program and its states; RE2's own default is 8 MB."""
LARGEST_PROGRAM: Final = 1_000
"""Instructions. The worst pattern found costs a millisecond for the longest value; ordinary ones
have 10 to 50 and cost 2 to 5 µs."""
_TOO_LARGE: Final = "it is too large once its repetitions are written out"


class BadPattern(ValueError):
    """It can't be read, or is too large; the message says what is wrong with it."""


@lru_cache(maxsize=4096)
def pattern_test(pattern: str) -> Callable[[str], bool]:
    """Whether the pattern is found anywhere in a value, without case. Raises BadPattern."""
    search = _compiled(pattern).search
    return lambda value: search(value.encode()) is not None


def _compiled(pattern: str) -> re2._Regexp:
    try:
        found = re2.compile(pattern.encode(), _options())
    except re2.error as error:
        raise BadPattern(_reason(error)) from None
    if max(found.programsize, found.reverseprogramsize) > LARGEST_PROGRAM:
        raise BadPattern(_TOO_LARGE)
    return found


def _options() -> re2.Options:
    options = re2.Options()
    options.max_mem = MOST_MEMORY
    options.case_sensitive = False
    options.never_capture = True
    options.log_errors = False
    return options


def _reason(error: Exception) -> str:
    [said] = error.args or (b"",)
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    if text.startswith(("pattern too large", "invalid repetition size")):
        return _TOO_LARGE
    if "invalid perl operator" in text or "invalid escape sequence" in text:
        return f"{text} (look-around and references to groups aren't supported)"
    return text
