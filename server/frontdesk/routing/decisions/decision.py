"""What a decision is: the stages that ring one after the other, and what it was made on (RT-12)."""

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct

from frontdesk.routing.decisions.compiled import CompiledRules, Trial
from frontdesk.routing.decisions.record import as_json, record_of
from frontdesk.routing.owners.ownership import Facts
from frontdesk.routing.reps.view import ELIGIBLE, FULL, Seen, Team
from frontdesk.routing.rule import Missed, Rule

EVERYONE = 1000
"""First available rings at most this many at a time: the scripts' limit on arguments."""

TRANSFER = "transfer"
"""Stands for the rule where somebody named the targets."""

Kind = Literal["outreach", "owner", "targets", "transfer"]
Mode = Literal["all", "order", "rotation", "least_busy"]
Books = Literal["outreach_sender", "outreach_owner", "owner", "targets"]
Outcome = Literal["rings", "waits", "missed"]


class Stage(Struct, frozen=True, kw_only=True):
    """Reps who are rung together or in turn, before the next stage is.

    `mode`: all of them at once; in the order given; in rotation; the least busy first. Round robin
    picks from those who may ring at that moment, `limit` at a time. The first `always` of `reps`
    ring besides whom the mode picks, within `limit`, and may be past their capacity by `over`.
    `ring_ms`: how long one is rung before the next; 0: until the total wait is over.
    `pool` names the rotation; `weights` go with `reps`, none: all the same.
    `reason` is for the ring card, `reasons` for those who have one of their own.
    """

    kind: Kind
    mode: Mode = "all"
    reps: tuple[str, ...]
    limit: int = EVERYONE
    ring_ms: int = 0
    over: int = 0
    always: int = 0
    pool: str = ""
    weights: tuple[float, ...] = ()
    reason: str = ""
    reasons: Mapping[str, str] = {}

    def reason_for(self, rep: str) -> str:
        """What a rep's ring card says about why them."""
        return self.reasons.get(rep, self.reason)


class Considered(Struct, frozen=True):
    """A rep that the decision looked at, and why they ring or don't (RT-12). `since` is ms."""

    rep: str
    eligibility: str
    since: int
    cause: str
    load: int
    capacity: int


class Decision(Struct, frozen=True, kw_only=True):
    """Who is asked, in which stages, and what comes if nobody takes it.

    `version` is the rule set's, `rule` an id, `default` or `transfer`. `book`: with whom a meeting
    may be booked, in this order; nobody: the form. The rest is what the record is made of when
    somebody asks for it: nothing of it changes afterwards.
    """

    version: int
    rule: str
    name: str
    strategy: str
    why: str
    stages: tuple[Stage, ...]
    wait_ms: int
    missed: Missed
    book: tuple[Books, ...]

    compiled: CompiledRules
    matched: Rule
    facts: Facts
    seen: Seen
    at: int
    people: tuple[str, ...]
    team: Team
    without: tuple[str, ...]

    @property
    def reps(self) -> tuple[str, ...]:
        """All who may be asked, once each."""
        if len(self.stages) == 1:
            return self.stages[0].reps
        return tuple(dict.fromkeys(rep for stage in self.stages for rep in stage.reps))

    @property
    def limit(self) -> int:
        """How many of the first stage ring at a time."""
        return self.stages[0].limit if self.stages else EVERYONE

    def concerns(self, rep: str) -> bool:
        """Whether this visitor is routed to this rep, available or not (RT-11)."""
        if rep in self.without or rep not in self.seen.candidates:
            return False
        return rep in self.people or self.team is None or rep in self.team

    @property
    def outcome(self) -> Outcome:
        """What comes of it if the presence it was made on is right (RT-6)."""
        if self.ringing() is not None:
            return "rings"
        states = map(self.seen.eligibility, self.reps)
        return "waits" if FULL in states else "missed"

    def ringing(self) -> tuple[int, tuple[str, ...]] | None:
        """The first stage with somebody who may ring, by its place, and those; None: nobody."""
        for place, stage in enumerate(self.stages):
            if able := tuple(rep for rep in stage.reps if self._may_ring(stage, rep)):
                return place, able
        return None

    def _may_ring(self, stage: Stage, rep: str) -> bool:
        state = self.seen.eligibility(rep)
        if state != FULL or rep not in stage.reps[: stage.always]:
            return state == ELIGIBLE
        status = self.seen.status(rep)
        return status.load < status.capacity + stage.over

    @property
    def considered(self) -> tuple[Considered, ...]:
        """Everybody who was looked at: those asked in their order, then the others by id."""
        return tuple(self.consider(rep) for rep in self.looked_at())

    def looked_at(self) -> list[str]:
        """Ids of those."""
        team = self.seen.candidates if self.team is None else sorted(self.team)
        everybody = dict.fromkeys((*self.people, *self.reps, *team))
        return [rep for rep in everybody if rep not in self.without]

    def consider(self, rep: str) -> Considered:
        """What was seen of one rep."""
        status = self.seen.status(rep)
        return Considered(
            rep,
            self.seen.eligibility(rep),
            status.since,
            status.cause,
            status.load,
            status.capacity,
        )

    def tried(self) -> Trial:
        """The rules that were tried, explained."""
        return self.compiled.tried(self.facts.situation)

    def record(self) -> bytes:
        """What is kept of it, as JSON: values and presence of that instant (RT-12)."""
        return record_of(self)

    def json(self) -> dict[str, Any]:
        """The record, read."""
        return as_json(self)
