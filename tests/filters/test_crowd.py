"""Of many situations, those are found that each filter matches by the plain telling of it."""

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.filters import AllOf, Condition, Crowd, Op, numbers, parse
from tests.filters import naive
from tests.filters.strategies import REGISTRY, documents, situations
from tests.filters.test_equal_to_naive import many_conditions, visitor


def check(seen: list[dict[str, Any]], filters: list[dict[str, Any]]) -> None:
    crowd = Crowd(seen, REGISTRY)
    for document in filters:
        expected = [number for number, one in enumerate(seen) if naive.matches(document, one)]
        assert list(numbers(crowd.matching(parse(document, REGISTRY)))) == expected, document


@given(seen=st.lists(situations(), max_size=9), filters=st.lists(documents, max_size=6))
def test_those_are_found_who_match(
    seen: list[dict[str, Any]], filters: list[dict[str, Any]]
) -> None:
    check(seen, filters)


def test_of_many_with_many_conditions_too() -> None:
    random = Random(1)
    seen = [dict(REGISTRY.situation(visitor(random))) for _ in range(150)]
    check(seen, [many_conditions(random) for _ in range(300)])


@pytest.mark.parametrize("op", ["contains", "starts_with", "ends_with", "is"])
@pytest.mark.parametrize("field", ["page.path", "field.tags"])
def test_texts_that_are_searched_in_one_go_stay_apart(field: str, op: str) -> None:
    texts = ["ab", "a", "b", "ba", "a\0b", "b\0", "aab", "\U0010ffff", "a\U0010ffff", "ẞ", "ss"]
    seen: list[dict[str, Any]] = [
        {field: text if field == "page.path" else (text, "c")} for text in texts
    ]
    wanted = ["a", "b", "ab", "ba", "bab", "\U0010ffff", "SS", "ß", "s"]
    check(seen, [{"field": field, "op": op, "value": one} for one in wanted])


def test_nobody_has_a_field_that_is_gone() -> None:
    crowd = Crowd([{"field.gone": "a"}, {}], REGISTRY)
    assert crowd.matching(Condition("field.gone", Op.IS, "a")) == 0
    assert crowd.matching(Condition("field.gone", Op.IS_NOT, "a")) == 0b11


def test_more_conditions_than_are_remembered_are_answered_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("frontdesk.filters.crowd.MOST_KNOWN", 2)
    crowd = Crowd([{"visitor.employees": number} for number in range(4)], REGISTRY)
    above = [Condition("visitor.employees", Op.GREATER, number) for number in range(4)]
    assert [crowd.matching(one) for one in above * 2] == [0b1110, 0b1100, 0b1000, 0] * 2
    assert crowd.matching(AllOf(())) == crowd.everybody
