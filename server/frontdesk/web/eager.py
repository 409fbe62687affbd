"""Coroutines without tasks, for the path of a message.

A handler runs at once, inside the call that received its frame, up to its first wait; then in the
callback of what it waits for. Against `create_task` this saves a trip through the loop before the
command reaches Redis, and the task itself. Such a handler may only await futures: no
`asyncio.timeout`, no task groups, which need a task around them.
"""

from collections.abc import Coroutine
from typing import Any

import structlog

log = structlog.get_logger("eager")


class _Run:
    __slots__ = ("_coroutine",)

    def __init__(self, coroutine: Coroutine[Any, None, None]) -> None:
        self._coroutine = coroutine

    def step(self, _done: object = None) -> None:
        try:
            waited = self._coroutine.send(None)
        except StopIteration:
            return
        except Exception:
            log.exception("a handler failed")
            return
        # What asyncio's Task does: the flag says that the future was awaited, not yielded by error.
        waited._asyncio_future_blocking = False  # noqa: SLF001 - the protocol of futures
        waited.add_done_callback(self.step)


def start(coroutine: Coroutine[Any, None, None]) -> None:
    """Run it now, as far as it goes; the rest when its futures are done. Errors are logged."""
    _Run(coroutine).step()
