"""`python -m tests.chaos`: a long run, or `--judge FOLDER` for the evidence of one before."""

import argparse
import asyncio
import itertools
import logging
import random
import shutil
import sys
from collections import Counter
from pathlib import Path

import structlog

from tests.chaos.evidence import Evidence, load
from tests.chaos.options import Options
from tests.chaos.rules import findings
from tests.chaos.run import run

RESULTS = Path(__file__).parent.parent.parent / "test-results"


def folder_of(seed: int) -> Path:
    """Where a run leaves what it found."""
    return RESULTS / f"chaos-{seed}"


def summary(evidence: Evidence) -> str:
    """What happened, in numbers: a run in which nothing happened has shown nothing."""
    did = Counter(line.does for line in evidence.lines)
    won = sum(line.does == "ok" and line.what == "claim" for line in evidence.lines)
    said = sum(line.does == "ok" and line.what == "message" for line in evidence.lines)
    return (
        f"{did['fault']} faults, {len(evidence.sql.chats)} conversations, {won} claims, {said} "
        f"messages, {did['unknown']} unknown outcomes, {len(evidence.events)} events"
    )


def main() -> int:
    """0: nothing was found. 1: something was."""
    words = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    words.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    words.add_argument("--seconds", type=float, default=300)
    words.add_argument("--nodes", type=int, default=2)
    words.add_argument("--visitors", type=int, default=8)
    words.add_argument("--reps", type=int, default=4)
    words.add_argument("--turns", action="store_true", help="round robin, not all at once")
    words.add_argument("--runs", type=int, default=1, help="one seed after the other")
    words.add_argument("--keep", action="store_true", help="the folder, also of a good run")
    words.add_argument("--judge", type=Path, help="the folder of a run before")
    given = words.parse_args()
    if given.judge:
        return _judged(load((given.judge / "evidence.json").read_bytes()), given.judge)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    return max(_one(given, given.seed + number) for number in range(given.runs))


def _one(given: argparse.Namespace, seed: int) -> int:
    options = Options(
        seed, given.seconds, given.nodes, given.visitors, given.reps, turns=given.turns
    )
    folder = _free(folder_of(seed))
    print(f"{options}", flush=True)  # noqa: T201 - it is a command
    evidence, found = asyncio.run(run(options, folder))
    if not found and not given.keep:
        shutil.rmtree(folder)
    return _judged(evidence, folder)


def _free(folder: Path) -> Path:
    """What an earlier run of this seed found stays: it may not be found again so soon."""
    others = (folder.with_name(f"{folder.name}-{number}") for number in itertools.count(2))
    return folder if not folder.exists() else next(one for one in others if not one.exists())


def _judged(evidence: Evidence, folder: Path) -> int:
    found = findings(evidence)
    print(summary(evidence))  # noqa: T201
    for sentence in found[:50]:
        print(f"  {sentence}")  # noqa: T201
    if found:
        print(f"{len(found)} findings; everything is in {folder}")  # noqa: T201
    else:
        print("Every rule held.")  # noqa: T201
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
