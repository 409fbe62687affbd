"""A Frontdesk of its own for a run: a Redis, one or more nodes, reps with bearer tokens.

Every node has its own supervisor and port, so that a client can choose its node; they share one
Redis and one SQL database, as the nodes of a bigger installation do.
"""

import asyncio
import contextlib
import ctypes
import os
import secrets
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import psutil

from frontdesk.people.people import People
from frontdesk.people.roles import Role
from frontdesk.storage.engine import Database, database_url
from frontdesk.storage.migrate import upgrade
from frontdesk.storage.redis.embedded import EmbeddedRedis
from loadtest.light import LightSocket, connect

START_SECONDS = 60.0
STOP_SECONDS = 30.0
CAPACITY = 50
COMMAND = (sys.executable, "-c", "from frontdesk.cli import main; main()")


@dataclass(slots=True)
class Node:
    """A supervisor with one node process behind it."""

    port: int
    process: asyncio.subprocess.Process

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self.port

    def pids(self, *, worker: bool = False) -> list[int]:
        """The node's process; with `worker`, the one that archives. Not the supervisor's spare."""
        name = "worker" if worker else "node-"
        children = psutil.Process(self.process.pid).children()
        return [child.pid for child in children if child.name().startswith(name)]


@dataclass(slots=True)
class RepAccount:
    """A rep who can say hello."""

    id: str
    token: str


@dataclass(slots=True)
class Installation:
    """What is running."""

    nodes: list[Node]
    redis: EmbeddedRedis
    reps: list[RepAccount] = field(default_factory=list)

    def processes(self) -> dict[str, list[int]]:
        """Whose CPU is counted, by name; this process is the client."""
        return {
            "node": [pid for node in self.nodes for pid in node.pids()],
            "redis": [self.redis.pid],
            "worker": [pid for node in self.nodes for pid in node.pids(worker=True)],
            "client": [os.getpid()],
        }


class Place(Protocol):
    """Where a client connects to."""

    @property
    def address(self) -> tuple[Any, ...]: ...


class Served(Protocol):
    """What a scenario needs of an installation, ours, a peer's or somebody's own."""

    @property
    def nodes(self) -> Sequence[Place]: ...

    reps: list[RepAccount]

    def processes(self) -> dict[str, list[int]]:
        """Whose CPU is counted, by name."""


@contextlib.asynccontextmanager
async def installation(
    *,
    nodes: int,
    reps: int,
    durability: str = "everysec",
    settings: Mapping[str, str] | None = None,
) -> AsyncIterator[Installation]:
    """Start it all in a folder of its own, and end it all afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="frontdesk-load-"))
    redis = EmbeddedRedis(folder, durability="always" if durability == "always" else "everysec")
    running: list[Node] = []
    try:
        url = await redis.start()
        database = database_url("", folder)
        await upgrade(database)
        accounts = await add_reps(database, reps)
        environment = _environment(url, database, settings or {})
        for index in range(nodes):
            node = await _start(folder, environment, index)
            running.append(node)
            await _answers(node)
        await _quiet(running)
        yield Installation(running, redis, accounts)
    finally:
        for node in running:
            await _stop(node)
        await redis.stop()
        shutil.rmtree(folder, ignore_errors=True)


async def add_reps(url: str, count: int) -> list[RepAccount]:
    """Reps without a password, each with a bearer token."""
    database = Database.open(url)
    people = People.of(database, default_capacity=CAPACITY)
    try:
        return [await _add_rep(people, number) for number in range(count)]
    finally:
        people.close()
        await database.close()


async def _add_rep(people: People, number: int) -> RepAccount:
    rep = await people.accounts.add(f"rep{number}@example.com", f"Rep {number}", Role.REP)
    return RepAccount(rep.id, await people.sign_ins.new_bearer(rep.id, "load test"))


def _environment(redis_url: str, database: str, settings: Mapping[str, str]) -> dict[str, str]:
    """Production's settings, except the limits that protect a server from one busy client."""
    ours = {
        "redis_url": redis_url,
        "database_url": database,
        "secret_key": secrets.token_hex(32),
        "default_capacity": str(CAPACITY),
        "connections_per_address": "0",
        "hellos_per_visitor": "0",
        "hellos_per_address": "0",
        "requests_per_visitor": "0",
        "requests_per_address": "0",
        "frame_rate": "1000000",
        "frame_burst": "1000000",
        "log_level": "warning",
        **settings,
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FRONTDESK_")}
    return {**kept, **{f"FRONTDESK_{name.upper()}": value for name, value in ours.items()}}


async def _start(folder: Path, environment: dict[str, str], index: int) -> Node:
    port, data = free_port(), folder / f"node-{index}"
    data.mkdir()
    environment = {**environment, "FRONTDESK_PORT": str(port), "FRONTDESK_DATA": str(data)}
    arguments = ["serve", "--workers", "1", *(["--no-worker"] if index else [])]
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        *arguments,
        env=environment,
        cwd=data,
        start_new_session=True,
        preexec_fn=stop_with_parent,
    )
    return Node(port, process)


def stop_with_parent() -> None:
    """In the child: the kernel's SIGTERM when this process ends, however it does."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM, 0, 0, 0)


async def _answers(node: Node) -> None:
    """Until it lets a visitor in."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if node.process.returncode is not None:
            raise RuntimeError(f"frontdesk serve ended with {node.process.returncode}")
        with contextlib.suppress(OSError):
            probe = await connect(lambda: LightSocket("/v1/visitor", "127.0.0.1"), node.address)
            for _ in range(20):
                await asyncio.sleep(0.05)
                if probe.is_open:
                    probe.close()
                    return
            probe.transport.abort()
        await asyncio.sleep(0.1)
    raise RuntimeError(f"no answer on port {node.port} within {START_SECONDS:.0f} s")


async def _quiet(nodes: list[Node]) -> None:
    """Until every supervisor has its spare: the imports of one take a core for a second."""
    deadline = time.monotonic() + START_SECONDS
    for node in nodes:
        parent = psutil.Process(node.process.pid)
        while not any(child.name() == "spare" for child in parent.children()):
            if time.monotonic() > deadline:
                raise RuntimeError(f"no spare of the node on port {node.port}")
            await asyncio.sleep(0.1)


async def _stop(node: Node) -> None:
    if node.process.returncode is not None:
        return
    children = psutil.Process(node.process.pid).children(recursive=True)
    node.process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await node.process.wait()
    except TimeoutError:
        for process in [*children, psutil.Process(node.process.pid)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        await node.process.wait()


def free_port() -> int:
    """A port of loopback that nothing listens on now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
