"""What `/metrics` said at a time, and what two of these say of the time between."""

import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from prometheus_client.parser import text_string_to_metric_families

WITHIN = 4.0  # s
DESK_WIDE = frozenset({"waiting", "open_conversations", "event_lag_seconds", "redis_memory_ratio"})
"""Told for the whole desk by each machine: the largest counts, not their sum."""

Key = tuple[str, tuple[tuple[str, str], ...]]


class Unreadable(Exception):
    """Nobody answers there, or it isn't Frontdesk; the words say so."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Samples by name (without `frontdesk_`) and labels, as of `at` (monotonic seconds)."""

    at: float
    samples: Mapping[Key, float] = field(default_factory=dict)

    def total(self, name: str, **labels: str) -> float:
        """The sum of all samples of this name that have these labels."""
        return sum(value for _, value in self._of(name, labels))

    def by(self, name: str, label: str) -> dict[str, float]:
        """The sums by the values of one label."""
        found: dict[str, float] = defaultdict(float)
        for labels, value in self._of(name, {}):
            found[dict(labels).get(label, "")] += value
        return dict(found)

    def _of(
        self, name: str, labels: Mapping[str, str]
    ) -> list[tuple[tuple[tuple[str, str], ...], float]]:
        wanted = set(labels.items())
        return [
            (one[1], value)
            for one, value in self.samples.items()
            if one[0] == name and wanted <= set(one[1])
        ]


def read(urls: Sequence[str]) -> Reading:
    """All machines of a desk, added up. Raises Unreadable."""
    samples: dict[Key, float] = {}
    for url in urls:
        for key, value in _samples(url).items():
            before = samples.get(key)
            if before is None:
                samples[key] = value
            else:
                samples[key] = max(before, value) if key[0] in DESK_WIDE else before + value
    return Reading(time.monotonic(), samples)


def _samples(url: str) -> dict[Key, float]:
    whole = url if "://" in url else f"http://{url}"
    page = _page(f"{whole.rstrip('/')}/metrics")
    try:
        found = {
            (sample.name.removeprefix("frontdesk_"), tuple(sorted(sample.labels.items()))): float(
                sample.value
            )
            for family in text_string_to_metric_families(page)
            for sample in family.samples
            if sample.name.startswith("frontdesk_")
        }
    except ValueError:
        found = {}
    if not found:
        raise Unreadable(f"What answers at {url} isn't Frontdesk.")
    return found


def _page(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=WITHIN) as answer:  # noqa: S310 — whoever gives the address is at the keyboard
            return str(answer.read().decode(errors="replace"))
    except urllib.error.HTTPError as error:
        if error.code == 403:
            raise Unreadable(f"{url} is told on its own network alone, by no proxy.") from None
        raise Unreadable(f"{url} answers {error.code}.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise Unreadable(f"Nobody answers at {url}: {reason}") from None


def rate(before: Reading, now: Reading, name: str, **labels: str) -> float:
    """So many a second. A process that began anew counts from nothing."""
    seconds = now.at - before.at
    grown = now.total(name, **labels) - before.total(name, **labels)
    return max(0.0, grown) / seconds if seconds > 0 else 0.0


def quantile(before: Reading, now: Reading, name: str, share: float) -> float | None:
    """Seconds within which this share of what was observed between the two lay; None if nothing
    was. Exact to the buckets: between two bounds it is taken to be spread evenly.
    """
    earlier = before.by(f"{name}_bucket", "le")
    below = {
        float(bound): count - earlier.get(bound, 0.0)
        for bound, count in now.by(f"{name}_bucket", "le").items()
    }
    bounds = sorted(below)
    if not bounds or below[bounds[-1]] <= 0:
        return None
    wanted = share * below[bounds[-1]]
    lower, under = 0.0, 0.0
    for bound in bounds:
        if below[bound] >= wanted:
            if bound == float("inf"):
                return lower
            inside = below[bound] - under
            return lower + (bound - lower) * ((wanted - under) / inside if inside else 1.0)
        lower, under = bound, below[bound]
    return lower
