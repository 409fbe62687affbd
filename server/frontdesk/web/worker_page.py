"""What the background worker tells of itself: figures of the desk, and where it runs alone, a page.

Beside nodes its figures are on theirs (`telemetry/page.py`).
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import msgspec
import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from frontdesk import telemetry
from frontdesk.bus.pressure import Pressure
from frontdesk.errors import FrontdeskError
from frontdesk.events.relay import Relay
from frontdesk.storage.redis.keys import Keys
from frontdesk.storage.redis.link import Link
from frontdesk.telemetry import Gauge
from frontdesk.telemetry.page import PUBLISH_EVERY
from frontdesk.web.metrics import metrics_route
from frontdesk.web.services import Ready
from frontdesk.web.serving import Server

WAITING = Gauge("waiting", "Requests that wait for a person, on the whole desk.", joined="max")
OPEN = Gauge("open_conversations", "Conversations that aren't closed.", joined="max")
MEMORY = Gauge("redis_memory_ratio", "Redis' memory used, of its maxmemory.", joined="max")
NO_STORE = {"Cache-Control": "no-store"}
log = structlog.get_logger("worker")


class WorkerFigures:
    """What only the worker sees: the desk as a whole, and how far its readers are."""

    def __init__(self, link: Link, keys: Keys, relay: Relay, pressure: Pressure) -> None:
        self._link = link
        self._keys = keys
        self._relay = relay
        self._pressure = pressure
        self._publisher = telemetry.Publisher()

    async def run(self) -> None:
        """Every second, and once more at the end."""
        try:
            while True:
                self._relay.look()
                await self._look()
                self._publisher.publish()
                await asyncio.sleep(PUBLISH_EVERY)
        finally:
            self._publisher.publish()

    async def _look(self) -> None:
        try:
            WAITING.set(int(await self._link.command(b"ZCARD", self._keys.queue)))
            OPEN.set(int(await self._link.command(b"HLEN", self._keys.open)))
        except FrontdeskError:
            return  # Redis is away, which the nodes say; the lag goes on being told
        MEMORY.set(self._pressure.percent / 100)


@asynccontextmanager
async def worker_page(host: str, port: int, ready: Ready) -> AsyncIterator[None]:
    """Health and figures of a worker that runs alone, while this is open; port 0: none."""
    if not port:
        yield
        return
    server = Server(
        uvicorn.Config(
            _application(ready), lifespan="off", log_config=None, access_log=False,
            server_header=False, ws="none", proxy_headers=False, timeout_graceful_shutdown=1,
        )
    )  # fmt: skip
    serving = asyncio.create_task(server.serve(sockets=[_bound(host, port)]))
    log.info("worker page", port=port)
    try:
        yield
    finally:
        server.should_exit = True
        await asyncio.wait((serving,), timeout=3)


def _bound(host: str, port: int) -> socket.socket:
    """REUSEPORT: a successor is there before its predecessor ends."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listening.bind((host, port))
    listening.listen(16)
    return listening


def _application(ready: Callable[[], Awaitable[list[str]]]) -> Starlette:
    async def alive(_request: Request) -> Response:
        return Response("ok\n", media_type="text/plain", headers=NO_STORE)

    async def readiness(_request: Request) -> Response:
        problems = await ready()
        body = msgspec.json.encode({"ready": not problems, "problems": problems})
        return Response(body, 503 if problems else 200, NO_STORE, "application/json")

    return Starlette(
        routes=[Route("/healthz", alive), Route("/readyz", readiness), metrics_route()]
    )
