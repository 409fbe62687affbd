"""A node's connection to the live truth: scripts, under an epoch, over one pipeline (R1.2, R6.4).

It goes to the server that has the desk: the only one, or the one that Sentinels or a cluster name
(`servers`). In a cluster, commands for other keys than the desk's have `lanes` of their own.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Self

import structlog

from frontdesk.errors import Overloaded, Retry
from frontdesk.storage.redis.address import Address
from frontdesk.storage.redis.asking import Asking, protocol_of
from frontdesk.storage.redis.backoff import pauses
from frontdesk.storage.redis.batch import Batch, Head
from frontdesk.storage.redis.cluster import Cluster
from frontdesk.storage.redis.errors import (
    Elsewhere,
    NotAMaster,
    error_of,
    is_passing,
    lost_here,
)
from frontdesk.storage.redis.handshake import shake_hands
from frontdesk.storage.redis.lanes import Lanes
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
from frontdesk.storage.redis.postponed import Postponed
from frontdesk.storage.redis.script import Script
from frontdesk.storage.redis.servers import Place
from frontdesk.storage.redis.urls import servers_of

# Commands wait this long for a lost connection to come back; then clients hear `retry` at once.
PATIENCE = 5.0
HANDSHAKE_SECONDS = 5.0
HOPS = 5  # from node to node of a cluster, each naming the next
LOOK_EVERY = 1.0  # s, whether a slot has arrived

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

    def __init__(self, url: str, *, meta_key: str, replicated: bool = False) -> None:
        self.servers = servers_of(url, meta_key)
        self.servers.on_moved.append(self._moved)
        self.epoch = b""
        self.on_epoch: list[EpochCallback] = []
        self.on_back: list[Callable[[], None]] = []
        self._meta_key = meta_key.encode()
        self._loop = asyncio.get_running_loop()
        self._replicated = replicated
        self._lanes = Lanes(self.servers) if isinstance(self.servers, Cluster) else None
        self._postponed = Postponed(self._send_again)
        self._at = Address()
        self._probe: Slot | None = None
        self._batch: Batch | None = None
        self._pipeline: Pipeline | None = None
        self._held: deque[Slot] = deque()  # waits for the connection, in order
        self._held_bytes = 0
        self._patient = True
        self._why_not = "no answer"
        self._giving_up: asyncio.TimerHandle | None = None
        self._down = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    @classmethod
    async def open(
        cls, url: str, *, meta_key: str, within: float = 10.0, replicated: bool = False
    ) -> Self:
        """Connects to `url` for the desk of `meta_key`. Tries for `within` seconds. `replicated`:
        what a verb did is acknowledged once a replica has it, too.

        Raises TimeoutError with the last reason, ScriptFailed at once if the server refuses us
        (password), ValueError if this is no URL of a Redis.
        """
        link = cls(url, meta_key=meta_key, replicated=replicated)
        try:
            async with asyncio.timeout(within):
                await link._reconnect()
        except TimeoutError:
            raise TimeoutError(f"no Redis at {link.servers}: {link._why_not}") from None
        link.servers.start()
        link._keeper = asyncio.create_task(link._keep_connected(), name="redis link")
        return link

    @property
    def up(self) -> bool:
        """Whether there is a connection now."""
        return self._pipeline is not None

    @property
    def in_flight(self) -> int:
        """How many commands wait for an answer, or for the connection."""
        held = (
            len(self._held) + len(self._postponed) + (self._lanes.in_flight if self._lanes else 0)
        )
        return held + (self._pipeline.in_flight if self._pipeline else 0)

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

    def together(
        self, head: Head, keys: Sequence[Part], args: Sequence[Part]
    ) -> asyncio.Future[Any]:
        """Runs a script that takes many calls at once, with all such calls of this turn of the loop
        that have the same head; the place among other commands is that of the first. → its answer.
        """
        future: asyncio.Future[Any] = self._loop.create_future()
        batch = self._batch
        if batch is not None and batch.takes(head):
            batch.add(future, keys, args)
        else:
            self._batch = batch = Batch(head, self._meta_key, self.epoch)
            batch.add(future, keys, args)
            self._send(batch)
        return future

    def command(self, *parts: Part) -> asyncio.Future[Answer]:
        """Sends a command that may be sent twice and doesn't block (a read, mostly)."""
        if self._lanes is not None and (number := self._lanes.elsewhere(parts)) is not None:
            return self._lanes.submit(number, pack(parts))
        return self._submit(pack(parts), script=False)

    async def names(self, pattern: str, page: int) -> AsyncIterator[list[bytes]]:
        """The keys that match, wherever they are, about so many at a time; one may come twice."""
        for number in self._lanes.everywhere() if self._lanes else (None,):
            cursor = b"0"
            while True:
                asked = (b"SCAN", cursor, b"MATCH", pattern, b"COUNT", page)
                cursor, found = await self._at_slot(number, asked)
                if found:
                    yield found
                if cursor == b"0":
                    break

    def _at_slot(self, number: int | None, parts: tuple[Part, ...]) -> asyncio.Future[Answer]:
        if self._lanes is not None and number is not None:
            return self._lanes.submit(number, pack(parts))
        return self._submit(pack(parts), script=False)

    async def close(self) -> None:
        """Ends the connection; whatever is in flight gets `Retry`."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
        await self.servers.close()
        if self._lanes is not None:
            await self._lanes.close()
        pipeline, self._pipeline = self._pipeline, None
        if pipeline is not None:
            pipeline.on_lost = fail_all
            pipeline.lose("closed by us")
        self._postponed.fail()
        self._give_up()

    def _submit(self, packed: bytes, *, script: bool) -> asyncio.Future[Answer]:
        future: asyncio.Future[Answer] = self._loop.create_future()
        self._send(Slot(future, packed, script=script))
        return future

    def _send(self, slot: Slot) -> None:
        pipeline = self._pipeline
        if pipeline is None:
            slot.seal()
            self._hold(slot)
        elif pipeline.full:
            slot.fail(Overloaded())
        else:
            pipeline.send(slot)

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

    def _send_again(self, slot: Slot) -> None:
        """One that was postponed."""
        if self._pipeline is None:
            self._hold(slot)
        else:
            self._pipeline.send(slot)

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
        _log.warning("redis_lost", address=str(self._at), because=because, unknown=len(slots))
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
        else:
            self._refused(slot, str(reply))

    def _refused(self, slot: Slot, said: str) -> None:
        error = error_of(said)
        if slot is self._probe:
            slot.fail(error)
            self._give_way(said)
        elif isinstance(error, Elsewhere) and error.asking:
            self._arriving_elsewhere(slot, error)
        elif lost_here(said):
            self._shake_hands_again(slot, said)
        elif is_passing(said):
            self.servers.doubt()
            self._postpone(slot)
        else:
            slot.fail(error)

    def _postpone(self, slot: Slot) -> None:
        for one in slot.parts():
            self._postponed.put(one)

    def _shake_hands_again(self, slot: Slot, because: str) -> None:
        """This command wasn't executed; it goes before those behind it, whose answers we leave."""
        self._hold_again(slot)
        self._give_way(because)

    def _give_way(self, because: str) -> None:
        if self._pipeline is not None:
            self._pipeline.lose(because)

    # --- a cluster's slot moves, or the desk is another server's

    def _moved(self, address: Address) -> None:
        """The desk is there. Whoever goes on writing to the old server loses it (R1.9)."""
        pipeline = self._pipeline
        if pipeline is None:
            return
        if self._at.is_at(address):
            if isinstance(pipeline, Asking):
                pipeline.asking = False  # all of it has arrived
        elif not (isinstance(pipeline, Asking) and pipeline.asking):
            pipeline.lose(f"the desk is at {address}")

    def _arriving_elsewhere(self, slot: Slot, answer: Elsewhere) -> None:
        """Keys of the slot are on their way. A read follows them; a verb waits, for all of its keys
        have to be in one place, and for the epoch that they have there.
        """
        if slot.script or self._lanes is None:
            self._postpone(slot)
            self._ask_for_meta()
        else:
            slot.sent = 0
            self._lanes.ask(slot, self.servers.heed(answer, self._at).address)

    def _ask_for_meta(self) -> None:
        """The desk is where its `meta` is: has that gone, too? (6.2 says ASK for any new key.)"""
        if self._probe is None and self._pipeline is not None:
            future: asyncio.Future[Answer] = self._loop.create_future()
            future.add_done_callback(self._asked_for_meta)
            self._probe = Slot(future, pack(("HGET", self._meta_key, "epoch")))
            self._pipeline.send(self._probe)

    def _asked_for_meta(self, answer: asyncio.Future[Answer]) -> None:
        self._probe = None
        answer.exception()

    def _look(self, pipeline: Pipeline) -> None:
        """As long as commands are led in by ASKING: has the whole slot arrived?"""
        if pipeline is self._pipeline and isinstance(pipeline, Asking) and pipeline.asking:
            self.servers.doubt()
            self._loop.call_later(LOOK_EVERY, self._look, pipeline)

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
            place = await self.servers.place()
            for _ in range(HOPS):
                try:
                    return await self._greet(place)
                except Elsewhere as answer:
                    place = self.servers.heed(answer, place.address)
        raise Retry("The nodes of the cluster send us from one to the other.")

    async def _greet(self, place: Place) -> tuple[Pipeline, bytes]:
        protocol = protocol_of(replicated=self._replicated, asking=place.asking)
        pipeline = await place.address.connect(protocol)
        try:
            epoch = await shake_hands(pipeline, place.address, self._meta_key)
        except BaseException:
            pipeline.lose("the handshake failed")
            raise
        self._at = place.address
        return pipeline, epoch

    def _cannot_connect(self, error: Exception) -> None:
        if not self.epoch and not isinstance(error, _MAY_PASS):
            raise error
        self._why_not = str(error) or type(error).__name__
        _log.warning("redis_unreachable", servers=str(self.servers), error=self._why_not)

    def _take(self, pipeline: Pipeline, epoch: bytes) -> None:
        if self._giving_up is not None:
            self._giving_up.cancel()
        pipeline.on_lost, pipeline.on_odd = self._lost, self._odd
        self._pipeline, self._patient = pipeline, True
        self._down.clear()
        old, self.epoch = self.epoch, epoch
        held = self._release()
        if old:
            self._tell_place(pipeline)
        if old and old != epoch:
            self._new_epoch(old, epoch)
            self._postponed.fail(scripts=True)
            fail_all(held)
            return
        for slot in held:
            if not slot.future.done():
                pipeline.send(slot)
        for callback in self.on_back if old else ():
            callback()

    def _tell_place(self, pipeline: Pipeline) -> None:
        """Others speak to the same server, and may not have noticed."""
        if isinstance(pipeline, Asking) and pipeline.asking:
            self._loop.call_later(LOOK_EVERY, self._look, pipeline)
            return
        for callback in self.servers.on_moved:
            callback(self._at)

    def _new_epoch(self, old: bytes, new: bytes) -> None:
        _log.warning("redis_new_epoch", old=old.decode(), new=new.decode())
        for callback in self.on_epoch:
            try:
                callback(old, new)
            except Exception:  # noqa: BLE001 - one room's mistake must not keep the link down
                _log.exception("redis_epoch_callback_failed")
