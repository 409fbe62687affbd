"""Whom a rule rings: owner, Outreach, targets, in which stages and why (RT-3 … RT-9, RT-12)."""

import random
from typing import Any

import orjson
import pytest

from frontdesk.filters import Registry
from frontdesk.presence.status import RepStatus
from frontdesk.routing.decisions.compiled import CompiledRules
from frontdesk.routing.decisions.decide import (
    EVERYONE,
    Candidate,
    Decision,
    Facts,
    Owned,
    Ownership,
    RepView,
    Target,
    decide,
)
from frontdesk.routing.reps.hours import Hours
from frontdesk.routing.reps.view import MOST_TEAMS
from frontdesk.routing.rules.rules import RuleSet, parse_rules

BUILTIN = Registry.builtin()
SALES, SUPPORT = frozenset({"sales"}), frozenset({"support"})
TEAM = [Candidate("ann", SALES), Candidate("bob", SUPPORT), Candidate("cid", SALES | SUPPORT)]
ACME = Ownership(account=Owned("ann", "Acme", "001", "Salesforce"))
NIGHTS = Hours("UTC", ((),) * 7)


def here(load: int = 0, *, availability: str = "available", online: bool = True) -> RepStatus:
    return RepStatus(availability, 2, load, 1000, "chosen", ("d@n",) if online else ())


AWAY, OFFLINE, FULL = here(availability="away"), here(online=False), here(2)
EVERYBODY_HERE = {"ann": here(), "bob": here(), "cid": here()}


def made(
    plan: dict[str, Any], presence: dict[str, RepStatus] | None = None,
    own: Ownership = Ownership(), *, team: list[Candidate] = TEAM, **more: Any,  # noqa: B008
) -> Decision:  # fmt: skip
    """By one rule with this plan, which matches everybody."""
    rule = {"id": "rul_1", "name": "APAC", "when": {"all": []}, **plan}
    rules = parse_rules({"rules": [rule], "default": {}}, BUILTIN)
    compiled = CompiledRules.of(3, rules, BUILTIN, {"sales": ["ann", "cid"], "support": ["bob"]})
    view = RepView(team, EVERYBODY_HERE if presence is None else presence)
    return decide(
        compiled, Facts({}, own), view, why="request", now_ms=0, rng=random.Random(1), **more
    )  # fmt: skip


def kinds(decision: Decision) -> list[tuple[str, tuple[str, ...], int]]:
    return [(stage.kind, stage.reps, stage.ring_ms) for stage in decision.stages]


OWNED = {"owner": {"on": True}, "targets": {"groups": ["support"]}}
TARGETS = ("targets", ("bob",), 0)
OWNER = ("owner", ("ann",), 30_000)


# --- the targets ----------------------------------------------------------------------------------


def test_first_available_rings_all_who_may_for_the_whole_wait() -> None:
    [stage] = made({"targets": {"everyone": True}, "wait_seconds": 120}).stages
    assert (stage.kind, stage.mode, stage.reps) == ("targets", "all", ("ann", "bob", "cid"))
    assert (stage.ring_ms, stage.limit) == (0, EVERYONE)
    assert made({"targets": {"everyone": True}, "wait_seconds": 120}).wait_ms == 120_000


def test_targets_are_reps_and_the_members_of_groups() -> None:
    both = made({"targets": {"reps": ["bob"], "groups": ["sales"]}})
    assert both.reps == ("ann", "bob", "cid")
    assert made({"targets": {"groups": ["sales"]}}).reps == ("ann", "cid")
    assert made({"targets": {}}).stages == ()


def test_who_is_merely_full_is_asked_too_who_is_away_or_offline_is_not() -> None:
    everyone = {"targets": {"everyone": True}}
    assert made(everyone, {"ann": FULL, "bob": AWAY, "cid": here()}).reps == ("ann", "cid")
    assert made(everyone, {"ann": OFFLINE, "cid": here()}).reps == ("cid",)


def test_when_this_nodes_mirror_shows_nobody_the_script_is_asked_about_all() -> None:
    assert made({"targets": {"everyone": True}}, {"ann": AWAY}).reps == ("ann", "bob", "cid")


def test_who_is_outside_their_hours_is_considered_and_never_asked() -> None:
    team = [Candidate("ann", SALES, NIGHTS), Candidate("cid", SALES)]
    decision = made({"targets": {"everyone": True}}, {"ann": here(), "cid": AWAY}, team=team)
    assert decision.reps == ("cid",)
    assert [(one.rep, one.eligibility) for one in decision.considered] == [
        ("cid", "away"), ("ann", "off_hours"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("strategy", "mode"),
    [("rotation", "rotation"), ("random", "order"), ("least_busy", "least_busy")],
)
def test_round_robin_rings_one_at_a_time_for_the_ring_time(strategy: str, mode: str) -> None:
    plan = {"targets": {"everyone": True}, "strategy": strategy, "ring_seconds": 20}
    [stage] = made(plan).stages
    assert (stage.mode, stage.limit, stage.ring_ms) == (mode, 1, 20_000)
    assert sorted(stage.reps) == ["ann", "bob", "cid"]
    assert stage.pool == ("" if strategy == "random" else "rul_1")


def test_weights_go_with_their_reps() -> None:
    plan = {"targets": {"everyone": True}, "strategy": "rotation", "weights": {"bob": 2.5}}
    [stage] = made(plan, {"ann": AWAY, "bob": here(), "cid": here()}).stages
    assert (stage.reps, stage.weights) == (("bob", "cid"), (2.5, 1))


# --- the owner (RT-7, RT-8) -----------------------------------------------------------------------


@pytest.mark.parametrize("state", [here(), AWAY, OFFLINE, FULL])
def test_the_owner_is_asked_first_and_the_targets_follow(state: RepStatus) -> None:
    """Of an owner who can't ring by this node's mirror the script says so itself, and goes on."""
    decision = made(OWNED, EVERYBODY_HERE | {"ann": state}, ACME)
    assert kinds(decision) == [OWNER, TARGETS]
    ringing = decision.ringing()
    assert ringing == ((0, ("ann",)) if state == here() else (1, ("bob",)))


def test_an_owner_may_exceed_their_capacity_where_that_is_set() -> None:
    decision = made(OWNED, EVERYBODY_HERE | {"ann": FULL}, ACME, owner_over=1)
    assert decision.stages[0].over == 1
    assert decision.ringing() == (0, ("ann",))
    beyond = made(OWNED, EVERYBODY_HERE | {"ann": here(3)}, ACME, owner_over=1)
    assert beyond.ringing() == (1, ("bob",))


@pytest.mark.parametrize(
    "own",
    [
        Ownership(),
        Ownership(account=Owned(None, "Acme")),
        Ownership(contact=Owned(None), account=Owned("ann")),  # a queue's contact was found
        Ownership(account=Owned("left", "Acme")),
    ],
)
def test_nobody_of_ours_owns_it_so_the_targets_ring_at_once(own: Ownership) -> None:
    assert kinds(made(OWNED, own=own)) == [TARGETS]


def test_the_owner_of_the_contact_or_lead_goes_before_the_accounts_unless_ordered_so() -> None:
    own = Ownership(lead=Owned("cid"), account=Owned("ann"))
    assert made(OWNED, own=own).stages[0].reps == ("cid",)
    other = OWNED | {"owner": {"on": True, "look": ["account", "lead"]}}
    assert made(other, own=own).stages[0].reps == ("ann",)
    only = OWNED | {"owner": {"on": True, "look": ["contact"]}}
    assert kinds(made(only, own=own)) == [TARGETS]


def test_switched_off_ownership_is_not_looked_at() -> None:
    off = OWNED | {"owner": {"on": False}}
    decision = made(off, own=ACME)
    assert kinds(decision) == [TARGETS]
    assert not decision.compiled.looks_at_ownership
    assert "owner" not in decision.json()


def test_owner_and_the_reps_below_ring_at_once() -> None:
    plan = OWNED | {"owner": {"on": True, "ring": "owner_and_reps"}}
    decision = made(plan, own=ACME)
    assert kinds(decision) == [("owner", ("ann", "bob"), 0)]
    stage = decision.stages[0]
    assert stage.reason_for("ann") == "You own Acme's account"
    assert stage.reason_for("bob") == "Rule “APAC”"


def test_owner_and_a_round_robin_ring_the_owner_and_whose_turn_it_is() -> None:
    plan = {
        "owner": {"on": True, "ring": "owner_and_reps"}, "strategy": "rotation",
        "targets": {"everyone": True}, "weights": {"cid": 3},
    }  # fmt: skip
    [stage] = made(plan, own=Ownership(lead=Owned("bob"))).stages
    assert (stage.reps, stage.limit, stage.always) == (("bob", "ann", "cid"), 2, 1)
    assert (stage.mode, stage.weights, stage.ring_ms) == ("rotation", (1, 1, 3), 30_000)


def test_with_the_fallback_removed_only_the_owner_is_ever_rung() -> None:
    removed = OWNED | {"fallback": False}
    assert kinds(made(removed, own=ACME)) == [("owner", ("ann",), 0)]
    together = removed | {"owner": {"on": True, "ring": "owner_and_reps"}}
    assert kinds(made(together, own=ACME)) == [("owner", ("ann",), 0)]
    unknown = made(removed)
    assert (unknown.stages, unknown.outcome) == ((), "missed")
    waits = made(removed, {"ann": FULL}, ACME)
    assert waits.outcome == "waits"
    assert made(removed, {"ann": AWAY, "bob": here()}, ACME).outcome == "missed"


# --- Outreach (RT-9) ------------------------------------------------------------------------------

OUTREACH = OWNED | {"outreach": {"on": True}}
SENT = Ownership(account=Owned("ann"), outreach_sender=Owned("cid"), outreach_owner=Owned("bob"))


def test_the_sender_is_asked_before_the_owner_and_the_targets() -> None:
    assert kinds(made(OUTREACH, own=SENT)) == [("outreach", ("cid",), 30_000), OWNER, TARGETS]


@pytest.mark.parametrize(
    ("ring", "reps"), [("sender", ("cid",)), ("owner", ("bob",)), ("both", ("cid", "bob"))]
)
def test_sender_owner_or_both(ring: str, reps: tuple[str, ...]) -> None:
    plan = OUTREACH | {"outreach": {"on": True, "ring": ring, "fallback": False}}
    [stage] = made(plan, own=SENT).stages
    assert (stage.kind, stage.mode, stage.reps, stage.ring_ms) == ("outreach", "all", reps, 0)
    if ring == "both":
        assert stage.reason_for("cid") == "You sent the email they came from"
        assert stage.reason_for("bob") == "You own this prospect in Outreach"


def test_who_came_otherwise_and_whose_sender_is_unknown_go_on_as_usual() -> None:
    assert kinds(made(OUTREACH, own=ACME)) == [OWNER, TARGETS]
    unmapped = Ownership(outreach_sender=Owned(None), account=Owned("ann"))
    assert kinds(made(OUTREACH, own=unmapped)) == [OWNER, TARGETS]
    alone = OUTREACH | {"outreach": {"on": True, "fallback": False}}
    assert made(alone, own=unmapped).stages == ()
    assert kinds(made(alone, own=ACME)) == [OWNER, TARGETS]


# --- what comes if nobody does (RT-6 … RT-9) ------------------------------------------------------


@pytest.mark.parametrize(
    ("plan", "own", "book"),
    [
        ({}, Ownership(), ("targets",)),
        ({"missed": "form"}, Ownership(), ()),
        ({"book": {"targets": False}}, Ownership(), ()),
        ({"owner": {"on": True}, "book": {"owner": True}}, ACME, ("owner", "targets")),
        ({"owner": {"on": True}}, ACME, ("targets",)),
        ({"owner": {"on": True}, "book": {"owner": True}, "fallback": False}, ACME, ("owner",)),
        ({"owner": {"on": True}, "book": {"owner": True}, "fallback": False}, Ownership(), ()),
        ({"outreach": {"on": True}}, SENT, ("outreach_sender",)),
        ({"outreach": {"on": True, "book": "owner"}}, SENT, ("outreach_owner",)),
        ({"outreach": {"on": True, "book": "nobody"}}, SENT, ()),
        ({"outreach": {"on": True, "book": "targets"}}, SENT, ("targets",)),
        ({"outreach": {"on": True}}, Ownership(outreach_sender=Owned(None)), ("targets",)),
        ({"outreach": {"on": True, "fallback": False}},
         Ownership(outreach_sender=Owned(None)), ()),
    ],
)  # fmt: skip
def test_with_whom_the_visitor_may_book(
    plan: dict[str, Any], own: Ownership, book: tuple[str, ...]
) -> None:
    decision = made({"targets": {"everyone": True}} | plan, own=own)
    assert decision.book == book
    assert decision.missed == ("meeting_booker" if book else "form")


# --- transfers, and who is left out ---------------------------------------------------------------


def test_a_transfers_target_takes_the_place_of_the_rules_stages() -> None:
    named = made(OWNED, own=ACME, target=Target(groups=SALES), without=("ann",))
    assert kinds(named) == [("transfer", ("cid",), 0)]
    assert (named.rule, named.wait_ms) == ("transfer", 90_000)
    one = made(OWNED, target=Target(reps=frozenset({"bob"}), groups=SALES))
    assert one.reps == ("ann", "bob", "cid")
    assert [rep.rep for rep in one.considered] == ["ann", "bob", "cid"]
    assert made(OWNED, target=Target()).reps == ("ann", "bob", "cid")


def test_who_gives_it_up_is_not_rung_again_as_owner_or_target() -> None:
    plan = OWNED | {"targets": {"everyone": True}}
    decision = made(plan, own=ACME, without=("ann",))
    assert kinds(decision) == [("targets", ("bob", "cid"), 0)]
    assert not decision.concerns("ann")


def test_whom_a_visitor_is_routed_to_is_known_whether_they_can_ring_or_not() -> None:
    decision = made(OWNED, {"ann": OFFLINE, "bob": AWAY}, ACME)
    assert [rep for rep in ("ann", "bob", "cid", "gone") if decision.concerns(rep)] == [
        "ann",
        "bob",
    ]


# --- rules, and the record ------------------------------------------------------------------------


def test_the_first_rule_that_is_on_and_matches_decides() -> None:
    japan = {"field": "location.country", "op": "is", "value": "JP"}
    rules = [
        {"id": f"r{i}", "name": f"R{i}", "on": i != 0, "when": when, "targets": {"reps": [rep]}}
        for i, (when, rep) in enumerate([(japan, "ann"), (japan, "bob"), ({"all": []}, "cid")])
    ]
    compiled = CompiledRules.of(
        1, parse_rules({"rules": rules, "default": {}}, BUILTIN), BUILTIN, {}
    )
    assert compiled.match({"location.country": "JP"}).id == "r1"
    assert compiled.match({}).id == "r2"
    assert [one.rule for one in compiled.tried({}).rules] == ["r1", "r2"]
    assert [one.number for one in compiled.tried({}).rules] == [2, 3]


def test_a_rule_whose_field_is_gone_matches_nobody_and_the_others_go_on() -> None:
    rules = RuleSet(
        rules=parse_rules(
            {"rules": [{"id": "a", "name": "A", "when": {"field": "page.path", "op": "is_set"}},
                       {"id": "b", "name": "B", "when": {"all": []}}], "default": {}},
            BUILTIN,
        ).rules,
        default=RuleSet.default_rule_set().default,
    )  # fmt: skip
    compiled = CompiledRules.of(1, rules, Registry(()), {})
    assert compiled.match({"page.path": "/"}).id == "b"
    assert set(compiled.broken) == {"a"}


def test_members_may_change_without_compiling_again() -> None:
    rules = parse_rules({"default": {"targets": {"groups": ["sales"]}}}, BUILTIN)
    compiled = CompiledRules.of(1, rules, BUILTIN, {"sales": ["ann"]})
    later = compiled.with_members({"sales": ["bob"]})
    assert compiled.team(rules.default) == frozenset({"ann"})
    assert later.team(rules.default) == frozenset({"bob"})


def test_the_record_keeps_the_presence_of_that_instant_whatever_comes_later() -> None:
    view = RepView(TEAM, {"ann": here(1), "bob": AWAY})
    compiled = CompiledRules.of(0, RuleSet.default_rule_set(), BUILTIN, {})
    decision = decide(compiled, Facts(), view, why="request", now_ms=5, rng=random.Random(1))
    view.learn("ann", OFFLINE)
    record = orjson.loads(decision.record())
    assert (record["version"], record["ruleset"], record["rule"], record["at"]) == (
        2, 0, "default", 5,
    )  # fmt: skip
    by_rep = {one["rep"]: one for one in record["considered"]}
    assert (by_rep["ann"]["eligibility"], by_rep["ann"]["load"]) == ("eligible", 1)
    assert (by_rep["bob"]["eligibility"], by_rep["cid"]["eligibility"]) == ("away", "offline")
    assert record["stages"][0]["reps"] == ["ann"]
    later = decide(compiled, Facts(), view, why="again", now_ms=5, rng=random.Random(1))
    assert later.json()["counts"] == {"offline": 2, "away": 1}


def test_of_a_thousand_reps_the_record_keeps_some_and_counts_all() -> None:
    team = [Candidate(f"rep{i:04}", SALES) for i in range(1500)]
    presence = {one.id: here() for one in team}
    decision = made({"targets": {"everyone": True}}, presence, team=team)
    assert len(decision.reps) == EVERYONE
    record = decision.json()
    assert (len(record["considered"]), record["counts"]) == (200, {"eligible": 1500})
    assert (len(record["stages"][0]["reps"]), record["stages"][0]["of"]) == (200, 1000)


def test_a_desk_without_rules_or_reps_decides_too() -> None:
    none = CompiledRules.of(0, RuleSet.default_rule_set(), BUILTIN, {})
    rng = random.Random(1)
    view = RepView(TEAM, EVERYBODY_HERE)
    everybody = decide(none, Facts(), view, why="request", now_ms=0, rng=rng)
    assert set(everybody.reps) == {"ann", "bob", "cid"}
    nobody = decide(none, Facts(), RepView([], {}), why="request", now_ms=0, rng=rng)
    assert (nobody.reps, nobody.outcome) == ((), "missed")


def test_teams_that_are_asked_for_once_are_not_remembered_for_ever() -> None:
    view: Any = RepView(TEAM, EVERYBODY_HERE)
    for number in range(3 * MOST_TEAMS):
        assert view.asked(frozenset({"ann", f"gone{number}"}), 0) == ("ann",)
    assert len(view._teams) <= MOST_TEAMS
    view.learn("ann", AWAY)
    assert view.asked(frozenset({"ann", "bob"}), 0) == ("bob",)
