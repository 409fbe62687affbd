"""A check that remembers the rules it saw before says what one that remembers nothing says."""

from copy import deepcopy
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Raw, json

from frontdesk.errors import FrontdeskError
from frontdesk.filters import Registry
from frontdesk.people.rep import Group
from frontdesk.routing.decisions.compiled import CompiledRules
from frontdesk.routing.lint.readings import Memory
from frontdesk.routing.references import NOBODY
from frontdesk.routing.rules.checking import World, check
from frontdesk.routing.rules.read_rule import Readers, RuleReader
from frontdesk.routing.rules.rules import parse_rules, read_stored, write_rules
from tests.filters.strategies import REGISTRY, documents, nonsense, situations
from tests.routing.worlds import rule_documents

WORLD = World(REGISTRY, {}, {"sales": Group("sales", "Sales", ())}, NOBODY)


@st.composite
def edits(draw: st.DrawFn) -> list[Any]:
    """A document as it is while somebody edits it, each time with one thing changed."""
    document = draw(rule_documents(most=4))
    for rule in (*document["rules"], document["default"]):
        rule["targets"] = {"everyone": True}
    found = [document]
    for _ in range(draw(st.integers(1, 5))):
        document = deepcopy(document)
        _edit(draw, document["rules"])
        found.append(document)
    return found


def _edit(draw: st.DrawFn, rules: list[Any]) -> None:
    if not rules:
        return
    place = draw(st.integers(0, len(rules) - 1))
    kind = draw(st.sampled_from(["when", "odd", "move", "copy", "remove", "off", "target"]))
    match kind:
        case "when":
            rules[place]["when"] = draw(documents)
        case "odd":
            rules[place][draw(st.sampled_from(["name", "when", "ring_seconds", "more"]))] = draw(
                nonsense
            )
        case "move":
            rules.insert(0, rules.pop(place))
        case "copy":
            rules.append(deepcopy(rules[place]))
        case "remove":
            del rules[place]
        case "off":
            rules[place]["on"] = not rules[place].get("on")
        case "target":
            rules[place]["targets"] = {"reps": ["gone"], "groups": ["sales"]}


@settings(max_examples=150, deadline=None)
@given(edits())
def test_each_edit_is_checked_as_if_it_were_the_first(found: list[Any]) -> None:
    reader = RuleReader(REGISTRY)
    for document in found:
        assert check(document, WORLD, reader) == check(document, WORLD)


@settings(max_examples=50, deadline=None)
@given(rule_documents())
def test_what_is_written_is_the_document(document: dict[str, Any]) -> None:
    assert orjson.loads(write_rules(parse_rules(document, REGISTRY))) == document


@settings(max_examples=100, deadline=None)
@given(rule_documents())
def test_what_was_stored_is_read_back(document: dict[str, Any]) -> None:
    ruleset = parse_rules(document, REGISTRY)
    assert read_stored(write_rules(ruleset)) == ruleset


@settings(max_examples=150, deadline=None)
@given(edits())
def test_json_that_is_not_decoded_yet_is_checked_like_what_it_says(found: list[Any]) -> None:
    reader = RuleReader(REGISTRY)
    for document in found:
        try:
            text = json.encode(document)
            plain = json.decode(text)
        except (UnicodeEncodeError, ValueError, TypeError, OverflowError):
            continue  # it says nothing that JSON can
        assert check(Raw(text), WORLD, reader) == check(plain, WORLD)


@pytest.mark.parametrize("said", [b'"\xff"', b"1e999", b'{"id":"\xff"}'])
def test_json_that_cannot_be_decoded_is_refused(said: bytes) -> None:
    for document in (said, b'{"rules":[' + said + b'],"default":{}}', b'{"default":' + said + b"}"):
        with pytest.raises(FrontdeskError) as refused:
            check(Raw(document), WORLD)
        assert refused.value.code == "bad_request"


@settings(max_examples=100, deadline=None)
@given(rule_documents(), st.lists(situations(), min_size=1, max_size=5))
def test_rules_that_are_only_tried_take_the_same_visitors(
    document: dict[str, Any], some: list[dict[str, Any]]
) -> None:
    ruleset = parse_rules(document, REGISTRY)
    indexed = CompiledRules.of(1, ruleset, REGISTRY, {})
    tried = CompiledRules.to_try(1, ruleset, RuleReader(REGISTRY).filters, {})
    for situation in some:
        assert tried.match(situation) == indexed.match(situation)
        assert tried.tried(situation) == indexed.tried(situation)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True), (1, 1.0), (0.0, -0.0), (None, float("nan")), ([], ()), ("1", 1), ("a", b"a"),
        ({"a": 1}, {"a": True}),
    ],
)  # fmt: skip
def test_what_only_looks_equal_is_not_taken_for_the_same(one: Any, other: Any) -> None:
    memory: Memory[str] = Memory()
    assert memory.get(one, lambda: "one") == "one"
    assert memory.get(other, lambda: "other") == "other"
    assert memory.get(deepcopy(one), lambda: "again") == "one"


def test_what_no_json_has_is_made_anew_each_time() -> None:
    memory: Memory[object] = Memory()
    odd = {"when": object()}
    assert memory.get(odd, object) is not memory.get(odd, object)


def test_what_was_not_asked_for_lately_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("frontdesk.routing.lint.readings.MOST_BYTES", 1_000)
    memory: Memory[int] = Memory()
    memory.get("first", lambda: 0)
    for number in range(300):
        memory.get("in use", lambda: 1)
        memory.get(f"another {number}", lambda: 2)
    assert memory.get("first", lambda: 3) == 3
    assert memory.get("in use", lambda: 4) == 1


def test_with_other_fields_nothing_is_remembered() -> None:
    readers = Readers()
    assert readers.reader(REGISTRY) is readers.reader(REGISTRY)
    before = readers.reader(REGISTRY)
    assert readers.reader(Registry.builtin()) is not before
