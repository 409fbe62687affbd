"""A decision told in plain words, from its record and what became of its rings (RT-12)."""

import random
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from hypothesis import given, settings

from frontdesk.filters import Registry
from frontdesk.presence.status import RepStatus
from frontdesk.routing.decisions.compiled import CompiledRules
from frontdesk.routing.decisions.decide import (
    Candidate,
    Decision,
    Facts,
    Owned,
    Ownership,
    RepView,
    Target,
    decide,
)
from frontdesk.routing.decisions.record import explained
from frontdesk.routing.decisions.words import tell
from frontdesk.routing.owners.ownership import UNKNOWN
from frontdesk.routing.rules.rules import parse_rules
from tests.filters.strategies import situations
from tests.routing.reference import Rep
from tests.routing.test_equals_reference import decided
from tests.routing.worlds import moments, ownerships, rule_documents, teams

BUILTIN = Registry.builtin()
NAMES = {"kim": "Kim Sato", "lee": "Lee Park", "mia": "Mia Wong"}
NOON = 1_774_872_000_000  # 2026-03-30 12:00 UTC
MINUTE = 60_000
HERE = RepStatus("available", 3, 1, NOON - 10 * MINUTE, "chosen", ("d@n",))
AWAY = RepStatus("away", 3, 0, NOON - 28 * MINUTE, "idle", ("d@n",))
APAC = {
    "id": "rul_3", "name": "APAC enterprise", "targets": {"groups": ["apac"]},
    "when": {"all": [
        {"field": "location.country", "op": "one_of", "value": ["JP", "KR"]},
        {"field": "visitor.employees", "op": "greater", "value": 1000},
    ]},
}  # fmt: skip
EMEA = {
    "id": "rul_1", "name": "EMEA", "targets": {"groups": ["emea"]},
    "when": {"field": "location.country", "op": "one_of", "value": ["DE", "FR"]},
}  # fmt: skip
EVERYBODY = {"rules": [], "default": {"targets": {"everyone": True}}}
OFF = {**EMEA, "id": "rul_2", "name": "Off", "on": False}
JAPAN = {"location.country": "JP", "visitor.employees": 1200}


def decision_of(
    *rules: dict[str, Any], situation: dict[str, Any] | None = None,
    own: Ownership = Ownership(), target: Target | None = None, why: str = "request",  # noqa: B008
    over: int = 0,
    **presence: RepStatus,
) -> Decision:  # fmt: skip
    document = {"rules": list(rules), "default": {"targets": {"everyone": True}}}
    compiled = CompiledRules.of(
        7, parse_rules(document, BUILTIN), BUILTIN, {"apac": NAMES, "emea": ["zoe"]}
    )
    view = RepView([Candidate(rep, frozenset({"apac"})) for rep in NAMES], presence)
    return decide(
        compiled, Facts(JAPAN if situation is None else situation, own), view, why=why,
        now_ms=NOON, rng=random.Random(1), target=target, owner_over=over,
    )  # fmt: skip


def told(
    decision: Decision,
    *offers: dict[str, Any],
    zone: str = "UTC",
    missed: str = "",
    ended: str = "",
) -> list[str]:
    """`missed`: why; the request ended at 12:01 so, or as `ended` says."""
    record = explained(orjson.loads(decision.record()), decision.compiled)
    end = {"type": "missed" if missed else ended, "at": NOON + MINUTE, "why": missed}
    return tell(
        record, NAMES, offers, zone=ZoneInfo(zone), at=NOON, ended=end if end["type"] else None
    )


def rung(rep: str, outcome: str | None = None, *, seen: bool = False) -> dict[str, Any]:
    return {
        "rep": rep, "at": NOON, "seen_at": NOON + 1 if seen else None, "outcome": outcome,
        "ended_at": NOON + MINUTE if outcome else None,
    }  # fmt: skip


def test_the_whole_of_a_decision_is_told_in_order() -> None:
    decision = decision_of(EMEA, OFF, APAC, kim=AWAY, lee=HERE, mia=HERE)
    offers = rung("lee", "declined", seen=True), rung("mia", "claimed", seen=True)
    assert told(decision, *offers) == [
        "Rule 3 'APAC enterprise' matched: country is Japan, employees 1,200 > 1,000.",
        "Rang two reps.",
        "Kim Sato, also meant, was away since 11:32: idle.",
        "Lee Park was rung at 12:00, saw it and declined at 12:01.",
        "Mia Wong was rung at 12:00, saw it and started the conversation at 12:01.",
        "Rule 1 'EMEA' didn't match: country is Japan, not Germany or France.",
    ]


def test_times_are_the_readers() -> None:
    decision = decision_of(APAC, kim=AWAY, lee=HERE)
    assert "Kim Sato, also meant, was away since 20:32: idle." in told(decision, zone="Asia/Tokyo")
    old = RepStatus("away", 3, 0, NOON - 3 * 24 * 60 * MINUTE, "chosen", ("d@n",))
    assert "Kim Sato, also meant, was away since 12:00 on 2026-03-27: chose so." in told(
        decision_of(APAC, kim=old, lee=HERE)
    )


def test_who_is_idle_or_offline_is_not_said_to_have_chosen_so() -> None:
    idle = RepStatus("idle", 3, 0, NOON - 28 * MINUTE, "chosen", ("d@n",))
    offline = RepStatus("available", 3, 0, NOON - 28 * MINUTE, "chosen", ())
    said = told(decision_of(APAC, kim=idle, lee=offline, mia=HERE))
    assert "Kim Sato, also meant, was idle since 11:32." in said
    assert "Lee Park, also meant, was offline since 11:32." in said


def test_several_who_are_offline_are_counted_and_not_named() -> None:
    record = explained(
        orjson.loads((tried := decision_of(APAC, mia=HERE)).record()), tried.compiled
    )
    said = tell(record, NAMES)
    assert "Two others meant were offline." in said
    assert not any("Kim Sato" in sentence for sentence in said)
    assert "Two others meant are offline." in tell(record, NAMES, trial=True)


def test_where_nobody_could_ring_nobody_is_said_to_be_another() -> None:
    assert "Kim Sato, who was meant, was away since 11:32: idle." in told(
        decision_of(APAC, kim=AWAY)
    )
    nobody = explained(orjson.loads((tried := decision_of(APAC)).record()), tried.compiled)
    assert "All three reps meant were offline." in tell(nobody, NAMES)
    assert "All three reps meant are offline." in tell(nobody, NAMES, trial=True)


def test_before_anything_rang_it_says_whom_it_rings_and_what_then() -> None:
    assert told(decision_of(APAC, kim=HERE, lee=HERE, mia=HERE))[1:] == [
        "Rings Kim Sato, Lee Park and Mia Wong, at once.",
        "If nobody comes, a form instead: meetings aren't set up yet.",
    ]


def test_only_who_could_ring_is_said_to_ring() -> None:
    tried = decision_of(APAC, kim=HERE, lee=HERE, mia=AWAY)
    record = explained(orjson.loads(tried.record()), tried.compiled)
    assert tell(record, NAMES, trial=True)[1:3] == [
        "Would ring Kim Sato and Lee Park, at once.",
        "Mia Wong, also meant, is away since 11:32: idle.",
    ]
    gone: dict[str, Any] = {"kim": AWAY, "lee": AWAY, "mia": AWAY}
    assert told(decision_of(APAC, **gone))[1] == "Nobody could be rung."
    turns = decision_of({**APAC, "strategy": "rotation"}, **gone)
    assert tell(explained(orjson.loads(turns.record()), turns.compiled), NAMES, trial=True)[1] == (
        "Nobody can be rung now."
    )


def test_whose_reps_are_all_full_is_said_to_wait() -> None:
    full = RepStatus("available", 3, 3, NOON, "chosen", ("d@n",))
    assert told(decision_of(APAC, kim=full, lee=AWAY))[1] == (
        "Nobody could be rung: the visitor waits for a place with somebody at capacity."
    )
    owned, acme = {**APAC, "owner": {"on": True}}, Ownership(account=Owned("kim", "Acme"))
    assert told(decision_of(owned, own=acme, kim=full, lee=HERE))[2] == "Rings Lee Park."
    over = told(decision_of(owned, own=acme, over=1, kim=full, lee=HERE))
    assert over[2].startswith("Rings Kim Sato alone; then Lee Park")


def test_who_rings_on_under_another_decision_is_not_said_to_be_gone() -> None:
    decision = decision_of(APAC, kim=HERE, lee=HERE, why="reroute")
    record, end = explained(orjson.loads(decision.record()), decision.compiled), {"at": NOON}
    kim, lee, decided = rung("kim"), rung("lee"), {"type": "decided", **end}
    on = tell(record, NAMES, [kim, lee], at=NOON + 1, ended=decided)
    assert on[2:4] == ["Kim Sato and Lee Park rang on.", "Mia Wong, also meant, was offline."]
    more = tell(record, NAMES, [kim, {**lee, "at": NOON + 1}], at=NOON + 1, ended=decided)
    assert more[2:4] == ["Kim Sato rang on.", "Rang one more rep."]
    late = {"type": "missed", "why": "nobody", **end}
    assert "Nobody was left to ring" in tell(record, NAMES, [kim], at=NOON + 1, ended=late)[4]


BOOKER = {**APAC, "missed": "meeting_booker"}


def test_a_missed_request_says_that_nobody_came_and_why() -> None:
    here: dict[str, Any] = {"kim": HERE, "lee": HERE, "mia": HERE}
    late = told(decision_of(BOOKER, **here), rung("kim", "expired", seen=True), missed="timeout")
    assert late[-2:] == [
        "Nobody answered in time, so the request was missed at 12:01.",
        "The visitor got a form instead: meetings aren't set up yet.",
    ]
    passed_on = told(decision_of(APAC, **here), rung("kim", "declined"), missed="declined")
    assert "All who were rung declined, so the request was missed at 12:01." in passed_on
    left = told(decision_of(APAC, **here), rung("kim", "offline"), missed="nobody")
    assert "Nobody was left to ring, so the request was missed at 12:01." in left
    away: dict[str, Any] = {"kim": AWAY, "lee": AWAY, "mia": AWAY}
    nobody = told(decision_of(APAC, **away), missed="nobody")
    assert "Nobody was available, so the request was missed at 12:01." in nobody
    assert not any("If nobody comes" in one for one in (*late, *passed_on, *left, *nobody))


def test_what_ended_otherwise_says_nothing_of_nobody_coming() -> None:
    for end in ("claimed", "closed", "decided"):
        said = told(decision_of(BOOKER, kim=HERE), rung("kim", "cancelled"), ended=end)
        assert not any("nobody" in one.lower() for one in said)
    gone = told(decision_of(BOOKER, kim=HERE), missed="nobody")
    assert "Nobody was rung after all: whoever could have been wasn't there any more." in gone
    assert not any(one.startswith("Rings") for one in gone)


def test_the_wait_for_a_place_is_told_after_one_was_freed_or_none_was() -> None:
    full = RepStatus("available", 3, 3, NOON, "chosen", ("d@n",))
    waiting = decision_of(APAC, kim=full, lee=AWAY, mia=AWAY)
    later = {**rung("kim", "claimed", seen=True), "at": NOON + 3 * MINUTE}
    later["ended_at"] = NOON + 4 * MINUTE
    at_first = (
        "Nobody could be rung at first: the visitor waited for a place with somebody at capacity "
        "until 12:03."
    )
    assert told(waiting, later, ended="claimed")[1:3] == [at_first, "Rang one rep."]
    # Redis knew better than the node that decided, and rang at once.
    assert told(waiting, rung("kim", "claimed"), ended="claimed")[1] == "Rang one rep."
    in_vain = told(waiting, missed="timeout")
    assert in_vain[1] == (
        "Nobody could be rung: the visitor waited for a place with somebody at capacity."
    )
    assert "No place became free in time, so the request was missed at 12:01." in in_vain


def test_of_a_thousand_reps_those_who_could_ring_are_counted() -> None:
    reps = [f"r{i:03}" for i in range(500)]
    view = RepView(
        [Candidate(rep, frozenset()) for rep in reps],
        {rep: HERE if i >= 100 else AWAY for i, rep in enumerate(reps)},
    )
    compiled = CompiledRules.of(1, parse_rules(EVERYBODY, BUILTIN), BUILTIN, {})
    decision = decide(compiled, Facts({}), view, why="request", now_ms=NOON, rng=random.Random(1))
    assert "and 392 more, at once." in told(decision)[1]


def test_the_owner_is_told_first_and_why_not_if_they_cannot() -> None:
    owned = {**APAC, "owner": {"on": True}}
    acme = Ownership(account=Owned("kim", "Acme", "001", "Salesforce"))
    said = told(decision_of(owned, own=acme, kim=HERE, lee=HERE))
    assert said[1] == (
        "Kim Sato owns the account Acme, by your owners' table from Salesforce, and was available."
    )
    assert said[2].startswith("Rings Kim Sato alone; then Kim Sato and Lee Park")
    acme = Ownership(account=Owned("kim", "Acme"))
    away = told(decision_of(owned, own=acme, kim=AWAY, lee=HERE))
    assert away[1] == (
        "Kim Sato owns the account Acme, by your owners' table, and was away since 11:32: idle."
    )
    queue = Ownership(lead=Owned(None, "", "00Q", "Salesforce"))
    assert told(decision_of(owned, own=queue, lee=HERE))[1] == (
        "Who owns the lead, by your owners' table from Salesforce, is nobody on this desk: a queue,"
        " or somebody without an account."
    )
    nobody = told(decision_of(owned, lee=HERE))
    assert nobody[1] == (
        "No owner was found: your owners' table has no contact, lead or account of this visitor."
    )
    late = told(decision_of(owned, own=UNKNOWN, lee=HERE))
    assert late[1] == "Who owns the visitor's records couldn't be found out in time."


def test_an_outreach_visitor_without_fallback_is_told_so() -> None:
    rule = {**APAC, "outreach": {"on": True, "fallback": False}}
    own = Ownership(outreach_sender=Owned("lee"))
    said = told(decision_of(rule, own=own, lee=AWAY))
    assert said[1] == "Lee Park sent the email they came from, and was away since 11:32: idle."
    assert said[2] == "Nobody else may be rung: this fallback is removed."
    gone = told(decision_of(rule, own=Ownership(outreach_sender=Owned(None))))
    assert "Nobody could be rung." in gone


def test_a_removed_fallback_is_named_where_nobody_owns_the_visitor() -> None:
    rule = {**APAC, "owner": {"on": True}, "fallback": False}
    said = told(decision_of(rule, lee=HERE))
    assert "Nobody could be rung: there is no fallback." in said
    assert said[-1] == "If nobody comes, a form: there is nobody to book a meeting with."


def test_blank_values_and_what_must_not_be_are_told() -> None:
    rule = {**APAC, "when": {"all": [
        {"field": "location.country", "op": "is_not", "value": "DE"},
        {"not": {"field": "page.path", "op": "starts_with", "value": "/jobs"}},
        {"field": "utm.source", "op": "is_blank"},
    ]}}  # fmt: skip
    assert told(decision_of(rule, situation={"page.path": "/pricing"}, lee=HERE))[0] == (
        "Rule 1 'APAC enterprise' matched: country is blank, not Germany, "
        "page path /pricing doesn't start with /jobs, UTM source is blank."
    )


def test_the_default_rule_a_transfer_and_a_second_decision_say_what_they_are() -> None:
    assert told(decision_of(lee=HERE))[0] == "The default rule decided."
    unmatched = told(decision_of(APAC, situation={}, lee=HERE))
    assert unmatched[0] == "No rule matched: the default rule decided."
    assert (
        unmatched[-1]
        == "Rule 1 'APAC enterprise' didn't match: country is blank, not Japan or South Korea."
    )
    named = Target(reps=frozenset({"lee"}))
    passed_on = told(decision_of(target=named, why="transfer", lee=HERE))
    assert passed_on[:2] == ["The conversation was passed on.", "Rings Lee Park."]


def test_of_many_rules_and_reps_the_rest_is_counted() -> None:
    rules = [{**EMEA, "id": f"r{i}", "name": f"Rule {i}"} for i in range(200)]
    decision = decision_of(*rules, APAC, lee=HERE)
    record = explained(orjson.loads(decision.record()), decision.compiled)
    assert (len(record["tried"]), record["tried_more"]) == (50, 151)
    assert record["tried"][-1]["rule"] == "rul_3"
    assert told(decision)[-1] == "195 more rules didn't match."


def test_a_record_of_the_first_release_can_still_be_told() -> None:
    old = {
        "version": 1, "rule": "default", "strategy": "first_available", "why": "request",
        "considered": [{"rep": "kim", "eligibility": "away", "since": 0, "cause": "new",
                        "load": 0, "capacity": 3}],
    }  # fmt: skip
    assert tell(old, NAMES, [rung("gone", "expired")]) == [
        "The default rule decided.",
        "Rang one rep.",
        "Kim Sato, also meant, was away.",
        "A former colleague was rung at 12:00 and let it expire at 12:01.",
    ]


@settings(max_examples=40, deadline=None)
@given(rule_documents(), situations(), ownerships, teams(), moments)
def test_whatever_was_decided_can_be_told(
    document: dict[str, Any], situation: dict[str, Any], owned: dict[str, str | None],
    reps: list[Rep], now_ms: int,
) -> None:  # fmt: skip
    decision = decided(document, situation, owned, reps, now_ms, (), 0)
    stored = orjson.loads(decision.record())
    record = explained(stored, decision.compiled)
    assert record == orjson.loads(orjson.dumps(decision.json()))
    assert explained(record, decision.compiled) == record
    for sentence in tell(stored, {}, []):
        assert sentence.endswith(".")
    for sentence in tell(record, {}, []):
        assert sentence.endswith(".")
        assert sentence[0].isupper()
