"""What is wrong with a filter document: all of it at once, each with its place."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

from frontdesk.errors import FrontdeskError

MOST_FAULTS: Final = 100
"""One answer lists at most so many; a document that has more is no filter."""

LONGEST_QUOTE: Final = 40
LARGEST_QUOTE: Final = 10**18
_KINDS: Final[dict[type, str]] = {type(None): "nothing", list: "a list", dict: "an object"}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong. `place` is a JSON pointer into the document ("" is all of it)."""

    place: str
    code: str
    message: str


class FilterFaults(FrontdeskError):
    """A document that is no filter. `faults` go into the answer's `faults`, in document order."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        first = self.faults[0]
        more = f" ({len(self.faults) - 1} more)" if len(self.faults) > 1 else ""
        super().__init__(
            "invalid",
            f"{first.place or '/'}: {first.message}{more}",
            faults=[asdict(fault) for fault in self.faults],
        )


def step(place: str, member: str | int) -> str:
    """The pointer to a member of what `place` points to (RFC 6901)."""
    if isinstance(member, str) and ("~" in member or "/" in member):
        member = member.replace("~", "~0").replace("/", "~1")
    return f"{place}/{member}"


def quoted(value: object) -> str:
    """A value of a document in a message: short, and always fit to be sent."""
    match value:
        case str():
            text = value if len(value) <= LONGEST_QUOTE else f"{value[:LONGEST_QUOTE]}…"
            return f"'{text.encode('utf-8', 'backslashreplace').decode()}'"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"{value:,}" if abs(value) < LARGEST_QUOTE else "this number"
        case _:
            return _KINDS.get(type(value), "something else")
