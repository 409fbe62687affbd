"""What a node keeps a copy of: read again when told, and now and then in case nobody told."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

log = structlog.get_logger("rereading")

EVERY: Final = 10.0
"""Seconds: other processes (the command line) change what is in SQL without telling a node."""
AFTER_FAILURE: Final = 1.0
"""Seconds."""


class Rereading:
    """Calls `refresh` for as long as `run` runs; `what` is read, for the log."""

    def __init__(self, what: str, refresh: Callable[[], Awaitable[None]]) -> None:
        self._what = what
        self._refresh = refresh
        self._again = asyncio.Event()

    def soon(self) -> None:
        """It changed: read it again now."""
        self._again.set()

    async def run(self) -> None:
        """A reading that failed is done again soon: what was told is not forgotten."""
        while True:
            try:
                async with asyncio.timeout(EVERY):
                    await self._again.wait()
            except TimeoutError:
                pass
            self._again.clear()
            try:
                await self._refresh()
            except Exception:
                log.exception("could not be read", what=self._what)
                self._again.set()
                await asyncio.sleep(AFTER_FAILURE)
