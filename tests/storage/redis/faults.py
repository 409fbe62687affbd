"""What can happen to a connection, as words: a relay before a real Redis, and patience."""

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import unquote, urlparse


async def until(condition: Callable[[], object], *, within: float = 30.0) -> None:
    """Waits for a condition; fails if it doesn't come true."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.005)


async def until_equal(ask: Callable[[], Awaitable[object]], value: object) -> None:
    """Asks until this is the answer."""
    async with asyncio.timeout(30):
        while await ask() != value:
            await asyncio.sleep(0.005)


class Relay:
    """Stands between a client and a Redis on a Unix socket, and can be told to misbehave."""

    def __init__(self, url: str, folder: Path) -> None:
        # Once a client says this, it hears nothing more on that connection.
        self.swallow_after: bytes | None = None
        self.writes: list[bytes] = []  # of clients, as they arrived
        self.connections = 0
        self._target = unquote(urlparse(url).path)
        self._path = folder / "relay.sock"
        self.url = f"unix://{self._path}"
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> str:
        """Begins to listen on a Unix socket; gives the URL to use instead."""
        self._server = await asyncio.start_unix_server(self._serve, self._path)
        return self.url

    async def open_port(self, *, tls: ssl.SSLContext | None = None) -> int:
        """Begins to listen on localhost; gives the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=tls)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        self._flowing.set()
        self.cut()
        await until(lambda: not self._writers)

    def cut(self) -> None:
        """Breaks every connection."""
        for writer in self._writers:
            writer.transport.abort()

    def freeze(self) -> None:
        """Nothing arrives any more, in either direction, and nobody is told."""
        self._flowing.clear()

    def thaw(self) -> None:
        self._flowing.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        server_reader, server_writer = await asyncio.open_unix_connection(self._target)
        both = {writer, server_writer}
        self._writers |= both
        swallowing = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._ask(reader, server_writer, swallowing))
                group.create_task(self._answer(server_reader, writer, swallowing))
        except* OSError:
            pass
        finally:
            self._writers -= both
            for each in both:
                each.transport.abort()

    async def _ask(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, swallowing: asyncio.Event
    ) -> None:
        while data := await reader.read(1 << 20):
            await self._flowing.wait()
            self.writes.append(data)
            if self.swallow_after is not None and self.swallow_after in data:
                swallowing.set()
            writer.write(data)
            await writer.drain()
        raise ConnectionResetError

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, swallowing: asyncio.Event
    ) -> None:
        while data := await reader.read(1 << 20):
            await self._flowing.wait()
            if not swallowing.is_set():
                writer.write(data)
                await writer.drain()
        raise ConnectionResetError
