"""Calls of one script that leave together, as one command: what a command costs Redis and the node
besides its own work is paid once for all (docs/decisions/0038).

Each call stands for itself: it has its own answer, and is refused, asked again or given up by
itself.
"""

import asyncio
from collections.abc import Sequence
from typing import Self

from frontdesk.storage.redis.pipeline import Answer, Part, Slot, pack
from frontdesk.storage.redis.script import Script

MOST = 32
"""Calls in one command: Redis does nothing else meanwhile."""

Head = tuple[Script, Sequence[Part], Sequence[Part]]
"""What the calls share: the script, KEYS behind `meta`, ARGV behind the epoch."""


class Batch(Slot):
    """One command for the calls of a turn of the loop: open until it is packed.

    KEYS = meta, the shared ones, each call's; ARGV = epoch, the shared ones, each call's. The
    script answers with a list, an item for each call.
    """

    __slots__ = ("_calls", "_epoch", "_head", "_meta")

    def __init__(self, head: Head, meta: bytes, epoch: bytes) -> None:
        super().__init__(asyncio.get_running_loop().create_future(), b"", script=True)
        self._head = head
        self._meta = meta
        self._epoch = epoch
        self._calls: list[tuple[asyncio.Future[Answer], Sequence[Part], Sequence[Part]]] = []

    def takes(self, head: Head) -> bool:
        """Whether a call with this head can still join."""
        return not self.packed and len(self._calls) < MOST and self._head == head

    def add(
        self, future: asyncio.Future[Answer], keys: Sequence[Part], args: Sequence[Part]
    ) -> None:
        """One more call, while it is open."""
        self._calls.append((future, keys, args))

    def seal(self) -> bytes:
        """Packs it; nobody joins any more."""
        script, shared_keys, shared_args = self._head
        keys: list[Part] = [self._meta, *shared_keys]
        args: list[Part] = [self._epoch, *shared_args]
        for _, its_keys, its_args in self._calls:
            keys += its_keys
            args += its_args
        self.packed = pack((b"EVALSHA", script.sha, len(keys), *keys, *args))
        return self.packed

    def parts(self) -> Sequence[Slot]:
        """Each call as a command of its own: one that has to wait doesn't hold up the others."""
        if len(self._calls) == 1:
            return (self,)
        return [self._alone(*call) for call in self._calls if not call[0].done()]

    def _alone(
        self, future: asyncio.Future[Answer], keys: Sequence[Part], args: Sequence[Part]
    ) -> Self:
        alone = type(self)(self._head, self._meta, self._epoch)
        alone.add(future, keys, args)
        alone.seal()
        return alone

    def answer(self, reply: Answer) -> None:
        for (future, _, _), answer in zip(self._calls, reply, strict=True):
            if not future.done():
                future.set_result(answer)
        if not self.future.done():
            self.future.set_result(None)

    def fail(self, error: Exception) -> None:
        for future, _, _ in self._calls:
            if not future.done():
                future.set_exception(error)
        if not self.future.done():
            self.future.set_result(None)
