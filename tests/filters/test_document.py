"""What is wrong with a document is said, all of it, with its place (RT-2)."""

from typing import Any

import pytest

from frontdesk.filters import EVERYBODY, Condition, Filter, FilterFaults, Op, compile, dump, parse
from tests.filters.strategies import REGISTRY


def read(document: Any) -> Filter:
    return parse(document, REGISTRY)


def faults(document: Any) -> list[tuple[str, str]]:
    with pytest.raises(FilterFaults) as refused:
        read(document)
    return [(fault.place, fault.code) for fault in refused.value.faults]


def a_condition(field: str, op: str, value: Any = None) -> dict[str, Any]:
    return {"field": field, "op": op} | ({} if value is None else {"value": value})


def test_all_of_nothing_matches_everybody() -> None:
    assert read({"all": []}) == EVERYBODY
    assert compile(EVERYBODY, REGISTRY)({})


def test_every_fault_is_listed_with_its_place() -> None:
    assert faults(
        {
            "all": [
                a_condition("visitor.employees", "contains", 3),
                {"any": [a_condition("visitor.employes", "is", 3), {"not": []}]},
                a_condition("location.country", "one_of", ["JP", "XX", 7]),
                a_condition("field.since", "after", "yesterday"),
                a_condition("visitor.returning", "is", "yes"),
                a_condition("page.url", "is_set", "x"),
                {"field": "page.url", "op": "is", "vaule": "x"},
            ]
        }
    ) == [
        ("/all/0/op", "wrong_op"),
        ("/all/1/any/0/field", "unknown_field"),
        ("/all/1/any/1/not", "not_an_object"),
        ("/all/2/value/1", "unknown_value"),
        ("/all/2/value/2", "wrong_type"),
        ("/all/3/value", "wrong_type"),
        ("/all/4/value", "wrong_type"),
        ("/all/5/value", "unexpected_value"),
        ("/all/6/vaule", "unknown_member"),
        ("/all/6/value", "missing_value"),
    ]


def test_a_fault_says_what_can_be_done() -> None:
    with pytest.raises(FilterFaults) as refused:
        read({"all": [a_condition("visitor.employees", "contains", 3)]})
    [fault] = refused.value.faults
    assert fault.message.startswith(
        "'Employees' is a number: 'contains' can't be used, try is, is_not, greater, less, between"
    )
    with pytest.raises(FilterFaults, match=r"is 'visitor\.employees' meant"):
        read(a_condition("visitor.employes", "is", 3))
    assert refused.value.fields["faults"][0]["place"] == "/all/0/op"


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (None, "not_an_object"),
        ({}, "unknown_shape"),
        ({"all": [], "any": []}, "unknown_shape"),
        ({"any": []}, "empty_any"),
        ({"all": {}}, "not_a_list"),
        (a_condition("page.url", "is"), "missing_value"),
        ({"field": "page.url", "value": "x"}, "missing_op"),
        (a_condition("page.url", "equals", "x"), "unknown_op"),
        (a_condition("page.url", "is", "  "), "blank_value"),
        (a_condition("page.url", "is", "x" * 501), "too_long"),
        (a_condition("page.url", "matches", "x" * 201), "too_long"),
        (a_condition("page.url", "is", "\ud800"), "bad_text"),
        (a_condition("page.url", "one_of", []), "empty_list"),
        (a_condition("page.url", "one_of", ["x"] * 1001), "too_many_values"),
        (a_condition("visitor.employees", "is", float("nan")), "out_of_range"),
        (a_condition("visitor.employees", "is", 10**400), "out_of_range"),
        (a_condition("visitor.employees", "between", [2, 1]), "wrong_order"),
        (a_condition("visitor.employees", "between", [1]), "wrong_type"),
        (a_condition("visitor.employees", "is", value=True), "wrong_type"),
        ({"all": [a_condition("page.url", "is_set")] * 201}, "too_many"),
        ({"all": [{"all": []}] * 201}, "too_many"),
    ],
)
def test_what_is_no_filter_is_refused(document: Any, code: str) -> None:
    assert [found for _, found in faults(document)] == [code]


def nested(levels: int) -> dict[str, Any]:
    document = a_condition("page.url", "is_set")
    for _ in range(levels - 1):
        document = {"not": document}
    return document


def test_ten_levels_are_read_and_more_are_refused_however_many() -> None:
    read(nested(10))
    assert faults(nested(11)) == [("/not" * 10, "too_deep")]
    endless: list[Any] = []
    for _ in range(100_000):
        endless = [endless]
    assert faults({"all": endless}) == [("/all/0", "not_an_object")]
    assert faults(a_condition("page.url", "is", endless)) == [("/value", "wrong_type")]


def test_a_document_of_nothing_but_faults_is_answered_briefly() -> None:
    assert len(faults({"all": [7] * 100_000})) == 100


def test_values_are_kept_as_the_field_has_them() -> None:
    assert read(a_condition("location.country", "is", "jp")) == Condition(
        "location.country", Op.IS, "JP"
    )
    document = a_condition("field.since", "between", ["2026-01-01", "2026-02-01"])
    assert dump(read(document)) == document
    assert dump(read(a_condition("visitor.employees", "is", 5.0)))["value"] == 5
