"""What a process does now and then is done again, whatever became of it."""

import asyncio

from frontdesk.bus.repeating import repeat
from frontdesk.errors import FrontdeskError


async def test_what_failed_is_done_the_next_time() -> None:
    troubles: list[Exception | None] = [FrontdeskError("overloaded"), OSError("no disk"), None]
    done = asyncio.Event()

    async def work() -> None:
        trouble = troubles.pop(0)
        if trouble is not None:
            raise trouble
        done.set()
        await asyncio.Event().wait()

    repeating = asyncio.create_task(repeat("anything", work, every=0.0))
    async with asyncio.timeout(20):
        await done.wait()
    repeating.cancel()
    assert not troubles


async def test_the_first_time_is_now() -> None:
    done = asyncio.Event()

    async def work() -> None:
        done.set()

    repeating = asyncio.create_task(repeat("anything", work, every=3600.0))
    async with asyncio.timeout(20):
        await done.wait()
    repeating.cancel()
