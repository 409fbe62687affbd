"""A peer that runs: its Redis, configured as Frontdesk's, and one Node process per node."""

import asyncio
import contextlib
import os
import shutil
import tempfile
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from frontdesk.storage.redis.embedded import EmbeddedRedis
from loadtest.installation import (
    START_SECONDS,
    STOP_SECONDS,
    Node,
    RepAccount,
    free_port,
    stop_with_parent,
)
from loadtest.peers.socketio import SocketIoPerson
from loadtest.people import Person

FOLDER: Final = Path(__file__).parent
PERSONS: Final[dict[str, type[Person]]] = {"ws": Person, "socketio": SocketIoPerson}
"""The peers by name, each with the client that speaks its language."""


@dataclass(slots=True)
class Peer:
    """What is running; to the scenarios, an installation like ours."""

    nodes: list[Node]
    redis: EmbeddedRedis
    reps: list[RepAccount]
    person: type[Person]

    def processes(self) -> dict[str, list[int]]:
        """Whose CPU is counted, by name; this process is the client."""
        return {
            "node": [node.process.pid for node in self.nodes],
            "redis": [self.redis.pid],
            "client": [os.getpid()],
        }


@contextlib.asynccontextmanager
async def peer(
    name: str, *, nodes: int, reps: int, durability: str = "everysec"
) -> AsyncIterator[Peer]:
    """Start it, its packages installed where they aren't, and end it afterwards."""
    await _install()
    folder = Path(tempfile.mkdtemp(prefix="frontdesk-peer-"))
    redis = EmbeddedRedis(folder, durability="always" if durability == "always" else "everysec")
    running: list[Node] = []
    try:
        socket = unquote((await redis.start()).removeprefix("unix://"))
        while len(running) < nodes:
            running.append(await _start(name, socket))
        accounts = [RepAccount(f"rep{number}", "") for number in range(reps)]
        yield Peer(running, redis, accounts, PERSONS[name])
    finally:
        for node in running:
            await _stop(node.process)
        await redis.stop()
        shutil.rmtree(folder, ignore_errors=True)


async def _install() -> None:
    """`npm ci`, unless what the lock file pins is there. Raises RuntimeError."""
    lock, made = FOLDER / "package-lock.json", FOLDER / "node_modules" / ".package-lock.json"
    if made.exists() and made.stat().st_mtime >= lock.stat().st_mtime:
        return
    command = ("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", str(FOLDER))
    process = await asyncio.create_subprocess_exec(*command, cwd=FOLDER)
    if await process.wait():
        raise RuntimeError("the peers' packages can't be installed")


async def _start(name: str, redis_socket: str) -> Node:
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        "node",
        str(FOLDER / f"{name}.mjs"),
        str(port),
        redis_socket,
        stdin=DEVNULL,
        stdout=PIPE,
        start_new_session=True,
        preexec_fn=stop_with_parent,
        env={**os.environ, "NODE_ENV": "production"},
    )
    try:
        await _is_ready(process)
    except BaseException:
        await _stop(process)
        raise
    return Node(port, process)


async def _is_ready(process: asyncio.subprocess.Process) -> None:
    """It says so in a line."""
    if process.stdout is None:
        raise RuntimeError("no pipe")
    async with asyncio.timeout(START_SECONDS):
        if not await process.stdout.readline():
            raise RuntimeError(f"a peer ended with {await process.wait()}")


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
