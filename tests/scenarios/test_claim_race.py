"""CH-2: all reps click at once.

FRONTDESK_HEAVY=1 takes 500 reps, 4 nodes and 200 rounds, about nine minutes; FRONTDESK_ROUNDS
another number of rounds.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial

import pytest
import pytest_asyncio

from frontdesk.wire import frames
from tests.scenarios.conftest import Scene
from tests.scenarios.people import Call, Rep
from tests.scenarios.processes import installation

HEAVY = bool(os.environ.get("FRONTDESK_HEAVY"))
pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(3600 if HEAVY else 180),
]


@dataclass(frozen=True)
class Size:
    nodes: int
    reps: int
    rounds: int
    kill_every: int


ROUNDS = int(os.environ.get("FRONTDESK_ROUNDS", "200"))
SIZE = Size(4, 500, ROUNDS, 5) if HEAVY else Size(2, 100, 6, 3)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def crowd() -> AsyncIterator[tuple[Scene, list[Rep]]]:
    """Everybody is available, spread over the nodes."""
    async with installation(nodes=SIZE.nodes, reps=SIZE.reps, worker=False) as running:
        scene = Scene(running, 7)
        reps: list[Rep] = []
        for begin in range(0, SIZE.reps, 50):
            some = (scene.rep(number % SIZE.nodes) for number in range(begin, begin + 50))
            reps += await asyncio.gather(*some)
        yield scene, reps
        scene.complaints()
        await scene.everybody_leaves(away=False)  # nobody uses this desk after them


async def race(scene: Scene, reps: list[Rep], *, kill: bool) -> None:
    """One request that rings for all, clicked by all; with `kill`, one node dies in it."""
    visitor = await scene.visitor()
    name = await visitor.requests("Who will it be?")
    await asyncio.gather(*(rep.until(partial(rep.offered, name), "the ring") for rep in reps))
    calls = [rep.begin(rep.client.claim(name)) for rep in reps]
    if kill:
        victim = scene.random.randrange(SIZE.nodes)
        await asyncio.sleep(scene.random.uniform(0, 0.1))  # the moment of the fault, not a wait
        await scene.running.kill_node(victim)
        await scene.running.start_node(victim)
    await asyncio.gather(*(decided(rep, call) for rep, call in zip(reps, calls, strict=True)))
    winner = one_winner(calls, reps)
    await asyncio.gather(*(over(rep, name) for rep in reps))
    await winner.closes_it(name)
    await visitor.until(lambda: visitor.chat.state == "closed", "the end")
    assert sum(isinstance(one, frames.Claimed) for one in visitor.chat.entries) == 1
    await visitor.leave()


async def decided(rep: Rep, call: Call) -> None:
    await rep.until(lambda: call.ok or call.error, "an outcome of the claim")


async def over(rep: Rep, name: str) -> None:
    await rep.until(lambda: not rep.offered(name), "the end of the ring")


def one_winner(calls: list[Call], reps: list[Rep]) -> Rep:
    """CH-2: exactly one ok; all others were told who it was."""
    won = [rep for rep, call in zip(reps, calls, strict=True) if call.ok is not None]
    assert len(won) == 1, f"{len(won)} winners"
    refusals = [call.error for call in calls if call.error is not None]
    assert len(refusals) == len(reps) - 1
    assert {(one.code, one.by and one.by.id) for one in refusals} == {
        ("already_claimed", won[0].account.id)
    }
    return won[0]


async def test_everybody_clicks_at_once_and_exactly_one_wins(
    crowd: tuple[Scene, list[Rep]],
) -> None:
    scene, reps = crowd
    for number in range(SIZE.rounds):
        await race(scene, reps, kill=number % SIZE.kill_every == SIZE.kill_every - 1)
    scene.check.one_holder_per_fence()
    scene.check.every_request_has_an_outcome()
    scene.check.told_once_and_in_order()
    scene.check.nothing_broke()
