"""Times on the wire: RFC 3339 in UTC with milliseconds."""

from datetime import UTC, datetime

_second = 0
_prefix = ""


def stamp(ms: int) -> str:
    """`ms` since 1970 as `2026-03-01T09:30:00.250Z`; the second's part is kept for the next."""
    global _second, _prefix  # noqa: PLW0603 - a cache of one, on the path of a message
    second, rest = divmod(ms, 1000)
    if second != _second:
        _prefix = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        _second = second
    return f"{_prefix}.{rest:03d}Z"


def parse(text: str) -> int:
    """The milliseconds since 1970 of an RFC 3339 time. Raises ValueError."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)
