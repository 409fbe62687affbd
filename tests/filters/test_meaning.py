"""Operators by example, blanks, and what comes from outside (RT-2, VS-3)."""

from datetime import date
from typing import Any

import pytest

from frontdesk.filters import (
    OPERATORS,
    Condition,
    Field,
    FieldType,
    Op,
    Registry,
    RuleIndex,
    compile,
    explain,
    parse,
)
from tests.filters.strategies import REGISTRY


def holds(field: str, op: str, wanted: Any, actual: Any) -> bool:
    document = {"field": field, "op": op} | ({} if wanted is None else {"value": wanted})
    situation = REGISTRY.situation({field: actual})
    return compile(parse(document, REGISTRY), REGISTRY)(situation)


@pytest.mark.parametrize(
    ("field", "op", "wanted", "actual"),
    [
        ("page.title", "is", "straße", " STRASSE "),
        ("page.title", "is", "caf\u00e9", "CAFE\u0301"),
        ("page.title", "contains", "Pric", "our PRICES"),
        ("page.path", "starts_with", "/Pricing", "/pricing/team"),
        ("visitor.email", "ends_with", "@Example.com", "kim@example.com"),
        ("page.path", "matches", "^/(pricing|plans)$", "/Plans"),
        ("location.country", "one_of", ["JP", "SG"], "jp"),
        ("location.country", "none_of", ["JP", "SG"], "DE"),
        ("visitor.employees", "is", 1200, "1200"),
        ("visitor.employees", "between", [1000, 1200], 1200),
        ("visitor.employees", "less", 1, 0),
        ("visitor.employees", "is_set", None, 0),
        ("visitor.returning", "is", False, False),
        ("visitor.returning", "is_set", None, False),
        ("field.since", "before", "2026-01-02", "2026-01-01T23:30:00-00:00"),
        ("field.since", "is", "2026-01-02", "2026-01-01T23:30:00-02:00"),
        ("field.tags", "is", "beta", ["alpha", "Beta"]),
        ("field.tags", "is_not", "beta", ["alpha"]),
        ("field.tags", "contains", "alp", ["alpha", "beta"]),
    ],
)
def test_it_holds(field: str, op: str, wanted: Any, actual: Any) -> None:
    assert holds(field, op, wanted, actual)


@pytest.mark.parametrize(
    ("field", "op", "wanted", "actual"),
    [
        ("page.title", "is", "resume", "résumé"),
        ("visitor.employees", "greater", 1000, 1000),
        ("field.since", "after", "2026-01-02", "2026-01-02"),
        ("field.tags", "none_of", ["beta", "gamma"], ["alpha", "beta"]),
        ("page.path", "matches", "^pricing", "/pricing"),
    ],
)
def test_it_does_not_hold(field: str, op: str, wanted: Any, actual: Any) -> None:
    assert not holds(field, op, wanted, actual)


@pytest.mark.parametrize("blank", [None, "", (), "missing"])
def test_a_blank_field_matches_only_is_blank_and_what_is_not(blank: Any) -> None:
    examples: dict[Op, Any] = {Op.BETWEEN: (0, 1), Op.IS_BLANK: None, Op.IS_SET: None}
    types: list[tuple[FieldType, str | int]] = [
        (FieldType.TEXT, "x"),
        (FieldType.NUMBER, 0),
        (FieldType.BOOLEAN, False),
    ]
    for type, scalar in types:
        registry = Registry([Field("a.b", "A", type, REGISTRY["page.url"].source, "")])
        for op in OPERATORS[type]:
            wanted = (scalar,) if op in (Op.ONE_OF, Op.NONE_OF) else examples.get(op, scalar)
            condition = Condition("a.b", op, wanted)
            situation = {} if blank == "missing" else {"a.b": blank}
            expected = op in (Op.IS_BLANK, Op.IS_NOT, Op.NONE_OF)
            assert compile(condition, registry)(situation) is expected, (type, op)
            assert (RuleIndex([condition], registry).first(situation) == 0) is expected
            [tested] = explain(condition, situation, registry)
            assert (tested.matched, tested.actual) == (expected, None)


def test_a_field_that_is_gone_or_of_another_type_is_blank() -> None:
    then = Registry([Field.custom("size", "Size", FieldType.NUMBER)])
    now = Registry([Field.custom("size", "Size", FieldType.TEXT)])
    larger = Condition("field.size", Op.GREATER, 5)
    other = Condition("field.size", Op.IS_NOT, 5)
    for registry in (now, Registry([])):
        assert not compile(larger, registry)({"field.size": "large"})
        assert compile(other, registry)({"field.size": "large"})
        assert RuleIndex([larger, other], registry).first({"field.size": "large"}) == 1
    assert compile(larger, then)({"field.size": 6})


@pytest.mark.parametrize(
    ("key", "raw", "value"),
    [
        ("visitor.employees", "1200.0", 1200),
        ("visitor.employees", "many", None),
        ("visitor.employees", "nan", None),
        ("visitor.employees", True, None),
        ("visitor.returning", "Yes", True),
        ("visitor.returning", "perhaps", None),
        ("field.since", "2026-01-31", date(2026, 1, 31)),
        ("field.since", "31/01/2026", None),
        ("field.tier", "BRONZE", "Bronze"),
        ("field.tier", "platinum", "platinum"),
        ("field.tags", ["a", " ", 3], ("a", "3")),
        ("field.tags", "a", ("a",)),
        ("page.title", "  x ", "x"),
        ("page.title", "\ud800", "\ufffd"),
        ("page.title", {"a": 1}, None),
        ("page.title", 12, "12"),
        ("no.such", "x", None),
        ("visitor.returning", 1, True),
        ("visitor.returning", 2, None),
        pytest.param("visitor.returning", 10**5000, None, id="more digits than Python writes"),
    ],
)
def test_what_comes_from_outside_is_typed(key: str, raw: Any, value: Any) -> None:
    assert REGISTRY.coerce(key, raw) == value


def test_a_registry_grows_into_a_new_one_and_refuses_twins() -> None:
    one = Registry.builtin()
    more = one.with_fields([Field.custom("size", "Size", FieldType.TEXT)])
    assert "field.size" in more
    assert "field.size" not in one
    with pytest.raises(ValueError, match="two fields"):
        more.with_fields([Field.custom("size", "Size again", FieldType.TEXT)])
    with pytest.raises(ValueError, match="can't be a field's key"):
        more.with_fields([Field.custom("a b", "A b", FieldType.TEXT)])


def test_every_builtin_field_has_an_example_of_its_type() -> None:
    for field in Registry.builtin():
        assert REGISTRY.coerce(field.key, field.example) in (field.example, (field.example,))
