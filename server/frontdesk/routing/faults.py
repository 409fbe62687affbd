"""What is wrong with a document of routing: all of it at once, each with its place."""

from collections.abc import Sequence
from dataclasses import asdict

from frontdesk.errors import FrontdeskError
from frontdesk.filters import Fault, step
from frontdesk.filters.faults import quoted

__all__ = ["Fault", "Faults", "RuleFaults", "pointer", "quoted"]


class Faults(FrontdeskError):
    """A document was refused whole. `faults` names everything that is wrong with it; they go into
    the answer's `faults`.
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        first = self.faults[0]
        more = f" ({len(self.faults) - 1} more)" if len(self.faults) > 1 else ""
        super().__init__(
            "invalid",
            f"{first.place or '/'}: {first.message}{more}",
            faults=[asdict(fault) for fault in self.faults],
        )


class RuleFaults(Faults):
    """A rule document was refused (RT-1)."""


def pointer(place: str, *members: str | int) -> str:
    """A place further in (RFC 6901)."""
    for member in members:
        place = step(place, member)
    return place
