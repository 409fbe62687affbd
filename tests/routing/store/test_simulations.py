"""Simulations: asked of a node, worked off by one worker (RT-13)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import update

from frontdesk.routing.simulations.simulations import Request, Simulator
from frontdesk.storage.tables import routing_simulation
from tests.routing.store.conftest import Desk, rule, rules

Progress = Callable[[int, int], Awaitable[None]]
REQUEST = Request(rules(rule("A")), rules(), days=7)


async def done(request: Request, progress: Progress) -> dict[str, Any]:
    await progress(5, 10)
    return {"days": request.days}


def worker(desk: Desk, simulate: Any = done) -> Simulator:
    return Simulator(desk.database, "main", simulate, now=lambda: desk.office.now)


async def test_the_worker_takes_it_and_everybody_reads_the_result(desk: Desk) -> None:
    id = await desk.room.simulations.add(desk.ada, REQUEST)
    assert (await desk.room.simulations.one(id)).state == "waiting"
    assert await worker(desk).work() is True
    found = await desk.room.simulations.one(id)
    assert (found.state, found.result, found.done, found.of) == ("done", {"days": 7}, 10, 10)
    assert await worker(desk).work() is False


async def test_of_two_workers_one_takes_it(desk: Desk) -> None:
    id = await desk.room.simulations.add(desk.ada, REQUEST)
    worked = await asyncio.gather(*(worker(desk).work() for _ in range(3)))
    assert sorted(worked) == [False, False, True]
    assert (await desk.room.simulations.one(id)).state == "done"


async def test_one_that_fails_says_so(desk: Desk) -> None:
    async def broken(_request: Request, _progress: Progress) -> dict[str, Any]:
        raise ZeroDivisionError

    id = await desk.room.simulations.add(desk.ada, REQUEST)
    assert await worker(desk, broken).work() is True
    found = await desk.room.simulations.one(id)
    assert found.state == "failed"
    assert "went wrong" in (found.result or {})["message"]


async def test_what_a_dead_worker_began_another_begins_anew(desk: Desk) -> None:
    id = await desk.room.simulations.add(desk.ada, REQUEST)
    async with desk.database.write() as connection:
        await connection.execute(update(routing_simulation).values(state="running"))
    assert await worker(desk).work() is False
    desk.office.now += 61_000
    assert await worker(desk).work() is True
    assert (await desk.room.simulations.one(id)).state == "done"
