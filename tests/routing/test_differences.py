"""What is different between two rule sets (RT-16)."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from frontdesk.routing.rules.differences import Change, differences
from tests.routing.store.conftest import rule, rules


def said(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one.name, one.change.value) for one in differences(before, after)]


def test_the_same_rules_have_no_differences() -> None:
    assert differences(rules(rule("A")), rules(rule("A"))) == []


def test_added_removed_and_changed_rules_are_named_with_their_values() -> None:
    old, new = rules(rule("A"), rule("B")), rules(rule("B", ring_seconds=45), rule("C"))
    assert said(old, new) == [("A", "removed"), ("B", "changed"), ("C", "added")]
    (field,) = differences(old, new)[1].fields
    assert (field.path, field.after) == ("ring_seconds", 45)


def test_inner_values_have_their_path_and_a_filter_is_compared_whole() -> None:
    other = {"any": [{"field": "location.country", "op": "is", "value": "KR"}]}
    old = rules(rule("A"), targets={"everyone": True, "reps": []})
    new = rules(rule("A", when=other), targets={"everyone": True, "reps": ["r"]})
    first, last = differences(old, new)
    assert [one.path for one in first.fields] == ["when"]
    assert (last.rule, [one.path for one in last.fields]) == ("default", ["targets.reps"])


def test_moving_one_rule_over_many_is_one_change() -> None:
    names = "ABCDE"
    old = rules(*(rule(one) for one in names))
    new = rules(*(rule(one) for one in "EABCD"))
    assert said(old, new) == [("E", "moved")]
    (step,) = differences(old, new)[0].fields
    assert (step.before, step.after) == (5, 1)


@given(st.permutations(range(8)), st.sets(st.integers(0, 7)))
def test_taking_the_moved_rules_out_leaves_both_orders_the_same(
    order: list[int], left: set[int]
) -> None:
    old = rules(*(rule(f"R{i}") for i in range(8)))
    new = rules(*(rule(f"R{i}") for i in order if i not in left))
    changes = differences(old, new)
    moved = {one.name for one in changes if one.change is Change.MOVED}
    assert {one.name for one in changes if one.change is Change.REMOVED} == {f"R{i}" for i in left}
    stay = [f"R{i}" for i in order if i not in left and f"R{i}" not in moved]
    assert stay == sorted(stay)
