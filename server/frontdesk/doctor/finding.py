"""One thing that was looked at, and how it is."""

from enum import IntEnum

from msgspec import Struct


class Level(IntEnum):
    """How bad: as it should be, works but not as well as it could, doesn't work."""

    OK = 0
    WARN = 1
    FAIL = 2


class Finding(Struct, frozen=True):
    """`about` names what was looked at, `what` says how it is, `advice` what to do."""

    level: Level
    about: str
    what: str
    advice: str = ""


def ok(about: str, what: str) -> Finding:
    return Finding(Level.OK, about, what)


def warn(about: str, what: str, advice: str) -> Finding:
    return Finding(Level.WARN, about, what, advice)


def fail(about: str, what: str, advice: str) -> Finding:
    return Finding(Level.FAIL, about, what, advice)
