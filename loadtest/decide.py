"""Scenario decide: which of 10 to 10,000 rules is a visitor's (RT-1), beside a naive loop.

No server: CPU time of one thread. Every way of deciding gets the same rules and visitors, they take
turns, and their answers are compared. Two visitors of a hundred match a rule; so for nearly all, no
way can stop early.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from random import Random
from statistics import median
from time import thread_time
from typing import Any

from frontdesk.filters import Filter, Registry, RuleIndex, compile, dump, parse
from frontdesk.presence.status import RepStatus
from frontdesk.routing.decisions.compiled import CompiledRules
from frontdesk.routing.decisions.decide import Candidate, Decision, Facts, RepView, decide
from frontdesk.routing.rule import RuleSet
from frontdesk.routing.rules.rules import parse_rules
from loadtest.meter import Result
from loadtest.options import Options
from loadtest.rules import Document, Visitor, naive, rules_for, visitor, visitors_with_rules

SIZES = (10, 100, 1_000, 10_000)
VISITORS = 2_000
MATCHING = 0.02
COMPARED = 200
TURN = 0.1
"""Seconds, at least."""
BATCH = 25
REPS = 1_000
GROUPS = 50


@dataclass(frozen=True, slots=True)
class Scene:
    """Rules and visitors: as they are written, and as the server holds them."""

    documents: Sequence[Document]
    filters: Sequence[Filter]
    visitors: Sequence[Visitor]
    registry: Registry


@dataclass(frozen=True, slots=True)
class Way:
    """One way of deciding, ready: called with each of `visitors`; `seconds` it took to prepare."""

    decide: Callable[[Any], object]
    visitors: Sequence[Any]
    seconds: float


def _naive(scene: Scene) -> tuple[Callable[[Any], object], Sequence[Any]]:
    return naive(scene.documents), [_folded(one) for one in scene.visitors]


def _closures(scene: Scene) -> tuple[Callable[[Any], object], Sequence[Any]]:
    """The server's compiled filters, one after the other."""
    tests = [compile(one, scene.registry) for one in scene.filters]

    def first(situation: Visitor) -> int | None:
        for number, test in enumerate(tests):
            if test(situation):
                return number
        return None

    return first, scene.visitors


def _index(scene: Scene) -> tuple[Callable[[Any], object], Sequence[Any]]:
    return RuleIndex(scene.filters, scene.registry).first, scene.visitors


def _whole(scene: Scene) -> tuple[Callable[[Any], object], Sequence[Any]]:
    """The whole decision: the rule, its stages, who of 1,000 reps may be asked; not the record.

    Rules ring groups of 20 by turns first available and in rotation; the default rule, where 98 of
    100 visitors end, rings everyone. Seven of ten reps are available, one is full, two are away.
    """
    rules = [
        {"id": f"rul_{number}", "name": f"Rule {number}", "when": dump(one),
         "targets": {"groups": [f"g{number % GROUPS}"]},
         "strategy": ("first_available", "rotation")[number % 2]}
        for number, one in enumerate(scene.filters)
    ]  # fmt: skip
    teams = {f"g{g}": [f"rep{n}" for n in range(g, REPS, GROUPS)] for g in range(GROUPS)}
    compiled = CompiledRules.of(1, _rule_set(rules, scene.registry), scene.registry, teams)
    reps = [Candidate(f"rep{n}", frozenset({f"g{n % GROUPS}"})) for n in range(REPS)]
    view = RepView(reps, {one.id: _status(n) for n, one in enumerate(reps)})
    chance = Random(1)

    def decided(situation: Visitor) -> Decision:
        return decide(compiled, Facts(situation), view, why="request", now_ms=1, rng=chance)

    return decided, scene.visitors


def _rule_set(rules: list[Document], registry: Registry) -> RuleSet:
    """Read in parts: a desk may have 5,000 rules, and here are up to 10,000."""
    default = {"targets": {"everyone": True}}
    parts = [
        parse_rules({"rules": rules[start : start + 5_000], "default": default}, registry)
        for start in range(0, len(rules), 5_000)
    ]
    rules_of_all = tuple(rule for part in parts for rule in part.rules)
    return RuleSet(rules=rules_of_all, default=parts[0].default)


def _status(number: int) -> RepStatus:
    availability = "away" if number % 10 < 2 else "available"
    return RepStatus(availability, 3, 3 if number % 10 == 2 else 1, 0, "chosen", ("tab@node",))


WAYS: dict[str, Callable[[Scene], tuple[Callable[[Any], object], Sequence[Any]]]] = {
    "naive loop": _naive,
    "closures in order": _closures,
    "index": _index,
    "whole decision": _whole,
}
"""Scene → what decides, and the visitors in the form it takes. Of the answers, only numbers of
rules (or None) are compared."""


async def run(options: Options) -> Result:
    """The scenario; `--rounds` is how often each way takes its turn."""
    result = Result(
        title="decide",
        about="CPU time to find a visitor's rule; 4 filters a rule over 8 fields",
        parameters={"visitors": VISITORS, "matching": MATCHING, "rounds": options.rounds},
    )
    ways: dict[tuple[int, str], Way] = {}
    for size in SIZES:
        scene = _scene(size)
        found = {name: _prepared(make, scene) for name, make in WAYS.items()}
        result.errors += _differences(found, size)
        ways |= {(size, name): way for name, way in found.items()}
    spent = await _by_turns(ways, options.rounds)
    for (size, name), microseconds in spent.items():
        result.add(f"{size:,} rules, {name}", microseconds, "µs")
    for size in SIZES:
        result.add(f"{size:,} rules, building it", ways[size, "index"].seconds * 1000, "ms")
    _targets(result, spent, options)
    return result


def _targets(result: Result, spent: dict[tuple[int, str], float], options: Options) -> None:
    found, most = spent[1_000, "index"], spent[10_000, "index"]
    result.add("finding one of 1,000", found, "µs", options.limit("decide_us"))
    whole = spent[1_000, "whole decision"]
    result.add("deciding by 1,000 rules, 1,000 reps", whole, "µs", options.limit("whole_us"))
    share = found / spent[1_000, "naive loop"]
    result.add("the same against the naive loop", share, "×", options.limit("decide_share"))
    result.add("10,000 rules against 1,000", most / found, "×", options.limit("decide_growth"))


def _scene(size: int) -> Scene:
    registry = Registry.builtin()
    strangers = [visitor(number) for number in range(round(VISITORS * (1 - MATCHING)))]
    documents = rules_for(size, [_folded(one) for one in strangers])
    everybody = [*strangers, *visitors_with_rules(documents, VISITORS - len(strangers))]
    Random(size).shuffle(everybody)
    return Scene(
        documents=documents,
        filters=[parse(one, registry) for one in documents],
        visitors=[registry.situation(one) for one in everybody],
        registry=registry,
    )


def _prepared(
    make: Callable[[Scene], tuple[Callable[[Any], object], Sequence[Any]]], scene: Scene
) -> Way:
    begun = thread_time()
    decide, visitors = make(scene)
    return Way(decide, visitors, thread_time() - begun)


def _differences(ways: dict[str, Way], size: int) -> list[str]:
    """Of the first visitors' answers."""
    answers = {
        name: [way.decide(one) for one in way.visitors[:COMPARED]] for name, way in ways.items()
    }
    expected = answers["naive loop"]
    return [
        f"{size:,} rules: visitor {number} gets {answer} by the {name}, {right} by the naive loop"
        for name, found in answers.items()
        for number, (answer, right) in enumerate(zip(found, expected, strict=True))
        if isinstance(answer, int | None) and answer != right
    ]


async def _by_turns(ways: dict[tuple[int, str], Way], rounds: int) -> dict[tuple[int, str], float]:
    """Microseconds per visitor: the median of the rounds."""
    spent: dict[tuple[int, str], list[float]] = {key: [] for key in ways}
    for _ in range(rounds):
        for key, way in ways.items():
            spent[key].append(_turn(way))
            await asyncio.sleep(0)  # lets the yardstick look
    return {key: median(found) for key, found in spent.items()}


def _turn(way: Way) -> float:
    """Microseconds per visitor. Visitors are in random order, so that slow ways may take some."""
    decide, visitors, done = way.decide, cycle(way.visitors), 0
    begun = thread_time()
    while (spent := thread_time() - begun) < TURN:
        for one in islice(visitors, BATCH):
            decide(one)
        done += BATCH
    return spent / done * 1e6


def _folded(one: Visitor) -> Visitor:
    """The naive loop's visitors are folded before, so that comparing costs it nothing."""
    return {
        key: value.casefold() if isinstance(value, str) else value for key, value in one.items()
    }
