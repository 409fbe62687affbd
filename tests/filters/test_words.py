"""Filters in plain English."""

from typing import Any

import pytest

from frontdesk.filters import name_of, parse, say_filter
from tests.filters.strategies import REGISTRY


@pytest.mark.parametrize(
    ("field", "op", "value", "words"),
    [
        ("location.country", "one_of", ["JP", "SG"], "country is one of Japan, Singapore"),
        ("visitor.employees", "greater", 1000, "employees is greater than 1,000"),
        ("visitor.employees", "between", [1, 2], "employees is between 1 and 2"),
        ("utm.source", "is_blank", None, "UTM source is blank"),
        ("visitor.returning", "is", True, "returning is yes"),
        ("field.since", "after", "2026-01-31", "customer since is after 2026-01-31"),
        ("page.title", "contains", "our plans", "page title contains “our plans”"),
        (
            "page.path",
            "one_of",
            [f"/{number}" for number in range(12)],
            "page path is one of /0, /1, /2, /3, /4, /5, /6, /7, /8, /9 and 2 more",
        ),
    ],
)
def test_a_condition_is_a_sentence(field: str, op: str, value: Any, words: str) -> None:
    document = {"field": field, "op": op} | ({} if value is None else {"value": value})
    assert say_filter(parse(document, REGISTRY), REGISTRY) == words


def test_groups_are_in_brackets() -> None:
    blank = {"field": "utm.source", "op": "is_blank"}
    known = {"field": "visitor.email", "op": "is_set"}
    filter = parse({"all": [blank, {"any": [known, {"not": blank}]}]}, REGISTRY)
    assert (
        say_filter(filter, REGISTRY)
        == "UTM source is blank and (email is set or not (UTM source is blank))"
    )
    assert say_filter(parse({"all": []}, REGISTRY), REGISTRY) == "everybody"


def test_a_code_is_called_as_people_call_it_and_an_unknown_one_as_it_is() -> None:
    assert [name_of("location.country", one) for one in ("AU", "kr", "QX")] == [
        "Australia", "South Korea", "QX",
    ]  # fmt: skip
    assert [name_of("visitor.language", one) for one in ("de", "pt-BR", "??", "zz")] == [
        "German", "Portuguese (Brazil)", "??", "zz",
    ]  # fmt: skip
    assert name_of("utm.source", "AU") == "AU"
