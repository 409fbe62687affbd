"""One server process: its rooms, connected, and its sockets (`Node.serve`)."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import Any

import structlog

from frontdesk import ids
from frontdesk.app.connections import opened, traced
from frontdesk.app.values import limits_of, rates_of, waits_of
from frontdesk.bus.lasting import Lasting
from frontdesk.bus.rates import Rates
from frontdesk.bus.tell import tell_all, tell_some
from frontdesk.bus.timers import Timers
from frontdesk.claims.rings import Rings
from frontdesk.claims.store import Claims
from frontdesk.clock import now_ms
from frontdesk.config import Settings
from frontdesk.conversations.pace import Pace
from frontdesk.conversations.rebuild import Rebuild
from frontdesk.conversations.store import Conversations
from frontdesk.hub.flush import Flush
from frontdesk.hub.rooms import Rooms
from frontdesk.hub.roster import Roster
from frontdesk.hub.sweep import Sweep
from frontdesk.people.directory import Directory
from frontdesk.people.notices import Notices
from frontdesk.people.people import People
from frontdesk.people.rep import Rep
from frontdesk.presence.mirror import Mirror
from frontdesk.presence.status import RepStatus
from frontdesk.presence.store import Presence
from frontdesk.privacy.live import Live
from frontdesk.privacy.persons import Persons
from frontdesk.routing.deciding import Deciding
from frontdesk.routing.router import Router
from frontdesk.storage.engine import Database
from frontdesk.storage.redis.keys import Keys
from frontdesk.storage.redis.link import Link
from frontdesk.storage.redis.subscription import Subscription
from frontdesk.supervisor.line import Stop
from frontdesk.visitors.device import resolver as devices
from frontdesk.visitors.places import Places
from frontdesk.visitors.signed import SignedIdentity
from frontdesk.visitors.store import Archive as VisitorArchive
from frontdesk.visitors.store import Visitors
from frontdesk.web.announcer import Announcer
from frontdesk.web.application import application
from frontdesk.web.door import Door
from frontdesk.web.following import Following
from frontdesk.web.inbox import Inbox
from frontdesk.web.keeping import Keeping
from frontdesk.web.learning import Learning
from frontdesk.web.metrics import Metrics, metrics_route
from frontdesk.web.presence_push import PresencePush
from frontdesk.web.receiver import Sides
from frontdesk.web.rep_commands import RepCommands
from frontdesk.web.rep_desk import RepDesk
from frontdesk.web.routing_side import RoutingSide
from frontdesk.web.serving import Serving
from frontdesk.web.tokens import VisitorTokens
from frontdesk.web.visitor_commands import VisitorCommands
from frontdesk.web.visitor_edits import VisitorEdits
from frontdesk.web.visitor_requests import VisitorRequests

log = structlog.get_logger("app")

LEAVING_SECONDS = 5.0
"""A visitor who goes to another page is back within this: nobody is told that they left."""


class Node:
    """One server process: its rooms, connected. Made inside the running loop."""

    def __init__(self, settings: Settings, link: Link, database: Database, *, index: int) -> None:
        self.settings = settings
        self.link = link
        self.database = database
        self.id = ids.new("n")
        self.keys = Keys(settings.redis_prefix, settings.desk)
        self.waits = waits_of(settings)
        loop = asyncio.get_running_loop()
        self.sweep = Sweep(loop, limits_of(settings))
        self.work = Lasting()
        self.directory = Directory(database)
        self.presence = Presence(link, self.keys, self.id)
        self.mirror = Mirror(self.presence)
        self.timers = Timers(link, self.keys, index=index)
        self.conversations = Conversations(link, self.keys, self.id)
        self.claims = Claims(link, self.keys, self.id)
        self.rebuild = Rebuild(database, link, self.keys, self.waits)
        self.pace = Pace(database, settings.desk)
        self.people = self._people()
        self.routing = RoutingSide(
            settings, database, self.directory, self.mirror, self.presence,
            tell=lambda: self.keeping.keep_telling("routing"), soon=self.timers.soon,
        )  # fmt: skip
        self._build_domain()
        self._build_sockets(Flush(loop))

    def _people(self) -> People:
        return People.of(
            self.database,
            notices=Notices(signed_out=self._tell_signed_out, changed=self._tell_changed),
            sign_in_hours=round(self.settings.sign_in_hours),
            invitation_hours=round(self.settings.invitation_hours),
            default_capacity=self.settings.default_capacity,
        )

    def _build_domain(self) -> None:
        self.deciding = Deciding(
            self.routing.live, self.routing.reps(), now=now_ms,
            owner_over=self.settings.owner_over_capacity,
        )  # fmt: skip
        self.router = Router(
            self.claims,
            self.conversations,
            self.presence,
            self.mirror,
            self.waits,
            self.deciding,
            person_of=self.directory.person,
            epoch=self._epoch,
            soon=self.timers.soon,
            unanswered=self.settings.unanswered_limit,
        )
        self.announcer = Announcer(Rooms(), Roster(), Roster(), Rings(), self.directory.person)
        self.presence_push = PresencePush(
            self.mirror, self.announcer.reps, self.announcer.visitors, self.directory.person,
            self.desk, self.router.off,
        )  # fmt: skip
        self.router.on_hours = self.presence_push.hours_changed
        self.mirror.on_change = self._presence_changed

    def _build_sockets(self, flush: Flush) -> None:
        following = Following(
            self.announcer.rooms,
            self.conversations,
            self.sweep.deadlines(LEAVING_SECONDS, self._nobody_here),
        )
        desk = RepDesk(
            self.announcer, following, self.claims, self.presence, self.router, self.mirror,
            now=now_ms, idle_minutes=self.settings.idle_minutes,
        )  # fmt: skip
        tokens = VisitorTokens(self.settings.secret_keys, desk=self.settings.desk)
        visitors = Visitors(
            self.link, self.keys, self.id, idle_ms=self.waits.idle, gone_ms=self.waits.gone
        )
        self.persons = Persons(self.database, self.settings.desk, Live(self.link, self.keys))
        learning = self._learning(visitors)
        self.around: Callable[[Any], Any] = lambda app: app
        take = Rates(self.link, self.keys, rates_of(self.settings)).take
        tell_nodes = partial(tell_some, self.link, self.keys)
        requests = VisitorRequests(
            self.announcer, following, learning, self.router, take=take, tell_nodes=tell_nodes
        )
        visitor_commands = self.visitor_commands = VisitorCommands(
            self.announcer, self.conversations, visitors, learning, self.router, requests,
            sign=tokens.sign, verify=tokens.verify, desk=self.desk, following=following, take=take,
            pressure=self._pressure, now=now_ms,
        )  # fmt: skip
        rep_commands = self.rep_commands = RepCommands(
            self.announcer, self.conversations, self.claims, self.presence, self.router,
            self.mirror, desk, by_bearer=self.people.identities.by_bearer,
            meet=self.directory.meet, following=following, now=now_ms,
        )  # fmt: skip
        self.announcer.bring = lambda conversation, connection: rep_commands.spawn(
            desk.bring(conversation, connection)
        )
        self.keeping = Keeping(
            self.announcer, rep_commands, self.conversations, self.presence, self.mirror,
            self.directory, self.router, self.timers,
            tell=lambda kind, *words: tell_all(self.link, self.keys, kind, *words),
            valid=self.people.identities.valid, visitors_gone=visitors.node_died,
            lease_ms=round(self.settings.node_lease_seconds * 1000),
        )  # fmt: skip
        self.inbox = self.keeping.inbox = Inbox(
            self.announcer, self.conversations, self.mirror, self.timers,
            restore=self.rebuild.if_needed,
            reattach_reps=self.keeping.reattach_reps,
            people_changed=self._people_changed,
            signed_out=self._signed_out,
        )  # fmt: skip
        self.inbox.opened = requests.opened
        self.inbox.erased = visitor_commands.erased
        self.inbox.check_erased = visitor_commands.check_erased
        self.inbox.rules_changed = self.routing.live.soon
        self.inbox.known = learning.read_again
        edits = VisitorEdits(
            self.announcer, self.conversations, self.claims, visitors, learning, now=now_ms,
            pressure=self._pressure, tell_nodes=tell_nodes,
        )  # fmt: skip
        self.side = replace(self.routing.side, edit_visitor=edits.edit)
        visitor_commands.restored = rep_commands.restored = self.inbox.restored
        self.directory.on_change = self._directory_changed
        self.routing.live.on_change = self._reps_changed
        self.sides = Sides(visitor_commands, rep_commands)
        self.metrics = Metrics(
            self.announcer, self.link, self.database, self.sides.connections, self.work
        )
        self.door = Door(
            receiver=self.sides,
            flush=flush,
            sweep=self.sweep,
            signed_in=self.people.identities.by_cookie,
            public_url=self.settings.public_url,
            allowed_origins=self.settings.allowed_origins,
            trusted_proxies=self.settings.trusted_proxies,
            connections_per_address=self.settings.connections_per_address,
        )
        self.serving = Serving(
            self.door, self.sides.connections, drain_seconds=self.settings.drain_seconds,
            delay_seconds=self.settings.drain_delay_seconds,
        )  # fmt: skip

    def _learning(self, visitors: Visitors) -> Learning:
        secrets, public_keys = self.settings.identity_keys
        learning = Learning(
            visitors,
            VisitorArchive(self.database),
            self.announcer.visitors,
            places=Places(self.settings.geoip_file),
            signed=SignedIdentity(secrets, public_keys, now=now_ms),
        )
        learning.declared = lambda: self.routing.live.declared
        learning.routed = self.routing.live.seen_by
        return learning

    def _pressure(self) -> int:
        return self.presence.pressure

    def _epoch(self) -> str:
        return self.link.epoch.decode()

    def _reps_changed(self) -> None:
        """Who takes chats, their groups or their hours are others now."""
        self.deciding.view.replace(self.routing.candidates())

    def _directory_changed(self) -> None:
        self._reps_changed()
        self.keeping.people_changed()

    def _presence_changed(self, rep: str, status: RepStatus) -> None:
        self.deciding.view.learn(rep, status)
        self.presence_push.changed(rep, status)

    def desk(self) -> dict[str, Any]:
        """What a visitor is told: is anybody there, and how long it usually takes."""
        told: dict[str, Any] = {"state": self.mirror.desk_state(self.router.off())}
        if self.pace.usual_seconds is not None:
            told["usual_seconds"] = self.pace.usual_seconds
        return told

    def _nobody_here(self, conversation: str) -> None:
        self.keeping.nobody_here(conversation, self.waits.gone)

    async def _tell_signed_out(self, rep: str, sign_in: str | None) -> None:
        """Until every node knows: a sign-out must not be forgotten because Redis was away."""
        self._signed_out(rep, sign_in or "")
        self.keeping.keep_telling("signed_out", rep, sign_in or "-")

    def _people_changed(self) -> None:
        """Reps or groups are others now; rules name groups."""
        self.directory.soon()
        self.routing.live.soon()

    async def _tell_changed(self, _rep: Rep) -> None:
        self.keeping.keep_telling("people")

    def _signed_out(self, rep: str, sign_in: str) -> None:
        self.people.identities.forget(rep, sign_in or None)
        self.keeping.signed_out(rep, sign_in)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Hears, keeps its lease and works off timers, until left."""
        await self.directory.refresh()
        await self.routing.live.refresh()
        self.link.on_epoch.append(lambda _old, _new: self.inbox.epoch_changed())
        self.link.on_back.append(lambda: self.inbox.attach_again("answers lost"))
        await self.rebuild.if_needed()
        await self.keeping.renew()
        subscription = Subscription(
            self.link.servers,
            self.keys.channel(self.id),
            on_message=self.inbox.heard,
            on_up=self.inbox.subscribed,
            on_down=self.inbox.lost,
        )
        subscription.open()
        self.sweep.start()
        self._start_work()
        try:
            yield
        finally:
            await self.work.stop()
            await subscription.close()
            self.sweep.stop()

    def _start_work(self) -> None:
        self.work.start("inbox", self.inbox.run)
        self.work.start("keeping", self.keeping.run)
        self.work.start("timers", self.timers.run)
        self.work.start("sign-ins", self.keeping.watch_sign_ins)
        self.work.start("directory", self.directory.run)
        self.work.start("rules", self.routing.live.run)
        self.work.start("hours", self.router.watch_hours)
        self.work.start("pace", self.pace.run)
        self.work.start("metrics", self.metrics.run)
        self.work.start("sql", self.metrics.watch_sql)

    async def ready(self) -> list[str]:
        """What keeps this node from serving, in words; nothing when it can."""
        wrong = {
            "This node is stopping.": self.serving.ending,
            "Redis can't be reached.": not self.link.up,
            "The inbox isn't subscribed yet.": not self.inbox.up,
            f"Upkeep fails: {', '.join(self.work.failing)}.": bool(self.work.failing),
        }
        return [words for words, holds in wrong.items() if holds]

    async def serve(self, sock: socket.socket, ready: Callable[[], None], stop: Stop) -> None:
        """Until `stop` is set, and everybody was sent away (R7.4)."""
        app = application(
            settings=self.settings,
            people=self.people,
            database=self.database,
            ready=self.ready,
            routing=self.routing.room,
            side=self.side,
            persons=self.persons,
            routes=[metrics_route()],
        )

        def serves() -> None:
            log.info("node ready", node=self.id, pid=os.getpid())
            ready()

        await self.serving.serve(
            self.around(app), sock, ready=serves, stop=stop, of_all=lambda: stop.of_all
        )

    def trace(self, tracing: Any) -> None:
        """Every span of a node; `tracing` is a Tracing, which is imported only where it is used."""
        from frontdesk.web.traced import trace_node, traced_http  # noqa: PLC0415 - the same

        trace_node(
            tracing, (self.visitor_commands, self.rep_commands), self.deciding, self.claims,
            self.conversations, self.announcer, share=self.settings.tracing_messages,
        )  # fmt: skip
        self.around = partial(traced_http, tracing=tracing)

    async def leave(self) -> None:
        """After the drain: what was here is somebody else's, without waiting for the lease."""
        with suppress(Exception):
            async with asyncio.timeout(3):
                await self.keeping.node_died(self.id)
                await self.presence.forget_node(self.id, force=True)


async def run_node(
    settings: Settings,
    sock: socket.socket,
    *,
    index: int,
    ready: Callable[[], None],
    stop: Stop,
) -> None:
    """One server process on an inherited socket. Returns when drained (R7.4)."""
    devices()  # a tenth of a second, before there are sockets that would wait for it
    async with opened(settings) as (link, database):
        node = Node(settings, link, database, index=index)
        async with traced(settings, f"node-{index}", node.trace), node.running():
            await node.serve(sock, ready, stop)
        await node.leave()
