"""Builds everything from the configuration: the one place where the rooms meet.

`run_node` is one server process, `run_worker` the background work. Both end when `stop` is set.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import Any

import structlog

from frontdesk import __version__, ids
from frontdesk.bus.lasting import Lasting
from frontdesk.bus.pressure import Pressure
from frontdesk.bus.rates import Rate, Rates
from frontdesk.bus.tell import tell_all, tell_some
from frontdesk.bus.timers import Timers
from frontdesk.claims.rings import Rings
from frontdesk.claims.store import Claims
from frontdesk.claims.turns import Turns
from frontdesk.clock import now_ms
from frontdesk.config import Durability, Settings
from frontdesk.conversations.archive import Archive
from frontdesk.conversations.janitor import Janitor
from frontdesk.conversations.pace import Pace
from frontdesk.conversations.rebuild import Rebuild
from frontdesk.conversations.store import Conversations
from frontdesk.conversations.watchdog import Watchdog
from frontdesk.events.relay import Relay
from frontdesk.events.stream import EventStream
from frontdesk.hub.flush import Flush
from frontdesk.hub.limits import Limits
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
from frontdesk.privacy.erasing import Erasing
from frontdesk.privacy.live import Live
from frontdesk.privacy.persons import Persons
from frontdesk.privacy.retention import Retention
from frontdesk.routing.deciding import Deciding
from frontdesk.routing.rotations import Rotations
from frontdesk.routing.router import Router, Waits
from frontdesk.routing.simulations.simulate import Reader
from frontdesk.routing.simulations.simulations import Simulator
from frontdesk.storage.engine import Database, database_url
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
from frontdesk.web.worker_page import WorkerFigures, worker_page

log = structlog.get_logger("app")

LEAVING_SECONDS = 5.0
"""A visitor who goes to another page is back within this: nobody is told that they left."""


def waits_of(settings: Settings) -> Waits:
    """The settings' seconds and minutes as milliseconds."""
    return Waits(
        total=round(settings.wait_seconds * 1000),
        lost=round(settings.rep_lost_seconds * 1000),
        idle=round(settings.session_idle_minutes * 60_000),
        gone=round(settings.session_gone_minutes * 60_000),
        grace=round(settings.device_grace_seconds * 1000),
        silent=round(settings.silent_minutes * 60_000),
    )


def limits_of(settings: Settings) -> Limits:
    """What a socket may do."""
    return Limits(
        heartbeat_seconds=settings.heartbeat_seconds,
        hello_seconds=settings.hello_seconds,
        max_frame_bytes=settings.max_frame_bytes,
        frame_rate=settings.frame_rate,
        frame_burst=settings.frame_burst,
    )


def rates_of(settings: Settings) -> dict[str, Rate]:
    """How often visitors may do what."""
    return {
        "hello": Rate(settings.hellos_per_visitor, settings.hellos_per_address),
        "request": Rate(settings.requests_per_visitor, settings.requests_per_address),
    }


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
            self.desk,
        )  # fmt: skip
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
        visitor_commands = self.visitor_commands = VisitorCommands(
            self.announcer, self.conversations, visitors, learning, self.router,
            self.mirror, sign=tokens.sign, verify=tokens.verify, desk=self.desk,
            following=following, now=now_ms,
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
        self.inbox.opened = visitor_commands.opened
        self.inbox.erased = visitor_commands.erased
        self.inbox.check_erased = visitor_commands.check_erased
        visitor_commands.pressure = lambda: self.presence.pressure
        visitor_commands.tell_nodes = partial(tell_some, self.link, self.keys)
        visitor_commands.take = Rates(self.link, self.keys, rates_of(self.settings)).take
        self.inbox.rules_changed = self.routing.live.soon
        self.inbox.known = learning.read_again
        edits = VisitorEdits(
            self.announcer, self.conversations, self.claims, visitors, learning, now=now_ms,
            pressure=visitor_commands.pressure, tell_nodes=visitor_commands.tell_nodes,
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
        told: dict[str, Any] = {"state": self.mirror.desk_state}
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


@asynccontextmanager
async def traced(
    settings: Settings, process: str, trace: Callable[[Any], None]
) -> AsyncIterator[None]:
    """While this is open, what `trace` puts spans around is traced, if there is a collector."""
    if not settings.tracing_url:
        yield
        return
    from frontdesk.telemetry.tracing import Tracing  # noqa: PLC0415 - an extra; 0.2 s

    tracing = Tracing(settings.tracing_url, process=process, version=__version__)
    trace(tracing)
    try:
        yield
    finally:
        await tracing.close()


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[tuple[Link, Database]]:
    """The connections that everything lives on."""
    keys = Keys(settings.redis_prefix, settings.desk)
    database = Database.open(database_url(settings.database_url, settings.data))
    try:
        link = await _linked(settings, keys)
        try:
            yield link, database
        finally:
            await link.close()
    finally:
        await database.close()


async def _linked(settings: Settings, keys: Keys) -> Link:
    """Says in a sentence that there is no Redis, instead of a stack; the supervisor asks again."""
    try:
        replicated = settings.durability is Durability.REPLICATED
        return await Link.open(
            settings.redis_url, meta_key=keys.meta, within=20, replicated=replicated
        )
    except TimeoutError as error:
        log.error("Redis can't be reached: is FRONTDESK_REDIS_URL right?", because=str(error))  # noqa: TRY400 - the stack says nothing more
        raise SystemExit(1) from None


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


async def run_worker(settings: Settings, *, ready: Callable[[], None], stop: Stop) -> None:
    """Archives conversations, watches over them, restores what Redis lost, simulates rules, erases
    people's data and lets go what is old.
    """
    async with opened(settings) as (link, database):
        keys = Keys(settings.redis_prefix, settings.desk)
        conversations = Conversations(link, keys, "")
        archive = Archive(conversations, settings.desk)
        relay = Relay(database, EventStream(link, keys), "archive", archive, trims=True)
        rebuild = Rebuild(database, link, keys, waits_of(settings))
        reader = Reader(database, settings.desk, owner_over=settings.owner_over_capacity)
        work = Lasting()
        work.start("relay", relay.run)
        work.start("watchdog", Watchdog(link, keys).run)
        work.start("rebuild", rebuild.run)
        pressure = Pressure(link)
        work.start("pressure", pressure.run)
        work.start("janitor", Janitor(database, conversations, Presence(link, keys, "")).run)
        rotations = Rotations(database, settings.desk, Claims(link, keys, ""), Turns(link, keys))
        work.start("rotations", rotations.run)
        work.start("erasing", _erasing(settings, link, database, keys).run)
        work.start("retention", Retention(database, settings.retention_months).run)
        work.start("simulator", Simulator(database, settings.desk, reader).run)
        work.start("metrics", WorkerFigures(link, keys, relay, pressure).run)
        page = worker_page(settings.host, settings.worker_port, partial(_able, link, work))
        async with traced(settings, "worker", partial(_trace_worker, relay, archive)), page:
            ready()
            await stop.wait()
            await work.stop()


def _trace_worker(relay: Relay, archive: Archive, tracing: Any) -> None:
    from frontdesk.web.traced import trace_worker  # noqa: PLC0415 - imports an extra

    trace_worker(tracing, relay, archive)


async def _able(link: Link, work: Lasting) -> list[str]:
    """What keeps the worker from working, in words."""
    wrong = [] if link.up else ["Redis can't be reached."]
    return [*wrong, *(f"It fails: {name}." for name in work.failing)]


def _erasing(settings: Settings, link: Link, database: Database, keys: Keys) -> Erasing:
    tell = partial(tell_all, link, keys, "erased")
    erasing = Erasing(database, Live(link, keys), settings.desk, tell=tell)
    link.on_epoch.append(lambda _old, _new: erasing.epoch_changed())
    return erasing
