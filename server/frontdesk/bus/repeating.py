"""What a process does now and then, whatever became of it the last time."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from frontdesk.errors import FrontdeskError

log = structlog.get_logger("repeating")


async def repeat(what: str, work: Callable[[], Awaitable[object]], *, every: float) -> None:
    """Calls `work` now and every so many seconds, for ever. What fails is logged as `what` that
    waits, and is no failure of the process (`lasting.py`): it is done the next time.
    """
    while True:
        try:
            await work()
        except FrontdeskError as error:
            log.warning("work waits", what=what, code=error.code, because=error.message)
        except Exception:
            log.exception("work waits", what=what)
        await asyncio.sleep(every)
