"""A process that has imported everything and waits for somebody to fall (R7.1).

Of the time from a node's death to its successor's readiness, nine tenths are imports. The spare
has them behind it; it holds no socket and no connection until it is given a job.
"""

import asyncio
from collections.abc import Callable

import structlog

from frontdesk.supervisor.child import Child

PAUSE_AFTER_FALL = 30.0  # s: a spare is a convenience, nothing waits for it

_log = structlog.get_logger(__name__)


class Spare:
    """At most one process without a job. `prepare` makes it, `take` gives it away."""

    def __init__(self, start: Callable[[], Child]) -> None:
        self._start = start
        self._child: Child | None = None
        self._soon: asyncio.TimerHandle | None = None

    def prepare(self, *, after: float) -> None:
        """Has one started in so many seconds, unless there is one.

        Not at once: its imports take a core for a second, which those who serve need now.
        """
        self._cancel()
        self._soon = asyncio.get_running_loop().call_later(after, self._fill)

    def take(self) -> Child | None:
        """The spare, if it is there and has imported all."""
        child = self._child
        if child is None or not child.idle or child.ended.done():
            return None
        self._child = None
        return child

    def drop(self) -> None:
        """Ends it: it holds nothing. None is there until `prepare`."""
        self._cancel()
        child, self._child = self._child, None
        if child is not None:
            child.stopping = True
            child.kill()

    def _cancel(self) -> None:
        if self._soon is not None:
            self._soon.cancel()

    def _fill(self) -> None:
        if self._child is not None:
            return
        try:
            child = self._child = self._start()
        except OSError as error:  # no memory or no process to be had now
            _log.warning("spare_not_started", reason=str(error))
            self.prepare(after=PAUSE_AFTER_FALL)
        else:
            child.ended.add_done_callback(lambda _ended: self._over(child))

    def _over(self, child: Child) -> None:
        if child is self._child:
            _log.warning("spare_fell", pid=child.pid, code=child.ended.result())
            self._child = None
            self.prepare(after=PAUSE_AFTER_FALL)
