"""Work that lasts begins again when it fails, and says so."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from frontdesk.bus.lasting import Lasting

SECONDS = 20


@pytest.fixture
async def work() -> AsyncIterator[Lasting]:
    lasting = Lasting()
    yield lasting
    await lasting.stop()


@pytest.mark.parametrize("ends", [True, False])
async def test_what_fails_or_ends_begins_again(work: Lasting, *, ends: bool) -> None:
    begun, third = [], asyncio.Event()

    async def run() -> None:
        begun.append(1)
        if len(begun) < 3:
            if ends:
                return
            raise KeyError("broken on purpose")
        third.set()
        await asyncio.Event().wait()

    work.start("broken", run)
    async with asyncio.timeout(SECONDS):
        await third.wait()
    assert work.failing == ["broken"]


async def test_one_that_fails_stops_no_other(work: Lasting) -> None:
    turns = []

    async def broken() -> None:
        raise ValueError("broken on purpose")

    async def whole() -> None:
        while True:
            turns.append(1)
            await asyncio.sleep(0.01)

    work.start("broken", broken)
    work.start("whole", whole)
    async with asyncio.timeout(SECONDS):
        while not (work.failing and len(turns) > 20):
            await asyncio.sleep(0.01)
    assert work.failing == ["broken"]


async def test_after_it_was_stopped_nothing_begins_again(work: Lasting) -> None:
    begun = []

    async def run() -> None:
        begun.append(1)
        await asyncio.Event().wait()

    work.start("one", run)
    while not begun:
        await asyncio.sleep(0)
    await work.stop()
    assert len(begun) == 1
    assert all(task.done() for task in work._tasks.values())
