"""What a rep may say."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from time import monotonic
from typing import Any

import orjson

from frontdesk import ids
from frontdesk.claims.race import Races
from frontdesk.claims.store import Claims, Won
from frontdesk.conversations import entries
from frontdesk.conversations.entries import Entry
from frontdesk.conversations.snapshot import Snapshot, snapshot_of
from frontdesk.conversations.store import Conversations
from frontdesk.errors import SENTENCES, FrontdeskError
from frontdesk.hub.connection import Connection
from frontdesk.people.rep import RepIdentity
from frontdesk.people.roles import Right
from frontdesk.presence.mirror import Mirror
from frontdesk.presence.store import Presence
from frontdesk.routing.decisions.decide import Target
from frontdesk.routing.router import Router
from frontdesk.telemetry import Counter, Spread
from frontdesk.telemetry.figures import PATIENT
from frontdesk.web.announcer import Announcer
from frontdesk.web.commands import Commands, history_answer
from frontdesk.web.following import Following
from frontdesk.web.rep_desk import RepDesk
from frontdesk.web.seats import Outbox, RepSeat
from frontdesk.wire import frames
from frontdesk.wire.codec import Outgoing, decode_rep
from frontdesk.wire.times import stamp

CLAIM = Spread("claim_seconds", "From a claim's frame to its answer, won or lost.")
CLAIMS = Counter("claims", "Claims by what came of them: won, again, or the code.", "outcome")
ANSWERED = Spread(
    "answer_seconds", "From a visitor's asking for a person to the claim (AN-1).", bounds=PATIENT
)


class RepCommands(Commands):
    """Reps' frames. `by_bearer` finds who a token belongs to; `grace_ms` is PR-3's."""

    def __init__(  # noqa: PLR0913 - it is given everything it works with
        self,
        announcer: Announcer,
        conversations: Conversations,
        claims: Claims,
        presence: Presence,
        router: Router,
        mirror: Mirror,
        desk: RepDesk,
        *,
        by_bearer: Callable[[str], Awaitable[RepIdentity | None]],
        meet: Callable[[str], Awaitable[None]],
        following: Following,
        now: Callable[[], int],
    ) -> None:
        super().__init__(announcer, conversations, decode_rep, following)
        self._claims = claims
        self.races = Races(announcer.rings)
        self._presence = presence
        self._router = router
        self._mirror = mirror
        self.desk = desk
        self._by_bearer = by_bearer
        self._meet = meet
        self._now = now
        self.identities: dict[Connection, RepIdentity] = {}
        """Who the cookie of an open socket belongs to."""
        self.hello = frames.RepHello
        self.handlers = {
            frames.RepHello: self.say_hello,
            frames.SetAvailability: self.availability,
            frames.Activity: self.activity,
            frames.OfferSeen: self.offer_seen,
            frames.Claim: self.claim,
            frames.Decline: self.decline,
            frames.Transfer: self.transfer,
            frames.Read: self.read,
            frames.Typing: self.typing,
            frames.History: self.history,
            frames.Close: self.close,
            frames.Ping: self.ping,
        }

    def outbox(self, connection: Connection, conversation: str) -> Outbox:
        """One a conversation."""
        seat: RepSeat = connection.data
        return seat.queue(conversation)

    def writer(
        self, connection: Connection, message: frames.SendMessage
    ) -> tuple[str, str, int, bytes]:
        """The rep of this socket; the script checks that they hold it with this fence."""
        seat: RepSeat = connection.data
        body = entries.message_body("rep", message.text, message.client_id, seat.person)
        return "r", seat.rep, message.fence or 0, body

    # --- being here

    async def say_hello(self, connection: Connection, hello: frames.RepHello) -> None:
        """Who is it; then everything a console shows, in one answer (PR-1, PR-2).

        Nothing is pushed before the welcome; what happened while it was made is sent after it.
        """
        identity = await self._identify(connection, hello)
        if identity is None:
            self._refuse(connection, hello.id, FrontdeskError("unauthorized", "Sign in first."))
            connection.close(frames.CloseCode.UNAUTHORIZED, "unauthorized")
            return
        if not identity.may(Right.TAKE_CHATS):
            raise FrontdeskError("forbidden", "Your role takes no chats.")
        await self._meet(identity.id)
        seat = self._seat(identity, hello.device)
        status = await self.desk.come_up(seat, identity.capacity, lambda: not connection.closed)
        try:
            screen = await self.desk.screen(seat, hello.resume)
        except BaseException:
            self.spawn(self._go_down(seat))  # no socket stands for this device: nobody else would
            raise
        if connection.closed:
            await self._go_down(seat)
            return
        connection.principal = connection.data = seat
        self.announcer.reps.add(seat.rep, connection)
        self.desk.welcome(connection, hello.id, status, screen)
        await self.desk.freshen(connection)
        self._router.soon()

    async def _identify(self, connection: Connection, hello: frames.RepHello) -> RepIdentity | None:
        """By the token in the hello, else by the cookie that came with the upgrade."""
        if hello.token:
            return await self._by_bearer(hello.token)
        return self.identities.get(connection)

    def _seat(self, identity: RepIdentity, device: str) -> RepSeat:
        return RepSeat(
            rep=identity.id,
            person=self.announcer.person_of(identity.id),
            role=identity.role.value,
            device=device or ids.new("d"),
            nonce=ids.new("n"),
            sign_in=identity.token_hash,
        )

    async def availability(self, connection: Connection, message: frames.SetAvailability) -> None:
        """The rep's own choice (PR-1)."""
        seat: RepSeat = connection.data
        status = await self._presence.availability(seat.rep, message.state, "chosen")
        self._mirror.learn(seat.rep, status)
        connection.push(Outgoing.of(frames.Ok(id=message.id, state=message.state)))
        self._router.soon()

    async def activity(self, connection: Connection, message: frames.Activity) -> None:
        """Nobody touched this tab for a while, or somebody is back (PR-1)."""
        seat: RepSeat = connection.data
        status = await self._presence.activity(seat.device, seat.nonce, idle=message.idle)
        if status is not None:
            self._mirror.learn(seat.rep, status)
        if message.id is not None:
            connection.push(Outgoing.of(frames.Ok(id=message.id)))
        self._router.soon()

    # --- ringing and claiming

    async def offer_seen(self, connection: Connection, message: frames.OfferSeen) -> None:
        """The card was on a screen (RT-12)."""
        seat: RepSeat = connection.data
        await self._claims.ring_ended(message.conversation, seat.rep, "seen", local=True)
        if message.id is not None:
            connection.push(Outgoing.of(frames.Ok(id=message.id)))

    async def decline(self, connection: Connection, message: frames.Decline) -> None:
        """Pass it on (RT-6)."""
        seat: RepSeat = connection.data
        if not await self._claims.ring_ended(
            message.conversation, seat.rep, "declined", local=True
        ):
            raise FrontdeskError("gone")
        connection.push(Outgoing.of(frames.Ok(id=message.id)))
        self.announcer.unrung(message.conversation, seat.rep, "declined", self._now())
        self._router.soon()

    async def claim(self, connection: Connection, message: frames.Claim) -> None:
        """Start the conversation: one wins (CH-2). Most lose, and to somebody of this node: they
        need no more than the answer.
        """
        seat: RepSeat = connection.data
        came = connection.came
        seat.claiming.add(message.conversation)
        try:
            winner = await self.races.winner(message.conversation, seat.rep)
            if winner is None:
                await self._claim(connection, message, came)
        finally:
            seat.claiming.discard(message.conversation)
        if winner is not None:
            by, at = winner
            _claimed(came, "already_claimed")
            self.announcer.lost(message.conversation, connection, by)
            connection.push(too_late(message.id, self.announcer.person_of(by), at))

    async def _claim(self, connection: Connection, message: frames.Claim, came: float) -> None:
        seat: RepSeat = connection.data
        conversation = message.conversation
        room = self.announcer.rooms.expect(conversation)
        start_of_body = entries.claimed_start(seat.person)
        ask = partial(
            self._claims.claim, conversation, seat.rep, start_of_body, self._router.waits.gone,
            self._router.waits.silent_first,
        )  # fmt: skip
        try:
            won = await self.races.claim(conversation, seat.rep, ask)
            history = await self.conversations.newest(conversation, won.offset)
            snapshot = snapshot_of(conversation, won.fields, history, "", recovered=False)
        except BaseException as error:
            self.announcer.rooms.settle(room)
            _claimed(came, error.code if isinstance(error, FrontdeskError) else "internal")
            if isinstance(error, FrontdeskError) and error.code in ("already_claimed", "gone"):
                self.announcer.lost(conversation, connection, error.fields.get("by", ""))
            raise
        self.announcer.rooms.settle(room, snapshot.epoch, snapshot.offset)
        # Another room, or none: the conversation ended here while the answer was under way.
        ended = self.announcer.rooms.get(conversation) is not room
        missed = ended or self.desk.behind([snapshot])
        self._won(connection, message, won, snapshot, start_of_body)
        _claimed(came, "again" if won.again else "won")
        if not won.again:
            ANSWERED.observe((won.wall - snapshot.at) / 1000)
        if won.filled:
            self._router.soon()
        if missed:
            await self.desk.catch_up(connection, conversation)

    def _won(
        self,
        connection: Connection,
        message: frames.Claim,
        won: Won,
        snapshot: Snapshot,
        start_of_body: bytes,
    ) -> None:
        seat: RepSeat = connection.data
        whole = snapshot.fragment(self.announcer.person_of, for_rep=True)
        answer = orjson.dumps(
            {"type": "ok", "id": message.id, "fence": won.fence, "conversation": whole}
        )
        if won.again:  # `offset` is that of whatever was written last: no place for `claimed`
            self.announcer.rings.remove(message.conversation, seat.rep)
            connection.push(Outgoing.json(answer))
            self.desk.sit_down(connection, message.conversation)
            return
        body = b'%b,"fence":%d}' % (start_of_body, won.fence)
        entry = Entry(message.conversation, snapshot.epoch, won.offset, won.wall, "claimed", body)
        # Before the entry: what is known here to have followed it is forwarded right behind it.
        self.desk.sit_down(connection, message.conversation)
        self.announcer.entry(entry, seat.rep, connection, Outgoing.json(answer))

    async def transfer(self, connection: Connection, message: frames.Transfer) -> None:
        """To a rep, a group, or back to the rule (CH-4)."""
        seat: RepSeat = connection.data
        target = _target(message)
        rung = await self._router.transfer(
            message.conversation, seat.rep, message.fence, target, message.note
        )
        connection.push(Outgoing.of(frames.Ok(id=message.id, state=rung.state)))
        if rung.again:
            return  # what it did is told by the first answer, or was read again without it
        epoch = self._router.epoch()
        body = entries.requested_body("transfer", seat.person)
        self.announcer.entry(
            Entry(message.conversation, epoch, rung.first, rung.wall, "requested", body),
            f"{seat.rep} transfer",
        )
        self.announcer.rung(message.conversation, rung, rung.about, rung.extra)
        self._router.soon()

    # --- the conversation

    async def read(self, connection: Connection, message: frames.Read) -> None:
        """The rep has read so far."""
        await self.mark_read(connection, message, "r", connection.data.rep)

    async def typing(self, connection: Connection, message: frames.Typing) -> None:
        """The rep writes."""
        await self.mark_typing(connection, message, "r", connection.data.rep)

    async def history(self, connection: Connection, message: frames.History) -> None:
        """What came after a position of a conversation that this rep holds (RT-11)."""
        seat: RepSeat = connection.data
        snapshot = await self.follow(message.conversation, "-", message.epoch, message.offset)
        if snapshot is None:
            raise FrontdeskError("not_found")
        if snapshot.rep != seat.rep:
            raise FrontdeskError("forbidden")
        if snapshot.state == "active":
            self.desk.sit_down(connection, message.conversation)
        connection.push(history_answer(message, snapshot, self.announcer, for_rep=True))

    async def close(self, connection: Connection, message: frames.Close) -> None:
        """The holder ends it (CH-1)."""
        seat: RepSeat = connection.data
        body = entries.closed_body("rep", "ended")
        ended = await self.conversations.close(
            message.conversation, "r", seat.rep, fence=message.fence or 0, why="ended", body=body,
            holder=seat.rep,
        )  # fmt: skip
        connection.push(Outgoing.of(frames.Ok(id=message.id, state="closed")))
        if not ended.again:
            epoch = self._router.epoch()
            entry = Entry(message.conversation, epoch, ended.offset, ended.wall, "closed", body)
            self.announcer.entry(entry, "ended")
        if ended.drain:
            self._router.soon()

    # --- leaving

    def closed(self, connection: Connection) -> None:
        """The tab's socket is gone: its device has the grace to come back (PR-3). Whoever was
        signed out can't: they are offline at once (PR-1).
        """
        self.identities.pop(connection, None)
        seat: RepSeat | None = connection.data
        if seat is None:
            return
        self.announcer.reps.remove(seat.rep, connection)
        for conversation in seat.following:
            room = self.announcer.rooms.get(conversation)
            if room is not None:
                room.leave(connection)
                if room.empty:
                    self.leaving.add(conversation)
        if seat.up:
            self.spawn(self._go_down(seat))

    async def _go_down(self, seat: RepSeat) -> None:
        """Told again until it is known: otherwise the rep would stay online until the node ends."""
        grace = 0 if seat.signed_out else self._router.waits.grace
        while True:
            try:
                await self._presence.device_down(seat.device, seat.nonce, grace)
            except FrontdeskError:
                await asyncio.sleep(1)
            else:
                return


def _claimed(came: float, outcome: str) -> None:
    CLAIM.observe(monotonic() - came)
    CLAIMS.add(outcome)


def _target(message: frames.Transfer) -> Target | None:
    """None: back to the conversation's rule."""
    if message.rep:
        return Target(reps=frozenset({message.rep}))
    return Target(groups=frozenset({message.group})) if message.group else None


def too_late(number: int, winner: dict[str, Any], at: int) -> Outgoing:
    """`already_claimed`, built by hand: of ten who claim at once nine are told so."""
    return Outgoing.json(
        b'{"type":"error","id":%d,"code":"already_claimed","message":%b,"by":%b,"at":"%b"}'
        % (number, _ALREADY_CLAIMED, orjson.dumps(winner), stamp(at).encode())
    )


_ALREADY_CLAIMED = orjson.dumps(SENTENCES["already_claimed"])
