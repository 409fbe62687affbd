"""What is kept as a copy is read again when told, and again when that failed."""

import asyncio

import pytest

from frontdesk.bus import rereading
from frontdesk.bus.rereading import Rereading


async def test_it_is_read_again_when_told_and_when_that_failed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rereading, "EVERY", 3600.0)
    monkeypatch.setattr(rereading, "AFTER_FAILURE", 0.0)
    read, second = [], asyncio.Event()

    async def refresh() -> None:
        read.append(1)
        if len(read) == 1:
            raise OSError("the database is away")
        second.set()

    copy = Rereading("anything", refresh)
    running = asyncio.create_task(copy.run())
    await asyncio.sleep(0)
    assert not read  # nobody has told it
    copy.soon()
    async with asyncio.timeout(20):
        await second.wait()
    running.cancel()
    assert len(read) == 2


async def test_it_is_read_now_and_then_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rereading, "EVERY", 0.001)
    read = asyncio.Event()

    async def refresh() -> None:
        read.set()

    running = asyncio.create_task(Rereading("anything", refresh).run())
    async with asyncio.timeout(20):
        await read.wait()
    running.cancel()
