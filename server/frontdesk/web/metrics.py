"""What a node tells Prometheus, and the page that it reads (OP-2).

Numbers are read where they are kept, every few seconds: the path of a message counts nothing.
"""

import asyncio
import ipaddress

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from frontdesk import telemetry
from frontdesk.hub.connection import Connection
from frontdesk.storage.redis.link import Link
from frontdesk.web.announcer import Announcer

EVERY = 5.0
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

SOCKETS = telemetry.gauge("sockets", "Open sockets.", "side")
ROOMS = telemetry.gauge("rooms", "Conversations that a socket of a node follows.")
RINGING = telemetry.gauge("ringing", "Requests that ring on a node.")
IN_FLIGHT = telemetry.gauge("redis_in_flight", "Commands that wait for Redis.")
REDIS_UP = telemetry.gauge("redis_up", "Nodes that are connected to Redis.")


class Metrics:
    """This node's numbers, as of the last look."""

    def __init__(self, announcer: Announcer, link: Link, connections: set[Connection]) -> None:
        self._announcer = announcer
        self._link = link
        self._connections = connections

    async def run(self) -> None:
        """Every few seconds."""
        while True:
            self.look()
            await asyncio.sleep(EVERY)

    def look(self) -> None:
        """Once."""
        visitors = sum(one.side == "visitor" for one in self._connections)
        SOCKETS.labels("visitor").set(visitors)
        SOCKETS.labels("rep").set(len(self._connections) - visitors)
        ROOMS.set(len(self._announcer.rooms))
        RINGING.set(len(self._announcer.rings))
        IN_FLIGHT.set(self._link.in_flight)
        REDIS_UP.set(self._link.up)


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
