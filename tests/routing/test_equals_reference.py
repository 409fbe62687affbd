"""Whatever the rules, the visitor and the presence: `decide` says what the reference says."""

import random
from collections.abc import Collection
from datetime import date, time
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.routing.decisions.compiled import CompiledRules
from frontdesk.routing.decisions.decide import (
    Candidate,
    Decision,
    Facts,
    Owned,
    Ownership,
    RepView,
    decide,
)
from frontdesk.routing.decisions.decision import Stage
from frontdesk.routing.reps.hours import Hours
from frontdesk.routing.rules.rules import parse_rules
from tests.filters.strategies import REGISTRY, situations
from tests.routing.reference import Rep, World, expected
from tests.routing.worlds import (
    GROUPS,
    REPS,
    moments,
    ownerships,
    rule_documents,
    status,
    teams,
)


def hours_of(rep: Rep) -> Hours | None:
    if rep.hours is None:
        return None
    zone, week, off = rep.hours
    at = time.fromisoformat
    shifts = tuple(tuple((at(begin), at(end)) for begin, end in day) for day in week)
    return Hours(zone, shifts, frozenset(map(date.fromisoformat, off)))


def view_of(reps: Collection[Rep]) -> RepView:
    candidates = [Candidate(rep.id, frozenset(rep.groups), hours_of(rep)) for rep in reps]
    return RepView(candidates, {rep.id: status(rep) for rep in reps})


def compiled_of(document: dict[str, Any], reps: Collection[Rep]) -> CompiledRules:
    ruleset = parse_rules(document, REGISTRY)
    members = {group: [rep.id for rep in reps if group in rep.groups] for group in GROUPS}
    return CompiledRules.of(1, ruleset, REGISTRY, members)


def ownership_of(owned: dict[str, str | None]) -> Ownership:
    people: dict[str, Any] = {kind: Owned(rep) for kind, rep in owned.items()}
    return Ownership(**people)


def decided(
    document: dict[str, Any], situation: dict[str, Any], owned: dict[str, str | None],
    reps: Collection[Rep], now_ms: int, without: Collection[str], over: int,
) -> Decision:  # fmt: skip
    ownership = ownership_of(owned)
    return decide(
        compiled_of(document, reps), Facts(situation, ownership), view_of(reps), why="request",
        now_ms=now_ms, rng=random.Random(1), without=without, owner_over=over,
    )  # fmt: skip


def plain(stage: Stage) -> dict[str, Any]:
    """As the reference says it: what chance orders is sorted behind the owner."""
    reps = list(stage.reps)
    if stage.mode == "order":
        reps = [*reps[: stage.always], *sorted(reps[stage.always :])]
    return {"kind": stage.kind, "mode": stage.mode, "reps": reps, "ring_ms": stage.ring_ms}


def tidied(stage: dict[str, Any], owner: Collection[str]) -> dict[str, Any]:
    if stage["mode"] != "order":
        return stage
    first = [id for id in stage["reps"][:1] if stage["kind"] == "owner" and id in owner]
    return {**stage, "reps": [*first, *sorted(stage["reps"][len(first) :])]}


@settings(max_examples=150, deadline=None)
@given(
    rule_documents(), situations(), ownerships, teams(), moments,
    st.lists(st.sampled_from(REPS), max_size=1), st.integers(0, 1),
)  # fmt: skip
def test_the_decision_is_the_references(
    document: dict[str, Any], situation: dict[str, Any], owned: dict[str, str | None],
    reps: list[Rep], now_ms: int, without: list[str], over: int,
) -> None:  # fmt: skip
    decision = decided(document, situation, owned, reps, now_ms, without, over)
    wanted = expected(document, situation, World(reps, owned, now_ms, without, over))
    owners = {rep for rep in owned.values() if rep}
    assert decision.rule == wanted.rule
    assert [plain(one) for one in decision.stages] == [tidied(s, owners) for s in wanted.stages]
    assert decision.outcome == wanted.outcome
    assert (decision.missed, list(decision.book)) == (wanted.missed, wanted.book)
    assert {one.rep: one.eligibility for one in decision.considered} == wanted.considered


@settings(max_examples=60, deadline=None)
@given(rule_documents(), situations(), ownerships, teams(), moments)
def test_no_situation_leaves_a_request_without_an_outcome(
    document: dict[str, Any], situation: dict[str, Any], owned: dict[str, str | None],
    reps: list[Rep], now_ms: int,
) -> None:  # fmt: skip
    decision = decided(document, situation, owned, reps, now_ms, (), 0)
    assert decision.wait_ms >= 5000
    ringing = decision.ringing()
    match decision.outcome:
        case "rings":
            assert ringing
            assert ringing[1]
        case "waits":
            assert not ringing
            assert any(one.eligibility == "full" for one in decision.considered)
        case "missed":
            assert not ringing
    assert decision.missed == ("meeting_booker" if decision.book else "form")
    for place, stage in enumerate(decision.stages):
        assert stage.reps
        assert stage.limit >= 1
        assert len(set(stage.reps)) == len(stage.reps)
        assert len(stage.weights) in (0, len(stage.reps))
        goes_on = place < len(decision.stages) - 1 or stage.mode != "all"
        assert (stage.ring_ms > 0) is goes_on
    assert decision.record()


@settings(max_examples=60, deadline=None)
@given(rule_documents(most=1), situations(), ownerships, st.lists(teams(), min_size=2, max_size=4),
       moments)  # fmt: skip
def test_a_view_that_is_told_of_changes_decides_like_a_fresh_one(
    document: dict[str, Any], situation: dict[str, Any], owned: dict[str, str | None],
    days: list[list[Rep]], now_ms: int,
) -> None:  # fmt: skip
    """The same reps, whose presence moves on; the former decision keeps what it saw."""
    reps = days[0]
    kept = view_of(reps)
    before = None
    for day in days:
        states = {rep.id: rep for rep in day}
        for rep in reps:
            if rep.id in states:
                now = states[rep.id]
                rep.state, rep.load, rep.capacity = now.state, now.load, now.capacity
                kept.learn(rep.id, status(rep))
        compiled = compiled_of(document, reps)
        ownership = ownership_of(owned)
        one, other = (
            decide(compiled, Facts(situation, ownership), view, why="request", now_ms=now_ms,
                   rng=random.Random(1))
            for view in (kept, view_of(reps))
        )  # fmt: skip
        assert one.stages == other.stages
        assert one.considered == other.considered
        if before:
            assert before[0].considered == before[1]
        before = one, one.considered
