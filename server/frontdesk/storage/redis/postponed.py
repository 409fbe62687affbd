"""Commands that were refused for the moment, and are sent again after a pause (R6.8)."""

import asyncio
import random
from collections.abc import Callable

from frontdesk.errors import Retry
from frontdesk.storage.redis.pipeline import MOST_IN_FLIGHT, Slot

LONGEST = 10.0  # s; then its caller hears `retry`
FIRST = 0.02  # s, doubled each time
MOST = 1.0
_random = random.SystemRandom()


class Postponed:
    """Each waits by itself; nothing of it was executed, so that it may go as often as it takes.

    A sender's next message isn't sent before the one that waits here is answered (R6.5), so their
    order holds.
    """

    def __init__(self, send: Callable[[Slot], object]) -> None:
        self._send = send
        self._loop = asyncio.get_running_loop()
        self._waiting: dict[Slot, asyncio.TimerHandle] = {}
        self._since: dict[Slot, tuple[float, int]] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, slot: Slot) -> None:
        """Sends it again by and by; `retry` after LONGEST seconds in all."""
        now = self._loop.time()
        since, times = self._since.get(slot, (now, 0))
        if slot.future.done():
            return
        if now - since > LONGEST or len(self._waiting) >= MOST_IN_FLIGHT:
            slot.fail(Retry())
            return
        if not times:
            slot.future.add_done_callback(lambda _future: self._forget(slot))
        self._since[slot] = since, times + 1
        slot.sent = 0  # what wasn't executed doesn't count (R6.4)
        pause = _random.uniform(0.5, 1) * min(MOST, FIRST * 2**times)
        self._waiting[slot] = self._loop.call_later(pause, self._again, slot)

    def fail(self, *, scripts: bool = False) -> None:
        """Gives up all, or the scripts alone: they carry an epoch that is over."""
        for slot in [one for one in self._since if one.script or not scripts]:
            slot.fail(Retry())

    def _again(self, slot: Slot) -> None:
        if self._waiting.pop(slot, None) is not None and not slot.future.done():
            self._send(slot)

    def _forget(self, slot: Slot) -> None:
        self._since.pop(slot, None)
        timer = self._waiting.pop(slot, None)
        if timer is not None:
            timer.cancel()
