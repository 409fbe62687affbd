"""A connection whose commands count only once a replica has them, too (R1.9, `WAIT`).

Each batch is followed by `WAIT 1`, and its answers are held back until that is answered. Fewer
replicas: a verb's caller gets `retry`; asked again, it is found done, and waited for anew. Reads
are answered as they are.
"""

import asyncio
from collections import deque

import hiredis
import structlog

from frontdesk.errors import Retry
from frontdesk.storage.redis.pipeline import Answer, Pipeline, Slot, pack

# A replica answers within a round trip; this is for one that is gone. Redis adds up to 0.1 s.
WAIT_MS = 300
_WAIT = pack(("WAIT", 1, WAIT_MS))
_log = structlog.get_logger(__name__)


class Replicated(Pipeline):
    """One WAIT at a time: what comes while Redis waits leaves together when it has."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: Slot | None = None
        self._withheld: deque[tuple[Slot, Answer]] = deque()
        self._alone = False  # the last batch reached no replica

    def lose(self, because: str) -> None:
        """What was answered but is on no replica is as unknown as what wasn't answered."""
        if not self.lost:
            self._slots.extendleft(slot for slot, _ in reversed(self._withheld))
            self._withheld.clear()
        super().lose(because)

    def _flush(self) -> None:
        if self._waiting is not None or not self._out:
            return
        self._waiting = _marker(self._loop)
        self._slots.append(self._waiting)
        self._bytes += len(_WAIT)
        self._out.append(self._waiting)
        super()._flush()

    def _deliver(self, reply: Answer) -> None:
        if not self._slots:
            super()._deliver(reply)  # the connection is broken: it says so
            return
        slot = self._slots.popleft()
        self._bytes -= len(slot.packed)
        self._answered += 1
        if slot is not self._waiting:
            self._withheld.append((slot, reply))
            return
        self._waiting = None
        self._release(arrived=isinstance(reply, int) and reply >= 1)
        self._flush()

    def _release(self, *, arrived: bool) -> None:
        if self._alone == arrived:
            self._alone = not arrived
            _log.warning("no_replica_has_it") if self._alone else _log.info("a_replica_has_it")
        while self._withheld and not self.lost:
            slot, reply = self._withheld.popleft()
            if isinstance(reply, hiredis.ReplyError) or reply == [b"epoch"]:
                self.on_odd(slot, reply)
            elif slot.script and not arrived:
                slot.fail(Retry("No replica of Redis has this yet."))
            else:
                slot.answer(reply)


def _marker(loop: asyncio.AbstractEventLoop) -> Slot:
    """The place of WAIT's answer among the others; it is nobody's, and never goes again."""
    future: asyncio.Future[Answer] = loop.create_future()
    future.cancel()
    return Slot(future, _WAIT)
