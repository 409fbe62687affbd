"""What a node learns of a visitor while they are here, and where it keeps it (VS-2, VS-3, VS-4)."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple
from weakref import WeakValueDictionary

import orjson
import structlog
from msgspec import to_builtins

from frontdesk.errors import FrontdeskError
from frontdesk.hub.connection import Connection
from frontdesk.hub.roster import Roster
from frontdesk.telemetry import Counter
from frontdesk.visitors.arrival import Arrival
from frontdesk.visitors.device import device_of
from frontdesk.visitors.fields import Declared, Scalar, email_in, replace_kept, take
from frontdesk.visitors.places import Places
from frontdesk.visitors.signed import BadIdentity, SignedIdentity
from frontdesk.visitors.sources import Source
from frontdesk.visitors.store import Archive, Visitors
from frontdesk.web.about import about_of, kept_json, take_kept, take_visit
from frontdesk.web.seats import VisitorSeat
from frontdesk.wire.frames import Identify, Page, VisitorHello

log = structlog.get_logger("learning")

VISITS = Counter("visits", "Sessions that began (VS-1, AN-1).")

ATTEMPTS = 20
"""Each fails only when another node has learned something in between."""
RECALLS = 4
"""At once and node: after Redis was lost, everybody who comes back is asked for in SQL."""


class Greeting(NamedTuple):
    """The seat of a tab that opened, whether earlier visits are to be recalled, and in words which
    of its fields were left out.
    """

    seat: VisitorSeat
    recall: bool
    left_out: str


class Learning:
    """Puts together what is known of the visitors of this node. `tell` says it to those who talk
    with them. Seams: `declared` gives the desk's own fields; `routed` decides, when a session
    begins or more is known, by which rule somebody sees the visitor (RT-10: nothing rings), '' for
    the default one alone.
    """

    def __init__(
        self,
        visitors: Visitors,
        archive: Archive,
        roster: Roster,
        *,
        places: Places,
        signed: SignedIdentity,
    ) -> None:
        self._visitors = visitors
        self._archive = archive
        self._roster = roster
        self._places = places
        self._signed = signed
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._recalls = asyncio.Semaphore(RECALLS)
        self.declared: Callable[[], Mapping[str, Declared]] = dict
        self.routed: Callable[[Mapping[str, Any]], str] = lambda _about: ""
        self.tell: Callable[[VisitorSeat], Awaitable[None]] = _nobody

    async def greet(
        self, connection: Connection, hello: VisitorHello, visitor: str, *, known: bool
    ) -> "Greeting":
        """A tab opens."""
        page = orjson.dumps(to_builtins(hello.page)) if hello.page else b""
        arrival = Arrival.on(hello.page)
        visit = await self._visitors.visit(
            visitor, page=page, arrival=arrival, here=True, known=known
        )
        device = device_of(connection.user_agent)
        connection.user_agent = ""
        place = self._places.of(connection.address, hello.timezone)
        about = about_of(visitor, visit, hello, device, place)
        seat = VisitorSeat(
            visitor, visit.session, about, visit.about, asked=visit.conversations,
            rule=visit.rule.decode(),
        )  # fmt: skip
        left_out: list[str] = []
        if hello.fields:
            await self.learn(seat, hello.fields, Source.PAGE, strict=False, left_out=left_out)
        if visit.fresh:
            VISITS.add()
        return Greeting(seat, known and not visit.remembered, " ".join(left_out))

    async def page(self, seat: VisitorSeat, page: Page) -> None:
        """They are on another page; perhaps in a new session by now."""
        told, before = to_builtins(page), seat.kept
        visit = await self._visitors.visit(
            seat.visitor, page=orjson.dumps(told), arrival=Arrival.on(page), here=True, known=True
        )
        seat.session, seat.asked = visit.session, visit.conversations
        seat.rule = visit.rule.decode()
        seat.about["page"] = told
        take_visit(seat.about, visit)
        if visit.about != before:  # another tab was told something; this one's is under way
            seat.kept = visit.about
            take_kept(seat.about, visit.about)
        count_past(seat)
        if visit.fresh:
            VISITS.add()
        await self.begin(seat)

    async def begin(self, seat: VisitorSeat) -> None:
        """A session that no rule was found for yet: it has just begun, its first tab was gone
        before all was known, or there were no rules then (RT-10). Past conversations are counted.
        """
        if not seat.rule:
            await self.route(seat)

    async def identify(self, seat: VisitorSeat, message: Identify) -> None:
        """What the page knows, and what the site's server has signed; the token is read first, and
        a bad one refuses all of it.
        """
        signed = self._signed_fields(seat, message.jwt) if message.jwt else {}
        await self.learn(seat, message.fields, Source.PAGE)
        if signed:
            await self.learn(seat, signed, Source.SIGNED, strict=False)

    def _signed_fields(self, seat: VisitorSeat, token: str) -> dict[str, Any]:
        try:
            return self._signed.fields(token)
        except BadIdentity as error:
            log.warning("signed identity refused", because=error.why, **seat.named)
            raise

    async def learn(
        self,
        seat: VisitorSeat,
        given: Mapping[str, Scalar],
        source: Source,
        *,
        strict: bool = True,
        left_out: list[str] | None = None,
    ) -> bool:
        """Fields by a source; whether anything is different now. Raises bad_request if strict."""
        if not take(seat.about, given, source, self.declared(), strict=strict, left_out=left_out):
            return False

        def again() -> None:
            take(seat.about, given, source, self.declared(), strict=False)

        await self._save(seat, again)
        await self.route(seat)
        return True

    async def _save(
        self, seat: VisitorSeat, again: Callable[[], None], *, conversations: int = 0
    ) -> None:
        """What `seat` knows now, to Redis and to the visitor's other tabs here; one at a time.
        Where something else is known meanwhile, `again` takes the new into that.
        """
        turn = self.turn(seat.visitor)
        waits = turn.locked()
        async with turn:
            if waits:
                again()
            for _attempt in range(ATTEMPTS):
                before, seat.kept = seat.kept, kept_json(seat.about)
                meanwhile = await self._visitors.keep(
                    seat.visitor, before, seat.kept, conversations=conversations
                )
                if meanwhile is None:
                    self.share(seat.visitor, seat.kept, but=seat)
                    return
                seat.kept = meanwhile
                seat.rule = "?"  # another node has learned something, and routed by it
                take_kept(seat.about, meanwhile)
                again()
        raise FrontdeskError("retry")

    def turn(self, visitor: str) -> asyncio.Lock:
        """One at a time and visitor learns on this node."""
        turn = self._turns.get(visitor)
        if turn is None:
            turn = self._turns[visitor] = asyncio.Lock()
        return turn

    def share(self, visitor: str, kept: bytes, *, but: VisitorSeat | None = None) -> None:
        """The visitor's tabs on this node know it, too."""
        for tab in self._roster.of(visitor):
            if tab.data is not but:
                tab.data.kept = kept
                take_kept(tab.data.about, kept)

    async def read_again(self, visitor: str) -> None:
        """Another node says that more is known of somebody with a tab here."""
        if self._roster.of(visitor):
            async with self.turn(visitor):
                self.share(visitor, await self._visitors.known(visitor))

    async def typed(self, seat: VisitorSeat, text: str) -> None:
        """An address that they wrote in the chat: theirs, if nothing better is known (VS-2)."""
        email = email_in(text)
        with suppress(FrontdeskError):  # it stays in the log of the conversation, whatever happens
            if email and await self.learn(seat, {"email": email}, Source.CHAT, strict=False):
                await self.tell(seat)

    async def left(self, seat: VisitorSeat, email: str) -> None:
        """The address of a form. One that can't be one is kept with the message all the same."""
        with suppress(FrontdeskError):
            if await self.learn(seat, {"email": email}, Source.FORM, strict=False):
                await self.tell(seat)

    async def asked(self, seat: VisitorSeat) -> list[str]:
        """A conversation of theirs began: the next time it is an earlier one. → the other nodes
        that have a tab of theirs.
        """
        for tab in self._roster.of(seat.visitor):
            tab.data.asked += 1
        return await self._visitors.asked(seat.visitor)

    async def recall(self, seat: VisitorSeat) -> None:
        """They were here before, and Redis has forgotten it: SQL knows those who had a
        conversation. It is asked behind the welcome, which waits for nothing.
        """
        with suppress(FrontdeskError):
            async with self._recalls:
                recalled = await self._archive.recall(seat.visitor)
            if recalled is None:
                return
            seat.asked += recalled.conversations
            count_past(seat)
            again = partial(take_older, seat.about, recalled.about)
            again()
            await self._save(seat, again, conversations=recalled.conversations)
            await self.route(seat)
            await self.tell(seat)

    async def route(self, seat: VisitorSeat) -> None:
        """By which rule somebody sees them, kept with the visit: when a session begins, and when
        more is known of them (RT-10).
        """
        rule = self.routed(seat.about)
        if rule == seat.rule:
            return
        seat.rule = rule
        for tab in self._roster.of(seat.visitor):
            tab.data.rule = rule
        await self._visitors.keep(seat.visitor, b"", b"", session=seat.session, rule=rule)


def count_past(seat: VisitorSeat) -> None:
    """Conversations before the open one, if there is one."""
    past = seat.asked - (1 if seat.conversation else 0)
    if past > 0:
        seat.about["past_conversations"] = past
    else:
        seat.about.pop("past_conversations", None)


def take_older(about: dict[str, Any], older: Mapping[str, Any]) -> None:
    """What was known of the person at an earlier time. What was told since has the last word, as
    far as its source may.
    """
    newer = {**about}
    replace_kept(about, older)
    for source in Source:
        take(about, _said_by(newer, source), source, strict=False)
    told, edited = about.get("sources", {}), about.get("edited", {}) | newer.get("edited", {})
    about["edited"] = {key: who for key, who in edited.items() if told.get(key) == Source.REP}


def _said_by(about: Mapping[str, Any], source: Source) -> dict[str, Scalar]:
    found: dict[str, Scalar] = {}
    for key, told in about.get("sources", {}).items():
        if told == source:
            kind, _, name = key.partition(".")
            found[name] = (about if kind == "visitor" else about["fields"])[name]
    return found


async def _nobody(_seat: VisitorSeat) -> None:
    """Until somebody is told."""
