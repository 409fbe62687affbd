"""The default rule and a transfer's target, with the reasons recorded (RT-3, RT-4, RT-12)."""

import orjson

from frontdesk.presence.status import RepStatus
from frontdesk.routing.decide import Candidate, Target
from frontdesk.routing.decide import decide_default as decide


def here(load: int = 0, *, availability: str = "available", online: bool = True) -> RepStatus:
    return RepStatus(availability, 2, load, 1000, "chosen", ("d@n",) if online else ())


SALES, SUPPORT = frozenset({"sales"}), frozenset({"support"})
EVERYBODY = [Candidate("ann", SALES), Candidate("bob", SUPPORT), Candidate("cid", SALES | SUPPORT)]


def test_all_who_may_ring_are_asked_at_once() -> None:
    decision = decide(EVERYBODY, {name: here() for name in ("ann", "bob", "cid")}, why="request")
    assert set(decision.reps) == {"ann", "bob", "cid"}
    assert decision.limit >= len(EVERYBODY)
    assert (decision.rule, decision.strategy) == ("default", "first_available")


def test_who_is_merely_full_is_asked_too_who_is_away_or_offline_is_not() -> None:
    presence = {"ann": here(2), "bob": here(availability="away"), "cid": here()}
    assert set(decide(EVERYBODY, presence, why="request").reps) == {"ann", "cid"}
    presence["bob"] = here(online=False)
    assert set(decide(EVERYBODY, presence, why="request").reps) == {"ann", "cid"}


def test_when_this_nodes_mirror_shows_nobody_the_script_is_asked_about_all() -> None:
    decision = decide(EVERYBODY, {"ann": here(availability="away")}, why="request")
    assert set(decision.reps) == {"ann", "bob", "cid"}


def test_a_target_names_reps_or_groups_and_nobody_else_is_considered() -> None:
    presence = {name: here() for name in ("ann", "bob", "cid")}
    by_rep = decide(EVERYBODY, presence, why="transfer", target=Target(reps=frozenset({"bob"})))
    assert by_rep.reps == ("bob",)
    by_group = decide(EVERYBODY, presence, why="transfer", target=Target(groups=SALES))
    assert set(by_group.reps) == {"ann", "cid"}
    assert [one.rep for one in by_rep.considered] == ["bob"]
    both = Target(reps=frozenset({"bob"}), groups=SALES)
    assert set(decide(EVERYBODY, presence, why="x", target=both).reps) == {"ann", "bob", "cid"}


def test_who_gives_it_up_is_not_rung_again() -> None:
    presence = {name: here() for name in ("ann", "bob", "cid")}
    decision = decide(EVERYBODY, presence, why="rep_lost", without=("ann",))
    assert set(decision.reps) == {"bob", "cid"}


def test_the_record_has_every_rep_and_the_presence_of_that_instant() -> None:
    presence = {"ann": here(1), "bob": here(availability="away")}
    record = orjson.loads(decide(EVERYBODY, presence, why="request").record())
    assert record["why"] == "request"
    by_rep = {one["rep"]: one for one in record["considered"]}
    assert by_rep["ann"]["eligibility"] == "eligible"
    assert by_rep["ann"]["load"] == 1
    assert by_rep["bob"]["eligibility"] == "away"
    assert by_rep["cid"]["eligibility"] == "offline"


def test_the_same_inputs_give_the_same_decision() -> None:
    presence = {name: here() for name in ("ann", "bob", "cid")}
    assert decide(EVERYBODY, presence, why="x") == decide(EVERYBODY, presence, why="x")


def test_a_desk_without_reps_decides_for_nobody() -> None:
    assert decide([], {}, why="request").reps == ()
