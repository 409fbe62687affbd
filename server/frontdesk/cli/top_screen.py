"""The page that `top` shows, as lines of plain text, at most 80 wide."""

import time
from collections.abc import Iterator, Sequence

from frontdesk.cli.readings import Reading, quantile, rate

LATENCIES = (
    ("ring", "ring_seconds"),
    ("ring, other nodes", "ring_elsewhere_seconds"),
    ("claim", "claim_seconds"),
    ("message", "message_seconds"),
    ("HTTP", "http_seconds"),
    ("Redis", "redis_round_trip_seconds"),
    ("event loop late", "loop_late_seconds"),
    ("timers late", "timer_late_seconds"),
)
MB = 1_000_000
MOST_REFUSALS = 4


def lines(machines: Sequence[str], first: Reading, before: Reading, now: Reading) -> list[str]:
    """Rates from `before` to `now`, latencies since `first`."""
    return [
        *_head(machines, now),
        "",
        *_people(now),
        *_chats(before, now),
        "",
        *_latencies(first, before, now),
        "",
        *_stores(now),
        *_refusals(before, now),
        "",
        *_processes(before, now),
    ]


def _head(machines: Sequence[str], now: Reading) -> Iterator[str]:
    versions = ", ".join(sorted(now.by("build_info", "version"))) or "?"
    where = machines[0] if len(machines) == 1 else f"{len(machines)} machines"
    left = f"Frontdesk {versions}  {where}"
    right = f"{_plural(now.total('nodes'), 'node')}  {time.strftime('%H:%M:%S')}"
    yield f"{left[: 78 - len(right)]:<{79 - len(right)}}{right}"


def _people(now: Reading) -> Iterator[str]:
    yield _line(
        "Now",
        (_number(now.total("sockets", side="visitor")), "visitors"),
        (_number(now.total("sockets", side="rep")), "reps' tabs"),
        (_number(now.total("waiting")), "waiting"),
        (_number(now.total("ringing")), "ringing"),
        (_number(now.total("open_conversations")), "open"),
    )


def _chats(before: Reading, now: Reading) -> Iterator[str]:
    def per_second(name: str, **labels: str) -> str:
        return f"{rate(before, now, name, **labels):.1f}"

    yield _line(
        "A second",
        (per_second("requests_total", outcome="requested"), "requests"),
        (per_second("requests_total", outcome="claimed"), "claimed"),
        (per_second("requests_total", outcome="missed"), "missed"),
        (per_second("message_seconds_count"), "messages"),
        (per_second("visits_total"), "visits"),
    )


def _latencies(first: Reading, before: Reading, now: Reading) -> Iterator[str]:
    yield f"{'Milliseconds':<24}{'p50':>10}{'p99':>10}{'a second':>12}"
    for words, name in LATENCIES:
        half, most = (quantile(first, now, name, share) for share in (0.5, 0.99))
        many = rate(before, now, f"{name}_count")
        yield f"  {words:<22}{_ms(half):>10}{_ms(most):>10}{many:>12.1f}"
    half, most = (quantile(first, now, "answer_seconds", share) for share in (0.5, 0.99))
    answered = rate(before, now, "answer_seconds_count")
    yield f"  {'answered after, s':<22}{_s(half):>10}{_s(most):>10}{answered:>12.1f}"


def _stores(now: Reading) -> Iterator[str]:
    nodes = now.total("nodes")
    yield _line(
        "Redis",
        (f"{now.total('redis_up'):.0f} of {nodes:.0f}", "nodes connected"),
        (_number(now.total("redis_in_flight")), "in flight"),
        (f"{now.total('redis_memory_ratio'):.0%}", "of its memory"),
    )
    lag = now.by("event_lag_seconds", "purpose")
    behind = [(f"{seconds:.1f} s", f"behind ({purpose})") for purpose, seconds in lag.items()]
    yield _line(
        "SQL",
        (f"{now.total('sql_up'):.0f} of {nodes:.0f}", "nodes connected"),
        *(behind or [("no worker", "tells its lag")]),
        (_number(now.total("dead_events_total")), "dead events"),
    )


def _refusals(before: Reading, now: Reading) -> Iterator[str]:
    """What is refused now, the most frequent first."""
    codes = [(rate(before, now, "refused_total", code=code), code)
             for code in now.by("refused_total", "code")]  # fmt: skip
    worst = [(f"{many:.1f}/s", code) for many, code in sorted(codes, reverse=True) if many]
    if worst:
        yield _line("Refused", *worst[:MOST_REFUSALS])


def _processes(before: Reading, now: Reading) -> Iterator[str]:
    yield f"{'Process':<24}{'CPU %':>10}{'MB':>10}{'fell':>12}"
    falls = now.by("process_falls_total", "process")
    for name, memory in sorted(now.by("process_resident_bytes", "process").items()):
        cpu = 100 * rate(before, now, "process_cpu_seconds_total", process=name)
        yield f"  {name:<22}{cpu:>10.1f}{memory / MB:>10.0f}{falls.get(name, 0):>12.0f}"


def _line(head: str, *parts: tuple[str, str]) -> str:
    return f"{head:<10}" + "   ".join(f"{number} {words}" for number, words in parts)


def _number(value: float) -> str:
    return f"{value:,.0f}"


def _plural(value: float, word: str) -> str:
    return f"{value:.0f} {word}{'' if value == 1 else 's'}"


def _ms(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds * 1000:.1f}"


def _s(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds:.0f}"
