"""What both sides share: requests and their answers, order, resume, sending again."""

import random
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from typing import ClassVar, Final, Literal, TypedDict
from uuid import uuid4

from msgspec import Struct
from websockets.typing import Subprotocol

from frontdesk.wire import apply, frames
from frontdesk.wire.client.events import Answered, Event, Pushed, Refused, Welcomed
from frontdesk.wire.client.payloads import Payloads
from frontdesk.wire.codec import Codec
from frontdesk.wire.frames import Conversation, Ok, Position, Request, SendMessage

KEPT_SECONDS: Final = 60.0
"""How long an acknowledged message is kept: a server that lost it gets it again (R1.5)."""
MAX_RESUMED: Final = 32
"""The most positions that one `hello` may name."""
Welcome = frames.VisitorWelcome | frames.RepWelcome


def may_reconnect(close_code: int | None) -> bool:
    """Whether to connect again after this close code (None: the connection just broke).

    We always say hello: that it was expected means that it was late, or a server was busy.
    """
    late = close_code == frames.CloseCode.HELLO_EXPECTED
    return late or close_code is None or not 4500 <= close_code <= 4999


def retry_delay(attempt: int, *, chance: Callable[[], float] = random.random) -> float:
    """Seconds to wait before attempt 0, 1, 2 …: up to 0.5, 1, 2 … 30, at least half of it."""
    longest: float = min(30.0, 0.5 * 2 ** min(attempt, 10))
    return longest * (0.5 + chance() / 2)


class Options(TypedDict, total=False):
    """What a client may be given besides its own side's things."""

    codec: Codec
    now: Callable[[], float]
    new_client_id: Callable[[], str]


class _Mine(Struct):
    """A message of one's own, and when it was acknowledged."""

    message: SendMessage
    acknowledged: float | None = None


class Client(ABC):
    """One side's role over one connection after another."""

    side: ClassVar[Literal["visitor", "rep"]]
    path: ClassVar[str]
    """The path of the server's WebSocket for this side."""
    _union: ClassVar[object]

    def __init__(
        self,
        *,
        codec: Codec = Codec.JSON,
        now: Callable[[], float] = time.monotonic,
        new_client_id: Callable[[], str] = lambda: uuid4().hex,
    ) -> None:
        self.ready = False
        """Whether the server has answered `hello` on this connection."""
        self.subprotocol = Subprotocol(codec.value)
        """What to ask for when the WebSocket is opened."""
        self._now, self._new_client_id = now, new_client_id
        self._payloads = Payloads(self._union, codec)
        self._ids = count(1)
        self._out: list[Struct] = []
        self._unanswered: dict[int, Request] = {}
        self._mine: dict[str, _Mine] = {}
        self._catching_up: set[str] = set()

    # --- the connection --------------------------------------------------------------------------

    def connected(self) -> None:
        """A connection is open: says hello, naming the positions to go on from."""
        self.lost()
        known = list(self._known())[-MAX_RESUMED:]
        resume = {one.id: Position(one.epoch, one.offset) for one in known}
        self._out.append(self._hello(next(self._ids), resume))

    def lost(self) -> None:
        """The connection is gone. What was not answered is kept for the next one."""
        self.ready = False
        self._out.clear()
        self._catching_up.clear()
        self._unanswered = {
            number: request
            for number, request in self._unanswered.items()
            if not isinstance(request, frames.History | frames.Ping)
        }

    def receive(self, payload: bytes | str) -> list[Event]:
        """What a payload that arrived says, in order. Raises ProtocolError."""
        messages = self._payloads.decode(payload)
        return [event for message in messages for event in self._received(message)]

    def payloads(self) -> list[bytes | str]:
        """What is to be written now, one WebSocket message each: text for JSON, else binary."""
        out, self._out = self._out, []
        return list(self._payloads.encode(out))

    # --- requests: each returns its id; the answer names the request -----------------------------

    def message(self, conversation: str, text: str, *, fence: int | None = None) -> int:
        """Say something; a rep gives the fence of their claim."""
        message = SendMessage(
            id=next(self._ids),
            conversation=conversation,
            text=text,
            fence=fence,
            client_id=self._new_client_id(),
        )
        self._mine[message.client_id] = _Mine(message)
        return self._request(message)

    def typing(self, conversation: str, *, on: bool = True) -> None:
        """Tell the other side that one writes, or stopped. Dropped while not connected."""
        self._hint(frames.Typing(conversation=conversation, on=on))

    def read(self, conversation: str, offset: int) -> None:
        """Everything up to `offset` was shown to a person. Dropped while not connected."""
        if self.ready:
            self._out.append(frames.Read(conversation=conversation, offset=offset))
            self._fold(frames.ReadPush(conversation=conversation, who=self.side, offset=offset))

    def history(self, conversation: str, known: Position) -> int:
        """Ask for what came after a position. Gaps are asked for without this being called."""
        return self._request(
            frames.History(
                id=next(self._ids),
                conversation=conversation,
                epoch=known.epoch,
                offset=known.offset,
            )
        )

    def close(self, conversation: str, *, fence: int | None = None) -> int:
        """End a conversation, or cancel one's own request."""
        number = next(self._ids)
        return self._request(frames.Close(id=number, conversation=conversation, fence=fence))

    def ping(self) -> int:
        """Is the server still there?"""
        return self._request(frames.Ping(id=next(self._ids)))

    def again(self, request: Request) -> int:
        """Ask once more what was refused with `retry`."""
        return self._request(request)

    # --- what each side does its own way ---------------------------------------------------------

    @abstractmethod
    def _hello(self, number: int, resume: dict[str, Position]) -> Struct: ...

    @abstractmethod
    def _known(self) -> Iterable[Conversation]: ...

    @abstractmethod
    def _begin(self, welcome: Welcome) -> None: ...

    @abstractmethod
    def _fold(self, message: Struct) -> apply.Gap | None: ...

    @abstractmethod
    def _me(self) -> frames.Person | None: ...

    # --- arriving --------------------------------------------------------------------------------

    def _received(self, message: Struct) -> Iterator[Event]:
        match message:
            case frames.VisitorWelcome() | frames.RepWelcome():
                yield from self._welcomed(message)
            case Ok():
                yield from self._answered(message)
            case frames.Error():
                yield self._refused(message)
            case _:
                yield from self._news(message)

    def _welcomed(self, welcome: Welcome) -> Iterator[Event]:
        before = {one.id: one.offset for one in self._known()}
        self._begin(welcome)
        self.ready = True
        unanswered = list(self._unanswered.values())
        yield Welcomed(welcome)
        for one in self._known():
            if welcome.recovered.get(one.id) and one.id in before:
                yield from (Pushed(e) for e in one.entries if e.offset > before[one.id])
            else:
                self._say_lost_again(one)
        self._out += unanswered

    def _answered(self, ok: Ok) -> Iterator[Event]:
        """An answer changes the state as a push would. What it brings is news, except one's own."""
        request = self._unanswered.pop(ok.id, None)
        if request is None:
            return
        if isinstance(request, SendMessage):
            self._acknowledged(request, ok)
        self._catching_up.discard(getattr(request, "conversation", ""))
        if isinstance(ok.conversation, Conversation):
            self._take(ok.conversation)
        yield Answered(request, ok)
        for entry in ok.entries or ():
            yield from self._news(entry)

    def _acknowledged(self, message: SendMessage, ok: Ok) -> None:
        if message.client_id in self._mine:
            self._mine[message.client_id].acknowledged = self._now()
        self._take(apply.sent(message, ok, rep=self._me()))

    def _refused(self, error: frames.Error) -> Refused:
        request = None if error.id is None else self._unanswered.pop(error.id, None)
        if isinstance(request, frames.History):
            self._catching_up.discard(request.conversation)
        if isinstance(request, SendMessage) and not error.retry:
            self._mine.pop(request.client_id, None)
        return Refused(request, error)

    def _news(self, message: Struct) -> Iterator[Event]:
        """A log entry is told when it takes its place: not twice, not before what precedes it."""
        if not isinstance(message, frames.Entry):
            self._take(message)
            yield Pushed(message)
            return
        before = self._offset(message.conversation)
        self._take(message)
        if self._offset(message.conversation) != before:
            yield Pushed(message)

    def _take(self, message: Struct) -> None:
        gap = self._fold(message)
        if gap is not None and gap.conversation not in self._catching_up:
            self._catching_up.add(gap.conversation)
            self.history(gap.conversation, gap.known)
        if isinstance(message, Conversation):
            self._say_lost_again(message)

    def _offset(self, conversation: str) -> int | None:
        return next((one.offset for one in self._known() if one.id == conversation), None)

    # --- leaving ---------------------------------------------------------------------------------

    def _request(self, request: Request) -> int:
        """Sent now, or after the next welcome."""
        self._unanswered[request.id] = request
        self._hint(request)
        return request.id

    def _hint(self, message: Struct) -> None:
        if self.ready:
            self._out.append(message)

    def _say_lost_again(self, snapshot: Conversation) -> None:
        """A message that was acknowledged and isn't in a fresh snapshot: the server lost it."""
        self._forget_old()
        there = {one.client_id for one in snapshot.entries if isinstance(one, frames.Message)}
        for mine in self._mine.values():
            message = mine.message
            is_lost = message.conversation == snapshot.id and message.client_id not in there
            if is_lost and mine.acknowledged is not None:
                mine.acknowledged = None
                self._request(message)

    def _forget_old(self) -> None:
        since = self._now() - KEPT_SECONDS
        self._mine = {
            client_id: mine
            for client_id, mine in self._mine.items()
            if mine.acknowledged is None or mine.acknowledged > since
        }
