"""Work that goes on for as long as its process: what fails is logged and begins again.

A node isn't ended by it. Its successor would run the same code on the same state, and every
restart costs thousands of sockets; begun again, work whose trouble passes has lost nothing. While
something fails the node says so at `/readyz`.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

FIRST, MOST = 0.1, 1.0
"""Seconds before it begins again. Longer would let a node's lease run out over one bad answer."""
CALM = 5.0
"""Seconds after which a failure is over: what goes on failing does so more often."""
log = structlog.get_logger("lasting")

Run = Callable[[], Coroutine[Any, Any, None]]


class Lasting:
    """Tasks by name. `failing` are those that failed in the last seconds."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._failed: dict[str, float] = {}

    @property
    def failing(self) -> list[str]:
        """The names of what failed lately."""
        since = asyncio.get_running_loop().time() - CALM
        return [name for name, at in self._failed.items() if at > since]

    def start(self, name: str, run: Run) -> None:
        """`run` never ends by itself; whenever it does, or fails, it is called again."""
        self._tasks[name] = asyncio.create_task(self._again_and_again(name, run), name=name)

    async def stop(self) -> None:
        """Ends all of them."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _again_and_again(self, name: str, run: Run) -> None:
        pause = FIRST
        while True:
            try:
                await run()
                log.error("a lasting task ended", task=name)
            except Exception:
                log.exception("a lasting task failed", task=name)
            pause = min(MOST, pause * 2) if name in self.failing else FIRST
            self._failed[name] = asyncio.get_running_loop().time()
            await asyncio.sleep(pause)
