"""Times on the wire: RFC 3339 in UTC with milliseconds."""

from datetime import UTC, datetime
from functools import lru_cache


@lru_cache(maxsize=1024)
def _second(second: int) -> str:
    """Kept, on the path of a message: now is asked for often, and so is the end of each wait."""
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")


@lru_cache(maxsize=256)
def stamp(ms: int) -> str:
    """`ms` since 1970 as `2026-03-01T09:30:00.250Z`. Most are asked for twice or more: an entry by
    whoever is told of it, a claim by all who lost.
    """
    second, rest = divmod(ms, 1000)
    return f"{_second(second)}.{rest:03d}Z"


def parse(text: str) -> int:
    """The milliseconds since 1970 of an RFC 3339 time. Raises ValueError."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)
