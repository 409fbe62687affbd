"""A place that always has a living process in it."""

import asyncio
from collections.abc import Callable

import structlog

from frontdesk.supervisor.child import Child
from frontdesk.supervisor.figures import FALLS
from frontdesk.supervisor.line import REFUSED

LONGEST_PAUSE = 10.0  # s between two starts of something that can't stay up
FIRST_PAUSE = 0.1
STEADY = 30.0  # s: who lived this long fell by accident, and is started again at once

_log = structlog.get_logger(__name__)


class Place:
    """Starts a process again when it falls, ever more slowly; replaces it without a gap.

    `served` is done once the first process is ready. `over` becomes the name of a process that
    says it can't run as configured.
    """

    def __init__(self, start: Callable[[], Child], over: "asyncio.Future[str | None]") -> None:
        self.current: Child | None = None
        self.served: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._start = start
        self._all_over = over
        self._closed = False
        self._falls = 0

    def fill(self) -> None:
        """Starts the first process, or the next one after a fall."""
        if self._closed or self._is_filled():
            return
        try:
            self._take(self._start())
        except OSError as error:  # no memory or no process to be had now
            _log.error("process_not_started", reason=str(error))
            asyncio.get_running_loop().call_later(LONGEST_PAUSE, self.fill)

    def close(self) -> None:
        """From now on whoever ends is not followed by another."""
        self._closed = True

    async def replace(self, *, drain_within: float) -> bool:
        """A successor first, then the old one drains. False if no successor came up."""
        if not self._is_filled():
            return True  # a new one is about to start anyway
        successor = self._start()
        if not await successor.became_ready():
            return False
        old = self.current  # not necessarily whom we began with: that one may have fallen meanwhile
        self._take(successor)
        if old is not None:
            await end([old], within=drain_within)
        return True

    def _is_filled(self) -> bool:
        return self.current is not None and not self.current.ended.done()

    def _take(self, child: Child) -> None:
        self.current = child
        child.ready.add_done_callback(lambda ready: self._up(serves=ready.result()))
        child.ended.add_done_callback(lambda ended: self._over(child, ended.result()))

    def _up(self, *, serves: bool) -> None:
        if serves and not self.served.done():
            self.served.set_result(None)

    def _over(self, child: Child, code: int) -> None:
        if child is not self.current or self._closed:
            return
        if code == REFUSED and not self._all_over.done():
            self._all_over.set_result(child.name)
            return
        loop = asyncio.get_running_loop()
        self._falls = 0 if loop.time() - child.started > STEADY else self._falls + 1
        pause = pause_after(self._falls)
        FALLS.add(child.name)
        _log.error("process_fell", name=child.name, pid=child.pid, code=code, again_in=pause)
        loop.call_later(pause, self.fill)


def pause_after(falls: int) -> float:
    """Seconds before the next start: none after the first fall, then doubling up to 10 s."""
    return 0.0 if falls < 2 else min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(falls - 2, 10))


async def end(children: list[Child], *, within: float, of_all: bool = False) -> None:
    """Stops them all; who hasn't ended `within` seconds is killed."""
    for child in children:
        child.stop(of_all=of_all)
    await _all_ended(children, within)
    for child in children:
        if not child.ended.done():
            child.give_up(f"not drained within {within:g} s")
    await _all_ended(children, None)


async def _all_ended(children: list[Child], within: float | None) -> None:
    if children:
        await asyncio.wait([child.ended for child in children], timeout=within)
