"""What looks wrong in rules; "shadowed" is said only when it is so (RT-14)."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.filters import Registry, compile, parse
from frontdesk.routing.decisions.compiled import CompiledRules
from frontdesk.routing.lint.conflicts import impossible
from frontdesk.routing.lint.lint import Finding, Team, lint
from frontdesk.routing.rules.rules import parse_rules
from tests.filters.strategies import REGISTRY, conditions, documents, situations

BUILTIN = Registry.builtin()
TEAM = Team(
    reps=frozenset({"ann", "bob"}),
    groups={"sales": ["ann", "gone"], "empty": [], "left": ["gone"]},
    names={"gone": "Gil Moss", "empty": "Nobody yet"},
)
COUNTRY, EMPLOYEES, PATH = "location.country", "visitor.employees", "page.path"


def asks(field: str, op: str, value: Any = None) -> dict[str, Any]:
    return {"field": field, "op": op} | ({} if value is None else {"value": value})


def linted(*whens: Any, observed: Any = None, **plan: Any) -> list[Finding]:
    """What is said of rules with these filters; a filter with None in front is switched off."""
    rules = [
        {"id": f"r{i}", "name": f"Rule {i}", "when": when, "targets": {"everyone": True}, **plan}
        for i, when in enumerate(whens)
    ]
    document = {"rules": rules, "default": {"targets": {"everyone": True}}}
    return lint(parse_rules(document, BUILTIN), BUILTIN, TEAM, observed)


def codes(found: list[Finding]) -> list[tuple[str, str]]:
    return [(one.place, one.code) for one in found]


JAPAN = asks(COUNTRY, "is", "JP")
LARGE = asks(EMPLOYEES, "greater", 1000)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (JAPAN, JAPAN),
        (JAPAN, {"all": [JAPAN, LARGE]}),
        (asks(COUNTRY, "one_of", ["JP", "KR"]), JAPAN),
        (asks(COUNTRY, "one_of", ["JP", "KR", "SG"]), asks(COUNTRY, "one_of", ["KR", "JP"])),
        (asks(COUNTRY, "is_set"), JAPAN),
        (asks(COUNTRY, "is_not", "DE"), JAPAN),
        (LARGE, asks(EMPLOYEES, "greater", 5000)),
        (LARGE, asks(EMPLOYEES, "between", [2000, 3000])),
        (LARGE, asks(EMPLOYEES, "is", 1001)),
        (asks(PATH, "starts_with", "/pri"), asks(PATH, "is", "/PRICING")),
        (asks(PATH, "contains", "ICI"), asks(PATH, "starts_with", "/pricing")),
        ({"any": [JAPAN, LARGE]}, {"all": [asks(PATH, "is", "/"), LARGE]}),
        (asks(COUNTRY, "one_of", ["JP", "KR"]), {"any": [JAPAN, asks(COUNTRY, "is", "KR")]}),
        ({"not": asks(COUNTRY, "is", "DE")}, asks(COUNTRY, "is_blank")),
        (asks(PATH, "matches", "^/a"), {"all": [JAPAN, asks(PATH, "matches", "^/a")]}),
    ],
)
def test_a_rule_is_shadowed_by_one_above_that_takes_all_its_visitors(
    earlier: Any, later: Any
) -> None:
    found = linted(asks(PATH, "is", "/nowhere"), earlier, later)
    assert codes(found) == [("/rules/2", "shadowed")]
    assert "'Rule 1'" in found[0].message


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (JAPAN, asks(COUNTRY, "one_of", ["JP", "KR"])),
        (JAPAN, LARGE),
        ({"all": [JAPAN, LARGE]}, JAPAN),
        (LARGE, asks(EMPLOYEES, "between", [1000, 2000])),
        (asks(EMPLOYEES, "less", 5), asks(EMPLOYEES, "is_blank")),
        (asks(PATH, "matches", "a"), asks(PATH, "is", "a")),  # patterns aren't reasoned about
    ],
)
def test_a_rule_that_somebody_still_reaches_is_not(earlier: Any, later: Any) -> None:
    assert linted(earlier, later) == []


def test_nothing_below_a_rule_for_everybody_is_reached() -> None:
    everybody = {"any": [asks(COUNTRY, "is_set"), asks(COUNTRY, "is_blank")]}
    found = linted(JAPAN, everybody, LARGE, {"all": []})
    assert codes(found) == [("/rules/2", "unreachable"), ("/rules/3", "unreachable")]


@pytest.mark.parametrize(
    "when",
    [
        {"all": [JAPAN, asks(COUNTRY, "is", "KR")]},
        {"all": [asks(EMPLOYEES, "greater", 10), asks(EMPLOYEES, "less", 5)]},
        {"all": [asks(EMPLOYEES, "greater", 10), asks(EMPLOYEES, "less", 10)]},
        {"all": [asks(EMPLOYEES, "less", 7), *(asks(EMPLOYEES, "greater", n) for n in (9, 5))]},
        {"all": [asks(EMPLOYEES, "greater", 7), *(asks(EMPLOYEES, "less", n) for n in (5, 9))]},
        {"all": [asks(EMPLOYEES, "is", 3), {"not": asks(EMPLOYEES, "between", [2, 5])}]},
        {"all": [
            asks(EMPLOYEES, "between", [3, 4]), {"not": asks(EMPLOYEES, "between", [2, 5])},
        ]},
        {"all": [JAPAN, asks(COUNTRY, "is_blank")]},
        {"all": [JAPAN, {"not": JAPAN}]},
        {"all": [asks(PATH, "starts_with", "/a"), asks(PATH, "starts_with", "/b")]},
        {"all": [asks(PATH, "starts_with", "/ab"), {"not": asks(PATH, "contains", "A")}]},
        {"all": [asks("visitor.returning", "is_not", value) for value in (True, False)]
         + [asks("visitor.returning", "is_set")]},
        {"not": {"all": []}},
    ],
)  # fmt: skip
def test_conditions_that_contradict_each_other_are_named(when: Any) -> None:
    assert codes(linted(when)) == [("/rules/0/when", "contradiction")]


def test_an_alternative_that_nobody_matches_is_named_in_its_place() -> None:
    [found] = linted({"any": [LARGE, {"all": [JAPAN, asks(COUNTRY, "is", "KR")]}]})
    assert (found.place, found.code, found.severity) == (
        "/rules/0/when/any/1", "contradiction", "warning",
    )  # fmt: skip


def test_a_rule_that_is_switched_off_shadows_nothing() -> None:
    assert linted(JAPAN, JAPAN, on=False) == []


def test_targets_that_are_not_there_are_named() -> None:
    targets = {"reps": ["ann", "gone"], "groups": ["empty", "sales"]}
    found = linted(JAPAN, targets=targets, strategy="rotation", weights={"bob": 2})
    assert codes(found) == [
        ("/rules/0/targets/groups/0", "no_reps"),
        ("/rules/0/targets/reps/1", "left_rep"),
    ]
    assert [one.message for one in found] == [
        "Nobody who takes chats is in 'Nobody yet'.",
        "Gil Moss takes no chats any more.",
    ]


def test_a_rule_that_rings_nobody_is_an_error() -> None:
    assert codes(linted(JAPAN, targets={})) == [("/rules/0/targets", "no_reps")]
    left = linted(JAPAN, targets={"groups": ["left"]})
    assert ("/rules/0/targets", "no_reps") in codes(left)
    assert codes(linted(JAPAN, fallback=False)) == [("/rules/0/fallback", "never_rung")]
    owner = {"on": True}
    assert linted(JAPAN, fallback=False, owner=owner) == []
    assert codes(linted(JAPAN, targets={}, owner=owner)) == [("/rules/0/targets", "empty_fallback")]


def test_values_that_no_visitor_had_are_named_where_that_is_known() -> None:
    campaign = asks("utm.campaign", "one_of", ["Spring", "summmer"])
    [found] = linted(campaign, observed={"utm.campaign": ["spring", "summer"]})
    assert (found.place, found.code) == ("/rules/0/when/value", "unknown_value")
    assert "'summmer'" in found.message
    assert linted(campaign) == []
    country = asks("location.country", "one_of", ["AU", "JP"])
    [found] = linted(country, observed={"location.country": ["JP"]})
    assert found.message == "No visitor has had Australia lately."


@settings(max_examples=300, deadline=None)
@given(documents, st.lists(situations(), min_size=1, max_size=8))
def test_nobody_ever_matches_what_is_called_impossible(
    document: Any, some: list[dict[str, Any]]
) -> None:
    filter = parse(document, REGISTRY)
    matches = compile(filter, REGISTRY)
    if any(map(matches, some)):
        assert not impossible(filter, REGISTRY)


_narrow = conditions().filter(lambda one: one["field"] in ("visitor.employees", "page.path"))
"""Of few fields, so that rules are often within each other."""
_simple = st.lists(_narrow, min_size=1, max_size=2).map(lambda parts: {"all": parts})


@settings(max_examples=120, deadline=None)
@given(
    st.lists(documents | _simple, min_size=2, max_size=6),
    st.lists(situations(), min_size=5, max_size=15),
)
def test_no_situation_is_decided_by_a_rule_that_is_called_shadowed(
    whens: list[Any], some: list[dict[str, Any]]
) -> None:
    plan = {"targets": {"everyone": True}}
    rules = [{"id": f"r{i}", "name": f"R{i}", "when": one, **plan} for i, one in enumerate(whens)]
    ruleset = parse_rules({"rules": rules, "default": plan}, REGISTRY)
    never = {
        one.rule
        for one in lint(ruleset, REGISTRY, TEAM)
        if one.code in ("shadowed", "unreachable") or one.place.endswith("/when")
    }
    compiled = CompiledRules.of(1, ruleset, REGISTRY, {})
    assert not never & {compiled.match(situation).id for situation in some}


def test_two_thousand_rules_are_looked_at_while_somebody_types() -> None:
    whens = [
        {"all": [asks(COUNTRY, "is", "JP"), asks("utm.campaign", "is", f"c{i % 1990}"),
                 asks(EMPLOYEES, "greater", i)]}
        for i in range(2000)
    ]  # fmt: skip
    found = linted(*whens)
    assert [one.rule for one in found] == [f"r{i}" for i in range(1990, 2000)]
