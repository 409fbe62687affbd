"""Visitors and reps of a scenario: they reconnect, ask again, and remember what they were told."""

import asyncio
import contextlib
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

from frontdesk.wire import frames
from frontdesk.wire.client import (
    Answered,
    Client,
    Event,
    Pushed,
    Refused,
    RepClient,
    VisitorClient,
    Welcomed,
    may_reconnect,
)
from frontdesk.wire.codec import Codec
from tests.scenarios.processes import PATIENCE, Account, Installation


@dataclass
class Call:
    """A request, and what came of it."""

    who: str
    request: frames.Request
    asked: float
    answered: float | None = None
    ok: frames.Ok | None = None
    error: frames.Error | None = None


@dataclass
class History:
    """What everybody asked, was answered and was told, with times."""

    calls: list[Call] = field(default_factory=list)
    told: list[tuple[float, str, Any]] = field(default_factory=list)
    people: list[str] = field(default_factory=list)

    def of(self, kind: type) -> list[Call]:
        return [call for call in self.calls if isinstance(call.request, kind)]

    def asked(self, call: Call) -> None:
        """A call goes out for the first time."""
        self.calls.append(call)

    def asked_again(self, call: Call) -> None:
        """The same call once more: its outcome was unknown, or `retry`."""

    def settled(self, call: Call) -> None:
        """It has its answer."""

    def unknown(self, call: Call, code: str) -> None:
        """Nobody can say whether it was done: the connection broke, or the server says `retry`."""

    def heard(self, at: float, who: str, message: Any) -> None:
        """Somebody was told something that they hadn't asked for."""
        self.told.append((at, who, message))


class Refusal(Exception):
    """The request was refused, for good."""

    def __init__(self, error: frames.Error) -> None:
        self.error = error
        self.code = error.code
        super().__init__(f"{error.code}: {error.message}")


class Person:
    """A client with a connection that comes back by itself, to any node that can be reached."""

    def __init__(
        self, installation: Installation, client: Client, name: str, history: History, *,
        node: int | None = None, seed: int = 0,
    ) -> None:  # fmt: skip
        self.installation = installation
        self.client = client
        self.name = f"{name} #{len(history.people)}"  # two tabs of one person are two
        history.people.append(self.name)
        self.history = history
        self.node = -1
        self.welcomes = 0
        self.closes: list[int | None] = []
        self.pushes: list[Any] = []
        self._calls: dict[int, Call] = {}
        self._wanted = node
        self._random = random.Random(f"{seed} {name}")
        self._socket: ClientConnection | None = None
        self._changed = asyncio.Event()
        self._left = False
        self._task = asyncio.create_task(self._live())

    # --- asking

    async def ask(self, number: int) -> frames.Ok:
        """The answer to a request of the client. Raises Refusal; `retry` is asked again."""
        call = await self.outcome(number)
        if call.error is not None:
            raise Refusal(call.error)
        assert call.ok is not None
        return call.ok

    async def outcome(self, number: int) -> Call:
        """What came of a request, whatever it is."""
        call = self.begin(number)
        await self.until(lambda: call.ok or call.error, f"an answer to {call.request}")
        return call

    def begin(self, number: int) -> Call:
        """Sends a request of the client without waiting."""
        if number not in self._calls:
            request = self.client._unanswered[number]
            self._calls[number] = Call(self.name, request, time.monotonic())
            self.history.asked(self._calls[number])
        self._flush()
        return self._calls[number]

    def unanswered(self) -> list[Call]:
        """What was asked and has no outcome yet."""
        return [call for call in self._calls.values() if not (call.ok or call.error)]

    def hint(self) -> None:
        """Sends what the client has to say."""
        self._flush()

    async def until(self, condition: Callable[[], object], what: str = "") -> None:
        """Waits until something that this person is told makes it true."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            self._changed.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), 0.5)
            late = time.monotonic() > deadline
            assert not late, f"{self.name} waited in vain for {what or condition}"
            assert not self._task.done() or self._left, f"{self.name} is gone: {self.closes}"

    async def welcomed(self) -> None:
        await self.until(lambda: self.client.ready, "a welcome")

    # --- coming and going

    async def moves(self, node: int) -> None:
        """Breaks the connection and goes on at another node."""
        before = self.welcomes
        self._wanted = node
        self.drop()
        await self.until(lambda: self.welcomes > before and self.node == node, "the other node")

    def drop(self) -> None:
        """The connection breaks, without a good-bye."""
        if self._socket is not None:
            self._socket.transport.abort()

    async def leave(self) -> None:
        """Gone, and not coming back."""
        self._left = True
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        if self._socket is not None:
            self._socket.transport.abort()
        self.client.lost()

    # --- the connection

    async def _live(self) -> None:
        while not self._left:
            try:
                await self._connection(await self._choose())
            except (OSError, InvalidHandshake, TimeoutError, EOFError):
                await asyncio.sleep(0.05)
            if self.closes and not may_reconnect(self.closes[-1]):
                return

    async def _choose(self) -> int:
        while True:
            there = self.installation.reachable()
            if self._wanted in there:
                wanted, self._wanted = self._wanted, None
                assert wanted is not None
                return wanted
            if there:
                return self._random.choice(there)
            await asyncio.sleep(0.02)

    async def _connection(self, node: int) -> None:
        port = self.installation.places[node].port
        uri = f"ws://127.0.0.1:{port}{self.client.path}"
        async with connect(
            uri, subprotocols=[Subprotocol(self.client.subprotocol)], compression=None,
            ping_interval=None, open_timeout=2, close_timeout=1, max_size=None, proxy=None,
        ) as socket:  # fmt: skip
            self._socket, self.node = socket, node
            self.client.connected()
            self._flush()
            try:
                while True:
                    self._heard(self.client.receive(await socket.recv()))
            except ConnectionClosed as closed:
                self.closes.append(closed.rcvd.code if closed.rcvd else None)
            finally:
                self._socket = None
                self.client.lost()
                for call in self.unanswered():
                    self.history.unknown(call, "lost")
                self._changed.set()

    def _flush(self) -> None:
        if self._socket is None:
            return
        for payload in self.client.payloads():
            asyncio.ensure_future(self._send(self._socket, payload))  # noqa: RUF006 - awaited by nobody: a lost one is asked again

    @staticmethod
    async def _send(socket: ClientConnection, payload: bytes | str) -> None:
        with contextlib.suppress(ConnectionClosed):
            await socket.send(payload)

    def _heard(self, events: list[Event]) -> None:
        for event in events:
            self._one(event)
        self._look()
        self._flush()
        self._changed.set()

    def _one(self, event: Event) -> None:
        now = time.monotonic()
        match event:
            case Welcomed():
                self.welcomes += 1
                for call in self.unanswered():
                    self.history.asked_again(call)
            case Answered(request, ok):
                self._settle(request, now, ok=ok)
            case Refused(request, error) if request is not None and error.retry:
                if request.id in self._calls:
                    self.history.unknown(self._calls[request.id], error.code)
                asyncio.get_running_loop().call_later(0.1, self._again, request)
            case Refused(request, error):
                self._settle(request, now, error=error)
            case Pushed(message):
                self.pushes.append(message)
                self.history.heard(now, self.name, message)

    def _settle(
        self, request: frames.Request | None, now: float, *, ok: frames.Ok | None = None,
        error: frames.Error | None = None,
    ) -> None:  # fmt: skip
        call = self._calls.get(request.id) if request is not None else None
        if call is not None:
            call.answered, call.ok, call.error = now, ok, error
            self.history.settled(call)

    def _look(self) -> None:
        """After something was told: what a side wants to remember of its view."""

    def _again(self, request: frames.Request) -> None:
        if request.id in self._calls:
            self.history.asked_again(self._calls[request.id])
        self.client.again(request)
        self._flush()


class Visitor(Person):
    """Somebody on the website."""

    client: VisitorClient

    def __init__(
        self, installation: Installation, name: str, history: History, *, node: int | None = None,
        token: str = "", codec: Codec = Codec.JSON,
    ) -> None:  # fmt: skip
        page = frames.Page(url="https://www.example.com/pricing", title="Pricing")
        client = VisitorClient(token=token, page=page, codec=codec)
        super().__init__(installation, client, name, history, node=node)

    @property
    def chat(self) -> frames.Conversation:
        """The conversation as this visitor sees it."""
        assert self.client.conversation is not None
        return self.client.conversation

    async def requests(self, text: str = "Hello") -> str:
        """Asks for a person; → the conversation's id."""
        await self.ask(self.client.request(text))
        return self.chat.id

    async def says(self, text: str) -> frames.Ok:
        return await self.ask(self.client.message(self.chat.id, text))

    def texts(self) -> list[str]:
        """All that was said, as this side sees it."""
        return texts_of(self.chat)

    def heard_last(self, text: str) -> bool:
        return self.texts()[-1:] == [text]

    def reached(self, offset: int) -> bool:
        """Whether the conversation has come so far."""
        return self.chat.offset >= offset


RING_IS_OVER = ("already_claimed", "gone")


class Rep(Person):
    """Somebody who answers."""

    client: RepClient

    def __init__(
        self, installation: Installation, account: Account, history: History, *,
        node: int | None = None, codec: Codec = Codec.JSON,
    ) -> None:  # fmt: skip
        self.account = account
        self.seen: dict[str, frames.Conversation] = {}
        self.lost: set[str] = set()
        client = RepClient(token=account.token, codec=codec)
        super().__init__(installation, client, account.name, history, node=node)

    async def available(self) -> None:
        await self.ask(self.client.availability("available"))

    def _look(self) -> None:
        """A console forgets what is over; this rep remembers how it last looked."""
        if self.client.snapshot is not None:
            self.seen.update({one.id: one for one in self.client.snapshot.conversations})

    def offered(self, conversation: str) -> bool:
        """Whether it rings; a refused claim says itself that the ring is over."""
        snapshot = self.client.snapshot
        rings = snapshot is not None and any(
            offer.conversation == conversation for offer in snapshot.offers
        )
        return rings and conversation not in self.lost

    def is_quiet(self, conversation: str) -> bool:
        return not self.offered(conversation)

    def _settle(
        self, request: frames.Request | None, now: float, *, ok: frames.Ok | None = None,
        error: frames.Error | None = None,
    ) -> None:  # fmt: skip
        if (
            isinstance(request, frames.Claim)
            and error
            and error.code in ("already_claimed", "gone")
        ):
            self.lost.add(request.conversation)
        super()._settle(request, now, ok=ok, error=error)

    def holds(self, conversation: str) -> frames.Conversation | None:
        """The conversation as this rep sees it, if they hold it."""
        snapshot = self.client.snapshot
        held = snapshot.conversations if snapshot else []
        return next((one for one in held if one.id == conversation and one.state == "active"), None)

    async def claims(self, conversation: str) -> int:
        """Starts the conversation once it rings; → the fence."""
        await self.until(lambda: self.offered(conversation), f"the ring of {conversation}")
        ok = await self.ask(self.client.claim(conversation))
        assert isinstance(ok.fence, int)
        return ok.fence

    async def says(self, conversation: str, text: str) -> frames.Ok:
        await self.until(lambda: self.holds(conversation), f"holding {conversation}")
        held = self.holds(conversation)
        assert held is not None
        return await self.ask(self.client.message(conversation, text, fence=held.fence))

    async def closes_it(self, conversation: str) -> None:
        held = self.holds(conversation)
        assert held is not None
        await self.ask(self.client.close(conversation, fence=held.fence))


def texts_of(conversation: frames.Conversation) -> list[str]:
    """What was said in it, in order."""
    return [one.text for one in conversation.entries if isinstance(one, frames.Message)]
