"""A rep's presence, as the scripts keep it: availability|capacity|load|since|cause|devices."""

from dataclasses import dataclass
from typing import Literal

Eligibility = Literal["eligible", "offline", "away", "idle", "full"]


@dataclass(frozen=True, slots=True)
class RepStatus:
    """What is known of one rep (PR-1). `availability`: available, away, or idle: they chose
    available, but no device was used for a while. `since` is ms since 1970; `devices` are
    `device@node`.
    """

    availability: str
    capacity: int
    load: int
    since: int
    cause: str
    devices: tuple[str, ...]

    @property
    def online(self) -> bool:
        """At least one device is connected, or was within the grace (PR-3)."""
        return bool(self.devices)

    @property
    def chose_available(self) -> bool:
        """What they chose, whether or not they are idle."""
        return self.availability != "away"

    @property
    def eligibility(self) -> Eligibility:
        """Why a ring would or wouldn't reach them, in the order a person would ask."""
        if not self.devices:
            return "offline"
        if self.availability != "available":
            return "idle" if self.availability == "idle" else "away"
        return "full" if self.load >= self.capacity else "eligible"


def parse_status(raw: bytes) -> RepStatus:
    """One value of the hash `reps`. Raises ValueError if a later version wrote it differently."""
    availability, capacity, load, since, cause, devices = raw.decode().split("|")
    return RepStatus(
        availability, int(capacity), int(load), int(since), cause.partition("+")[0],
        tuple(devices.split()),
    )  # fmt: skip
