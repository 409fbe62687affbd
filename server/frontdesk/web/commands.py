"""From a frame to a verb: decodes, keeps each sender's order, answers refusals.

What visitors and reps may say stands in visitor_commands and rep_commands; this is what both have.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from time import monotonic
from typing import Any

import orjson
import structlog
from msgspec import UNSET

from frontdesk.conversations.entries import Entry
from frontdesk.conversations.snapshot import Snapshot
from frontdesk.conversations.store import Conversations, Placed
from frontdesk.errors import FrontdeskError
from frontdesk.hub.connection import REFUSED, Connection
from frontdesk.telemetry import Spread
from frontdesk.web.announcer import Announcer
from frontdesk.web.eager import start
from frontdesk.web.following import Following
from frontdesk.web.seats import Outbox
from frontdesk.wire.codec import Codec, Fault, Outgoing
from frontdesk.wire.frames import Error, History, Ok, Person, Ping, Read, SendMessage, Typing
from frontdesk.wire.times import stamp

Handler = Callable[[Connection, Any], Coroutine[Any, Any, None]]
log = structlog.get_logger("commands")

MESSAGES = Spread(
    "message_seconds", "From a message's frame to its answer, which leaves in the same turn."
)

WORTH_A_LINE = frozenset({"forbidden", "unauthorized", "fence"})
"""Refusals that whoever runs the desk may want to see."""
TYPING_EVERY = 0.1
"""Seconds: typing travels at most this often a socket (architecture.md, "Speed")."""


class Commands(ABC):
    """One side's commands. `decode` makes messages of a payload, `handlers` are by their type."""

    def __init__(
        self,
        announcer: Announcer,
        conversations: Conversations,
        decode: Callable[[bytes, Codec], list[Any]],
        following: Following,
    ) -> None:
        self.announcer = announcer
        self.conversations = conversations
        self._decode = decode
        self.follow = following.follow
        self.leaving = following.leaving
        self.handlers: dict[type, Handler] = {}
        self.hello: type = Ping
        self.restored = asyncio.Event()
        """Not set while Redis has lost what it knew and SQL gives it back: commands wait, for what
        isn't there yet must not be taken for gone."""
        self.restored.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._greeting: set[Connection] = set()

    # --- receiving

    def received(self, connection: Connection, payload: bytes) -> None:
        """A frame: each message of it, in order."""
        for message in self._decode(payload, connection.codec):
            kind = type(message)
            if kind is SendMessage and connection.data is not None:
                self._message_in_turn(connection, message)
            elif kind is Fault:
                self._refuse(connection, message.id, FrontdeskError(message.code, message.message))
            elif kind is self.hello:
                self._greet(connection, message)
            elif connection.data is None:
                self._refuse(connection, message.id, FrontdeskError("hello_expected"))
            else:
                start(self._carry_out(connection, message, self.handlers[kind]))

    def _greet(self, connection: Connection, message: Any) -> None:
        """A hello may ask SQL, so it has a task; it is once a socket."""
        if connection.data is not None or connection in self._greeting:
            self._refuse(connection, message.id, FrontdeskError("hello_again"))
            return
        self._greeting.add(connection)
        self.spawn(self._greeted(connection, message))

    async def _greeted(self, connection: Connection, message: Any) -> None:
        try:
            await self._carry_out(connection, message, self.handlers[self.hello])
        finally:
            self._greeting.discard(connection)

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """A task that is kept until it is done."""
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry_out(self, connection: Connection, message: Any, handler: Handler) -> None:
        try:
            if not self.restored.is_set():
                await self.restored.wait()
            await handler(connection, message)
        except FrontdeskError as error:
            self._refuse(connection, message.id, error, message)
        except Exception:
            about = named(connection, message)
            log.exception("a command failed", type=type(message).__name__, **about)
            self._refuse(connection, message.id, FrontdeskError("internal"), message)

    def _refuse(
        self,
        connection: Connection,
        number: int | None,
        error: FrontdeskError,
        message: object = None,
    ) -> None:
        REFUSED.add("command" if connection.data is not None else "hello", error.code)
        if error.code in WORTH_A_LINE:
            self.log_refusal(connection, error.code, message)
        by = error.fields.get("by")
        at = error.fields.get("at")
        refusal = Error(
            id=number,
            code=error.code,
            message=error.message,
            retry=error.temporary,
            by=Person(**self.announcer.person_of(by)) if by else None,
            at=stamp(at) if at else UNSET,
            retry_after=error.fields.get("retry_after", UNSET),
        )
        connection.push(Outgoing.of(refusal))

    @staticmethod
    def log_refusal(connection: Connection, code: str, message: object = None) -> None:
        """Somebody tried what isn't theirs, or is no longer."""
        about = named(connection, message)
        log.warning("refused", code=code, side=connection.side, address=connection.address, **about)

    # --- what both sides do

    @abstractmethod
    def outbox(self, connection: Connection, conversation: str) -> Outbox:
        """Where this socket's messages of a conversation wait for their turn."""

    @abstractmethod
    def writer(self, connection: Connection, message: SendMessage) -> tuple[str, str, int, bytes]:
        """side, who, fence, body of a message."""

    def _message_in_turn(self, connection: Connection, message: SendMessage) -> None:
        outbox = self.outbox(connection, message.conversation)
        if outbox.busy:
            outbox.waiting.append((message, connection.came))
            return
        outbox.busy = True
        start(self._send(connection, message, outbox))

    async def _send(self, connection: Connection, message: SendMessage, outbox: Outbox) -> None:
        """A message and those that came while it was under way (R6.5)."""
        came = connection.came
        await self._carry_out(connection, message, self._say)
        MESSAGES.observe(monotonic() - came)
        while outbox.waiting:
            following, came = outbox.waiting.popleft()
            await self._carry_out(connection, following, self._say)
            MESSAGES.observe(monotonic() - came)
        outbox.busy = False

    async def _say(self, connection: Connection, message: SendMessage) -> None:
        """The path of a message: one script, the other sockets here, the answer."""
        side, who, fence, body = self.writer(connection, message)
        conversation = message.conversation
        placed = await self.conversations.message(
            conversation, side, who, message.client_id, fence, body
        )
        entry = Entry(conversation, placed.epoch, placed.offset, placed.wall, "message", body)
        self.announcer.entry(entry, "", connection, acknowledgement(message.id, placed))

    async def ping(self, connection: Connection, message: Ping) -> None:
        """Still here."""
        connection.push(Outgoing.json(b'{"type":"ok","id":%d}' % message.id))

    async def mark_read(self, connection: Connection, message: Read, side: str, who: str) -> None:
        """Told to the others only if it moved on."""
        offset = await self.conversations.read(message.conversation, side, who, message.offset)
        self.announcer.read(message.conversation, side, offset, connection)
        if message.id is not None:
            connection.push(Outgoing.of(Ok(id=message.id, offset=offset)))

    async def mark_typing(
        self, connection: Connection, message: Typing, side: str, who: str
    ) -> None:
        """At most ten a second and socket; stopping always travels."""
        now = asyncio.get_running_loop().time()
        if message.on and now - connection.data.typed_at < TYPING_EVERY:
            return
        connection.data.typed_at = now
        await self.conversations.typing(message.conversation, side, who, on=message.on)
        self.announcer.typing(message.conversation, side, connection, on=message.on)


def named(connection: Connection, message: object) -> dict[str, str]:
    """Who and which conversation, for a line of the log: put together when one is written."""
    conversation = getattr(message, "conversation", "")
    return connection.named | ({"conversation": conversation[:64]} if conversation else {})


def acknowledgement(number: int, placed: Placed) -> Outgoing:
    """The answer to a message: built by hand, there is one for every message."""
    return Outgoing.json(
        b'{"type":"ok","id":%d,"epoch":"%b","offset":%d,"at":"%b"}'
        % (number, placed.epoch.encode(), placed.offset, stamp(placed.wall).encode())
    )


def history_answer(
    message: History, snapshot: Snapshot, announcer: Announcer, *, for_rep: bool
) -> Outgoing:
    """Entries and recovered, or a fresh snapshot when the position isn't valid any more."""
    answer: dict[str, Any] = {"type": "ok", "id": message.id, "recovered": snapshot.recovered}
    if snapshot.recovered:
        answer["entries"] = [orjson.Fragment(entry.json()) for entry in snapshot.entries]
    else:
        answer["conversation"] = snapshot.fragment(announcer.person_of, for_rep=for_rep)
    return Outgoing.json(orjson.dumps(answer))
