"""What the supervisor runs in its tests, in place of the real nodes: answers lines with facts."""

import asyncio
import os
import signal
import socket
import time
from collections.abc import Callable

from frontdesk.config import Problem, Settings, SettingsError


async def run_node(
    settings: Settings,
    sock: socket.socket,
    *,
    index: int,
    ready: Callable[[], None],
    stop: asyncio.Event,
) -> None:
    """Serves until `stop`, then keeps the open connections for `drain_seconds`."""
    if settings.desk_name == "broken":
        raise RuntimeError("this version doesn't start")
    if settings.desk_name == "refused":
        raise SettingsError([Problem("FRONTDESK_DESK_NAME", "is refused, for the test")])

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            if line == b"block\n":
                time.sleep(600)
            writer.write(f"{os.getpid()} {index} {settings.desk_name}\n".encode())
        writer.close()

    server = await asyncio.start_server(serve, sock=sock)
    ready()
    await stop.wait()
    server.close()
    await asyncio.sleep(settings.drain_seconds)


async def run_stubborn(
    settings: Settings,
    sock: socket.socket,
    *,
    index: int,
    ready: Callable[[], None],
    stop: asyncio.Event,
) -> None:
    """Never ends by itself."""
    del settings, sock, index, stop
    ready()
    await asyncio.Event().wait()


async def run_mute(
    settings: Settings,
    sock: socket.socket,
    *,
    index: int,
    ready: Callable[[], None],
    stop: asyncio.Event,
) -> None:
    """Never ready."""
    del settings, sock, index, ready, stop
    await asyncio.Event().wait()


async def run_worker(settings: Settings, *, ready: Callable[[], None], stop: asyncio.Event) -> None:
    """Leaves a note of the Redis it was given."""
    (settings.data / "worker").write_text(f"{os.getpid()} {settings.redis_url}")
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    ready()
    await stop.wait()
