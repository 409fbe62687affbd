"""The decision: which reps, in which order, how many at a time. Pure (RT-1, RT-3, RT-4, RT-12).

This is routing's door: rules come through `decide` too. The default rule is always last: all reps
who take chats, first available.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from frontdesk.presence.status import Eligibility, RepStatus

VERSION = 1
"""Of the recorded decision's form."""

EVERYONE = 1000
"""First available rings at most this many at a time: the scripts' limit on arguments."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A rep as routing sees them."""

    id: str
    groups: frozenset[str]


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a rule or a transfer names; nothing named means all reps (RT-3)."""

    reps: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()

    def names(self, candidate: Candidate) -> bool:
        """Whether this rep is meant."""
        if not self.reps and not self.groups:
            return True
        return candidate.id in self.reps or bool(candidate.groups & self.groups)


@dataclass(frozen=True, slots=True)
class Considered:
    """A rep that the decision looked at, and why they ring or don't (RT-12)."""

    rep: str
    eligibility: Eligibility
    since: int
    cause: str
    load: int
    capacity: int


@dataclass(frozen=True, slots=True)
class Decision:
    """The routing record. `reps` go to the script in this order, which checks each again."""

    rule: str
    strategy: str
    why: str
    reps: tuple[str, ...]
    limit: int
    considered: tuple[Considered, ...]

    def record(self) -> bytes:
        """What is kept: the values and the presence of that instant; words are made on reading."""
        return orjson.dumps(
            {
                "version": VERSION,
                "rule": self.rule,
                "strategy": self.strategy,
                "why": self.why,
                "considered": [_considered_json(rep) for rep in self.considered],
            }
        )


def _considered_json(rep: Considered) -> dict[str, Any]:
    return {
        "rep": rep.rep,
        "eligibility": rep.eligibility,
        "since": rep.since,
        "cause": rep.cause,
        "load": rep.load,
        "capacity": rep.capacity,
    }


_NEVER_CONNECTED = RepStatus("away", 0, 0, 0, "new", ())


def decide(
    candidates: Collection[Candidate],
    presence: Mapping[str, RepStatus],
    *,
    why: str,
    target: Target | None = None,
    without: Collection[str] = (),
) -> Decision:
    """The default rule, or a transfer's target. `why`: request, transfer, rep_lost, again.
    `without` are reps not to ring: the one who transfers, the one who was lost.
    """
    aim = target or Target()
    considered = tuple(
        _consider(candidate.id, presence.get(candidate.id, _NEVER_CONNECTED))
        for candidate in candidates
        if candidate.id not in without and aim.names(candidate)
    )
    return Decision(
        rule="transfer" if target else "default",
        strategy="first_available",
        why=why,
        reps=_worth_asking(considered),
        limit=EVERYONE,
        considered=considered,
    )


def _consider(rep: str, status: RepStatus) -> Considered:
    return Considered(
        rep, status.eligibility, status.since, status.cause, status.load, status.capacity
    )


def _worth_asking(considered: tuple[Considered, ...]) -> tuple[str, ...]:
    """Those who may ring or are merely at capacity. This node's mirror can be milliseconds old: if
    it shows nobody eligible, all are put to the script, so that nobody is missed for that.
    """
    asked = tuple(rep.rep for rep in considered if rep.eligibility in ("eligible", "full"))
    if not any(rep.eligibility == "eligible" for rep in considered):
        asked = tuple(rep.rep for rep in considered)
    return asked[:EVERYONE]
