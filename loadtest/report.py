"""A table for the terminal, and one HTML page with plots that stands alone."""

import html
import io
import platform
from array import array
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import matplotlib as mpl
from matplotlib import pyplot as plt

from loadtest.meter import Figure, Latencies, Result

mpl.use("Agg")
COLOURS = ("#3355cc", "#cc5533", "#2a8f5b", "#8a4fbf", "#b0861a")
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 62rem; color: #1b1f28 }
table { border-collapse: collapse; margin: .5rem 0 1rem } td { padding: .1rem .8rem .1rem 0 }
td.number { text-align: right; font-variant-numeric: tabular-nums } .over, .error { color: #b3261e }
.ok { color: #2a8f5b } .about, .parameters { color: #5b6472 } svg { max-width: 100%; height: auto }
"""


def table(result: Result) -> str:
    """A result for the terminal."""
    lines = [f"\n{result.title}", f"  {result.about}"]
    width = max((len(figure.name) for figure in result.figures), default=0)
    lines += [
        f"  {one.name:<{width}}  {_number(one):>12} {one.unit:<3} {_target(one)}".rstrip()
        for one in result.figures
    ]
    lines += [f"  ERROR {error}" for error in result.errors]
    lines += [f"  STOPPED BY {one}" for one in result.advice]
    return "\n".join(lines)


def write(results: Sequence[Result], folder: Path) -> Path:
    """The page of these results; returns where it is."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"report-{datetime.now(UTC):%Y%m%d-%H%M%S}.html"
    target.write_text(page(results), encoding="utf-8")
    return target


def page(results: Sequence[Result]) -> str:
    """The whole page."""
    where = f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    return "\n".join(
        [
            "<!doctype html><html lang='en'><meta charset='utf-8'><title>Load test</title>",
            f"<style>{STYLE}</style><h1>Load test</h1>",
            f"<p class='about'>{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {html.escape(where)}</p>",
            *(_section(result) for result in results),
            "</html>",
        ]
    )


def _section(result: Result) -> str:
    rows = "".join(
        f"<tr><td>{html.escape(one.name)}</td><td class='number'>{_number(one)}</td>"
        f"<td>{html.escape(one.unit)}</td><td class='{one.verdict}'>{_target(one)}</td></tr>"
        for one in result.figures
    )
    errors = "".join(f"<p class='error'>{html.escape(error)}</p>" for error in result.errors)
    errors += "".join(f"<p class='error'>Stopped by {html.escape(x)}</p>" for x in result.advice)
    parameters = ", ".join(f"{name} {value}" for name, value in result.parameters.items())
    return "\n".join(
        [
            f"<h2>{html.escape(result.title)}</h2><p class='about'>{html.escape(result.about)}</p>",
            f"{errors}<table>{rows}</table>",
            _plots(result),
            f"<p class='parameters'>{html.escape(parameters)}</p>",
        ]
    )


def _number(figure: Figure) -> str:
    return f"{figure.value:,.3f}" if abs(figure.value) < 100 else f"{figure.value:,.0f}"


def _target(figure: Figure) -> str:
    return "" if figure.limit is None else f"{figure.verdict} (target ≤ {figure.limit:g})"


# --- plots ----------------------------------------------------------------------------------------


def _plots(result: Result) -> str:
    cpu = [one for one in result.figures if " CPU per " in one.name and one.value > 0]
    drawn = []
    if result.latencies:
        drawn += [_latency_plot(result.latencies), _histogram_plot(result.latencies)]
    if cpu:
        drawn.append(_cpu_plot(cpu))
    drawn += _time_plots(result)
    return "".join(drawn)


def _latency_plot(latencies: dict[str, Latencies]) -> str:
    """Latency against percentile, the axis stretched where it matters: 90, 99, 99.9 %."""
    figure, axes = plt.subplots(figsize=(8, 3))
    shares = [1 - 10 ** (-step / 20) for step in range(75)]
    for colour, (name, found) in zip(COLOURS, latencies.items(), strict=False):
        histogram = found.histogram()
        values = [histogram.get_value_at_percentile(100 * share) / 1000 for share in shares]
        axes.plot([1 / (1 - share) for share in shares], values, label=name, color=colour)
    axes.set_xscale("log")
    axes.set_xticks([1, 2, 10, 100, 1000], ["0", "50", "90", "99", "99.9"])
    axes.set_xticks([], minor=True)
    axes.set_yscale("log")
    axes.set_xlabel("percentile")
    axes.set_ylabel("ms")
    axes.legend()
    return _svg(figure)


def _histogram_plot(latencies: dict[str, Latencies]) -> str:
    figure, axes = plt.subplots(figsize=(8, 2.6))
    lowest = min(min(found.seconds) for found in latencies.values()) * 1000
    highest = max(max(found.seconds) for found in latencies.values()) * 1000
    steps = 80
    edges = [lowest * (highest / lowest) ** (step / steps) for step in range(steps + 1)]
    for colour, (name, found) in zip(COLOURS, latencies.items(), strict=False):
        values = [seconds * 1000 for seconds in found.seconds]
        axes.hist(values, bins=edges, histtype="step", label=name, color=colour)
    axes.set_xscale("log")
    axes.set_xlabel("ms")
    axes.set_ylabel("how many")
    axes.legend()
    return _svg(figure)


def _time_plots(result: Result) -> list[str]:
    """How it went, second by second; nothing for what took less than three."""
    moments = {name: at for name, at in result.moments.items() if len(at)}
    timed = {name: one for name, one in result.latencies.items() if len(one.at)}
    every = [one for at in (*moments.values(), *(one.at for one in timed.values())) for one in at]
    if not every or max(every) - min(every) < 3:
        return []
    begun = min(every)
    drawn = [_per_second_plot(moments, begun)] if moments else []
    return [*drawn, *(_percentile_plot(name, one, begun) for name, one in timed.items())]


def _per_second_plot(moments: dict[str, "array[float]"], begun: float) -> str:
    figure, axes = plt.subplots(figsize=(8, 2.2))
    for colour, (name, at) in zip(COLOURS, moments.items(), strict=False):
        counts = Counter(int(one - begun) for one in at)
        seconds = range(max(counts) + 1)
        axes.step(seconds, [counts[one] for one in seconds], where="post", label=name, color=colour)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("seconds")
    axes.set_ylabel("per second")
    axes.legend()
    return _svg(figure)


def _percentile_plot(name: str, found: Latencies, begun: float) -> str:
    by_second: dict[int, Latencies] = defaultdict(Latencies)
    for seconds, at in zip(found.seconds, found.at, strict=True):
        by_second[int(at - begun)].seconds.append(seconds)
    figure, axes = plt.subplots(figsize=(8, 2.2))
    moments = sorted(by_second)
    histograms = [by_second[one].histogram() for one in moments]
    for colour, share in zip(COLOURS, (50, 99), strict=False):
        values = [one.get_value_at_percentile(share) / 1000 for one in histograms]
        axes.plot(moments, values, label=f"{name} p{share}", color=colour)
    axes.set_yscale("log")
    axes.set_xlabel("seconds")
    axes.set_ylabel("ms")
    axes.legend()
    return _svg(figure)


def _cpu_plot(cpu: Sequence[Figure]) -> str:
    figure, axes = plt.subplots(figsize=(8, 0.5 + 0.4 * len(cpu)))
    axes.barh([one.name for one in cpu], [one.value for one in cpu], color=COLOURS[0])
    for row, one in enumerate(cpu):
        if one.limit is not None:
            axes.plot([one.limit, one.limit], [row - 0.4, row + 0.4], color=COLOURS[1])
    axes.invert_yaxis()
    axes.set_xlabel("ms (line: target)")
    return _svg(figure)


def _svg(figure: plt.Figure) -> str:  # type: ignore[name-defined]  # pyplot re-exports it untyped
    text = io.StringIO()
    figure.savefig(text, format="svg", bbox_inches="tight")
    plt.close(figure)
    return text.getvalue().partition("<svg")[1] + text.getvalue().partition("<svg")[2]
