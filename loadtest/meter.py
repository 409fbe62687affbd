"""What was measured: CPU and memory of processes from /proc, latencies, and named figures."""

import asyncio
import os
import re
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter, thread_time
from typing import Final

from hdrh.histogram import HdrHistogram

TICKS: Final = os.sysconf("SC_CLK_TCK")
LOOK_EVERY: Final = 0.25


def cpu_seconds(pid: int) -> float:
    """CPU time that a process has used, user and system together (/proc/PID/stat)."""
    after_name = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / TICKS


def memory_kb(pid: int) -> int:
    """Memory that a process alone has, in kB: what it would give back if it ended."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    return sum(int(kb) for kb in re.findall(r"^Private_\w+:\s+(\d+) kB", text, re.MULTILINE))


class Yardstick:
    """How much CPU time always the same work takes while something else is measured.

    On a shared machine it takes up to twice as much when neighbours are busy: figures of two runs
    can be compared only as far as their yardsticks agree.
    """

    def __init__(self) -> None:
        self._microseconds: list[float] = []

    async def look(self) -> None:
        """Until cancelled: a third of a millisecond of work, four times a second."""
        while True:
            self._microseconds.append(a_little_work())
            await asyncio.sleep(LOOK_EVERY)

    def median(self) -> float:
        return median(self._microseconds)


def a_little_work() -> float:
    """Does it, and tells the CPU microseconds it took."""
    begun, held, total = thread_time(), dict[int, int](), 0
    for number in range(1000):
        held[number & 63] = total
        total += held.get(number & 31, 0) & 7
    return (thread_time() - begun) * 1e6


class Cpu:
    """CPU seconds of named processes since a moment."""

    def __init__(self, processes: Mapping[str, Iterable[int]]) -> None:
        self._processes = {name: list(pids) for name, pids in processes.items()}
        self._before = self._now()

    def used(self) -> dict[str, float]:
        """Seconds per name since this was made."""
        return {name: now - self._before[name] for name, now in self._now().items()}

    def _now(self) -> dict[str, float]:
        return {
            name: sum(cpu_seconds(pid) for pid in pids) for name, pids in self._processes.items()
        }


class Latencies:
    """Many durations, and when each was over; noting one costs two appends."""

    def __init__(self) -> None:
        self.seconds = array("d")
        self.at = array("d")

    def note(self, seconds: float) -> None:
        self.seconds.append(seconds)
        self.at.append(perf_counter())

    def histogram(self) -> HdrHistogram:
        """In microseconds, 1 µs to 60 s, three digits."""
        found = HdrHistogram(1, 60_000_000, 3)
        for seconds in self.seconds:
            found.record_value(max(1, min(60_000_000, int(seconds * 1e6))))
        return found


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a result; with a `limit`, it must not be above it."""

    name: str
    value: float
    unit: str
    limit: float | None = None

    @property
    def verdict(self) -> str:
        if self.limit is None:
            return ""
        return "ok" if self.value <= self.limit else "over"


@dataclass(slots=True)
class Result:
    """What a run of a scenario gave. `errors` are things that must never happen; `moments` say when
    something was (perf_counter), by name; `advice`: what of the server stopped the load.
    """

    title: str
    about: str
    parameters: dict[str, object]
    figures: list[Figure] = field(default_factory=list)
    latencies: dict[str, Latencies] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    moments: dict[str, "array[float]"] = field(default_factory=dict)
    advice: list[str] = field(default_factory=list)

    def add(self, name: str, value: float, unit: str, limit: float | None = None) -> None:
        self.figures.append(Figure(name, value, unit, limit))

    def add_latencies(self, name: str, found: Latencies, p99_limit: float | None = None) -> None:
        """Percentiles in ms; `p99_limit` in ms too."""
        if not found.seconds:
            return
        self.latencies[name] = found
        histogram = found.histogram()
        for percentile in (50, 99, 99.9):
            limit = p99_limit if percentile == 99 else None
            value = histogram.get_value_at_percentile(percentile) / 1000
            self.add(f"{name} p{percentile:g}", value, "ms", limit)

    def add_cpu(
        self, used: dict[str, float], operations: float, what: str, limits: dict[str, float]
    ) -> None:
        """CPU milliseconds per operation of each named process."""
        for name, seconds in used.items():
            value = seconds * 1000 / max(1.0, operations)
            self.add(f"{name} CPU per {what}", value, "ms", limits.get(name))
