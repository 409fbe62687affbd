"""`python -m loadtest [SCENARIO] [options]`; without a scenario all of them, in a short form."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import cast

import uvloop

from loadtest import (
    broadcast,
    browse,
    chat,
    claim_race,
    decide,
    edit,
    idle_fleet,
    reconnect_storm,
    remote,
    report,
    scripts,
    simulate,
)
from loadtest.meter import Result, Yardstick
from loadtest.options import LIMITS, Options
from loadtest.peers import beside
from loadtest.peers.servers import PERSONS

Scenario = Callable[[Options], Awaitable[Result]]
SCENARIOS: dict[str, tuple[Scenario, Options]] = {
    "chat": (chat.run, Options()),
    "claim-race": (claim_race.run, Options(reps=100)),
    "idle-fleet": (idle_fleet.run, Options(nodes=1)),
    "browse": (browse.run, Options()),
    "reconnect-storm": (reconnect_storm.run, Options(nodes=1)),
    "broadcast": (broadcast.run, Options(reps=200)),
    "decide": (decide.run, Options(rounds=7)),
    "edit": (edit.run, Options(rules=2_000, rounds=30, reps=500)),
    "simulate": (simulate.run, Options()),
    "scripts": (scripts.run, Options(rounds=7)),
}
SHORT: list[tuple[str, dict[str, object]]] = [
    ("chat", {"nodes": 1}),
    ("chat", {"nodes": 2}),
    ("chat", {"nodes": 2, "rate": 50.0, "lanes": 60}),
    ("chat", {"nodes": 2, "rate": 50.0, "lanes": 60, "durability": "always"}),
    ("chat", {"nodes": 1, "durability": "always"}),
    ("claim-race", {}),
    ("broadcast", {}),
    ("reconnect-storm", {}),
    ("idle-fleet", {}),
    ("decide", {}),
    ("edit", {}),
    ("simulate", {"sessions": 20_000}),
    ("scripts", {"nodes": 1}),
    ("scripts", {"nodes": 2}),
]
"""What `make loadtest` runs: some five minutes."""


CHOICES = {
    "how": ["kill", "close"],
    "durability": ["everysec", "always"],
    "beside": list(PERSONS),
    "count": ["time", "instructions"],
}


def main(arguments: Sequence[str]) -> int:
    """The exit code: 1 after an error, or with --enforce after a figure above its limit."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if given.beside and given.scenario != "chat":
        parser.error("--beside is for the scenario chat")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was started is ended, too
    if given.url and given.scenario not in remote.SCENARIOS:
        parser.error(f"--url is for one of: {', '.join(sorted(remote.SCENARIOS))}")
    if given.url and given.scenario == "chat" and not _tokens(given):
        parser.error("chat needs reps: --rep-token TOKEN, or --rep-tokens FILE with one a line")
    results = []
    for name, options in _runs(given):
        scenario = beside.run if options.beside else SCENARIOS[name][0]
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                result = runner.run(_measured(scenario, options))
        except remote.Unfit as unfit:
            print(f"Not run: {unfit}", file=sys.stderr)
            return 2
        print(report.table(result), flush=True)
        results.append(result)
    print(f"\n{report.write(results, given.out)}")
    over = [one for result in results for one in result.figures if one.verdict == "over"]
    failed = any(result.errors for result in results) or (given.enforce and over)
    return 1 if failed else 0


async def _measured(scenario: Scenario, options: Options) -> Result:
    """The scenario's result, with the yardstick of its time."""
    yardstick = Yardstick()
    looking = asyncio.create_task(yardstick.look())
    try:
        result = await scenario(options)
    finally:
        looking.cancel()
    result.add("yardstick", yardstick.median(), "µs")
    return result


def _runs(given: argparse.Namespace) -> list[tuple[str, Options]]:
    changes = {
        one.name: getattr(given, one.name)
        for one in fields(Options)
        if one.name not in ("limits", "rep_tokens") and getattr(given, one.name) is not None
    }
    changes["rep_tokens"] = _tokens(given)
    limits = LIMITS | dict(given.limit)
    if given.scenario == "all":
        named = [(name, SCENARIOS[name][1].but(**short)) for name, short in SHORT]
    else:
        named = [(given.scenario, SCENARIOS[given.scenario][1])]
    return [(name, options.but(**changes, limits=limits)) for name, options in named]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m loadtest",
        description=__doc__,
        epilog="loadtest/README.md says what each scenario does and each option means.",
    )
    parser.add_argument("scenario", nargs="?", default="all", choices=["all", *SCENARIOS])
    for one in fields(Options):
        if one.name not in ("limits", "rep_tokens"):
            parser.add_argument(
                f"--{one.name.replace('_', '-')}",
                type=cast("type", one.type),
                default=None,
                choices=CHOICES.get(one.name),
            )
    parser.add_argument(
        "--limit",
        type=_limit,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help=f"another limit for one of: {', '.join(LIMITS)}",
    )
    parser.add_argument(
        "--rep-token", action="append", default=[], metavar="TOKEN", help="a rep of --url"
    )
    parser.add_argument(
        "--rep-tokens", type=argparse.FileType(), metavar="FILE", help="the same, one a line"
    )
    parser.add_argument("--enforce", action="store_true", help="fail when a figure is over")
    parser.add_argument(
        "--out", type=Path, default=Path(__file__).parent / "out", help="where the HTML report goes"
    )
    return parser


def _tokens(given: argparse.Namespace) -> tuple[str, ...]:
    if given.rep_tokens is not None and not given.rep_token:
        given.rep_token = given.rep_tokens.read().split()
    return tuple(given.rep_token)


def _limit(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    if name not in LIMITS:
        raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(LIMITS)}")
    return name, float(value)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
