"""Tells the sockets of this node what happened, whether this node did it or another.

A command that changed something calls the announcer with its own answer; the inbox calls it with
what other nodes did. Both ways end here, so that a client sees the same either way.
"""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Literal

import orjson

from frontdesk.claims.card import card_for
from frontdesk.claims.rings import Rings
from frontdesk.claims.store import Rung
from frontdesk.conversations.entries import Entry
from frontdesk.conversations.snapshot import Snapshot
from frontdesk.hub.connection import Connection
from frontdesk.hub.rooms import Arrival, Room, Rooms
from frontdesk.hub.roster import Roster
from frontdesk.web.seats import RepSeat, VisitorSeat
from frontdesk.wire.codec import Outgoing
from frontdesk.wire.frames import (
    OfferGone,
    Person,
    ReadPush,
    Recovering,
    Released,
    TypingPush,
    VisitorPush,
)
from frontdesk.wire.times import stamp

PersonOf = Callable[[str], dict[str, Any]]
SIDES: dict[str, Literal["visitor", "rep"]] = {"v": "visitor", "r": "rep"}


class Announcer:
    """Pushes to this node's sockets. `bring(conversation, connection)` gets a snapshot to a socket
    that hears of a conversation for the first time.
    """

    def __init__(
        self, rooms: Rooms, visitors: Roster, reps: Roster, rings: Rings, person_of: PersonOf
    ) -> None:
        self.rooms = rooms
        self.visitors = visitors
        self.reps = reps
        self.rings = rings
        self.person_of = person_of
        self.bring: Callable[[str, Connection], Coroutine[Any, Any, None] | None] = _nobody

    def entry(
        self,
        entry: Entry,
        rest: str = "",
        author: Connection | None = None,
        ack: Outgoing | None = None,
        *,
        read: bool = False,
    ) -> None:
        """A durable thing happened. `rest` is what the notice says beside the body: for `claimed`
        the winner, for `requested` the former holder and why. `author` gets `ack` instead.
        `read`: from the log, not from a notice.
        """
        follow = _FOLLOWS.get(entry.kind)
        after = partial(follow, self, entry, rest, author) if follow else None
        out = Outgoing.json(entry.json())
        arrival = Arrival(entry.epoch, entry.offset, out, author, ack, after, read)
        self.rooms.deliver(entry.conversation, arrival)

    def claimed(self, entry: Entry, rest: str, author: Connection | None) -> None:
        """The losers' rings end at once and say who took it (RT-4); the winner's tabs follow."""
        room = self.rooms.get(entry.conversation)
        if room is not None:
            room.data = rest
        self._end_rings(entry, "claimed", by=rest)
        self.rings.won(entry.conversation, rest, entry.wall)
        for connection in self.reps.of(rest):
            if connection is not author and entry.conversation not in connection.data.following:
                self.bring(entry.conversation, connection)

    def missed(self, entry: Entry, _rest: str, _author: Connection | None) -> None:
        """Every ring ends: nobody came."""
        self._end_rings(entry, "expired")

    def closed(self, entry: Entry, rest: str, _author: Connection | None) -> None:
        """It is over for everybody here."""
        self._end_rings(entry, "cancelled" if rest == "cancelled" else "expired")
        room = self.rooms.get(entry.conversation)
        if room is None:
            return
        for connection in room.visitors:
            if connection.data.conversation == entry.conversation:
                connection.data.conversation = ""
        for connection in room.reps:
            _forget(connection.data, entry.conversation)
        self.rooms.drop(entry.conversation)

    def requested(self, entry: Entry, rest: str, _author: Connection | None) -> None:
        """Somebody else is being looked for: the former holder's tabs let go of it."""
        holder, _, why = rest.partition(" ")
        self.rings.let_go(entry.conversation)
        room = self.rooms.get(entry.conversation)
        if room is None or not why:
            return
        room.data = ""
        gone = Outgoing.of(
            Released(
                conversation=entry.conversation,
                why="transferred" if why == "transfer" else "rep_lost",
            )
        )
        for connection in [c for c in room.reps if c.data.rep == holder]:
            self._let_go(room, connection, gone)

    def _let_go(self, room: Room, connection: Connection, gone: Outgoing) -> None:
        """A tab of somebody who doesn't hold the conversation any more."""
        connection.push(gone)
        room.leave(connection)
        _forget(connection.data, room.id)

    def _end_rings(self, entry: Entry, why: str, by: str = "") -> None:
        reps = self.rings.end(entry.conversation)
        if not reps:
            return
        gone = Outgoing.of(
            OfferGone(
                conversation=entry.conversation,
                why=why,  # type: ignore[arg-type]  # one of the literals, by the callers above
                by=Person(**self.person_of(by)) if by else None,
                at=stamp(entry.wall),
            )
        )
        for rep in reps:
            if rep == by:
                continue
            for connection in self.reps.of(rep):
                # Whoever has just clicked gets the answer to that, which says the same.
                if entry.conversation not in connection.data.claiming:
                    connection.push(gone)

    def rung(self, conversation: str, rung: Rung, about: bytes, extra: bytes) -> None:
        """Reps ring because of what this node did: those with a tab here see the card."""
        self.offer(conversation, rung.rung, rung.wall, rung.until, about, extra)

    def offer(
        self,
        conversation: str,
        reps: list[str],
        requested: int,
        expires: int,
        about: bytes,
        extra: bytes,
    ) -> None:
        """Rings the tabs of these reps that are on this node."""
        here = [rep for rep in reps if rep in self.reps]
        if not here:
            return
        cards: dict[bytes, Outgoing] = {}
        for rep in here:
            mine = card_for(extra, rep)
            card = cards.get(mine)
            if card is None:
                whole = offer_json(conversation, requested, expires, about, mine)
                card = cards[mine] = Outgoing.json(whole)
            self.rings.add(conversation, rep)
            for connection in self.reps.of(rep):
                connection.push(card)

    def unrung(self, conversation: str, rep: str, why: str, at: int) -> None:
        """One rep's ring ended: declined on another tab, away, offline, no place left."""
        if not self.rings.remove(conversation, rep):
            return
        reason = why if why in ("declined", "away", "rerouted", "full") else "expired"
        gone = Outgoing.of(OfferGone(conversation=conversation, why=reason, at=stamp(at)))  # type: ignore[arg-type]  # narrowed above
        for connection in self.reps.of(rep):
            connection.push(gone)

    def lost(self, conversation: str, author: Connection, by: str) -> None:
        """A claim came too late: its author gets that as the answer, the rep's other tabs here as
        the end of the ring. `by` is the winner, '' if nobody started it.
        """
        rep = author.data.rep
        if not self.rings.remove(conversation, rep):
            return
        winner = Person(**self.person_of(by)) if by else None
        why = "claimed" if by else "expired"
        gone = Outgoing.of(OfferGone(conversation=conversation, why=why, by=winner))  # type: ignore[arg-type]  # one of the literals
        for connection in self.reps.of(rep):
            if connection is not author:
                connection.push(gone)

    def typing(
        self, conversation: str, side: str, author: Connection | None = None, *, on: bool
    ) -> None:
        """To the other side's tabs, and the writer's other tabs."""
        self._soft(
            conversation,
            ("typing", side),
            TypingPush(conversation=conversation, who=SIDES[side], on=on),
            author,
        )

    def read(
        self, conversation: str, side: str, offset: int, author: Connection | None = None
    ) -> None:
        """How far a side has read."""
        self._soft(
            conversation,
            ("read", side),
            ReadPush(conversation=conversation, who=SIDES[side], offset=offset),
            author,
        )

    def visitor(self, conversation: str, *, here: bool) -> None:
        """To the holder: the visitor left, or came back."""
        room = self.rooms.get(conversation)
        if room is None:
            return
        out = Outgoing.of(VisitorPush(conversation=conversation, here=here))
        for connection in room.reps:
            connection.push(out, replaceable_key=("visitor", conversation))

    def about(self, conversation: str, about: bytes, *, here: bool = True) -> None:
        """To the holder: what is known of the visitor now, and their page. `about` is JSON."""
        room = self.rooms.get(conversation)
        if room is None:
            return
        out = Outgoing.json(
            b'{"type":"visitor","conversation":"%b","here":%b,"visitor":%b}'
            % (conversation.encode(), b"true" if here else b"false", about)
        )
        for connection in room.reps:
            connection.push(out, replaceable_key=("about", conversation))

    def restart(self, room: Room, snapshot: Snapshot) -> None:
        """The position isn't valid any more: everybody starts over from this snapshot (R1.3)."""
        gone = Outgoing.of(Released(conversation=room.id, why="taken"))
        for connection in [c for c in room.reps if c.data.rep != snapshot.rep]:
            self._let_go(room, connection, gone)
        for side, sockets in ((False, room.visitors), (True, room.reps)):
            if sockets:
                whole = snapshot.fragment(self.person_of, for_rep=side)
                out = Outgoing.json(orjson.dumps(whole))
                for connection in sockets:
                    connection.push(out)
        self.rooms.restart(room, snapshot.epoch, snapshot.offset)

    def _soft(
        self, conversation: str, key: tuple[str, str], push: Any, author: Connection | None
    ) -> None:
        """What is replaced by its successor and kept nowhere."""
        room = self.rooms.get(conversation)
        if room is None:
            return
        out = Outgoing.of(push)
        for connection in (*room.visitors, *room.reps):
            if connection is not author:
                connection.push(out, replaceable_key=(conversation, *key))

    def recovering(self, room: Room, *, on: bool) -> None:
        """This node is behind for a conversation, or has caught up (CH-6)."""
        room.push(Outgoing.of(Recovering(conversation=room.id, on=on)))


def offer_json(
    conversation: str, requested: int, expires: int, about: bytes, extra: bytes
) -> bytes:
    """The wire's `offer`, from the bytes that the request was made with."""
    return (
        b'{"type":"offer","conversation":"%b","visitor":%b,"requested_at":"%b","expires_at":"%b",%b'
        % (
            conversation.encode(),
            about,
            stamp(requested).encode(),
            stamp(expires).encode(),
            extra[1:],
        )
    )


def _forget(seat: RepSeat | VisitorSeat, conversation: str) -> None:
    if isinstance(seat, RepSeat):
        seat.following.discard(conversation)
        seat.outboxes.pop(conversation, None)


def _nobody(_conversation: str, _connection: Connection) -> None:
    return None


_FOLLOWS: dict[str, Callable[[Announcer, Entry, str, Connection | None], None]] = {
    "claimed": Announcer.claimed,
    "missed": Announcer.missed,
    "closed": Announcer.closed,
    "requested": Announcer.requested,
}
