"""One rule set in a simulation: whom it would have rung, and the sums of it (RT-13). Pure.

It is an estimate. A recorded request is decided on the presence of its time, with the reps, groups
and working hours of today. Of several who ring at once, the one who really claimed gets the chat if
they ring; else each gets an equal share, for nobody knows who would have been first. Of a round
robin it is whoever rings first. A request counts as missed if nobody could be rung or had a place
to free; where everybody was full, or only reps would ring who really stayed silent, it counts as
missed if it really was. What a simulated chat would have done to somebody's load isn't followed up:
the recorded presence has the loads of what really happened.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from frontdesk.routing.decisions.compiled import CompiledRules
from frontdesk.routing.decisions.decide import decide
from frontdesk.routing.decisions.decision import Decision, Stage
from frontdesk.routing.owners.ownership import Facts
from frontdesk.routing.rule import Rule, Strategy
from frontdesk.routing.simulations.history import History
from frontdesk.routing.simulations.turns import Turns

SEED = 13
"""Both rule sets draw the same numbers, so that a change of theirs is no accident."""
NOBODY: tuple[str, ...] = ()
MOST_NAMED = 20
"""Reps that are named of those who ring at once."""


class Happened(NamedTuple):
    """What really became of a request: who claimed it, or that it was missed and who was silent."""

    rep: str = ""
    missed: bool = False
    silent: Collection[str] = ()


class Sent(NamedTuple):
    """Where a rule set sends a request, and whom it rings first."""

    decision: Decision
    rung: tuple[str, ...]

    @property
    def outcome(self) -> dict[str, Any]:
        """For the list of those who moved."""
        decision = self.decision
        return {"rule": decision.rule, "name": decision.name, "reps": self.rung[:MOST_NAMED]}


class Side:
    """A rule set that is led through the requests in the order of time."""

    def __init__(self, compiled: CompiledRules, *, owner_over: int = 0) -> None:
        self.compiled = compiled
        self._owner_over = owner_over
        self._rng = random.Random(SEED)  # noqa: S311 - repeatable on purpose
        self._turns: dict[str, Turns] = defaultdict(Turns)
        self._shared: dict[tuple[str, ...], int] = Counter()
        self._reps: dict[str, float] = defaultdict(float)
        self.rules: Counter[str] = Counter()
        self.missed = 0

    @property
    def looks_at_ownership(self) -> bool:
        return self.compiled.looks_at_ownership

    def same_rules(self, other: "Side") -> frozenset[str]:
        """Ids of rules that both have and that decide alike: one decision does for both. A rule
        that draws isn't among them, for each side draws its own numbers.
        """
        rules = {rule.id: rule for rule in other.compiled.ruleset.every}
        return frozenset(
            rule.id
            for rule in self.compiled.ruleset.every
            if rules.get(rule.id) == rule and rule.strategy is not Strategy.RANDOM
        )

    def match(self, facts: Facts) -> Rule:
        """The rule that takes this visitor."""
        return self.compiled.match(facts.situation)

    def decide(self, rule: Rule, facts: Facts, history: History, *, at: int) -> Decision:
        """What the rule that matched comes to at this instant."""
        return decide(
            self.compiled, facts, history.view, why="request", now_ms=at, rng=self._rng,
            owner_over=self._owner_over, matched=rule,
        )  # fmt: skip

    def send(self, decision: Decision, history: History, happened: Happened) -> Sent:
        """Ring whose turn it is, and count it."""
        rung = self._rung(decision, history)
        self.rules[decision.rule] += 1
        if rung:
            self._load(rung, happened.rep)
        if _misses(decision, rung, happened):
            self.missed += 1
        return Sent(decision, rung)

    def reps(self) -> Mapping[str, float]:
        """Chats for each rep; parts of one where several rang."""
        for rung, times in self._shared.items():
            for rep in rung:
                self._reps[rep] += times / len(rung)
        self._shared.clear()
        return self._reps

    def _rung(self, decision: Decision, history: History) -> tuple[str, ...]:
        """Who rings first: of the first stage with somebody who can be rung."""
        for stage in decision.stages:
            if able := history.able(stage):
                return self._chosen(stage, able, history)
        return NOBODY

    def _chosen(self, stage: Stage, able: tuple[str, ...], history: History) -> tuple[str, ...]:
        if stage.mode == "all":
            return able[: stage.limit]
        named = tuple(rep for rep in stage.reps[: stage.always] if rep in able)
        others = [rep for rep in able if rep not in named] if named else able
        if not others or len(named) >= stage.limit:
            return named
        if stage.mode == "order":
            return (*named, others[0])
        turns = self._turns[stage.pool]
        weights = dict(zip(stage.reps, stage.weights, strict=True)) if stage.weights else {}
        if stage.mode == "rotation":
            rep = turns.next(others)
        else:
            rep = turns.least_busy(others, {one: history.load(one) for one in others}, weights)
        turns.offered(rep, weights.get(rep, 1.0))
        return (*named, rep)

    def _load(self, rung: tuple[str, ...], claimed: str) -> None:
        if len(rung) == 1:
            self._reps[rung[0]] += 1
        elif claimed and claimed in rung:
            self._reps[claimed] += 1
        else:
            self._shared[rung] += 1
            if len(self._shared) > 500:
                self.reps()


def _misses(decision: Decision, rung: tuple[str, ...], happened: Happened) -> bool:
    if not rung:
        return happened.missed if decision.outcome == "waits" else True
    return happened.missed and all(rep in happened.silent for rep in rung)


def elsewhere(one: Decision, other: Decision) -> bool:
    """Whether two rule sets send a request to different rules, or may ring different reps for it.
    Whose turn it is doesn't count: every change before moves that.
    """
    if one.rule != other.rule or len(one.stages) != len(other.stages):
        return True
    pairs = zip(one.stages, other.stages, strict=True)
    return any(not _same(stage, twin) for stage, twin in pairs)


def _same(stage: Stage, twin: Stage) -> bool:
    if stage.kind != twin.kind or stage.mode != twin.mode:
        return False
    return stage.reps == twin.reps or frozenset(stage.reps) == frozenset(twin.reps)
