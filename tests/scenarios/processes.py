"""An installation of real processes, and what can befall each of them, as words."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from frontdesk.config import Durability, LogFormat, Settings
from frontdesk.people.people import People
from frontdesk.people.roles import Role
from frontdesk.storage import migrate
from frontdesk.storage.engine import Database, database_url
from frontdesk.storage.redis.embedded import EmbeddedRedis
from frontdesk.storage.redis.engine import Engine
from frontdesk.storage.redis.keys import Keys
from frontdesk.supervisor.line import Job, Line

PATIENCE = 60.0
"""Seconds until a test gives up: nothing here takes as long, except on a very slow machine."""


@dataclass(frozen=True, slots=True)
class Account:
    """A rep who can say hello."""

    id: str
    name: str
    token: str


class Process:
    """A node or the worker as the supervisor starts it, with its log in a file. `code` is the
    folder of another version's package.
    """

    def __init__(
        self, job: Job, sock: socket.socket | None, log: Path, code: Path | None = None
    ) -> None:
        self.name = job.name
        self._ready = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair()
        numbers = map(str, [os.getpid(), theirs.fileno()])
        command = [sys.executable, "-P", "-m", "frontdesk.supervisor.process", job.name, *numbers]
        with theirs, log.open("ab") as out:
            self._process = subprocess.Popen(
                command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL,
                stdout=out, stderr=out, process_group=0,
                env={**os.environ, "PYTHONPATH": str(code)} if code else None,
            )  # fmt: skip
        self._line = Line(ours, self._heard)
        self._loop.add_reader(ours, self._readable)
        if sock is not None:
            self._line.hand_over(sock)
        self._line.say("job", job.encode())

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    async def ready(self) -> None:
        """Until it serves."""
        async with asyncio.timeout(PATIENCE):
            while not self._ready.is_set():
                assert self.alive, f"{self.name} ended with {self._process.returncode}"
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._ready.wait(), 0.1)

    def send(self, number: signal.Signals) -> None:
        if self.alive:
            self._process.send_signal(number)

    def stop(self) -> None:
        """Asks it to drain and end."""
        self._line.say("stop")

    def leave(self) -> None:
        """Asks the same as of the last that serves here: proxies notice first."""
        self._line.say("leave")

    async def ended(self) -> int:
        """Until it has; → its exit code."""
        async with asyncio.timeout(PATIENCE):
            while self.alive:
                await asyncio.sleep(0.01)
        self._loop.remove_reader(self._line.sock)
        self._line.sock.close()
        return int(self._process.returncode)

    def _heard(self, word: str, _rest: str) -> None:
        if word == "ready":
            self._ready.set()

    def _readable(self) -> None:
        if not self._line.receive():
            self._loop.remove_reader(self._line.sock)


@dataclass
class Place:
    """A node's port, which outlives the node, and the process there now."""

    port: int
    sock: socket.socket
    process: Process | None = None
    reachable: bool = False


@dataclass
class Installation:
    """Redis, nodes, a worker, a database, and reps with bearer tokens.

    `redis` isn't started where the settings name another.
    """

    folder: Path
    settings: Settings
    redis: EmbeddedRedis
    database: Database
    reps: list[Account] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    worker: Process | None = None
    groups: dict[str, str] = field(default_factory=dict)
    redis_of: dict[str, str] = field(default_factory=dict)
    """Process → the URL by which it reaches Redis, where that isn't everybody's."""

    @property
    def keys(self) -> Keys:
        return Keys(self.settings.redis_prefix, self.settings.desk)

    def reachable(self) -> list[int]:
        """The nodes that clients can connect to."""
        return [index for index, place in enumerate(self.places) if place.reachable]

    # --- nodes

    def add_place(self) -> Place:
        """A port for one node more."""
        self.places.append(_place())
        return self.places[-1]

    async def start_node(self, index: int, code: Path | None = None) -> None:
        """A new process at this place, of this version or of another's `code`."""
        place = self.places[index]
        assert place.process is None or not place.process.alive
        job = Job(
            name=f"node-{index}", target="frontdesk.app:run_node",
            settings=self._settings_of(f"node-{index}"), index=index,
        )  # fmt: skip
        place.process = Process(job, place.sock, self._log(f"node-{index}"), code)
        await place.process.ready()
        place.reachable = True

    def node(self, index: int) -> Process:
        process = self.places[index].process
        assert process is not None
        return process

    async def kill_node(self, index: int) -> None:
        """SIGKILL: nothing is said to anybody."""
        self.places[index].reachable = False
        self.node(index).send(signal.SIGKILL)
        await self.node(index).ended()

    def freeze_node(self, index: int) -> None:
        """It stands still; its connections stay open and silent."""
        self.places[index].reachable = False
        self.node(index).send(signal.SIGSTOP)

    def thaw_node(self, index: int) -> None:
        """It goes on as if nothing had happened."""
        self.node(index).send(signal.SIGCONT)
        self.places[index].reachable = True

    async def drain_node(self, index: int) -> int:
        """Stopped with grace; → its exit code."""
        self.places[index].reachable = False
        self.node(index).stop()
        return await self.node(index).ended()

    # --- the worker

    async def start_worker(self, code: Path | None = None) -> None:
        settings = self._settings_of("worker")
        job = Job(name="worker", target="frontdesk.app:run_worker", settings=settings)
        self.worker = Process(job, None, self._log("worker"), code)
        await self.worker.ready()

    async def stop_worker(self) -> None:
        assert self.worker is not None
        self.worker.stop()
        await self.worker.ended()

    async def kill_worker(self) -> None:
        assert self.worker is not None
        self.worker.send(signal.SIGKILL)
        await self.worker.ended()

    # --- Redis

    def kill_redis(self) -> None:
        """SIGKILL; what it had on disk stays."""
        os.kill(self.redis.pid, signal.SIGKILL)

    async def restart_redis(self) -> None:
        """As the supervisor does within a second."""
        watching = asyncio.create_task(self.redis.watch())
        before = self.redis.pid
        async with asyncio.timeout(PATIENCE):
            while self.redis.pid == before:
                await asyncio.sleep(0.01)
        watching.cancel()

    def lose_redis(self) -> None:
        """SIGKILL, and its disk is gone."""
        self.kill_redis()
        for path in self.redis.folder.glob("*"):
            if path.suffix in (".aof", ".rdb") or path.name == "appendonlydir":
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    # --- what they wrote

    def logged(self, *names: str) -> Iterator[dict[str, Any]]:
        """Log lines of these processes (all), parsed; what isn't JSON as {"raw": line}."""
        for path in sorted(self.folder.glob("*.log")):
            if names and path.stem not in names:
                continue
            for line in path.read_text(errors="replace").splitlines():
                try:
                    yield json.loads(line)
                except ValueError:
                    yield {"raw": line}

    def _settings_of(self, name: str) -> Settings:
        url = self.redis_of.get(name, self.settings.redis_url)
        return msgspec.structs.replace(self.settings, redis_url=url)

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    async def end(self) -> None:
        """Everything, at once and for good."""
        processes = [place.process for place in self.places] + [self.worker]
        for process in processes:
            if process is not None and process.alive:
                process.send(signal.SIGKILL)
                await process.ended()
        for place in self.places:
            place.sock.close()
        await self.database.close()
        await self.redis.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


@asynccontextmanager
async def installation(
    *, nodes: int = 2, reps: int = 6, worker: bool = True, folder: Path | None = None,
    engine: Engine | None = None, **settings: Any,
) -> AsyncIterator[Installation]:  # fmt: skip
    """Starts it all in a folder of its own and ends it all afterwards. `settings` replaces some;
    with a `redis_url` there is no embedded Redis.
    """
    folder = folder or Path(tempfile.mkdtemp(prefix="fd-scenario-"))
    chosen = msgspec.structs.replace(_SHORT, data=folder, **settings)
    always = chosen.durability is Durability.ALWAYS
    redis = EmbeddedRedis(folder, durability="always" if always else "everysec", engine=engine)
    url = database_url(chosen.database_url, folder)
    await migrate.upgrade(url)
    found = Installation(folder, chosen, redis, Database.open(url))
    try:
        if not chosen.redis_url:
            found.settings = msgspec.structs.replace(chosen, redis_url=await redis.start())
        await _add_people(found, reps)
        found.places = [_place() for _ in range(nodes)]
        await asyncio.gather(*(found.start_node(index) for index in range(nodes)))
        if worker:
            await found.start_worker()
        yield found
    finally:
        await found.end()


_SHORT = Settings(
    secret_key="x" * 40, log_format=LogFormat.JSON, default_capacity=50,
    wait_seconds=60, device_grace_seconds=1, rep_lost_seconds=5, node_lease_seconds=3,
    connections_per_address=0, drain_seconds=1, frame_rate=1_000_000, frame_burst=1_000_000,
    hellos_per_visitor=0, hellos_per_address=0, requests_per_visitor=0, requests_per_address=0,
)  # fmt: skip
"""Production's settings, but short, and without the limits that hold back one busy client."""


async def _add_people(found: Installation, count: int) -> None:
    people = People.of(found.database, default_capacity=found.settings.default_capacity)
    for number in range(count):
        name = f"Rep {number}"
        rep = await people.accounts.add(f"rep{number}@example.com", name, Role.REP)
        token = await people.sign_ins.new_bearer(rep.id, "scenario")
        found.reps.append(Account(rep.id, name, token))
    members = [account.id for account in found.reps]
    for name, some in (("Sales", members[::2]), ("Support", members[1::2]), ("Nobody", [])):
        found.groups[name] = (await people.groups.add(None, name, some)).id
    people.close()


def _place() -> Place:
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", 0))
    sock.listen(2048)
    sock.setblocking(False)
    return Place(sock.getsockname()[1], sock)
