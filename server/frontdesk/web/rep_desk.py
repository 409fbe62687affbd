"""What a rep's screen shows: read when they come, and again after trouble (PR-2, CH-5, CH-6)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson

from frontdesk import ids
from frontdesk.claims.card import card_for
from frontdesk.claims.store import Claims
from frontdesk.conversations.snapshot import Snapshot
from frontdesk.errors import FrontdeskError
from frontdesk.hub.connection import Connection
from frontdesk.presence.mirror import Mirror
from frontdesk.presence.status import RepStatus
from frontdesk.presence.store import Presence
from frontdesk.routing.router import Router
from frontdesk.web.announcer import Announcer, offer_json
from frontdesk.web.following import Following
from frontdesk.web.presence_push import presence_json, told_availability, told_hours
from frontdesk.web.seats import RepSeat
from frontdesk.wire.codec import Outgoing
from frontdesk.wire.frames import OfferGone, Position, Released
from frontdesk.wire.times import stamp

NOWHERE = Position("", 0)


@dataclass(frozen=True, slots=True)
class Screen:
    """What rings for a rep (conversation → card) and what they hold."""

    offers: dict[str, bytes]
    held: list[Snapshot]


class RepDesk:
    """Reads screens and sends them. `now` is in ms since 1970."""

    def __init__(
        self,
        announcer: Announcer,
        following: Following,
        claims: Claims,
        presence: Presence,
        router: Router,
        mirror: Mirror,
        *,
        now: Callable[[], int],
        idle_minutes: float = 0,
    ) -> None:
        self._announcer = announcer
        self._following = following
        self._claims = claims
        self._presence = presence
        self._router = router
        self._mirror = mirror
        self._now = now
        self._idle_minutes = idle_minutes

    async def come_up(self, seat: RepSeat, capacity: int, wanted: Callable[[], bool]) -> RepStatus:
        """The tab's device is up on this node. Raises gone where Presence.device_up does."""
        up = partial(self._presence.device_up, wanted=wanted)
        try:
            status = await up(seat.device, seat.rep, seat.nonce, capacity)
        except FrontdeskError as error:
            if error.code != "forbidden":
                raise
            # This browser signed in as somebody else before: the tab becomes another device.
            seat.device = ids.new("d")
            status = await up(seat.device, seat.rep, seat.nonce, capacity)
        seat.up = True
        self._mirror.learn(seat.rep, status)
        return status

    async def screen(self, seat: RepSeat, resume: dict[str, Position]) -> Screen:
        """Everything; read again while a conversation that was read first has gone on since."""
        offers = await self.offers(seat.rep)
        held = await self._held(seat, resume)
        for _attempt in range(5):
            if not self.behind(held):
                break
            held = await self._held(seat, resume)
        return Screen(offers, held)

    async def _held(self, seat: RepSeat, resume: dict[str, Position]) -> list[Snapshot]:
        """The conversations that the rep holds; a lost one is theirs again (CH-5)."""
        snapshots = []
        for conversation in await self._presence.held(seat.rep):
            await self._router.lost_or_returned(conversation, seat.rep)
            position = resume.get(conversation, NOWHERE)
            snapshot = await self._take_up(seat.rep, conversation, position)
            if snapshot is not None:
                snapshots.append(snapshot)
        return snapshots

    async def _take_up(self, rep: str, conversation: str, position: Position) -> Snapshot | None:
        """A held conversation from a position; None if it isn't the rep's any more."""
        snapshot = await self._following.follow(conversation, "r", position.epoch, position.offset)
        if snapshot is None or snapshot.rep != rep or snapshot.state != "active":
            return None
        return snapshot

    def behind(self, snapshots: list[Snapshot]) -> bool:
        """Whether something happened since that was forwarded here already, or even the end."""
        rooms = self._announcer.rooms
        found = ((snapshot, rooms.get(snapshot.id)) for snapshot in snapshots)
        return any(room is None or room.offset > snapshot.offset for snapshot, room in found)

    async def offers(self, rep: str) -> dict[str, bytes]:
        """The cards of all requests that ring for a rep now."""
        ringing = await self._claims.ringing(rep)
        return {
            one.conversation: offer_json(
                one.conversation, one.requested, one.expires, one.about, card_for(one.extra, rep)
            )
            for one in sorted(ringing, key=lambda one: (one.requested, one.conversation))
        }

    def welcome(
        self, connection: Connection, number: int, status: RepStatus, screen: Screen
    ) -> None:
        """The answer to the hello. From here on the socket gets what happens."""
        seat: RepSeat = connection.data
        for snapshot in screen.held:
            self.sit_down(connection, snapshot.id)
        for conversation in screen.offers:
            self._announcer.rings.add(conversation, seat.rep)
        welcome = {
            "type": "welcome",
            "id": number,
            "rep": seat.person,
            "role": seat.role,
            "device": seat.device,
            "snapshot": self._snapshot(seat.rep, status, screen),
            "recovered": {snapshot.id: snapshot.recovered for snapshot in screen.held},
            "server_time": stamp(self._now()),
            "idle_minutes": self._idle_minutes,
        }
        connection.push(Outgoing.json(orjson.dumps(welcome)))

    def _snapshot(self, rep: str, status: RepStatus, screen: Screen) -> dict[str, Any]:
        """In the order in which clients keep it: pushes find their places (wire/apply.py)."""
        person_of, off = self._announcer.person_of, self._router.off()
        return {
            **told_availability(status),
            **told_hours(off=rep in off),
            "capacity": status.capacity,
            "offers": [orjson.Fragment(card) for card in screen.offers.values()],
            "conversations": [
                one.fragment(person_of, for_rep=True)
                for one in sorted(screen.held, key=lambda one: one.id)
            ],
            "presence": [
                orjson.Fragment(presence_json(person_of(who), one, off=who in off))
                for who, one in sorted(self._mirror.reps.items())
            ],
        }

    def sit_down(self, connection: Connection, conversation: str) -> None:
        """This socket follows a conversation that its rep holds."""
        room = self._announcer.rooms.get(conversation)
        if room is not None:
            room.join(connection)
            if room.empty:
                self._following.leaving.add(conversation)  # it closed before the answer came
        connection.data.following.add(conversation)

    async def catch_up(self, connection: Connection, conversation: str) -> None:
        """What a socket was told was behind: now the whole, or word that it isn't held any more."""
        snapshot = await self._take_up(connection.data.rep, conversation, NOWHERE)
        if snapshot is None:
            connection.data.following.discard(conversation)
            connection.push(Outgoing.of(Released(conversation=conversation, why="closed")))
        else:
            self._show(connection, snapshot)

    async def freshen(self, connection: Connection) -> None:
        """What rings and what is held now, for a socket that may have missed a change of it."""
        await self.freshen_held(connection)
        await self.freshen_offers(connection.data.rep)

    async def freshen_held(self, connection: Connection) -> None:
        """What the rep holds now."""
        seat: RepSeat = connection.data
        for conversation in await self._presence.held(seat.rep):
            await self._router.lost_or_returned(conversation, seat.rep)
            if conversation not in seat.following:
                await self.bring(conversation, connection)

    async def freshen_offers(self, rep: str) -> None:
        """What rings for a rep now, on all their tabs here."""
        rings = self._announcer.rings
        before = rings.of(rep)
        cards = await self.offers(rep)
        now = rings.of(rep)  # what was rung or ended while they were read is known better here
        connections = self._announcer.reps.of(rep)
        for conversation in (before & now) - cards.keys():
            rings.remove(conversation, rep)
            gone = Outgoing.of(OfferGone(conversation=conversation, why="expired"))
            for connection in connections:
                connection.push(gone)
        for conversation in cards.keys() - now - before:
            rings.add(conversation, rep)
            card = Outgoing.json(cards[conversation])
            for connection in connections:
                connection.push(card)

    async def bring(self, conversation: str, connection: Connection) -> None:
        """Another tab of the rep started it: this one shows it, too (PR-2)."""
        snapshot = await self._take_up(connection.data.rep, conversation, NOWHERE)
        if snapshot is not None and not connection.closed:
            self._show(connection, snapshot)

    def _show(self, connection: Connection, snapshot: Snapshot) -> None:
        self.sit_down(connection, snapshot.id)
        whole = snapshot.fragment(self._announcer.person_of, for_rep=True)
        connection.push(Outgoing.json(orjson.dumps(whole)))
