"""What a visitor may say."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable
from time import monotonic
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
from frontdesk.presence.mirror import Mirror
from frontdesk.routing.router import Asked, Router
from frontdesk.telemetry import Spread
from frontdesk.visitors.store import Erased, Visitors
from frontdesk.web.about import about_json
from frontdesk.web.address import household
from frontdesk.web.announcer import Announcer
from frontdesk.web.commands import Commands
from frontdesk.web.following import Following
from frontdesk.web.learning import Learning, count_past
from frontdesk.web.seats import Outbox, VisitorSeat
from frontdesk.wire import frames
from frontdesk.wire.codec import Outgoing, decode_visitor
from frontdesk.wire.times import stamp

log = structlog.get_logger("visitors")

NO_MORE_FIELDS, NO_NEW_VISITORS = 75, 90
"""Percent of Redis' memory; from the first on scripts refuse new requests, too."""

ASK_EVERY = 2.0
"""Seconds between two requests of one socket: ringing a whole team is not a toy."""

RING = Spread(
    "ring_seconds", "From a request's frame to the offers of that node's reps, in the same turn."
)
GOINGS = 500
"""Said to Redis at a time: when the network of ten thousand breaks, the lease and the chats of the
others must not find its queue full.
"""

TellNodes = Callable[..., Awaitable[None]]
"""Nodes, the kind of a notice, its words."""
Take = Callable[[str, str, str], Awaitable[None]]
TokenOf = Callable[[str], str]
VisitorOf = Callable[[str], str | None]


class VisitorCommands(Commands):
    """Visitors' frames. `sign` makes a token of a visitor's id, `verify` finds the id in one."""

    def __init__(  # noqa: PLR0913 - it is given everything it works with
        self,
        announcer: Announcer,
        conversations: Conversations,
        visitors: Visitors,
        learning: Learning,
        router: Router,
        mirror: Mirror,
        *,
        sign: TokenOf,
        verify: VisitorOf,
        desk: Callable[[], dict[str, Any]],
        following: Following,
        now: Callable[[], int],
    ) -> None:
        super().__init__(announcer, conversations, decode_visitor, following)
        self._visitors = visitors
        self._learning = learning
        learning.tell = self._tell_about
        self._router = router
        self._mirror = mirror
        self._sign = sign
        self._verify = verify
        self._desk = desk
        self._now = now
        self.take: Take = _take_nothing
        """Raises rate_limited: what, visitor ('' while nobody knows them), address."""
        self.pressure: Callable[[], int] = int
        """How full Redis' memory is, in percent."""
        self.tell_nodes: TellNodes = _tell_nobody
        self._goings = asyncio.Semaphore(GOINGS)
        self._arriving: Counter[str] = Counter()
        """Visitors whose tab is being welcomed."""
        self.hello = frames.VisitorHello
        self.handlers = {
            frames.VisitorHello: self.say_hello,
            frames.PageView: self.page,
            frames.Identify: self.identify,
            frames.RequestPerson: self.request,
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
        if not visitor and self.pressure() >= NO_NEW_VISITORS:
            self._refuse(connection, hello.id, FrontdeskError("overloaded"))
            connection.close(frames.CloseCode.OVERLOADED, "overloaded")
            return False
        try:
            await self.take("hello", visitor, household(connection.address))
        except FrontdeskError as error:
            if error.code != "rate_limited":
                raise
            self._refuse(connection, hello.id, error)
            connection.close(frames.CloseCode.RATE, "rate")
            return False
        return True

    def _without_growth(self, hello: frames.VisitorHello) -> frames.VisitorHello:
        """While memory is short a visitor is welcome, what their page knows isn't kept."""
        if hello.fields and self.pressure() >= NO_MORE_FIELDS:
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
        if self.pressure() >= NO_MORE_FIELDS:
            raise FrontdeskError("overloaded")
        await self._learning.identify(seat, message)
        await self._tell_about(seat)
        self._done(connection, message.id)

    def _done(self, connection: Connection, number: int | None) -> None:
        if number is not None:
            connection.push(Outgoing.json(b'{"type":"ok","id":%d}' % number))

    # --- the conversation

    async def request(self, connection: Connection, message: frames.RequestPerson) -> None:
        """Ask for a person (RT-10): decided, rung and answered with one script call."""
        seat: VisitorSeat = connection.data
        came = connection.came
        self._not_too_often(seat)
        await self.take("request", seat.visitor, household(connection.address))
        count_past(seat)
        about = about_json(seat.about)
        # Always an id of its own: the script knows which one is open. What this node believes may
        # be over, and a closed conversation must neither be the answer nor begin again.
        conversation = ids.new("c")
        rooms = self.announcer.rooms
        room = rooms.expect(conversation)
        try:
            asked = await self._router.request(
                conversation, seat.visitor, seat.session, about, seat.about, message.text,
                message.client_id,
            )  # fmt: skip
        except BaseException:
            rooms.settle(room)
            raise
        if asked.rung is None or asked.conversation != conversation:
            rooms.settle(room)
            await self._answer_with_whole(connection, message, asked, about)
            _rang(asked, came)
            return
        snapshot = self._fresh(asked, message, seat.visitor)
        rooms.settle(room, snapshot.epoch, snapshot.offset)
        self._asked(connection, message, seat, snapshot)
        self._rings(asked, about)
        _rang(asked, came)
        await self._tell_elsewhere(seat, conversation)
        if "@" in message.text:
            await self._learning.typed(seat, message.text)

    def _not_too_often(self, seat: VisitorSeat) -> None:
        now = asyncio.get_running_loop().time()
        if now - seat.asked_at < ASK_EVERY and seat.asked_at:
            raise FrontdeskError("rate_limited", retry_after=ASK_EVERY)
        seat.asked_at = now

    def _fresh(self, asked: Asked, message: frames.RequestPerson, visitor: str) -> Snapshot:
        """The new conversation, made from what the script was given: nothing is read again."""
        rung = asked.rung
        if rung is None:
            raise FrontdeskError("internal")
        bodies = [entries.requested_body("request")]
        if message.text:
            bodies.append(entries.message_body("visitor", message.text, message.client_id))
        if rung.state == "missed":
            bodies.append(entries.missed_body())
        epoch = self._router.epoch()
        made = [
            Entry(asked.conversation, epoch, number, rung.wall, entries.kind_of(body), body)
            for number, body in enumerate(bodies, start=rung.first)
        ]
        return Snapshot(
            id=asked.conversation, state=rung.state, visitor=visitor, rep="", fence=0,
            offset=rung.offset, epoch=epoch, at=rung.wall, about=b"", extra=b"", read_visitor=0,
            read_rep=0, visitor_here=True, expires=rung.expires, claimed=0, lost=False,
            recovered=False, entries=made,
        )  # fmt: skip

    def _asked(
        self,
        connection: Connection,
        message: frames.RequestPerson,
        seat: VisitorSeat,
        snapshot: Snapshot,
    ) -> None:
        """The answer, and the conversation to the visitor's other tabs on this node."""
        whole = snapshot.fragment(self.announcer.person_of, for_rep=False)
        connection.push(
            Outgoing.json(orjson.dumps({"type": "ok", "id": message.id, "conversation": whole}))
        )
        self._show(seat.visitor, snapshot.id, whole, connection)

    def _show(
        self, visitor: str, conversation: str, whole: orjson.Fragment, author: Connection | None
    ) -> None:
        """The open conversation, on the visitor's tabs of this node; its author has it already."""
        out: Outgoing | None = None  # most visitors have one tab
        room = self.announcer.rooms.get(conversation)
        for tab in self.announcer.visitors.of(visitor):
            tab.data.conversation = conversation
            if room is not None:
                room.join(tab)
            if tab is not author:
                out = out or Outgoing.json(orjson.dumps(whole))
                tab.push(out)
        if room is not None and not room.visitors:
            self.leaving.add(room.id)  # they went before the answer came

    async def _tell_elsewhere(self, seat: VisitorSeat, conversation: str) -> None:
        """Their tabs on other nodes show it, too. A notice that is lost costs a reload."""
        try:
            if nodes := await self._learning.asked(seat):
                await self.tell_nodes(nodes, "opened", seat.visitor, conversation)
        except FrontdeskError as error:
            log.warning(
                "telling other tabs failed", visitor=seat.visitor, conversation=conversation,
                code=error.code,
            )  # fmt: skip

    async def opened(self, visitor: str, conversation: str) -> None:
        """Another node says that one of their tabs there asked for a person."""
        if all(
            tab.data.conversation == conversation for tab in self.announcer.visitors.of(visitor)
        ):
            return
        snapshot = await self.follow(conversation, "v")
        if snapshot is not None and snapshot.visitor == visitor and snapshot.state != "closed":
            whole = snapshot.fragment(self.announcer.person_of, for_rep=False)
            self._show(visitor, conversation, whole, None)

    async def _answer_with_whole(
        self,
        connection: Connection,
        message: frames.RequestPerson,
        asked: Asked,
        about: bytes,
    ) -> None:
        """It was open already, or was missed and is asked for again: the log is read."""
        seat: VisitorSeat = connection.data
        snapshot = await self.follow(asked.conversation, "v")
        if snapshot is None:
            raise FrontdeskError("gone")
        self._asked(connection, message, seat, snapshot)
        if asked.rung is not None:
            self._rings(asked, about)

    def _rings(self, asked: Asked, about: bytes) -> None:
        if asked.rung is not None:
            self.announcer.rung(asked.conversation, asked.rung, about, asked.rung.extra)

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


def _rang(asked: Asked, came: float) -> None:
    """Only what rang somebody: a request that is missed at once was no ring."""
    if asked.rung is not None and asked.rung.rung:
        RING.observe(monotonic() - came)


async def _tell_nobody(_nodes: list[str], _kind: str, *_words: str) -> None:
    """Until there are other nodes."""


async def _take_nothing(_what: str, _visitor: str, _address: str) -> None:
    """Until somebody counts."""


def history_answer(
    message: frames.History, snapshot: Snapshot, announcer: Announcer, *, for_rep: bool
) -> Outgoing:
    """Entries and recovered, or a fresh snapshot when the position isn't valid any more."""
    answer: dict[str, Any] = {"type": "ok", "id": message.id, "recovered": snapshot.recovered}
    if snapshot.recovered:
        answer["entries"] = [orjson.Fragment(entry.json()) for entry in snapshot.entries]
    else:
        answer["conversation"] = snapshot.fragment(announcer.person_of, for_rep=for_rep)
    return Outgoing.json(orjson.dumps(answer))
