"""Rules as YAML and back (OP-3)."""

from typing import Any

import pytest

from frontdesk.filters import Registry
from frontdesk.people.rep import Group, Rep
from frontdesk.people.roles import Role
from frontdesk.routing.rules.rules import dump_rules, parse_rules
from frontdesk.routing.rules.yaml_form import Names, NotYaml, dump_yaml, load_yaml
from tests.routing.store.conftest import rule, rules

ADA = Rep("r_ada", "ada@example.com", "Ada", Role.REP, 3, active=True, created_at=0)
APAC = Group("g_apac", "APAC", ("r_ada",))
NAMES = Names([ADA], [APAC])
NONE = rules()


def whole(document: dict[str, Any]) -> dict[str, Any]:
    return dump_rules(parse_rules(document, Registry.builtin()))


def test_what_is_exported_is_read_back_the_same() -> None:
    document = whole(
        rules(
            rule(
                "Norway: 'on'", id="rul_norway", targets={"reps": ["r_ada"], "groups": ["g_apac"]},
                when={"any": [
                    {"field": "location.country", "op": "one_of", "value": ["NO", "JP"]},
                    {"field": "page.title", "op": "is", "value": "12:30"},
                    {"field": "utm.term", "op": "is", "value": "0123"},
                    {"field": "utm.source", "op": "is", "value": "2026-01-31"},
                    {"field": "visitor.employees", "op": "greater", "value": 1000},
                ]},
                strategy="rotation", weights={"r_ada": 2.5}, on=False,
                owner={"on": True, "look": ["account"], "ring": "owner_and_reps"},
            ),
            missed="form",
        )
    )  # fmt: skip
    text = dump_yaml(document, NAMES)
    assert "ada@example.com" in text
    assert "APAC" in text
    assert "r_ada" not in text
    assert whole(load_yaml(text, NAMES, NONE).document) == document


def test_what_goes_without_saying_is_left_out() -> None:
    text = dump_yaml(whole(rules(rule("A"))), NAMES)
    for key in ("ring_seconds", "outreach", "weights", "fallback", "book"):
        assert key not in text


def test_words_mean_what_they_mean_in_yaml_1_2() -> None:
    text = """
rules:
  - name: Norway
    on: true
    when: {all: [{field: location.country, op: one_of, value: [NO, ON, Y]}]}
    targets: {everyone: true}
default: {targets: {everyone: true}}
"""
    (found,) = load_yaml(text, NAMES, NONE).document["rules"]
    assert found["on"] is True
    assert found["when"]["all"][0]["value"] == ["NO", "ON", "Y"]


def test_a_rule_without_an_id_is_the_live_one_of_its_name_or_a_new_one() -> None:
    text = "rules: [{name: a, when: {all: []}}, {name: B, when: {all: []}}]\ndefault: {}"
    first, second = load_yaml(text, NAMES, rules(rule("A"))).document["rules"]
    assert first["id"] == "rul_a"
    assert second["id"].startswith("rul_")
    assert second["id"] != first["id"]


def test_names_of_nobody_are_all_said_with_their_places() -> None:
    text = """
rules:
  - name: A
    when: {all: []}
    strategy: rotation
    targets: {reps: [Ada@Example.com, ben@example.com], groups: [apac, EMEA]}
    weights: {ben@example.com: 2}
default: {}
"""
    loaded = load_yaml(text, NAMES, NONE)
    assert [(one.place, one.code) for one in loaded.unknown] == [
        ("/rules/0/targets/reps/1", "unknown_rep"),
        ("/rules/0/targets/groups/1", "unknown_group"),
        ("/rules/0/weights/ben@example.com", "unknown_rep"),
    ]
    [found] = parse_rules(loaded.document, Registry.builtin()).rules  # nothing else is wrong
    assert {found.targets.reps[1], *found.targets.groups[1:]} <= loaded.nobody.reps


def test_who_is_gone_keeps_their_id_in_the_file() -> None:
    live = whole(rules(rule("A", targets={"groups": ["g_gone"]})))
    text = dump_yaml(live, NAMES)
    assert whole(load_yaml(text, NAMES, live).document) == live


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rules: [", "line 2"),
        ("rules: []\nrules: []\ndefault: {}", "the key 'rules' is there twice"),
        ("- 1", "must have `rules:`"),
        ("", "must have `rules:`"),
        ("a: &a [1]\nb: [*a, *a]", "Line 2: aliases"),
        ("a: !!python/object/apply:os.system [ls]", "could not determine a constructor"),
        ("a: \x00", "unacceptable"),
        ("x" * 6_000_000, "longer than"),
    ],
)
def test_what_is_no_file_of_rules_is_refused_in_words(text: str, said: str) -> None:
    with pytest.raises(NotYaml, match=said.replace("*", ".")):
        load_yaml(text, NAMES, NONE)
