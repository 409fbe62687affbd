"""Figures: plain numbers of this process, counted where things happen and published by `page`.

A figure belongs to the room that counts it and is made once, when its module is imported. Counting
is an addition in a list or a dict, 0.1 to 0.3 µs: a message on its way may be counted.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec import Struct

NAMESPACE: Final = "frontdesk"
QUICK: Final = (
    0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
)  # fmt: skip
"""Seconds: a message takes half of a millisecond, a claim some, a drain some seconds."""
PATIENT: Final = (1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 90.0, 120.0, 300.0, 600.0)
"""Seconds that people wait."""


class Family(Struct, frozen=True):
    """What is written of a figure, with its samples by their labels' values.

    `kind` is counter, gauge or spread; `joined` says what becomes of the same gauge of several
    processes: `sum` or `max`. A sample is a number; of a spread: the count in each bucket, one more
    for what is beyond the last bound, then the sum.
    """

    name: str
    kind: str
    meaning: str
    joined: str = "sum"
    labels: tuple[str, ...] = ()
    bounds: tuple[float, ...] = ()
    samples: list[tuple[tuple[str, ...], list[float]]] = []


REGISTER: dict[str, Callable[[], Family]] = {}
"""All figures of this process by name: each gives what is known of it now."""


def families() -> list[Family]:
    """Every figure of this process, as it stands."""
    return [now() for now in REGISTER.values()]


def _register(name: str, now: Callable[[], Family]) -> str:
    whole = f"{NAMESPACE}_{name}"
    if whole in REGISTER:
        raise ValueError(f"there is a figure {whole} already")
    REGISTER[whole] = now
    return whole


class Counter:
    """A number that only grows, one for each combination of labels: `frontdesk_<name>_total`."""

    __slots__ = ("_counts", "_labels", "_meaning", "_name")

    def __init__(self, name: str, meaning: str, *labels: str) -> None:
        self._name = _register(f"{name}_total", self._now)
        self._meaning = meaning
        self._labels = labels
        self._counts: dict[tuple[str, ...], float] = {} if labels else {(): 0}

    def add(self, *labels: str, by: float = 1) -> None:
        """So many more. Labels are few and ours: never what a client can choose."""
        self._counts[labels] = self._counts.get(labels, 0) + by

    def replace(self, counts: Mapping[tuple[str, ...], float]) -> None:
        """These are the counts: somebody else has counted."""
        self._counts = dict(counts)

    def value(self, *labels: str) -> float:
        """As it stands."""
        return self._counts.get(labels, 0)

    def _now(self) -> Family:
        samples = [(labels, [count]) for labels, count in self._counts.items()]
        return Family(self._name, "counter", self._meaning, labels=self._labels, samples=samples)


class Gauge:
    """A number that goes up and down. Of several processes it is the sum, or (`joined="max"`) the
    largest.
    """

    __slots__ = ("_joined", "_labels", "_meaning", "_name", "_values")

    def __init__(self, name: str, meaning: str, *labels: str, joined: str = "sum") -> None:
        self._name = _register(name, self._now)
        self._meaning = meaning
        self._labels = labels
        self._joined = joined
        self._values: dict[tuple[str, ...], float] = {}

    def set(self, value: float, *labels: str) -> None:
        """It is this now."""
        self._values[labels] = float(value)

    def replace(self, values: Mapping[tuple[str, ...], float]) -> None:
        """These and no others: what isn't named is gone."""
        self._values = dict(values)

    def _now(self) -> Family:
        samples = [(labels, [value]) for labels, value in self._values.items()]
        return Family(self._name, "gauge", self._meaning, self._joined, self._labels, (), samples)


class Spread:
    """How a measure is spread over fixed bounds; what is measured is in seconds."""

    __slots__ = ("_bounds", "_counts", "_meaning", "_name", "_sum")

    def __init__(self, name: str, meaning: str, *, bounds: tuple[float, ...] = QUICK) -> None:
        self._name = _register(name, self._now)
        self._meaning = meaning
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def observe(self, value: float) -> None:
        """One more. A clock that was set back counts as nothing."""
        self._counts[bisect_left(self._bounds, value)] += 1
        if value > 0:
            self._sum += value

    @property
    def count(self) -> int:
        """How many were observed."""
        return sum(self._counts)

    def _now(self) -> Family:
        sample: Any = [*self._counts, self._sum]
        return Family(
            self._name, "spread", self._meaning, bounds=self._bounds, samples=[((), sample)]
        )
