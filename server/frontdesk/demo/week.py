"""A week of the demo company: who came, how they were routed, who took it. Pure.

Decisions are made by the code that routes live visitors, on the presence of that instant; only what
people did is invented. So decisions, rings and presence say the same.
"""

import heapq
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from frontdesk.demo.shifts import Step
from frontdesk.routing.decisions.compiled import CompiledRules
from frontdesk.routing.decisions.decide import decide
from frontdesk.routing.decisions.decision import Decision, Stage
from frontdesk.routing.owners.ownership import Facts
from frontdesk.routing.reps.view import ELIGIBLE, FULL, Candidate, RepView
from frontdesk.routing.simulations.history import status_of
from frontdesk.routing.simulations.turns import Turns

SECOND = 1000
MINUTE = 60 * SECOND
UNANSWERED = 2
"""Offers let expire in a row after which a rep is set away (PR-8)."""
BACK = 15 * MINUTE
"""How long that lasts here."""
_CHAT_OVER, _BACK = "chat over", "back"
"""Steps that aren't the rep's own."""
_DECLINES, _SILENT, _CANCELS = 0.04, 0.12, 0.04


class Request(NamedTuple):
    """A visitor asks for a person. `at` in ms."""

    at: int
    about: dict[str, Any]
    facts: Facts


class Ring(NamedTuple):
    """One rep who was rung."""

    rep: str
    at: int
    seen_at: int | None
    outcome: str
    ended_at: int


class Moment(NamedTuple):
    """A rep's presence from an instant on (PR-7)."""

    rep: str
    at: int
    state: str
    cause: str
    load: int


class Past(NamedTuple):
    """What became of a request. `rep` '': nobody came by `answered_at`, or the visitor left."""

    request: Request
    decision: Decision
    rings: tuple[Ring, ...]
    rep: str
    answered_at: int
    ended_at: int
    cancelled: bool


@dataclass(slots=True)
class _Rep:
    """A rep as they are while the week goes on."""

    capacity: int
    state: str = "offline"
    cause: str = "new"
    since: int = 0
    load: int = 0
    silent: int = 0


class Week:
    """Led through by `run`; then `conversations` and `presence` are what is left of it."""

    def __init__(
        self,
        compiled: CompiledRules,
        candidates: Sequence[Candidate],
        capacities: Mapping[str, int],
        rng: random.Random,
    ) -> None:
        self.rng = rng
        self.conversations: list[Past] = []
        self.presence: list[Moment] = []
        self._compiled = compiled
        self._reps = {one.id: _Rep(capacities[one.id]) for one in candidates}
        self._view = RepView(candidates, {})
        self._turns: dict[str, Turns] = {}
        self._events: list[tuple[int, int, str, Step]] = []
        self._born = 0
        self._put_off: list[tuple[int, int, str, Step]] = []

    def run(
        self, shifts: Mapping[str, Iterable[Step]], requests: Iterable[Request], until: int
    ) -> None:
        """All of it in order. At the end everybody goes home: the demo begins without them."""
        for rep, steps in shifts.items():
            for step in steps:
                self._later(rep, step)
        for request in requests:
            self._until(request.at)
            self._ask(request)
        self._until(until)
        for rep, one in self._reps.items():
            if one.state != "offline":
                self._become(rep, Step(until, "offline", "signed_out"))

    # --- presence

    def _later(self, rep: str, step: Step) -> None:
        self._born += 1
        heapq.heappush(self._events, (step.at, self._born, rep, step))

    def _until(self, at: int) -> None:
        while self._events and self._events[0][0] < at:
            when, _, rep, step = heapq.heappop(self._events)
            if step.state == _CHAT_OVER:
                self._load(rep, when, -1)
            elif step.state != _BACK or self._reps[rep].cause == "unanswered":
                self._become(rep, step._replace(at=when))

    def _busy(self, until: int) -> None:
        """While it rings, nobody comes or goes: what would have happened meanwhile does so then."""
        while self._events and self._events[0][0] <= until:
            _, born, rep, step = heapq.heappop(self._events)
            self._put_off.append((until + SECOND, born, rep, step))
        for one in self._put_off:
            heapq.heappush(self._events, one)
        self._put_off.clear()

    def _become(self, rep: str, step: Step) -> None:
        one = self._reps[rep]
        one.state = ELIGIBLE if step.state == _BACK else step.state
        one.cause, one.since, one.silent = step.cause, step.at, 0
        self._tell(rep, step.at)

    def _load(self, rep: str, at: int, by: int) -> None:
        one = self._reps[rep]
        before = _eligibility(one)
        one.load += by
        self._tell(rep, at, new=_eligibility(one) != before)

    def _tell(self, rep: str, at: int, *, new: bool = True) -> None:
        one = self._reps[rep]
        state = _eligibility(one)
        if new:
            self.presence.append(Moment(rep, at, state, one.cause, one.load))
        self._view.learn(rep, status_of(state, one.cause, one.load, one.capacity, since=one.since))

    # --- a request

    def _ask(self, request: Request) -> None:
        decision = decide(
            self._compiled, request.facts, self._view, why="request", now_ms=request.at,
            rng=self.rng,
        )  # fmt: skip
        rings = _Rings(self, decision, request.at)
        rep, end = rings.run()
        self._busy(end)
        over = end
        if not rings.cancelled:
            over += self.rng.randrange(3, 14) * MINUTE + self.rng.randrange(MINUTE)
        if rep:
            self._load(rep, end, 1)
            self._later(rep, Step(over, _CHAT_OVER, ""))
        self.conversations.append(
            Past(request, decision, tuple(rings.rung), rep, end, over, rings.cancelled)
        )

    def able(self, stage: Stage) -> list[str]:
        """Those of a stage who can be rung now."""
        return [rep for rep in stage.reps if _eligibility(self._reps[rep]) == ELIGIBLE]

    def full(self, stage: Stage) -> bool:
        """Whether somebody of it is merely at capacity."""
        return any(_eligibility(self._reps[rep]) == FULL for rep in stage.reps)

    def turn(self, stage: Stage, reps: Sequence[str]) -> str:
        """Whose turn it is."""
        if stage.mode == "order":
            return reps[0]
        turns = self._turns.setdefault(stage.pool, Turns())
        if stage.mode == "rotation":
            rep = turns.next(reps)
        else:
            rep = turns.least_busy(reps, {one: self._reps[one].load for one in reps})
        turns.offered(rep)
        return rep

    def unanswered(self, rep: str, at: int) -> None:
        """An offer expired: the second in a row sets them away for a while (PR-8)."""
        one = self._reps[rep]
        one.silent += 1
        if one.silent == UNANSWERED:
            self._later(rep, Step(at, "away", "unanswered"))
            self._later(rep, Step(at + BACK, _BACK, "chosen"))

    def answered(self, rep: str) -> None:
        self._reps[rep].silent = 0


class _Rings:
    """Stage after stage, until somebody takes it."""

    def __init__(self, week: Week, decision: Decision, at: int) -> None:
        self._week = week
        self._rng = week.rng
        self._stages = decision.stages
        self._at = at
        self._until = at + decision.wait_ms
        self.rung: list[Ring] = []
        self.cancelled = False

    def run(self) -> tuple[str, int]:
        """Who takes it and when; '' and when it was over."""
        if self._rng.random() < _CANCELS:
            self._until = self._at + self._rng.randrange(6, 14) * SECOND
            return self._gives_up()
        for stage in self._stages:
            rep = self._all(stage) if stage.mode == "all" else self._in_turn(stage)
            if rep:
                return rep, self._at
            if self._at >= self._until:
                break
        waits = self.rung or any(self._week.full(stage) for stage in self._stages)
        return "", self._until if waits else self._at

    def _gives_up(self) -> tuple[str, int]:
        """The visitor closes the chat while it rings."""
        for stage in self._stages:
            if reps := self._week.able(stage):
                rung = reps if stage.mode == "all" else [self._week.turn(stage, reps)]
                for rep in rung:
                    self._ring(rep, "cancelled", self._until)
                self.cancelled = True
                return "", self._until
        return "", self._at

    def _all(self, stage: Stage) -> str:
        end = min(self._until, self._at + stage.ring_ms) if stage.ring_ms else self._until
        answers = {rep: self._answer() for rep in self._week.able(stage)}
        if not answers:
            return ""
        takers = [(at, rep) for rep, (outcome, at) in answers.items() if outcome == "claimed"]
        over, winner = min(takers, default=(end, ""))
        for rep, (outcome, at) in answers.items():
            if outcome == "declined" and at < over:
                self._ring(rep, outcome, at)
            elif rep == winner:
                self._ring(rep, "claimed", over)
            else:
                self._ring(rep, "lost" if winner else "expired", over)
        self._at = over
        return winner

    def _in_turn(self, stage: Stage) -> str:
        left = self._week.able(stage)
        while left and self._at < self._until:
            rep = self._week.turn(stage, left)
            left.remove(rep)
            outcome, at = self._answer()
            end = min(self._until, self._at + stage.ring_ms)
            if outcome == "silent" or at >= end:
                outcome, at = "expired", end
            self._ring(rep, outcome, at)
            self._at = at
            if outcome == "claimed":
                return rep
        return ""

    def _answer(self) -> tuple[str, int]:
        """What a rep does, and when."""
        dice = self._rng.random()
        if dice < _SILENT:
            return "silent", self._until
        took = int(min(self._rng.lognormvariate(2.1, 0.5), 28) * SECOND)
        return ("declined" if dice < _SILENT + _DECLINES else "claimed"), self._at + took

    def _ring(self, rep: str, outcome: str, end: int) -> None:
        shown = self._at + self._rng.randrange(150, 900)
        self.rung.append(Ring(rep, self._at, min(shown, end), outcome, end))
        if outcome == "expired":
            self._week.unanswered(rep, end)
        elif outcome in ("claimed", "declined"):
            self._week.answered(rep)


def _eligibility(rep: _Rep) -> str:
    if rep.state != ELIGIBLE:
        return rep.state
    return FULL if rep.load >= rep.capacity else ELIGIBLE
