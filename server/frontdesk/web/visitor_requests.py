"""A visitor asks for a person: who is rung, and what their own tabs show, here and elsewhere."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic

import orjson
import structlog

from frontdesk import ids
from frontdesk.conversations import entries
from frontdesk.conversations.entries import Entry
from frontdesk.conversations.snapshot import Snapshot
from frontdesk.errors import FrontdeskError
from frontdesk.hub.connection import Connection
from frontdesk.routing.router import Asked, Router
from frontdesk.telemetry import Spread
from frontdesk.web.about import about_json
from frontdesk.web.address import household
from frontdesk.web.announcer import Announcer
from frontdesk.web.following import Following
from frontdesk.web.learning import Learning, count_past
from frontdesk.web.seats import VisitorSeat
from frontdesk.wire import frames
from frontdesk.wire.codec import Outgoing

log = structlog.get_logger("visitors")

ASK_EVERY = 2.0
"""Seconds between two requests of one socket: ringing a whole team is not a toy."""

RING = Spread(
    "ring_seconds", "From a request's frame to the offers of that node's reps, in the same turn."
)

TellNodes = Callable[..., Awaitable[None]]
"""Nodes, the kind of a notice, its words."""
Take = Callable[[str, str, str], Awaitable[None]]
"""Raises rate_limited: what, visitor ('' while nobody knows them), address."""


class VisitorRequests:
    """Requests of this node's visitors, and conversations of theirs that began on another node."""

    def __init__(
        self,
        announcer: Announcer,
        following: Following,
        learning: Learning,
        router: Router,
        *,
        take: Take,
        tell_nodes: TellNodes,
    ) -> None:
        self._announcer = announcer
        self._follow = following.follow
        self._leaving = following.leaving
        self._learning = learning
        self._router = router
        self._take = take
        self._tell_nodes = tell_nodes

    async def ask(self, connection: Connection, message: frames.RequestPerson) -> None:
        """Ask for a person (RT-10): decided, rung and answered with one script call."""
        seat: VisitorSeat = connection.data
        came = connection.came
        self._not_too_often(seat)
        await self._take("request", seat.visitor, household(connection.address))
        count_past(seat)
        about = about_json(seat.about)
        # Always an id of its own: the script knows which one is open. What this node believes may
        # be over, and a closed conversation must neither be the answer nor begin again.
        conversation = ids.new("c")
        rooms = self._announcer.rooms
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
        whole = snapshot.fragment(self._announcer.person_of, for_rep=False)
        connection.push(
            Outgoing.json(orjson.dumps({"type": "ok", "id": message.id, "conversation": whole}))
        )
        self._show(seat.visitor, snapshot.id, whole, connection)

    def _show(
        self, visitor: str, conversation: str, whole: orjson.Fragment, author: Connection | None
    ) -> None:
        """The open conversation, on the visitor's tabs of this node; its author has it already."""
        out: Outgoing | None = None  # most visitors have one tab
        room = self._announcer.rooms.get(conversation)
        for tab in self._announcer.visitors.of(visitor):
            tab.data.conversation = conversation
            if room is not None:
                room.join(tab)
            if tab is not author:
                out = out or Outgoing.json(orjson.dumps(whole))
                tab.push(out)
        if room is not None and not room.visitors:
            self._leaving.add(room.id)  # they went before the answer came

    async def _tell_elsewhere(self, seat: VisitorSeat, conversation: str) -> None:
        """Their tabs on other nodes show it, too. A notice that is lost costs a reload."""
        try:
            if nodes := await self._learning.asked(seat):
                await self._tell_nodes(nodes, "opened", seat.visitor, conversation)
        except FrontdeskError as error:
            log.warning(
                "telling other tabs failed", visitor=seat.visitor, conversation=conversation,
                code=error.code,
            )  # fmt: skip

    async def opened(self, visitor: str, conversation: str) -> None:
        """Another node says that one of their tabs there asked for a person."""
        if all(
            tab.data.conversation == conversation for tab in self._announcer.visitors.of(visitor)
        ):
            return
        snapshot = await self._follow(conversation, "v")
        if snapshot is not None and snapshot.visitor == visitor and snapshot.state != "closed":
            whole = snapshot.fragment(self._announcer.person_of, for_rep=False)
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
        snapshot = await self._follow(asked.conversation, "v")
        if snapshot is None:
            raise FrontdeskError("gone")
        self._asked(connection, message, seat, snapshot)
        if asked.rung is not None:
            self._rings(asked, about)

    def _rings(self, asked: Asked, about: bytes) -> None:
        if asked.rung is not None:
            self._announcer.rung(asked.conversation, asked.rung, about, asked.rung.extra)


def _rang(asked: Asked, came: float) -> None:
    """Only what rang somebody: a request that is missed at once was no ring."""
    if asked.rung is not None and asked.rung.rung:
        RING.observe(monotonic() - came)
