"""A node's server on an inherited socket: from the first connection to the last good-bye (R7.4)."""

import asyncio
import socket
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress

import structlog
import uvicorn
from starlette.types import ASGIApp

from frontdesk.hub.connection import Connection
from frontdesk.hub.drain import drain
from frontdesk.web.door import Door
from frontdesk.web.http import http_class
from frontdesk.web.metrics import counted
from frontdesk.web.socket import socket_class

EXIT_SECONDS = 25.0
log = structlog.get_logger("serving")


class Serving:
    """`drain_seconds` are what the good-byes are spread over; `delay_seconds` pass before them when
    no successor is here, while `/readyz` fails and everybody is served.
    """

    def __init__(
        self,
        door: Door,
        connections: Collection[Connection],
        *,
        drain_seconds: float,
        delay_seconds: float,
    ) -> None:
        self._door = door
        self._connections = connections
        self._drain_seconds = drain_seconds
        self._delay_seconds = delay_seconds
        self.ending = False
        """Whoever sends clients here shall send them elsewhere."""

    async def serve(
        self,
        app: ASGIApp,
        sock: socket.socket,
        *,
        ready: Callable[[], None],
        stop: asyncio.Event,
        of_all: Callable[[], bool] = lambda: False,
    ) -> None:
        """Until `stop` is set, and everybody was sent away. `of_all`: no successor is here."""
        server = _server(app, self._door)
        sock.listen(2048)
        serving = asyncio.create_task(server.serve(sockets=[sock]))
        stopping = asyncio.create_task(stop.wait())
        while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        ready()
        await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
        self.ending = True
        if of_all():
            log.info("not ready any more", seconds=self._delay_seconds)
            await asyncio.wait((serving,), timeout=self._delay_seconds)
        await self._empty(server)
        stopping.cancel()
        with suppress(TimeoutError):
            async with asyncio.timeout(EXIT_SECONDS):
                await serving

    async def _empty(self, server: uvicorn.Server) -> None:
        """Nobody comes in any more, and those who are here are sent elsewhere."""
        self._door.draining = True
        for listener in server.servers:
            listener.close()
        left = await drain(list(self._connections), self._drain_seconds)
        log.info("node drained", cut_off=left)
        server.should_exit = True


def _server(app: ASGIApp, door: Door) -> uvicorn.Server:
    config = uvicorn.Config(
        counted(app),
        http=http_class(door),
        ws=socket_class(door),
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # the door knows which proxies to believe (R7.5)
        timeout_graceful_shutdown=5,
        backlog=2048,
    )
    return Server(config)


class Server(uvicorn.Server):
    """uvicorn's server without its signals: those are for the supervisor's child to understand."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
