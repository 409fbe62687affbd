"""The decision: which reps, in which stages, how many at a time. Pure (RT-1 … RT-9).

The first rule that matches says who: an Outreach email's people, then the record's owner, then the
rule's targets. What it is made of is kept with it, and the record is made when somebody asks.
"""

import random
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from frontdesk.routing.decisions import reasons, strategies
from frontdesk.routing.decisions.compiled import CompiledRules
from frontdesk.routing.decisions.decision import (
    EVERYONE,
    TRANSFER,
    Books,
    Considered,
    Decision,
    Stage,
)
from frontdesk.routing.owners.ownership import Facts, Owned, Ownership
from frontdesk.routing.reps.view import Candidate, RepView, Team
from frontdesk.routing.rule import (
    Look,
    Missed,
    OutreachBook,
    OutreachRing,
    OwnerRing,
    Rule,
    Strategy,
)

__all__ = [
    "EVERYONE",
    "Candidate",
    "Considered",
    "Decision",
    "Facts",
    "Owned",
    "Ownership",
    "RepView",
    "Stage",
    "Target",
    "decide",
]


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a transfer names; nothing named means all reps (RT-3)."""

    reps: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()

    def names(self, candidate: Candidate) -> bool:
        """Whether this rep is meant."""
        if not self.reps and not self.groups:
            return True
        return candidate.id in self.reps or bool(candidate.groups & self.groups)


def decide(  # noqa: PLR0913 - all that a decision is made on, and nothing else
    compiled: CompiledRules,
    facts: Facts,
    reps: RepView,
    *,
    why: str,
    now_ms: int,
    rng: random.Random,
    target: Target | None = None,
    without: Collection[str] = (),
    owner_over: int = 0,
    matched: Rule | None = None,
) -> Decision:
    """Who is asked. `why`: session, request, reroute,
    transfer, rep_lost, again. `target`: whom a transfer
    names, in place of the rule's stages. `without` are reps not to ring: the one who transfers, the
    one who was lost. `owner_over`: by how much an owner may exceed their capacity (PR-4).
    `matched` is what `compiled.match` said, if somebody asked it already.
    """
    rule = matched or compiled.match(facts.situation)
    asking = _Asking(compiled, rule, facts.ownership, reps, now_ms, rng, without, owner_over)
    stages = asking.named(target) if target else asking.stages()
    book = () if rule.missed is Missed.FORM else asking.book()
    return Decision(
        version=compiled.version,
        rule=TRANSFER if target else rule.id,
        name="" if target else rule.name,
        strategy=Strategy.FIRST_AVAILABLE if target else rule.strategy,
        why=why,
        stages=stages,
        wait_ms=int(rule.wait_seconds * 1000),
        missed=Missed.MEETING_BOOKER if book else Missed.FORM,
        book=book,
        compiled=compiled,
        matched=rule,
        facts=facts,
        seen=reps.seen(now_ms),
        at=now_ms,
        people=asking.people,
        team=asking.team,
        without=tuple(without),
    )


class _Asking:
    """One decision in the making. `people` are those named for themselves, `team` the targets."""

    __slots__ = (
        "_compiled", "_now", "_over", "_own", "_reps", "_ring_ms", "_rng", "_rule", "_without",
        "people", "team",
    )  # fmt: skip

    def __init__(
        self,
        compiled: CompiledRules,
        rule: Rule,
        ownership: Ownership,
        reps: RepView,
        now_ms: int,
        rng: random.Random,
        without: Collection[str],
        owner_over: int,
    ) -> None:
        self._compiled = compiled
        self._rule = rule
        self._own = ownership
        self._reps = reps
        self._now = now_ms
        self._rng = rng
        self._without = without
        self._over = owner_over
        self._ring_ms = int(rule.ring_seconds * 1000)
        self.people: tuple[str, ...] = ()
        self.team: Team = frozenset()

    def stages(self) -> tuple[Stage, ...]:
        """Outreach, owner, targets; each that has somebody to ask (RT-7 … RT-9)."""
        rule = self._rule
        if not (rule.outreach.on and came_by_outreach(self._own)):
            return self._owner_and_targets()
        people = outreach_people(rule.outreach.ring, self._own)
        self.people = tuple(people)
        after = self._owner_and_targets() if rule.outreach.fallback else ()
        working = self._working(people)
        if not working:
            return after
        stage = Stage(
            kind="outreach", reps=working, ring_ms=self._ring_ms if after else 0, reasons=people
        )
        return (stage, *after)

    def _owner_and_targets(self) -> tuple[Stage, ...]:
        rule = self._rule
        owner = owner_of(rule, self._own)
        if owner is None or owner[1].rep is None:
            return self._targets()
        look, owned = owner
        rep = owned.rep or ""
        self.people = tuple(dict.fromkeys((*self.people, rep)))
        targets = self._targets()
        if not self._working((rep,)):
            return targets
        why = {rep: reasons.of_owner(look, owned)}
        if targets and rule.owner.ring is OwnerRing.OWNER_AND_REPS:
            return (self._together(rep, targets[0], why),)
        ring_ms = self._ring_ms if targets else 0
        stage = Stage(
            kind="owner", reps=(rep,), limit=1, ring_ms=ring_ms, over=self._over, always=1,
            reasons=why,
        )  # fmt: skip
        return (stage, *targets)

    def _together(self, owner: str, targets: Stage, why: Mapping[str, str]) -> Stage:
        """The owner and the targets at once; of a round robin the owner and whose turn it is."""
        others = [i for i, rep in enumerate(targets.reps) if rep != owner]
        weights: tuple[float, ...] = ()
        if targets.weights:
            own = self._rule.weights.get(owner, 1.0)
            weights = (own, *[targets.weights[i] for i in others])
        return Stage(
            kind="owner", mode=targets.mode,
            reps=(owner, *[targets.reps[i] for i in others])[:EVERYONE],
            limit=targets.limit if targets.mode == "all" else 2,
            ring_ms=targets.ring_ms, over=self._over, always=1, pool=targets.pool,
            weights=weights[:EVERYONE],
            reason=targets.reason, reasons=why,
        )  # fmt: skip

    def _targets(self) -> tuple[Stage, ...]:
        """The rule's targets, unless they were removed (RT-8) or nobody of them works now."""
        rule = self._rule
        if not rule.fallback:
            return ()
        self.team = self._compiled.team(rule)
        asked = self._asked(self.team)
        if not asked:
            return ()
        reason = reasons.of_rule(rule)
        if rule.strategy is Strategy.FIRST_AVAILABLE:
            return (Stage(kind="targets", reps=asked, reason=reason),)
        return (self._in_turn(asked, reason),)

    def _in_turn(self, asked: tuple[str, ...], reason: str) -> Stage:
        rule, weights = self._rule, self._rule.weights
        if rule.strategy is Strategy.RANDOM:
            order = tuple(strategies.at_random(asked, weights, self._rng))
            return Stage(
                kind="targets", mode="order", reps=order, limit=1, ring_ms=self._ring_ms,
                reason=reason,
            )  # fmt: skip
        return Stage(
            kind="targets",
            mode="rotation" if rule.strategy is Strategy.ROTATION else "least_busy",
            reps=asked, limit=1, ring_ms=self._ring_ms, pool=rule.id,
            weights=tuple([weights.get(rep, 1) for rep in asked]) if weights else (),
            reason=reason,
        )  # fmt: skip

    def named(self, target: Target) -> tuple[Stage, ...]:
        """Whom a transfer names, all at once."""
        named = target.reps | self._reps.members(target.groups)
        self.team = named if target.reps or target.groups else None
        asked = self._asked(self.team)
        return (Stage(kind="transfer", reps=asked, reason=reasons.NAMED),) if asked else ()

    def _asked(self, team: Team) -> tuple[str, ...]:
        if self._without:
            everybody = self._reps.everybody if team is None else team
            team = frozenset(everybody).difference(self._without)
        return self._reps.asked(team, self._now)[:EVERYONE]

    def _working(self, people: Iterable[str]) -> tuple[str, ...]:
        working = self._reps.working
        return tuple(rep for rep in people if rep not in self._without and working(rep, self._now))

    def book(self) -> tuple[Books, ...]:
        """With whom the visitor may book when nobody came, in this order (RT-7 … RT-9)."""
        rule, own = self._rule, self._own
        if rule.outreach.on and came_by_outreach(own):
            booked = _outreach_book(rule.outreach.book, own)
            if booked is not None or not rule.outreach.fallback:
                return booked or ()
        owner = owner_of(rule, own) if rule.book.owner else None
        mine: tuple[Books, ...] = ("owner",) if owner and owner[1].rep else ()
        return (*mine, "targets") if rule.fallback and rule.book.targets else mine


def came_by_outreach(own: Ownership) -> bool:
    """Whether the visitor came through a sequence email (RT-9)."""
    return own.outreach_sender is not None or own.outreach_owner is not None


def outreach_people(ring: OutreachRing, own: Ownership) -> dict[str, str]:
    """Who of Outreach is rung, with the reason for each; those who are reps of ours."""
    people: dict[str, str] = {}
    if ring is not OutreachRing.OWNER and own.outreach_sender and own.outreach_sender.rep:
        people[own.outreach_sender.rep] = reasons.SENT
    if ring is not OutreachRing.SENDER and own.outreach_owner and own.outreach_owner.rep:
        people.setdefault(own.outreach_owner.rep, reasons.PROSPECT)
    return people


def _outreach_book(book: OutreachBook, own: Ownership) -> tuple[Books, ...] | None:
    """None: the one who was meant is nobody of ours, so the ordinary fallback's booking holds."""
    match book:
        case OutreachBook.NOBODY:
            return ()
        case OutreachBook.TARGETS:
            return ("targets",)
        case OutreachBook.SENDER:
            return ("outreach_sender",) if own.outreach_sender and own.outreach_sender.rep else None
        case OutreachBook.OWNER:
            return ("outreach_owner",) if own.outreach_owner and own.outreach_owner.rep else None


def owner_of(rule: Rule, own: Ownership) -> tuple[Look, Owned] | None:
    """The first record that was found in the rule's order, and its owner. A queue's record counts
    as found: the fallback follows, not the next record (RT-7). Switched off: not looked at.
    """
    if not rule.owner.on:
        return None
    found: Mapping[Look, Owned | None] = {
        Look.CONTACT: own.contact, Look.LEAD: own.lead, Look.ACCOUNT: own.account
    }  # fmt: skip
    for look in rule.owner.look:
        if owned := found[look]:
            return look, owned
    return None
