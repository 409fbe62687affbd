"""What a node tells Prometheus, and the page that it reads (OP-2).

Most figures are counted where things happen (`telemetry/figures.py`); what stands is looked at here
each second, and two things are tried: how long Redis takes to answer, and how late the loop is.
"""

import asyncio
import ipaddress
from time import monotonic

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from frontdesk import __version__, telemetry
from frontdesk.bus.lasting import Lasting
from frontdesk.errors import FrontdeskError
from frontdesk.hub.connection import Connection
from frontdesk.storage.engine import Database
from frontdesk.storage.redis.link import Link
from frontdesk.telemetry import Counter, Gauge, Spread
from frontdesk.telemetry.page import PUBLISH_EVERY
from frontdesk.web.announcer import Announcer

SQL_EVERY = 10.0
TICK = 0.1
"""Seconds between two looks at how late the loop is: a stall of as long is always seen."""
NEAR = tuple(
    ipaddress.ip_network(network)
    for network in (
        "127.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "::1",
        "fc00::/7",
    )
)
FORWARDED = frozenset({"forwarded", "x-forwarded-for"})

BUILD = Gauge("build_info", "1; its label is the version that a process runs.", "version")
SOCKETS = Gauge("sockets", "Open sockets.", "side")
ROOMS = Gauge("rooms", "Conversations that a socket of a node follows.")
RINGING = Gauge("ringing", "Requests that ring on a node.")
IN_FLIGHT = Gauge("redis_in_flight", "Commands that wait for Redis.")
NODES = Gauge("nodes", "Node processes that tell their figures.")
REDIS_UP = Gauge("redis_up", "Nodes that are connected to Redis.")
SQL_UP = Gauge("sql_up", "Nodes whose last look at SQL was answered.")
FAILING = Gauge("tasks_failing", "Lasting tasks of nodes that failed in the last seconds.")
ROUND_TRIP = Spread(
    "redis_round_trip_seconds", "One PING each second, behind whatever waits for Redis."
)
LOOP_LATE = Spread("loop_late_seconds", "How late a node's event loop ran a timer, ten a second.")
HTTP = Counter("http_requests", "HTTP requests answered, by class of status (2xx).", "status")
HTTP_SECONDS = Spread("http_seconds", "From an HTTP request's head to the head of its answer.")


class Metrics:
    """This node's numbers, as of the last look. `sql_up`: SQL answered when it was last asked."""

    def __init__(
        self,
        announcer: Announcer,
        link: Link,
        database: Database,
        connections: set[Connection],
        work: Lasting,
    ) -> None:
        self._announcer = announcer
        self._link = link
        self._database = database
        self._connections = connections
        self._work = work
        self.sql_up = True
        self._publisher = telemetry.Publisher()
        self._asked: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Every second, and once more at the end: what was counted isn't lost with the process."""
        ticker = _Ticker()
        ticker.start()
        try:
            while True:
                self.look()
                self._publisher.publish()
                await asyncio.sleep(PUBLISH_EVERY)
        finally:
            ticker.stop()
            self._publisher.publish()

    async def watch_sql(self) -> None:
        """Every few seconds. Chats go on without it, so that it is no matter of readiness."""
        while True:
            self.sql_up = await self._database.answers()
            await asyncio.sleep(SQL_EVERY)

    def look(self) -> None:
        """Once."""
        visitors = sum(one.side == "visitor" for one in self._connections)
        BUILD.set(1, __version__)
        SOCKETS.set(visitors, "visitor")
        SOCKETS.set(len(self._connections) - visitors, "rep")
        ROOMS.set(len(self._announcer.rooms))
        RINGING.set(len(self._announcer.rings))
        IN_FLIGHT.set(self._link.in_flight)
        NODES.set(1)
        REDIS_UP.set(self._link.up)
        SQL_UP.set(self.sql_up)
        FAILING.set(len(self._work.failing))
        if self._link.up and (self._asked is None or self._asked.done()):
            self._asked = asyncio.create_task(self._ping())

    async def _ping(self) -> None:
        asked = monotonic()
        try:
            await self._link.command(b"PING")
        except FrontdeskError:
            return  # what it says is said by redis_up
        ROUND_TRIP.observe(monotonic() - asked)


class _Ticker:
    """A timer that comes again and again, and says how late it was."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._due = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        self._due = self._loop.time() + TICK
        self._timer = self._loop.call_at(self._due, self._tick)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _tick(self) -> None:
        LOOP_LATE.observe(self._loop.time() - self._due)
        self.start()


def counted(app: ASGIApp) -> ASGIApp:
    """The same application; what it answers is counted."""

    async def counting(scope: Scope, receive: Receive, send: Send) -> None:
        began = monotonic()

        async def counting_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                HTTP.add(f"{message['status'] // 100}xx")
                HTTP_SECONDS.observe(monotonic() - began)
            await send(message)

        await app(scope, receive, counting_send)

    return counting


def metrics_route() -> Route:
    """`/metrics`, for those who ask from this machine or a private network, not for the world.

    What comes through a proxy is refused: behind one that nobody told us of, all the world is near.
    """

    async def metrics(request: Request) -> Response:
        forwarded = FORWARDED & set(request.headers.keys())
        if forwarded or request.client is None or not _is_near(request.client.host):
            return PlainTextResponse("Only for the operator's own network.\n", status_code=403)
        return Response(telemetry.exposition(), media_type=telemetry.EXPOSITION_TYPE)

    return Route("/metrics", metrics)


def _is_near(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(found in network for network in NEAR)
