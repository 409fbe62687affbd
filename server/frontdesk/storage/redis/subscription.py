"""Hears a channel, over a connection of its own, and says when it doesn't (R8.5, R8.6).

redis-py's PubSub reconnects without telling anybody, so what was published meanwhile is missed in
silence. This one says `on_up` after every confirmed subscription: then the caller attaches again.
"""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import hiredis
import structlog

from frontdesk.errors import FrontdeskError
from frontdesk.storage.redis.address import Address
from frontdesk.storage.redis.backoff import pauses
from frontdesk.storage.redis.pipeline import TICK, pack
from frontdesk.storage.redis.servers import Servers

PING_SECONDS = 5.0  # also how late the answer may be
CONNECT_SECONDS = 5.0

_NOTHING = object()
_log = structlog.get_logger(__name__)


class Subscription:
    """A subscription that comes back. Made and started by `open`, ended by `close`.

    `on_message` gets each message's bytes, in order, and must be quick: it runs in the reading.
    `on_up` is called when the server has confirmed a new subscription, before its first message;
    `on_down` when one that was up is lost.
    """

    def __init__(
        self,
        servers: Servers,
        *channels: str,
        on_message: Callable[[bytes], None],
        on_up: Callable[[], None],
        on_down: Callable[[], None],
    ) -> None:
        self.up = False
        self._servers = servers
        self._ear: _Ear | None = None
        self._at = Address()
        self._channels = channels
        self._on_message = on_message
        self._on_up = on_up
        self._on_down = on_down
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begins to connect, in the background: `on_up` tells when it hears."""
        self._servers.on_moved.append(self._moved)
        self._task = asyncio.create_task(self._keep_subscribed(), name="redis subscription")

    async def close(self) -> None:
        """Ends it; nothing is called any more."""
        if self._task is not None:
            if self._moved in self._servers.on_moved:
                self._servers.on_moved.remove(self._moved)
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _keep_subscribed(self) -> None:
        waits = pauses()
        while True:
            await asyncio.sleep(next(waits))
            try:
                await self._subscribed()
            except (OSError, TimeoutError, FrontdeskError) as error:
                _log.warning(
                    "redis_subscription_lost", servers=str(self._servers), error=str(error)
                )
            if self.up:
                self.up = False
                waits = pauses()
                self._call(self._on_down)

    async def _subscribed(self) -> None:
        """One connection, from the login to its loss. Raises OSError, TimeoutError, or what keeps
        the server from being found.
        """
        async with asyncio.timeout(CONNECT_SECONDS):
            self._at = (await self._servers.place()).address
            ear = await self._at.connect(self._new_ear)
            ear.send(*self._at.login(), ("SUBSCRIBE", *self._channels))
        self._ear = ear
        try:
            while await ear.hears_within(PING_SECONDS):
                ear.send(("PING",))
            raise TimeoutError("no answer to a ping")
        finally:
            self._ear = None
            ear.close()

    def _moved(self, address: Address) -> None:
        """What is published there isn't heard here, or only through others."""
        if self._ear is not None and not self._at.is_at(address):
            self._ear.give_up(f"the desk is at {address}")

    def _new_ear(self) -> "_Ear":
        return _Ear(len(self._channels), self._confirmed, self._heard)

    def _confirmed(self) -> None:
        self.up = True
        self._call(self._on_up)

    def _heard(self, message: bytes) -> None:
        self._call(self._on_message, message)

    def _call(self, function: Callable[..., None], *arguments: Any) -> None:
        """The caller's mistake must not cost us the connection."""
        try:
            function(*arguments)
        except Exception:  # noqa: BLE001 - whatever it is, the next message must be heard
            _log.exception("redis_subscription_callback_failed", channels=self._channels)


class _Ear(asyncio.Protocol):
    """The connection of a subscription: RESP2 in, messages out. `lost` ends with its reason."""

    def __init__(
        self, channels: int, confirmed: Callable[[], None], heard: Callable[[bytes], None]
    ) -> None:
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._anything = False  # since the last command
        self._channels = channels
        self._confirmed = confirmed
        self._message = heard
        self._transport: asyncio.Transport | None = None
        self._reader = hiredis.Reader(notEnoughData=_NOTHING)

    def send(self, *commands: tuple[str, ...]) -> None:
        self._anything = False
        if self._transport is not None:
            self._transport.write(b"".join(pack(command) for command in commands))

    async def hears_within(self, seconds: float) -> bool:
        """Waits that long, then says whether anything came since the last command.

        The short second wait is for a loop that itself stood still: what came meanwhile is read in
        it. Raises the reason if the connection is lost.
        """
        done, _ = await asyncio.wait([self.lost], timeout=seconds)
        if not done and not self._anything:
            done, _ = await asyncio.wait([self.lost], timeout=TICK)
        if done:
            self.lost.result()
        return self._anything

    def give_up(self, because: str) -> None:
        self._fail(ConnectionError(because))

    def close(self) -> None:
        self._fail(ConnectionError("closed"))
        self.lost.exception()  # retrieved: nobody has to wait for it any more
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(exc or ConnectionError("the server closed the connection"))

    def data_received(self, data: bytes) -> None:
        self._anything = True
        reader = self._reader
        try:
            reader.feed(data)
            while not self.lost.done() and (reply := reader.gets()) is not _NOTHING:
                self._read(reply)
        except hiredis.ProtocolError as error:
            self._fail(ConnectionError(f"not an answer of Redis: {error}"))

    def _read(self, reply: Any) -> None:
        if isinstance(reply, hiredis.ReplyError):
            self._fail(ConnectionError(f"Redis answered: {reply}"))
        elif isinstance(reply, list) and reply[0] == b"message":
            self._message(reply[2])
        elif isinstance(reply, list) and reply[:1] + reply[2:] == [b"subscribe", self._channels]:
            self._confirmed()

    def _fail(self, error: Exception) -> None:
        if not self.lost.done():
            self.lost.set_exception(error)
