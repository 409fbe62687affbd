"""One page of the figures of all processes of an installation.

Each process writes its figures each second into a file of its own in a folder that all know; which
node is ever asked adds them up. What a process counted outlasts it, its gauges don't: the
supervisor adds the dead to one file. Killed, a process takes its last second with it.
"""

import os
import shutil
import struct
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final
from zlib import crc32

import msgspec
from msgspec import Struct
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from frontdesk.telemetry.figures import Family, families

EXPOSITION_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
METRICS_FOLDER: Final = "_FRONTDESK_METRICS"
"""The variable that tells a process its folder. Not one of the settings: the supervisor says it."""
PUBLISH_EVERY: Final = 1.0
ENDED: Final = "ended"
REMEMBERED: Final = 100
"""Names of the dead kept with their sum: a reader that looked before may have seen their files."""
_HEAD = struct.Struct("<II")


class Written(Struct, frozen=True):
    """A file: figures, and which processes' files are in them."""

    families: list[Family]
    holds: list[str] = []


class Publisher:
    """Writes this process' figures for the page; without a folder, nothing is written."""

    def __init__(self, folder: Path | str | None = None) -> None:
        folder = folder or os.environ.get(METRICS_FOLDER)
        self._path = Path(folder, f"{os.getpid()}-{time.time_ns()}") if folder else None

    def publish(self) -> None:
        """As they are now."""
        if self._path is not None:
            write(self._path, Written(families()))


def write(path: Path, written: Written) -> None:
    """In place: renaming would cost the disk a write each second. Half a file has a wrong sum."""
    body = msgspec.msgpack.encode(written)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        os.pwrite(descriptor, _HEAD.pack(len(body), crc32(body)) + body, 0)
    finally:
        os.close(descriptor)


def read(path: Path) -> Written:
    """What is written there; nothing if there is no such file. Read again while it is written."""
    for _attempt in range(10):
        try:
            raw = path.read_bytes()
        except FileNotFoundError:
            break
        if len(raw) >= _HEAD.size:
            size, checksum = _HEAD.unpack_from(raw)
            body = raw[_HEAD.size : _HEAD.size + size]
            if crc32(body) == checksum:
                return _decoded(body)
    return Written([])


def _decoded(body: bytes) -> Written:
    """Nothing of a release that writes otherwise: during an upgrade its figures are missing."""
    try:
        return msgspec.msgpack.decode(body, type=Written)
    except msgspec.ValidationError:
        return Written([])


def fresh_metrics_folder(data: Path) -> Path:
    """An empty folder for the figures of all processes; the supervisor's first act."""
    folder = data / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    return folder


def forget_process(pid: int, folder: Path) -> None:
    """Takes a dead process out of the gauges; what it counted stays counted."""
    for path in folder.glob(f"{pid}-*"):
        kept = [family for family in read(path).families if family.kind != "gauge"]
        ended = read(folder / ENDED)
        holds = [*ended.holds, path.name][-REMEMBERED:]
        beside = folder / f"{ENDED}.new"
        beside.unlink(missing_ok=True)
        write(beside, Written(joined([*ended.families, *kept]), holds))
        beside.replace(folder / ENDED)
        path.unlink()


def exposition() -> bytes:
    """The page that Prometheus reads, of all processes of this installation."""
    folder = os.environ.get(METRICS_FOLDER)
    registry = CollectorRegistry()
    registry.register(_Page(joined(_all(Path(folder)) if folder else families())))
    return generate_latest(registry)


def _all(folder: Path) -> Iterator[Family]:
    """The living first: whoever dies meanwhile is then known to be among the dead."""
    living = {path.name: read(path) for path in folder.glob("*-*")}
    ended = read(folder / ENDED)
    yield from ended.families
    for name, written in living.items():
        if name not in ended.holds:
            yield from written.families


def joined(parts: Iterable[Family]) -> list[Family]:
    """One family for each name, its samples added up (or the largest) by their labels."""
    found: dict[str, Family] = {}
    sums: dict[str, dict[tuple[str, ...], list[float]]] = {}
    for family in parts:
        found.setdefault(family.name, family)
        samples = sums.setdefault(family.name, {})
        for labels, numbers in family.samples:
            before = samples.get(labels)
            samples[labels] = _join(family.joined, before, numbers) if before else numbers
    return [
        msgspec.structs.replace(family, samples=list(sums[name].items()))
        for name, family in found.items()
    ]


def _join(how: str, one: list[float], other: list[float]) -> list[float]:
    if how == "max":
        return [max(pair) for pair in zip(one, other, strict=True)]
    return [sum(pair) for pair in zip(one, other, strict=True)]


class _Page(Collector):
    """Families as prometheus_client writes them."""

    def __init__(self, families: list[Family]) -> None:
        self._families = sorted(families, key=lambda family: family.name)

    def collect(self) -> Iterator[Metric]:
        yield from map(_metric, self._families)


def _metric(family: Family) -> Metric:
    match family.kind:
        case "counter":
            counter = CounterMetricFamily(family.name, family.meaning, labels=family.labels)
            for labels, (count,) in family.samples:
                counter.add_metric(labels, count)
            return counter
        case "gauge":
            gauge = GaugeMetricFamily(family.name, family.meaning, labels=family.labels)
            for labels, (value,) in family.samples:
                gauge.add_metric(labels, value)
            return gauge
        case _:
            return _histogram(family)


def _histogram(family: Family) -> Metric:
    histogram = HistogramMetricFamily(family.name, family.meaning, labels=family.labels)
    for labels, (*counts, total) in family.samples:
        below, buckets = 0.0, []
        for bound, count in zip([*map(str, family.bounds), "+Inf"], counts, strict=True):
            below += count
            buckets.append((bound, below))
        histogram.add_metric(labels, buckets, total)
    return histogram
