"""The document of rules: read whole, or refused whole with every fault named (RT-1)."""

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.filters import Registry
from frontdesk.routing.rules.rules import (
    Missed,
    OwnerRing,
    RuleFaults,
    RuleSet,
    Strategy,
    dump_rules,
    parse_rules,
    read_stored,
    write_rules,
)
from tests.filters.strategies import REGISTRY, nonsense
from tests.routing.worlds import rule_documents

BUILTIN = Registry.builtin()
EVERYBODY = {"targets": {"everyone": True}}


def rule(name: str = "APAC", id: str = "rul_1", **more: Any) -> dict[str, Any]:
    return {"id": id, "name": name, "when": {"all": []}, "targets": {"reps": ["ann"]}, **more}


def faults_of(document: object, **known: Any) -> dict[str, str]:
    with pytest.raises(RuleFaults) as refused:
        parse_rules(document, BUILTIN, **known)
    return {fault.place: fault.code for fault in refused.value.faults}


def test_what_is_left_out_has_its_usual_value() -> None:
    ruleset = parse_rules({"rules": [rule()], "default": EVERYBODY}, BUILTIN)
    [one] = ruleset.rules
    assert (one.on, one.strategy, one.missed) == (
        True, Strategy.FIRST_AVAILABLE, Missed.MEETING_BOOKER,
    )  # fmt: skip
    assert (one.ring_seconds, one.wait_seconds, one.fallback) == (30, 90, True)
    assert (one.owner.on, one.owner.ring) == (False, OwnerRing.OWNER_FIRST)
    assert (ruleset.default.id, ruleset.default.name) == ("default", "Default rule")


def test_a_desk_without_rules_rings_everybody_for_the_settings_wait() -> None:
    default = RuleSet.default_rule_set(ring_seconds=30, wait_seconds=12.5).default
    assert default.targets.everyone
    assert (default.ring_seconds, default.wait_seconds) == (12.5, 12.5)


@settings(max_examples=100, deadline=None)
@given(rule_documents())
def test_what_is_written_is_read_back_the_same(document: dict[str, Any]) -> None:
    assert dump_rules(parse_rules(document, REGISTRY)) == document


def test_numbers_are_written_as_people_write_them() -> None:
    plan = {**EVERYBODY, "strategy": "rotation", "weights": {"ann": 2.0}, "wait_seconds": 60.0}
    written = repr(dump_rules(parse_rules({"default": plan}, BUILTIN)))
    assert "'ann': 2}" in written
    assert "'wait_seconds': 60," in written


def test_every_fault_is_named_at_once_with_its_place() -> None:
    document = {
        "rules": [
            rule(ring_seconds=4, strategy="fastest", surprise=1),
            rule(name="apac", id="rul_1"),
            {"name": " ", "when": {"field": "no.such", "op": "is", "value": 1}},
            rule(id="rul_4", name="Four", weights={"ann": 1000}, owner={"look": ["boss"]}),
            rule(id="has space", name="Five", wait_seconds=10, targets={"reps": "ann"}),
            "not a rule",
        ],
        "default": {"targets": {"everyone": 1}, "owner": {"on": "yes"}},
        "more": True,
    }
    assert faults_of(document) == {
        "/more": "unknown_key",
        "/rules/0/surprise": "unknown_key",
        "/rules/0/ring_seconds": "invalid",
        "/rules/0/strategy": "invalid",
        "/rules/1/id": "id_taken",
        "/rules/1/name": "name_taken",
        "/rules/2/id": "missing",
        "/rules/2/name": "invalid",
        "/rules/2/when/field": "unknown_field",
        "/rules/3/weights/ann": "invalid",
        "/rules/3/owner/look/0": "invalid",
        "/rules/4/id": "invalid",
        "/rules/4/targets/reps": "invalid",
        "/rules/4/wait_seconds": "wait_shorter",
        "/rules/5": "invalid",
        "/default/targets/everyone": "invalid",
        "/default/owner/on": "invalid",
    }


@pytest.mark.parametrize(
    ("plan", "place", "code"),
    [
        ({"wait_seconds": 29, "ring_seconds": 30}, "/default/wait_seconds", "wait_shorter"),
        ({"ring_seconds": float("nan")}, "/default/ring_seconds", "invalid"),
        ({"weights": {"ann": 2}}, "/default/weights", "weights_unused"),
        ({"owner": {"look": ["lead", "lead"]}}, "/default/owner/look", "repeated"),
        ({"when": {"all": []}}, "/default/when", "unknown_key"),
        ({"id": "other"}, "/default/id", "unknown_key"),
        ({"targets": None}, "/default/targets", "invalid"),
    ],
)
def test_a_fault_of_several_fields_is_found(plan: dict[str, Any], place: str, code: str) -> None:
    assert faults_of({"default": plan})[place] == code


def test_the_default_rule_cannot_be_left_out_and_may_say_its_own_name() -> None:
    assert faults_of({"rules": []}) == {"/default": "missing"}
    assert faults_of([]) == {"": "invalid"}
    named = {"default": {**EVERYBODY, "id": "default", "name": "Default rule"}}
    assert parse_rules(named, BUILTIN).default.targets.everyone
    taken = {"rules": [rule(name="DEFAULT rule", id="default")], "default": EVERYBODY}
    assert faults_of(taken) == {"/rules/0/name": "name_taken", "/rules/0/id": "id_taken"}


def test_reps_and_groups_are_looked_up_where_they_are_known() -> None:
    targets = {"reps": ["ann", "zoe"], "groups": ["sales", "gone"]}
    document = {"rules": [rule(targets=targets)], "default": EVERYBODY}
    assert faults_of(document, reps={"ann"}, groups={"sales"}) == {
        "/rules/0/targets/reps/1": "unknown_rep",
        "/rules/0/targets/groups/1": "unknown_group",
    }
    assert parse_rules(document, BUILTIN).rules[0].targets.reps == ("ann", "zoe")


@pytest.mark.parametrize(
    "name", ["a\tb", "a\x00", "a\x7fb", "admin\u202egnp", "\u2066a\u2069", "a\x85b"]
)
def test_a_name_that_would_be_shown_as_another_is_refused(name: str) -> None:
    document = {"rules": [rule(name)], "default": EVERYBODY}
    assert faults_of(document) == {"/rules/0/name": "unshown_character"}


def test_a_name_written_from_right_to_left_is_a_name() -> None:
    document = {"rules": [rule("شرکت‌های بزرگ")], "default": EVERYBODY}
    assert parse_rules(document, BUILTIN).rules[0].name == "شرکت‌های بزرگ"


def test_a_stored_version_with_such_a_name_can_be_read() -> None:
    text = write_rules(parse_rules({"rules": [rule("AB")], "default": EVERYBODY}, BUILTIN))
    old = text.replace(b'"AB"', '"A\u202eB"'.encode())
    assert read_stored(old).rules[0].name == "A\u202eB"


def test_of_very_many_faults_the_first_are_told_and_how_many_more_there_are() -> None:
    wrong = [rule(f"R{i}", f"rul_{i}", ring_seconds=1) for i in range(500)]
    with pytest.raises(RuleFaults) as refused:
        parse_rules({"rules": wrong, "default": EVERYBODY}, BUILTIN)
    error = refused.value
    assert (len(error.faults), error.more) == (200, 300)
    assert (len(error.fields["faults"]), error.fields["more"]) == (200, 300)
    assert "(499 more)" in str(error)


def test_messages_say_what_is_meant() -> None:
    with pytest.raises(RuleFaults) as refused:
        parse_rules({"default": {"ring_seconds": 4, "strategy": []}}, BUILTIN)
    assert [fault.message for fault in refused.value.faults] == [
        "this must be one of first_available, rotation, random, least_busy, not a list",
        "this must be a number of seconds from 5 to 600, not 4",
    ]
    assert refused.value.code == "invalid"
    assert len(refused.value.fields["faults"]) == 2


@settings(max_examples=200, deadline=None)
@given(nonsense, st.sampled_from(["", "rules", "rule", "default", "when"]))
def test_whatever_is_given_is_read_or_refused(odd: object, where: str) -> None:
    document: object = {
        "": odd,
        "rules": {"rules": odd, "default": EVERYBODY},
        "rule": {"rules": [odd], "default": EVERYBODY},
        "default": {"rules": [], "default": odd},
        "when": {"rules": [{"id": "a", "name": "A", "when": odd}], "default": EVERYBODY},
    }[where]
    refused: list[RuleFaults] = []
    try:
        assert dump_rules(parse_rules(document, REGISTRY))
    except RuleFaults as error:
        refused.append(error)
    assert all(error.faults and orjson.dumps(error.fields) for error in refused)
