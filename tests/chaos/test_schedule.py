"""A seed is a schedule of faults."""

from itertools import pairwise
from typing import Any, cast
from unittest.mock import Mock

from tests.chaos.faults import KINDS, World
from tests.chaos.schedule import Planned, plan

LINKS: dict[str, Any] = {"node-0 and redis": None, "clients and node-0": None}


def planned(seed: int, seconds: float = 600) -> list[Planned]:
    running = Mock(places=[None, None])  # a plan only names what it will strike
    return plan(World(running, LINKS, cast(Any, None)), seed, seconds)


def test_the_same_seed_has_the_same_faults_at_the_same_times() -> None:
    assert list(map(str, planned(1))) == list(map(str, planned(1)))
    assert list(map(str, planned(1))) != list(map(str, planned(2)))


def test_no_two_faults_strike_the_same_place_at_once() -> None:
    everything = planned(1)
    for place in {one.on for one in everything}:
        here = [one for one in everything if one.on == place]
        assert all(one.until <= after.at for one, after in pairwise(here))


def test_every_kind_comes_and_all_is_undone_in_time() -> None:
    everything = planned(1)
    assert all(one.until <= 600.01 for one in everything)
    drawn = " ".join(one.fault.name for one in everything)
    for kind in KINDS:
        assert kind.name.split()[0] in drawn, kind
