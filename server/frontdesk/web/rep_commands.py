"""What a rep may say."""

import asyncio
from collections.abc import Awaitable, Callable

import orjson

from frontdesk import ids
from frontdesk.claims.store import Claims, Won
from frontdesk.conversations import entries
from frontdesk.conversations.entries import Entry, entries_of
from frontdesk.conversations.snapshot import Snapshot, snapshot_of
from frontdesk.conversations.store import Conversations
from frontdesk.errors import FrontdeskError
from frontdesk.hub.connection import Connection
from frontdesk.hub.sweep import Deadlines
from frontdesk.people.rep import RepIdentity
from frontdesk.people.roles import Right
from frontdesk.presence.mirror import Mirror
from frontdesk.presence.store import Presence
from frontdesk.routing.decide import Target
from frontdesk.routing.router import Router
from frontdesk.web.announcer import Announcer, offer_json
from frontdesk.web.commands import Commands
from frontdesk.web.presence_push import presence_json
from frontdesk.web.seats import Outbox, RepSeat
from frontdesk.web.visitor_commands import history_answer
from frontdesk.wire import frames
from frontdesk.wire.codec import Outgoing, decode_rep
from frontdesk.wire.times import stamp


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
        *,
        by_bearer: Callable[[str], Awaitable[RepIdentity | None]],
        leaving: Deadlines[str],
        now: Callable[[], int],
    ) -> None:
        super().__init__(announcer, conversations, decode_rep, leaving)
        self._claims = claims
        self._presence = presence
        self._router = router
        self._mirror = mirror
        self._by_bearer = by_bearer
        self._now = now
        self.identities: dict[Connection, RepIdentity] = {}
        """Who the cookie of an open socket belongs to."""
        self.hello = frames.RepHello
        self.handlers = {
            frames.RepHello: self.say_hello,
            frames.SetAvailability: self.availability,
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
        """Who is it; then everything a console shows, in one answer (PR-1, PR-2)."""
        identity = await self._identify(connection, hello)
        if identity is None:
            connection.push(
                Outgoing.of(
                    frames.Error(id=hello.id, code="unauthorized", message="Sign in first.")
                )
            )
            connection.close(frames.CloseCode.UNAUTHORIZED, "unauthorized")
            return
        if not identity.may(Right.TAKE_CHATS):
            raise FrontdeskError("forbidden", "Your role takes no chats.")
        seat = RepSeat(
            rep=identity.id,
            person=self.announcer.person_of(identity.id),
            role=identity.role.value,
            device=hello.device or ids.new("d"),
            nonce=ids.new("n"),
            sign_in=identity.token_hash,
        )
        await self._come_up(seat, identity)
        if connection.closed:
            await self._presence.device_down(seat.device, seat.nonce, self._router.waits.grace)
            return
        connection.principal = connection.data = seat
        self.announcer.reps.add(seat.rep, connection)
        await self._welcome(connection, hello, seat)
        self._router.soon()

    async def _identify(self, connection: Connection, hello: frames.RepHello) -> RepIdentity | None:
        """By the token in the hello, else by the cookie that came with the upgrade."""
        if hello.token:
            return await self._by_bearer(hello.token)
        return self.identities.get(connection)

    async def _come_up(self, seat: RepSeat, identity: RepIdentity) -> None:
        try:
            status = await self._presence.device_up(
                seat.device, seat.rep, seat.nonce, identity.capacity
            )
        except FrontdeskError as error:
            if error.code != "forbidden":
                raise
            # This browser signed in as somebody else before: the tab becomes another device.
            seat.device = ids.new("d")
            status = await self._presence.device_up(
                seat.device, seat.rep, seat.nonce, identity.capacity
            )
        seat.up = True
        self._mirror.learn(seat.rep, status)

    async def _welcome(self, connection: Connection, hello: frames.RepHello, seat: RepSeat) -> None:
        offers = await self.offers_for(seat.rep)
        held = await self._held(seat, hello.resume)
        for _attempt in range(5):
            if not self._behind(held):
                break
            held = await self._held(seat, hello.resume)
        for snapshot in held:
            self._sit_down(connection, snapshot.id)
        status = self._mirror.reps[seat.rep]
        welcome = {
            "type": "welcome",
            "id": hello.id,
            "rep": seat.person,
            "role": seat.role,
            "device": seat.device,
            "snapshot": {
                "availability": status.availability,
                "capacity": status.capacity,
                "cause": status.cause,
                "offers": [orjson.Fragment(card) for card in offers.values()],
                "conversations": [
                    snapshot.fragment(self.announcer.person_of, for_rep=True) for snapshot in held
                ],
                "presence": [
                    orjson.Fragment(presence_json(self.announcer.person_of(rep), one))
                    for rep, one in self._mirror.reps.items()
                ],
            },
            "recovered": {snapshot.id: snapshot.recovered for snapshot in held},
            "server_time": stamp(self._now()),
        }
        for conversation in offers:
            self.announcer.rings.add(conversation, seat.rep)
        connection.push(Outgoing.json(orjson.dumps(welcome)))

    async def _held(self, seat: RepSeat, resume: frames.Resume) -> list[Snapshot]:
        """The conversations that the rep holds; a lost one is theirs again (CH-5)."""
        snapshots = []
        for conversation in await self._presence.held(seat.rep):
            await self._router.lost_or_returned(conversation, seat.rep)
            position = resume.get(conversation, frames.Position("", 0))
            snapshot = await self._take_up(seat, conversation, position)
            if snapshot is not None:
                snapshots.append(snapshot)
        return snapshots

    async def _take_up(
        self, seat: RepSeat, conversation: str, position: frames.Position
    ) -> Snapshot | None:
        """A held conversation from a position; None if it isn't the rep's any more."""
        snapshot = await self.follow(conversation, "r", position.epoch, position.offset)
        if snapshot is None or snapshot.rep != seat.rep or snapshot.state != "active":
            return None
        return snapshot

    def _behind(self, snapshots: list[Snapshot]) -> bool:
        """While one conversation was read, another went on: the screen would miss that."""
        rooms = self.announcer.rooms
        found = ((snapshot, rooms.get(snapshot.id)) for snapshot in snapshots)
        return any(room is None or room.offset > snapshot.offset for snapshot, room in found)

    def _sit_down(self, connection: Connection, conversation: str) -> None:
        room = self.announcer.rooms.get(conversation)
        if room is not None:
            room.join(connection)
        connection.data.following.add(conversation)

    async def offers_for(self, rep: str) -> dict[str, bytes]:
        """The cards of all requests that ring for a rep now."""
        cards = {}
        for conversation in await self._claims.waiting():
            if await self._claims.ring_of(conversation, rep) not in ("offered", "seen"):
                continue
            at, expires, about, extra = await self._claims.fields(
                conversation, "at", "expires", "about", "extra"
            )
            if at:
                cards[conversation] = offer_json(
                    conversation, int(at), int(expires), about.encode(), extra.encode()
                )
        return cards

    async def bring(self, conversation: str, connection: Connection) -> None:
        """Another tab of the rep started it: this one shows it, too (PR-2)."""
        snapshot = await self._take_up(connection.data, conversation, frames.Position("", 0))
        if snapshot is not None:
            self._sit_down(connection, conversation)
            whole = snapshot.fragment(self.announcer.person_of, for_rep=True)
            connection.push(Outgoing.json(orjson.dumps(whole)))

    async def availability(self, connection: Connection, message: frames.SetAvailability) -> None:
        """The rep's own choice (PR-1)."""
        seat: RepSeat = connection.data
        status = await self._presence.availability(seat.rep, message.state, "chosen")
        self._mirror.learn(seat.rep, status)
        connection.push(Outgoing.of(frames.Ok(id=message.id, state=status.availability)))
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
        """Start the conversation: one wins (CH-2)."""
        seat: RepSeat = connection.data
        conversation = message.conversation
        room = self.announcer.rooms.expect(conversation)
        seat.claiming.add(conversation)
        start_of_body = entries.claimed_start(seat.person)
        try:
            won = await self._claims.claim(
                conversation, seat.rep, start_of_body, self._router.waits.idle
            )
        except FrontdeskError as error:
            self.announcer.rooms.settle(room)
            if error.code in ("already_claimed", "gone"):
                self.announcer.rings.remove(conversation, seat.rep)
            raise
        finally:
            seat.claiming.discard(conversation)
        snapshot = snapshot_of(
            conversation, won.fields, entries_of(conversation, won.entries), "", recovered=False
        )
        self.announcer.rooms.settle(room, snapshot.epoch, snapshot.offset)
        self._won(connection, message, won, snapshot, start_of_body)

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
        body = b'%b,"fence":%d}' % (start_of_body, won.fence)
        entry = Entry(message.conversation, snapshot.epoch, won.offset, won.wall, "claimed", body)
        self.announcer.entry(entry, seat.rep, connection, Outgoing.json(answer))
        self._sit_down(connection, message.conversation)

    async def transfer(self, connection: Connection, message: frames.Transfer) -> None:
        """To a rep, a group, or back to the rule (CH-4)."""
        seat: RepSeat = connection.data
        target = _target(message)
        rung = await self._router.transfer(
            message.conversation, seat.rep, message.fence, target, message.note
        )
        connection.push(Outgoing.of(frames.Ok(id=message.id, state=rung.state)))
        epoch = self._router.epoch()
        body = entries.requested_body("transfer", seat.person)
        self.announcer.entry(
            Entry(message.conversation, epoch, rung.first, rung.wall, "requested", body),
            f"{seat.rep} transfer",
        )
        about, extra = await self._claims.fields(message.conversation, "about", "extra")
        self.announcer.rung(message.conversation, rung, about.encode(), extra.encode())
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
            self._sit_down(connection, message.conversation)
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
        """The tab's socket is gone: its device has the grace to come back (PR-3)."""
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
        while True:
            try:
                await self._presence.device_down(seat.device, seat.nonce, self._router.waits.grace)
            except FrontdeskError:
                await asyncio.sleep(1)
            else:
                return


def _target(message: frames.Transfer) -> Target | None:
    """None: back to the conversation's rule."""
    if message.rep:
        return Target(reps=frozenset({message.rep}))
    return Target(groups=frozenset({message.group})) if message.group else None
