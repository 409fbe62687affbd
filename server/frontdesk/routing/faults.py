"""What is wrong with a document of routing: all of it at once, each with its place.

Of very many the first ones are told, and how many more there are: a document of thousands of rules
that all name a field which is gone would be answered with megabytes that nobody reads.
"""

from collections.abc import Sequence
from dataclasses import asdict

from frontdesk.errors import FrontdeskError
from frontdesk.filters import Fault, step
from frontdesk.filters.faults import quoted

__all__ = ["MOST", "Fault", "Faults", "RuleFaults", "pointer", "quoted"]

MOST = 200
"""Faults that are told of a document."""


class Faults(FrontdeskError):
    """A document was refused whole. `faults` names everything that is wrong with it, but of more
    than `MOST` only those; `more` is how many others there are. They go into the answer.
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults, self.more = tuple(faults[:MOST]), max(0, len(faults) - MOST)
        first = self.faults[0]
        more = f" ({len(faults) - 1:,} more)" if len(faults) > 1 else ""
        super().__init__(
            "invalid",
            f"{first.place or '/'}: {first.message}{more}",
            faults=[asdict(fault) for fault in self.faults],
            more=self.more,
        )


class RuleFaults(Faults):
    """A rule document was refused (RT-1)."""


def pointer(place: str, *members: str | int) -> str:
    """A place further in (RFC 6901)."""
    for member in members:
        place = step(place, member)
    return place
