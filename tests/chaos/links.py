"""A link between two hosts: a proxy of our own, on loopback or a Unix socket, that cuts and delays.

What a network does and a signal can't: silence in both directions while both ends live (`stall`),
slowness (`slow`), and connections that break and can't be made again (`cut`). A TCP stream that
loses packets is one that is slow: so does loss look from here.
"""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable
from pathlib import Path

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Dial = Callable[[], Awaitable[Stream]]
CHUNK = 65536


class Link:
    """Whoever connects here reaches what `dial` opens, for better or worse."""

    def __init__(self, name: str, dial: Dial, seed: str) -> None:
        self.name = name
        self.port = 0
        self._dial = dial
        self._random = random.Random(seed)
        self._server: asyncio.Server | None = None
        self._pairs: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._is_cut = False
        self._flows = asyncio.Event()
        self._flows.set()
        self._delay = 0.0

    async def listen(self, path: Path | None = None) -> None:
        """On a Unix socket, or on a free port of loopback."""
        if path is not None:
            self._server = await asyncio.start_unix_server(self._accepted, path)
        else:
            self._server = await asyncio.start_server(self._accepted, "127.0.0.1", 0)
            self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        self._break()
        self._flows.set()
        await asyncio.gather(*self._pairs, return_exceptions=True)

    # --- what can befall it

    def cut(self) -> None:
        """Connections break, and none can be made."""
        self._is_cut = True
        self._break()

    def stall(self) -> None:
        """Nothing gets through, and nobody is told."""
        self._flows.clear()

    def slow(self, seconds: float) -> None:
        """Everything takes up to so much longer, in order."""
        self._delay = seconds

    def mend(self) -> None:
        self._is_cut, self._delay = False, 0.0
        self._flows.set()

    def _break(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    # --- bytes

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._pairs.add(task)
        self._writers.add(writer)
        try:
            await self._through((reader, writer))
        except asyncio.CancelledError:
            pass  # the loop ends; asyncio's streams would log it
        finally:
            writer.transport.abort()
            self._writers.discard(writer)
            self._pairs.discard(task)

    async def _through(self, near: Stream) -> None:
        await self._flows.wait()
        if self._is_cut:
            return
        try:
            far = await self._dial()
        except OSError:
            return
        self._writers.add(far[1])
        ways = [self._pump(near[0], far[1]), self._pump(far[0], near[1])]
        tasks = [asyncio.ensure_future(way) for way in ways]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            far[1].transport.abort()
            self._writers.discard(far[1])

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK):
                if self._delay:
                    await asyncio.sleep(self._random.uniform(0, self._delay))
                await self._flows.wait()
                writer.write(data)
                await writer.drain()


async def link_to_port(name: str, port: int, seed: str) -> Link:
    """Listens on a port of its own for one of loopback."""
    found = Link(name, lambda: asyncio.open_connection("127.0.0.1", port), seed)
    await found.listen()
    return found


async def link_to_socket(name: str, near: Path, far: Path, seed: str) -> Link:
    """Listens on the Unix socket `near` for `far`."""
    found = Link(name, lambda: asyncio.open_unix_connection(far), seed)
    await found.listen(near)
    return found
