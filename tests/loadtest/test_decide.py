"""The rules and visitors that deciding is measured with, and that all ways agree on them."""

from frontdesk.filters import Registry, parse
from loadtest.decide import WAYS, _differences, _prepared, _scene
from loadtest.rules import FILTERS, Document, naive


def test_every_way_finds_the_same_rules_and_few_visitors_have_one() -> None:
    scene = _scene(60)
    ways = {name: _prepared(make, scene) for name, make in WAYS.items()}
    assert _differences(ways, 60) == []
    found = [ways["index"].decide(one) for one in scene.visitors]
    share = sum(one is not None for one in found) / len(found)
    assert 0.01 < share < 0.04


def test_a_rule_has_as_many_filters_as_it_says_and_can_be_stored() -> None:
    scene = _scene(30)
    for document, filter in zip(scene.documents, scene.filters, strict=True):
        assert len(document["all"]) == FILTERS
        assert parse(document, Registry.builtin()) == filter


def test_the_naive_loop_finds_the_first() -> None:
    rules: list[Document] = [
        {"all": [{"field": "location.country", "op": "is", "value": "JP"}]},
        {"all": [{"field": "visitor.employees", "op": "greater", "value": 5}]},
    ]
    first = naive(rules)
    assert first({"location.country": "jp", "visitor.employees": 9}) == 0
    assert first({"visitor.employees": 9}) == 1
    assert first({}) is None
