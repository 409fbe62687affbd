"""What a node does by itself: renews its lease, takes over dead ones, comes back after trouble."""

import asyncio
from collections.abc import Awaitable, Callable, Collection

import structlog

from frontdesk.bus.timers import Timers
from frontdesk.conversations.store import Conversations
from frontdesk.errors import FrontdeskError
from frontdesk.hub.connection import Connection
from frontdesk.people.directory import Directory
from frontdesk.presence.mirror import Mirror
from frontdesk.presence.store import Presence
from frontdesk.routing.router import Router
from frontdesk.web.announcer import Announcer
from frontdesk.web.inbox import Inbox
from frontdesk.web.rep_commands import RepCommands
from frontdesk.web.seats import RepSeat
from frontdesk.wire.frames import CloseCode

log = structlog.get_logger("keeping")

RENEW_EVERY = 1.0
AT_ONCE = 20
"""Devices that are put up again at a time."""
CHECK_EVERY = 60.0
"""Seconds: a sign-out whose notice was lost, or a sign-in that is too old, closes its sockets."""


class Keeping:
    """The node's own upkeep. `lease_ms` is how long it may be silent (PR-3)."""

    def __init__(  # noqa: PLR0913 - it is given everything it works with
        self,
        announcer: Announcer,
        reps: RepCommands,
        conversations: Conversations,
        presence: Presence,
        mirror: Mirror,
        directory: Directory,
        router: Router,
        timers: Timers,
        *,
        tell: Callable[..., Awaitable[None]],
        valid: Callable[[Collection[str]], Awaitable[set[str]]],
        visitors_gone: Callable[[str], Awaitable[None]],
        lease_ms: int,
    ) -> None:
        self._announcer = announcer
        self._reps = reps
        self._conversations = conversations
        self._presence = presence
        self._mirror = mirror
        self._directory = directory
        self._router = router
        self._timers = timers
        self._tell = tell
        self._valid = valid
        self._visitors_gone = visitors_gone
        self._lease_ms = lease_ms
        self._behind_since: float | None = None
        self.inbox: Inbox
        self._register_timers()

    # --- timers

    def _register_timers(self) -> None:
        handle = self._timers.handle
        handle("wait", self._router.wait_over)
        handle("lost", self._router.lost_over)
        handle("quiet", self._router.session_over)
        handle("device", self._presence.expire_device)
        handle("drain", self._drain, slow=True)
        handle("orphans", self._orphans, slow=True)
        handle("fill", self._fill, slow=True)
        handle("decide", self._decide)
        handle("reroute", self._reroute, slow=True)
        handle("ring", self._router.pass_over)
        handle("silent", self._router.silent_over)
        self._timers.on_dead_node = self.node_died

    async def _drain(self, rep: str, deadline: str) -> None:
        await self._router.drain(rep)
        await self._timers.settle(f"drain:{rep}", deadline)

    async def _orphans(self, rep: str, deadline: str) -> None:
        await self._router.orphans(rep)
        await self._timers.settle(f"orphans:{rep}", deadline)

    async def _fill(self, rep: str, deadline: str) -> None:
        await self._router.filled(rep)
        await self._timers.settle(f"fill:{rep}", deadline)

    async def _decide(self, conversation: str, _deadline: str) -> None:
        await self._router.decide_again(conversation)

    async def _reroute(self, conversation: str, deadline: str) -> None:
        await self._router.reroute(conversation)
        await self._timers.settle(f"reroute:{conversation}", deadline)

    async def node_died(self, node: str) -> None:
        """What it had is taken over; its lease goes last, so that what fails is done again."""
        await self._visitors_gone(node)
        await self._router.node_died(node)

    # --- the lease

    async def run(self) -> None:
        """Renews each second, and compares what the inbox should have brought (R8.4)."""
        while True:
            try:
                await self.renew()
            except FrontdeskError as error:
                log.warning("renewing waits", code=error.code)
            await asyncio.sleep(RENEW_EVERY)

    async def renew(self) -> None:
        """Once. A node that was given up attaches everything again."""
        renewal = await self._presence.renew(self._lease_ms)
        if not renewal.known:
            self.inbox.attach_again("given up")
        self._compare(renewal.sequence)
        if renewal.revision != self._mirror.revision:
            await self._mirror.refresh(renewal.revision)

    def _compare(self, sequence: int) -> None:
        """A higher sequence than heard, for longer than a second: notices were lost."""
        if self.inbox.sequence is None:
            self.inbox.assume(sequence)
        if sequence <= (self.inbox.sequence or 0):
            self._behind_since = None
            return
        now = asyncio.get_running_loop().time()
        if self._behind_since is None:
            self._behind_since = now
        elif now - self._behind_since > 1.0:
            self._behind_since = None
            self.inbox.attach_again("behind")

    # --- coming back

    async def reattach_reps(self) -> None:
        """Every device of this node is up again, and its screen shows what rings now. A notice that
        was missed may have been a sign-out.
        """
        await self.check_sign_ins()
        everyone = self._announcer.reps.everyone()
        for begin in range(0, len(everyone), AT_ONCE):
            some = everyone[begin : begin + AT_ONCE]
            await asyncio.gather(*(self._up_again(one, one.data) for one in some))
        for rep in self._announcer.reps.subjects():
            await self._reps.desk.freshen_offers(rep)  # once, however many tabs

    async def _up_again(self, connection: Connection, seat: RepSeat) -> None:
        if connection.closed:  # its device is down by now, and would stay up for ever
            return
        before = self._mirror.chosen.get(seat.rep)
        rep = self._directory.rep(seat.rep)
        capacity = rep.capacity if rep else 1
        try:
            status = await self._presence.device_up(
                seat.device, seat.rep, seat.nonce, capacity, again=True
            )
        except FrontdeskError as error:
            if error.temporary:
                raise
            connection.close(CloseCode.SUPERSEDED, "superseded")
            return
        if status.cause == "new" and before is not None and before.chose_available:
            # Redis lost what the rep had chosen; this node still knows.
            status = await self._presence.availability(seat.rep, "available", before.cause)
        self._mirror.learn(seat.rep, status)
        await self._reps.desk.freshen_held(connection)

    # --- people

    def keep_telling(self, kind: str, *words: str) -> None:
        """A notice to every node, again until Redis has taken it."""
        self._reps.spawn(self._told(kind, *words))

    async def _told(self, kind: str, *words: str) -> None:
        while True:
            try:
                await self._tell(kind, *words)
            except FrontdeskError as error:
                log.warning("telling waits", kind=kind, code=error.code)
                await asyncio.sleep(0.5)
            else:
                return

    def people_changed(self) -> None:
        """Capacities and names are others now; the deactivated are closed by their sign-out."""
        for connection in self._announcer.reps.everyone():
            connection.data.person = self._directory.person(connection.data.rep)
        self.inbox.reps_again("people")

    def signed_out(self, rep: str, sign_in: str) -> None:
        """One sign-in of a rep ended ('' = all): its sockets close and don't come back."""
        for connection, who, theirs_by in self._sign_ins():
            if who == rep and (not sign_in or theirs_by == sign_in):
                _sign_out(connection)

    def _sign_ins(self) -> list[tuple[Connection, str, str]]:
        """Every socket of a rep, whose it is and by which sign-in."""
        everyone = [(c, c.data.rep, c.data.sign_in) for c in self._announcer.reps.everyone()]
        # Those who were let in by their cookie and have not been welcomed yet are in no roster.
        waiting = ((c, i.id, i.token_hash) for c, i in self._reps.identities.items())
        return [*everyone, *waiting]

    async def watch_sign_ins(self) -> None:
        """Every minute."""
        while True:
            await asyncio.sleep(CHECK_EVERY)
            await self.check_sign_ins()

    async def check_sign_ins(self) -> None:
        """Sockets whose sign-in is no more are closed. Without SQL they stay, as it knows best."""
        open_now = self._sign_ins()
        try:
            valid = await self._valid({sign_in for _, _, sign_in in open_now})
        except Exception:
            log.exception("sign-ins could not be checked")
            return
        for connection, rep, sign_in in open_now:
            if sign_in not in valid and not connection.closed:
                log.warning("a sign-in is no more", rep=rep)
                _sign_out(connection)

    # --- leaving

    def nobody_here(self, conversation: str, gone_ms: int) -> None:
        """Some seconds after a socket left a conversation: is there anybody else?"""
        room = self._announcer.rooms.get(conversation)
        if room is None or room.visitors:
            return
        if room.expected:  # somebody is about to come; if they don't, who would look again?
            self._reps.leaving.add(conversation)
            return
        side = "v"
        if room.empty:
            side = "-"
            self._announcer.rooms.drop(conversation)
        self._reps.spawn(self._detach(conversation, side, gone_ms))

    async def _detach(self, conversation: str, side: str, gone_ms: int) -> None:
        try:
            here = await self._conversations.detach(conversation, side, gone_ms)
        except FrontdeskError as error:
            log.warning("detaching waits", conversation=conversation, code=error.code)
            self._reps.leaving.add(conversation)
        else:
            room = self._announcer.rooms.get(conversation)
            if not here and room is not None and not room.visitors:  # nor back meanwhile
                self._announcer.visitor(conversation, here=False)  # others hear it by a notice


def _sign_out(connection: Connection) -> None:
    if connection.data is not None:
        connection.data.signed_out = True
    connection.close(CloseCode.SIGNED_OUT, "signed_out")
