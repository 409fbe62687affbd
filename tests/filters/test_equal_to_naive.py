"""Compiled, indexed and explained, a filter means what the plain telling of it says."""

from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.filters import (
    Filter,
    FilterFaults,
    RuleIndex,
    columns,
    compile,
    dump,
    explain,
    holds,
    index,
    masks,
    parse,
    searches,
    spans,
)
from tests.filters import naive
from tests.filters.strategies import REGISTRY, documents, nonsense, situations


def read(document: Any) -> Filter:
    return parse(document, REGISTRY)


@given(document=documents, situation=situations())
def test_a_compiled_filter_means_what_the_document_says(
    document: dict[str, Any], situation: dict[str, Any]
) -> None:
    assert compile(read(document), REGISTRY)(situation) is naive.matches(document, situation)


@given(document=documents, situation=situations())
def test_the_explanation_comes_to_the_same_and_each_condition_is_told_truly(
    document: dict[str, Any], situation: dict[str, Any]
) -> None:
    filter = read(document)
    tested = explain(filter, situation, REGISTRY)
    assert holds(filter, tested) is naive.matches(document, situation)
    for one in tested:
        condition = pointed_at(document, one.place)
        assert (condition["field"], condition["op"]) == (one.field, one.op)
        assert one.matched is naive.matches(condition, situation)
        assert one.actual == (situation.get(one.field) or one.actual)


def pointed_at(document: Any, place: str) -> Any:
    for member in place.split("/")[1:]:
        document = document[int(member) if isinstance(document, list) else member]
    return document


@given(
    found=st.lists(documents, max_size=12),
    seen=st.lists(situations(), min_size=1, max_size=6),
)
def test_the_index_finds_the_first_and_all_that_match(
    found: list[dict[str, Any]], seen: list[dict[str, Any]]
) -> None:
    check(RuleIndex([read(one) for one in found], REGISTRY), found, seen)


def check(rules: RuleIndex, found: list[dict[str, Any]], seen: list[dict[str, Any]]) -> int:
    """Returns how many situations matched a rule."""
    some = 0
    for situation in seen:
        expected = [number for number, one in enumerate(found) if naive.matches(one, situation)]
        candidates = list(rules.candidates(situation))
        assert rules.first(situation) == (expected[0] if expected else None)
        assert list(rules.matching(situation)) == expected
        assert set(expected) <= set(candidates)
        assert all(before < after for before, after in pairwise(candidates))
        some += bool(expected)
    return some


@pytest.mark.parametrize("coarse", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_the_index_of_many_rules_is_right_also_where_it_is_coarse(
    seed: int, *, coarse: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if coarse:
        monkeypatch.setattr(spans, "MOST_CUTS", 3)
        monkeypatch.setattr(columns, "MOST_CONTAINED", 0)
        monkeypatch.setattr(searches, "MOST_CONTAINED", 0)
        monkeypatch.setattr(masks, "MOST_BYTES", 0)
        monkeypatch.setattr(index, "PATIENCE", 1)
    random = Random(seed)
    found = [many_conditions(random) for _ in range(400)]
    seen = [REGISTRY.situation(visitor(random)) for _ in range(150)]
    assert check(RuleIndex([read(one) for one in found], REGISTRY), found, seen) > 30


def visitor(random: Random) -> dict[str, Any]:
    found = {
        "page.path": "/" + "/".join(random.choices(["a", "b", "pricing", "docs"], k=3)),
        "visitor.employees": random.randrange(60),
        "utm.source": f"source-{random.randrange(40)}",
        "field.since": f"2026-01-{random.randrange(1, 29):02}",
        "visitor.returning": random.random() < 0.5,
        "field.tags": [f"t{random.randrange(30)}" for _ in range(random.randrange(4))],
    }
    return {key: value for key, value in found.items() if random.random() < 0.9}


def many_conditions(random: Random) -> dict[str, Any]:
    like = visitor(random)
    parts = [one_like(random, key, value) for key, value in like.items() if value != []]
    kept = random.sample(parts, k=min(len(parts), random.randrange(2, 5)))
    return {"all": kept} if random.random() < 0.8 else {"all": [kept[0], {"any": kept[1:]}]}


def one_like(random: Random, key: str, value: Any) -> dict[str, Any]:
    """A condition that a visitor of this value would meet, or its opposite."""
    match key:
        case "page.path":
            length = random.randrange(1, len(value))
            options = [
                ("starts_with", value[:length]),
                ("ends_with", value[-length:]),
                ("contains", value[length:] or "/"),
            ]
        case "visitor.employees":
            low = value - random.randrange(1, 9)
            options = [("greater", low), ("less", value + 1), ("between", [low, value])]
        case "field.since":
            options = [("is", value), ("after", "2026-01-05"), ("between", [value, value])]
        case "field.tags":
            options = [("one_of", value), ("starts_with", value[0]), ("none_of", ["t1", "t2"])]
        case "visitor.returning":
            options = [("is", value), ("is_not", value)]
        case _:
            options = [("is", value), ("one_of", [value, "SOURCE-1"]), ("is_set", None)]
    op, wanted = random.choice(options)
    found = {"field": key, "op": op} | ({} if wanted is None else {"value": wanted})
    return {"not": found} if random.random() < 0.2 else found


@pytest.mark.parametrize("op", ["contains", "starts_with", "ends_with", "matches", "is_not"])
@pytest.mark.parametrize("field", ["page.path", "field.tags"])
def test_many_rules_of_one_kind_alone_are_found(field: str, op: str) -> None:
    found: list[dict[str, Any]] = [
        {"field": field, "op": op, "value": f"/{number}/"} for number in range(60)
    ]
    found.append({"not": found[7]})
    seen: list[dict[str, Any]] = [{}, {field: None}]
    for number in range(0, 70, 3):
        texts = (f"/{number}/x", f"x/{number}/", f"/{number}/")
        seen += [{field: text if field == "page.path" else ("other", text)} for text in texts]
    check(RuleIndex([read(one) for one in found], REGISTRY), found, seen)


@given(document=documents)
def test_what_is_written_reads_as_the_same(document: dict[str, Any]) -> None:
    filter = read(document)
    assert read(dump(filter)) == filter


@given(document=nonsense)
def test_nothing_makes_reading_raise_but_its_own_faults(document: Any) -> None:
    try:
        filter = read(document)
    except FilterFaults as refused:
        for fault in refused.faults:
            assert fault.message.encode()
            assert fault.place == "" or fault.place.startswith("/")
    else:
        assert read(dump(filter)) == filter
