"""Round robin: fair over any stretch, by weight, and nobody who comes back is flooded (RT-5)."""

import json
import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.routing.decisions.strategies import Rotation, at_random, in_rotation, least_busy
from tests.routing import rotation_vectors

TEAM = [f"rep{i}" for i in range(8)]
_weights = st.sampled_from([0.1, 0.5, 1, 1.5, 2, 3, 10, 100])


def run(
    rotation: Rotation, available: list[str], weights: dict[str, float], times: int
) -> tuple[Rotation, Counter[str]]:
    counts: Counter[str] = Counter()
    for _ in range(times):
        picked = rotation.next(available)
        rotation = rotation.offered(picked, weights.get(picked, 1))
        counts[picked] += 1
    return rotation, counts


@st.composite
def pasts(draw: st.DrawFn) -> Rotation:
    """A rotation that has seen people come and go."""
    rotation = Rotation()
    for _ in range(draw(st.integers(0, 6))):
        some = draw(st.lists(st.sampled_from(TEAM), min_size=1, unique=True))
        rotation, _ = run(rotation, some, {}, draw(st.integers(1, 30)))
    return rotation


@settings(max_examples=150, deadline=None)
@given(pasts(), st.lists(st.sampled_from(TEAM), min_size=1, unique=True))
def test_over_any_100_offers_to_the_same_reps_the_counts_differ_by_at_most_one(
    rotation: Rotation, available: list[str]
) -> None:
    _, counts = run(rotation, available, {}, 100)
    assert max(counts.values()) - min(counts[rep] for rep in available) <= 1


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(TEAM), _weights, min_size=1), st.integers(0, 50))
def test_weights_are_kept_within_five_percent(weights: dict[str, float], before: int) -> None:
    available = sorted(weights)
    rotation, _ = run(Rotation(), available, weights, before)
    _, counts = run(rotation, available, weights, 100)
    whole = sum(weights.values())
    for rep, weight in weights.items():
        assert abs(counts[rep] / 100 - weight / whole) <= 0.05


@settings(max_examples=100, deadline=None)
@given(pasts(), st.sampled_from(TEAM), st.integers(1, 300))
def test_who_comes_back_is_not_flooded(rotation: Rotation, back: str, missed: int) -> None:
    others = [rep for rep in TEAM if rep != back]
    rotation, _ = run(rotation, others, {}, missed)
    _, counts = run(rotation, TEAM, {}, 2 * len(TEAM))
    assert counts[back] in (2, 3)


def test_the_least_recently_offered_is_next_and_newcomers_come_first() -> None:
    rotation = Rotation().offered("ann").offered("bob")
    assert in_rotation(["bob", "ann", "cid"], rotation) == ["cid", "ann", "bob"]
    assert rotation.next(["bob", "ann"]) == "ann"
    with pytest.raises(ValueError, match="empty"):
        rotation.next([])


def test_the_least_busy_for_their_weight_comes_first_and_equal_ones_in_turn() -> None:
    rotation = Rotation().offered("ann")
    assert least_busy(["ann", "bob"], {"ann": 1, "bob": 1}, {}, rotation) == ["bob", "ann"]
    assert least_busy(["ann", "bob"], {"ann": 1, "bob": 2}, {}, rotation) == ["ann", "bob"]
    assert least_busy(["ann", "bob"], {"ann": 2, "bob": 1}, {"ann": 4}, rotation)[0] == "ann"


def firsts(weights: dict[str, float], reps: list[str]) -> Counter[str]:
    rng = random.Random(3)
    return Counter(at_random(reps, weights, rng)[0] for _ in range(4000))


def test_chance_gives_everybody_the_same_share_and_weights_theirs() -> None:
    even = firsts({}, TEAM[:4])
    assert all(abs(even[rep] / 4000 - 0.25) < 0.03 for rep in TEAM[:4])
    weighed = firsts({"rep0": 3}, TEAM[:4])
    assert abs(weighed["rep0"] / 4000 - 0.5) < 0.03
    many = [f"rep{i}" for i in range(500)]
    assert len(firsts({}, many)) > 450


@given(st.lists(st.text(max_size=3), unique=True, max_size=60), st.booleans(), st.integers())
def test_chance_asks_everybody_once(reps: list[str], weighed: bool, seed: int) -> None:  # noqa: FBT001
    weights = dict.fromkeys(reps[:3], 2.0) if weighed else {}
    order = at_random(reps, weights, random.Random(seed))
    assert sorted(order) == sorted(reps)


def test_the_vectors_for_the_scripts_are_what_the_specification_says() -> None:
    assert json.loads(rotation_vectors.FILE.read_text())["vectors"] == rotation_vectors.vectors()
