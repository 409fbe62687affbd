"""A node's connection to the live truth: scripts, under an epoch, over one pipeline (R1.2, R6.4).

One server behind one URL. Sentinel and Cluster are other ways to find the server of a key; they
fit behind the same `call`, `command`, `epoch` and `on_epoch`.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Self

import structlog

from frontdesk.errors import Overloaded, Retry
from frontdesk.storage.redis.address import Address
from frontdesk.storage.redis.backoff import pauses
from frontdesk.storage.redis.errors import NotAMaster, error_of, lost_here
from frontdesk.storage.redis.handshake import shake_hands
from frontdesk.storage.redis.pipeline import (
    MOST_BYTES_IN_FLIGHT,
    MOST_IN_FLIGHT,
    Answer,
    Part,
    Pipeline,
    Slot,
    fail_all,
    pack,
)
from frontdesk.storage.redis.script import Script

# Commands wait this long for a lost connection to come back; then clients hear `retry` at once.
PATIENCE = 5.0
HANDSHAKE_SECONDS = 5.0

EpochCallback = Callable[[bytes, bytes], None]
_log = structlog.get_logger(__name__)
# Why a first connection may fail and be tried again; later ones are tried whatever happens.
_MAY_PASS = (OSError, TimeoutError, Retry, NotAMaster)


class Link:
    """Calls scripts and never waits to send. Made by `open`, ended by `close`.

    Every answer is a future, also of a refusal: `Retry` (unknown outcome or not now: ask again,
    verbs are idempotent by state), `Overloaded`, or `ScriptFailed` (a mistake of ours).
    `on_epoch` callbacks get (old, new) before anything of the new epoch is sent or delivered.
    `on_back` callbacks are told that a lost connection is back in the same epoch: what was done
    by commands whose answers were lost, nobody told this node (scripts leave its caller out).
    """

    def __init__(self, url: str, *, meta_key: str) -> None:
        self.address = Address.of(url)
        self.epoch = b""
        self.on_epoch: list[EpochCallback] = []
        self.on_back: list[Callable[[], None]] = []
        self._meta_key = meta_key.encode()
        self._loop = asyncio.get_running_loop()
        self._pipeline: Pipeline | None = None
        self._held: deque[Slot] = deque()  # waits for the connection, in order
        self._held_bytes = 0
        self._patient = True
        self._why_not = "no answer"
        self._giving_up: asyncio.TimerHandle | None = None
        self._down = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, url: str, *, meta_key: str, within: float = 10.0) -> Self:
        """Connects to `url` for the desk of `meta_key`. Tries for `within` seconds.

        Raises TimeoutError with the last reason, ScriptFailed at once if the server refuses us
        (password), ValueError if this is no URL of a Redis.
        """
        link = cls(url, meta_key=meta_key)
        try:
            async with asyncio.timeout(within):
                await link._reconnect()
        except TimeoutError:
            raise TimeoutError(f"no Redis at {link.address}: {link._why_not}") from None
        link._keeper = asyncio.create_task(link._keep_connected(), name="redis link")
        return link

    @property
    def up(self) -> bool:
        """Whether there is a connection now."""
        return self._pipeline is not None

    @property
    def in_flight(self) -> int:
        """How many commands wait for an answer, or for the connection."""
        return len(self._held) + (self._pipeline.in_flight if self._pipeline else 0)

    def call(
        self, script: Script, keys: Sequence[Part] = (), args: Sequence[Part] = ()
    ) -> asyncio.Future[Any]:
        """Runs a script with KEYS = meta, *keys and ARGV = epoch, *args. → its answer: a list, but
        for the message path, where it may be a text.
        """
        parts = (
            b"EVALSHA",
            script.sha,
            len(keys) + 1,
            self._meta_key,
            *keys,
            self.epoch,
            *args,
        )
        return self._submit(pack(parts), script=True)

    def command(self, *parts: Part) -> asyncio.Future[Answer]:
        """Sends a command that may be sent twice and doesn't block (a read, mostly)."""
        return self._submit(pack(parts), script=False)

    async def close(self) -> None:
        """Ends the connection; whatever is in flight gets `Retry`."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
        pipeline, self._pipeline = self._pipeline, None
        if pipeline is not None:
            pipeline.on_lost = fail_all
            pipeline.lose("closed by us")
        self._give_up()

    def _submit(self, packed: bytes, *, script: bool) -> asyncio.Future[Answer]:
        future: asyncio.Future[Answer] = self._loop.create_future()
        slot = Slot(future, packed, script=script)
        pipeline = self._pipeline
        if pipeline is None:
            self._hold(slot)
        elif pipeline.full:
            slot.fail(Overloaded())
        else:
            pipeline.send(slot)
        return future

    # --- while there is no connection

    def _hold(self, slot: Slot) -> None:
        if not self._patient:
            slot.fail(Retry())
        elif len(self._held) >= MOST_IN_FLIGHT or self._held_bytes >= MOST_BYTES_IN_FLIGHT:
            slot.fail(Overloaded())
        else:
            self._keep(slot)

    def _keep(self, slot: Slot) -> None:
        self._held.append(slot)
        self._held_bytes += len(slot.packed)

    def _release(self) -> deque[Slot]:
        held, self._held, self._held_bytes = self._held, deque(), 0
        return held

    def _give_up(self) -> None:
        self._patient = False
        if self._giving_up is not None:
            self._giving_up.cancel()
        fail_all(self._release())

    # --- what the pipeline tells

    def _lost(self, slots: deque[Slot]) -> None:
        """The outcome of all of these is unknown: each may go once more, in its order (R6.4)."""
        because = self._pipeline.lost_because if self._pipeline else ""
        _log.warning("redis_lost", address=str(self.address), because=because, unknown=len(slots))
        self._pipeline = None
        for slot in slots:
            self._hold_again(slot)
        self._giving_up = self._loop.call_later(PATIENCE, self._give_up)
        self._down.set()

    def _hold_again(self, slot: Slot) -> None:
        if slot.future.done():
            return
        if slot.sent > 1:
            slot.fail(Retry())
        else:
            self._keep(slot)  # however many: `overloaded` would say that it wasn't done

    def _odd(self, slot: Slot, reply: Answer) -> None:
        if isinstance(reply, list) and slot.script:
            self._shake_hands_again(slot, "another incarnation of the data (epoch)")
        elif isinstance(reply, list):
            slot.answer(reply)  # a list with the word in it, read as data
        elif lost_here(str(reply)):
            self._shake_hands_again(slot, str(reply))
        else:
            slot.fail(error_of(str(reply)))

    def _shake_hands_again(self, slot: Slot, because: str) -> None:
        """This command wasn't executed; it goes before those behind it, whose answers we leave."""
        self._hold_again(slot)
        if self._pipeline is not None:
            self._pipeline.lose(because)

    # --- coming back

    async def _keep_connected(self) -> None:
        while True:
            await self._down.wait()
            await self._reconnect()

    async def _reconnect(self) -> None:
        for pause in pauses():
            await asyncio.sleep(pause)
            try:
                pipeline, epoch = await self._connect()
            except Exception as error:  # noqa: BLE001 - a link that stops trying is worse
                self._cannot_connect(error)
            else:
                if not pipeline.lost:
                    self._take(pipeline, epoch)
                    return

    async def _connect(self) -> tuple[Pipeline, bytes]:
        async with asyncio.timeout(HANDSHAKE_SECONDS):
            pipeline = await self.address.connect(Pipeline)
            try:
                return pipeline, await shake_hands(pipeline, self.address, self._meta_key)
            except BaseException:
                pipeline.lose("the handshake failed")
                raise

    def _cannot_connect(self, error: Exception) -> None:
        if not self.epoch and not isinstance(error, _MAY_PASS):
            raise error
        self._why_not = str(error) or type(error).__name__
        _log.warning("redis_unreachable", address=str(self.address), error=self._why_not)

    def _take(self, pipeline: Pipeline, epoch: bytes) -> None:
        if self._giving_up is not None:
            self._giving_up.cancel()
        pipeline.on_lost, pipeline.on_odd = self._lost, self._odd
        self._pipeline, self._patient = pipeline, True
        self._down.clear()
        old, self.epoch = self.epoch, epoch
        held = self._release()
        if old and old != epoch:
            self._new_epoch(old, epoch)
            fail_all(held)
            return
        for slot in held:
            if not slot.future.done():
                pipeline.send(slot)
        for callback in self.on_back if old else ():
            callback()

    def _new_epoch(self, old: bytes, new: bytes) -> None:
        _log.warning("redis_new_epoch", old=old.decode(), new=new.decode())
        for callback in self.on_epoch:
            try:
                callback(old, new)
            except Exception:  # noqa: BLE001 - one room's mistake must not keep the link down
                _log.exception("redis_epoch_callback_failed")
