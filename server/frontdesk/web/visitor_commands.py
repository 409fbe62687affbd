"""What a visitor may say."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable
from typing import Any

import orjson
import structlog
from msgspec import structs

from frontdesk import ids
from frontdesk.conversations import entries
from frontdesk.conversations.entries import Entry
from frontdesk.conversations.snapshot import Snapshot
from frontdesk.conversations.store import Conversations
from frontdesk.errors import FrontdeskError
from frontdesk.hub.connection import Connection
from frontdesk.routing.router import Router
from frontdesk.visitors.store import Erased, Visitors
from frontdesk.web.about import about_json
from frontdesk.web.address import household
from frontdesk.web.announcer import Announcer
from frontdesk.web.commands import Commands, history_answer
from frontdesk.web.following import Following
from frontdesk.web.learning import Learning, count_past
from frontdesk.web.seats import Outbox, VisitorSeat
from frontdesk.web.visitor_requests import Take, VisitorRequests
from frontdesk.wire import frames
from frontdesk.wire.codec import Outgoing, decode_visitor
from frontdesk.wire.times import stamp

log = structlog.get_logger("visitors")

NO_MORE_FIELDS, NO_NEW_VISITORS = 75, 90
"""Percent of Redis' memory; from the first on scripts refuse new requests, too."""

GOINGS = 500
"""Said to Redis at a time: when the network of ten thousand breaks, the lease and the chats of the
others must not find its queue full.
"""

TokenOf = Callable[[str], str]
VisitorOf = Callable[[str], str | None]


class VisitorCommands(Commands):
    """Visitors' frames. `sign` makes a token of a visitor's id, `verify` finds the id in one;
    `pressure` says how full Redis' memory is, in percent.
    """

    def __init__(  # noqa: PLR0913 - it is given everything it works with
        self,
        announcer: Announcer,
        conversations: Conversations,
        visitors: Visitors,
        learning: Learning,
        router: Router,
        requests: VisitorRequests,
        *,
        sign: TokenOf,
        verify: VisitorOf,
        desk: Callable[[], dict[str, Any]],
        following: Following,
        take: Take,
        pressure: Callable[[], int],
        now: Callable[[], int],
    ) -> None:
        super().__init__(announcer, conversations, decode_visitor, following)
        self._visitors = visitors
        self._learning = learning
        learning.tell = self._tell_about
        self._router = router
        self._sign = sign
        self._verify = verify
        self._desk = desk
        self._now = now
        self._take = take
        self._pressure = pressure
        self._goings = asyncio.Semaphore(GOINGS)
        self._arriving: Counter[str] = Counter()
        """Visitors whose tab is being welcomed."""
        self.hello = frames.VisitorHello
        self.handlers = {
            frames.VisitorHello: self.say_hello,
            frames.PageView: self.page,
            frames.Identify: self.identify,
            frames.RequestPerson: requests.ask,
            frames.LeaveMessage: self.leave,
            frames.Read: self.read,
            frames.Typing: self.typing,
            frames.History: self.history,
            frames.Close: self.close,
            frames.Ping: self.ping,
        }

    def outbox(self, connection: Connection, _conversation: str) -> Outbox:
        """A visitor has one conversation."""
        seat: VisitorSeat = connection.data
        return seat.queue()

    def writer(
        self, connection: Connection, message: frames.SendMessage
    ) -> tuple[str, str, int, bytes]:
        """The visitor themselves; the script checks whose conversation it is."""
        if "@" in message.text:
            self.spawn(self._learning.typed(connection.data, message.text))
        body = entries.message_body("visitor", message.text, message.client_id)
        return "v", connection.data.visitor, 0, body

    # --- being here

    async def say_hello(self, connection: Connection, hello: frames.VisitorHello) -> None:
        """Who is it, which visit, what goes on: one answer holds all (VS-1, VS-2)."""
        known = self._verify(hello.token) if hello.token else None
        if hello.token and known is None:
            self.log_refusal(connection, "unauthorized")  # forged or expired: a new visitor
        if not await self._may_come(connection, hello, known or ""):
            return
        hello = self._without_growth(hello)
        try:
            await self._come(connection, hello, known or ids.new("v"), known=known is not None)
        except Erased:  # nobody knows them any more: a new visitor (OP-5)
            await self._come(connection, hello, ids.new("v"), known=False)

    async def _come(
        self, connection: Connection, hello: frames.VisitorHello, visitor: str, *, known: bool
    ) -> None:
        self._arriving[visitor] += 1
        try:
            await self._arrive(connection, hello, visitor, known=known)
        finally:
            self._arriving[visitor] -= 1
            if not self._arriving[visitor]:
                del self._arriving[visitor]
            self._look_after(visitor)  # perhaps the socket closed in between

    async def _arrive(
        self, connection: Connection, hello: frames.VisitorHello, visitor: str, *, known: bool
    ) -> None:
        seat, recall, left_out = await self._learning.greet(connection, hello, visitor, known=known)
        snapshot = await self._resume(seat, hello.resume)
        if connection.closed:
            return
        connection.principal = connection.data = seat
        self.announcer.visitors.add(seat.visitor, connection)
        count_past(seat)
        await self._learning.begin(seat)
        self._welcome(connection, hello, seat, snapshot)
        if left_out:  # the tab is welcome all the same: its page may be wrong for months
            self._refuse(connection, None, FrontdeskError("bad_request", left_out))
        if hello.page:
            await self._tell_about(seat)
        if recall:
            await self._learning.recall(seat)

    async def _may_come(
        self, connection: Connection, hello: frames.VisitorHello, visitor: str
    ) -> bool:
        """Not too often, here or on other nodes, and nobody new while memory is short; else the
        socket is closed, to come back later.
        """
        if not visitor and self._pressure() >= NO_NEW_VISITORS:
            self._refuse(connection, hello.id, FrontdeskError("overloaded"))
            connection.close(frames.CloseCode.OVERLOADED, "overloaded")
            return False
        try:
            await self._take("hello", visitor, household(connection.address))
        except FrontdeskError as error:
            if error.code != "rate_limited":
                raise
            self._refuse(connection, hello.id, error)
            connection.close(frames.CloseCode.RATE, "rate")
            return False
        return True

    def _without_growth(self, hello: frames.VisitorHello) -> frames.VisitorHello:
        """While memory is short a visitor is welcome, what their page knows isn't kept."""
        if hello.fields and self._pressure() >= NO_MORE_FIELDS:
            return structs.replace(hello, fields={})
        return hello

    async def _resume(
        self, seat: VisitorSeat, resume: dict[str, frames.Position]
    ) -> Snapshot | None:
        """The open conversation, else the one the client remembers, if it is this visitor's."""
        conversation = await self.conversations.open_of(seat.visitor)
        for candidate in [conversation] if conversation else list(resume)[:1]:
            position = resume.get(candidate, frames.Position("", 0))
            snapshot = await self.follow(
                candidate, "v" if conversation else "-", position.epoch, position.offset
            )
            if snapshot is not None and snapshot.visitor == seat.visitor:
                seat.conversation = conversation or ""
                return snapshot
        return None

    def _welcome(
        self,
        connection: Connection,
        hello: frames.VisitorHello,
        seat: VisitorSeat,
        snapshot: Snapshot | None,
    ) -> None:
        welcome: dict[str, Any] = {
            "type": "welcome",
            "id": hello.id,
            "visitor": seat.visitor,
            "token": self._sign(seat.visitor),
            "session": seat.session,
            "desk": self._desk(),
            "server_time": stamp(self._now()),
        }
        if snapshot is not None:
            self._sit_down(connection, snapshot)
            welcome["conversation"] = snapshot.fragment(self.announcer.person_of, for_rep=False)
            welcome["recovered"] = {snapshot.id: snapshot.recovered}
        connection.push(Outgoing.json(orjson.dumps(welcome)))

    def _sit_down(self, connection: Connection, snapshot: Snapshot) -> None:
        if snapshot.state != "closed":
            room = self.announcer.rooms.get(snapshot.id)
            if room is not None:
                room.join(connection)
            self.leaving.discard(snapshot.id)

    async def page(self, connection: Connection, message: frames.PageView) -> None:
        """Another page: kept with the visit; who talks with them sees it (VS-4)."""
        seat: VisitorSeat = connection.data
        await self._learning.page(seat, message.page)
        await self._tell_about(seat)
        self._done(connection, message.id)

    def erased(self, visitor: str) -> None:
        """Nobody is them any more: their tabs come back as somebody new (OP-5)."""
        for tab in self.announcer.visitors.of(visitor):
            tab.close(frames.CloseCode.ERASED, "erased")

    async def check_erased(self) -> None:
        """Whoever was erased while notices were missed."""
        for visitor in await self._visitors.erased(self.announcer.visitors.subjects()):
            self.erased(visitor)

    def _refuse(
        self,
        connection: Connection,
        number: int | None,
        error: FrontdeskError,
        message: object = None,
    ) -> None:
        super()._refuse(connection, number, error, message)
        if isinstance(error, Erased):
            connection.close(frames.CloseCode.ERASED, "erased")

    async def _tell_about(self, seat: VisitorSeat) -> None:
        """Whoever talks with them sees who they are and where."""
        if not seat.conversation:
            return
        conversation, about = seat.conversation, about_json(seat.about)
        await self.conversations.about(conversation, seat.visitor, about)
        self.announcer.about(conversation, about)

    async def identify(self, connection: Connection, message: frames.Identify) -> None:
        """What the page knows of its visitor (VS-5)."""
        seat: VisitorSeat = connection.data
        if self._pressure() >= NO_MORE_FIELDS:
            raise FrontdeskError("overloaded")
        await self._learning.identify(seat, message)
        await self._tell_about(seat)
        self._done(connection, message.id)

    def _done(self, connection: Connection, number: int | None) -> None:
        if number is not None:
            connection.push(Outgoing.json(b'{"type":"ok","id":%d}' % number))

    # --- the conversation, once it was asked for

    async def leave(self, connection: Connection, message: frames.LeaveMessage) -> None:
        """Nobody came: an address and a message (RT-6)."""
        seat: VisitorSeat = connection.data
        body = entries.left_body(message.email, message.text)
        digest = hashlib.blake2b(body, digest_size=12).hexdigest()
        client_id = f"leave.{digest}"  # the same words twice are one message
        placed = await self.conversations.leave(
            message.conversation, seat.visitor, client_id, body, message.email
        )
        entry = Entry(message.conversation, placed.epoch, placed.offset, placed.wall, "left", body)
        self.announcer.entry(entry)
        self._done(connection, message.id)
        await self._learning.left(seat, message.email)

    async def read(self, connection: Connection, message: frames.Read) -> None:
        """The visitor has read so far."""
        await self.mark_read(connection, message, "v", connection.data.visitor)

    async def typing(self, connection: Connection, message: frames.Typing) -> None:
        """The visitor writes."""
        await self.mark_typing(connection, message, "v", connection.data.visitor)

    async def history(self, connection: Connection, message: frames.History) -> None:
        """What came after a position, and everything from now on."""
        seat: VisitorSeat = connection.data
        snapshot = await self.follow(message.conversation, "-", message.epoch, message.offset)
        if snapshot is None:
            raise FrontdeskError("not_found")
        if snapshot.visitor != seat.visitor:
            raise FrontdeskError("forbidden")
        if snapshot.state != "closed" and seat.conversation != snapshot.id:
            # Theirs: so the visitor is here. Followed anew, for it must be joined at once.
            mine = await self.follow(message.conversation, "v", message.epoch, message.offset)
            snapshot = mine or snapshot
            seat.conversation = "" if snapshot.state == "closed" else snapshot.id
        self._sit_down(connection, snapshot)
        connection.push(history_answer(message, snapshot, self.announcer, for_rep=False))

    async def close(self, connection: Connection, message: frames.Close) -> None:
        """The visitor ends it, or cancels what rings (CH-1)."""
        seat: VisitorSeat = connection.data
        conversation = message.conversation
        room = self.announcer.rooms.get(conversation)
        ended = await self.conversations.close(
            conversation, "v", seat.visitor, fence=0, why="ended",
            body=entries.closed_body("visitor", "ended"),
            waiting=("cancelled", entries.closed_body("visitor", "cancelled")),
            holder=room.data if room else "",
        )  # fmt: skip
        connection.push(Outgoing.json(b'{"type":"ok","id":%d,"state":"closed"}' % message.id))
        if ended.again:
            return
        entry = Entry(
            conversation, self._router.epoch(), ended.offset, ended.wall, "closed", ended.body
        )
        self.announcer.entry(entry, ended.why)
        if ended.drain:
            self._router.soon()

    # --- leaving

    def closed(self, connection: Connection) -> None:
        """The tab's socket is gone; a page change brings the next within seconds."""
        seat: VisitorSeat | None = connection.data
        if seat is None:
            return
        self.announcer.visitors.remove(seat.visitor, connection)
        for room in [self.announcer.rooms.get(seat.conversation)] if seat.conversation else []:
            if room is not None:
                room.leave(connection)
                if not room.visitors:
                    self.leaving.add(room.id)
        self._look_after(seat.visitor)

    def _look_after(self, visitor: str) -> None:
        if not self._is_here(visitor):
            self.spawn(self._gone(visitor))

    def _is_here(self, visitor: str) -> bool:
        return visitor in self.announcer.visitors or visitor in self._arriving

    async def _gone(self, visitor: str) -> None:
        if self._is_here(visitor):
            return
        try:
            async with self._goings:
                await self._visitors.gone(visitor)
        except FrontdeskError:
            return  # the session's own time ends it
