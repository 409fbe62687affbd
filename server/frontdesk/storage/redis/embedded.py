"""A real Redis as a child process: the database of an installation that has no other (OP-1).

It outlives a killed parent on purpose: what it was told is still there, and the next start adopts
it. It holds the lock of its folder by an inherited descriptor, so the lock says whether it lives.
"""

import asyncio
import os
import signal
import subprocess
import tempfile
import time
from functools import partial
from pathlib import Path
from urllib.parse import quote

import structlog

from frontdesk.errors import FrontdeskError, Retry
from frontdesk.storage.redis.address import Address
from frontdesk.storage.redis.engine import Durability, Engine, arguments, find
from frontdesk.storage.redis.errors import FolderInUse, NotEmbeddable
from frontdesk.storage.redis.handshake import fields_of
from frontdesk.storage.redis.lock import is_locked, try_lock
from frontdesk.storage.redis.pipeline import Answer, Part, Pipeline

LOOK_EVERY = 0.2  # s: dead at most this long before it is noticed
SILENT_SECONDS = 30.0  # without any answer; one that loads its data may take as long as it needs
STOP_SECONDS = 10.0
LONGEST_SOCKET_PATH = 100  # bytes; Linux allows 107, others 103
# One that dies sooner than this after its start is started again more and more slowly.
STABLE_SECONDS = 10.0
LONGEST_PAUSE = 5.0

_log = structlog.get_logger(__name__)


class EmbeddedRedis:
    """The Redis of the data folder `data`, in its subfolder `redis`.

    `start`, then run `watch` as a task, finally `stop`. Nothing here belongs to an event loop.
    """

    def __init__(
        self, data: Path, *, durability: Durability = "always", engine: Engine | None = None
    ) -> None:
        self.folder = data.resolve() / "redis"
        self.pid = 0  # of the server that answered last
        self._durability: Durability = durability
        self._engine = engine
        self._lock = self.folder / "lock"
        self._keeper: int | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._address = Address()
        self._stopping = False
        self._up_since = 0.0

    @property
    def url(self) -> str:
        """Where it listens. Only after `start`."""
        return f"unix://{quote(self._address.path)}"

    async def start(self) -> str:
        """Starts the server, or adopts the one that a killed parent left; gives its URL.

        Raises FolderInUse if another parent lives, NotEmbeddable with the reason if it can't run.
        """
        self._stopping = False
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        self._keeper = try_lock(self.folder / "keeper")
        if self._keeper is None:
            raise FolderInUse(f"Another Frontdesk runs on {self.folder.parent}.")
        try:
            self._address = Address(path=str(self._socket()))
            await self._bring_up()
        except BaseException:
            self._release()
            raise
        return self.url

    async def watch(self) -> None:
        """Starts the server again whenever it died. Returns after `stop`."""
        pause = 0.0
        while True:
            await asyncio.sleep(LOOK_EVERY)
            if self._stopping:
                return
            if self._alive():
                continue
            _log.error("embedded_redis_died", pid=self.pid, log=str(self._log_file))
            if time.monotonic() - self._up_since > STABLE_SECONDS:
                pause = 0.0
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 2 or LOOK_EVERY)
            await self._bring_up_again()

    async def stop(self) -> None:
        """Ends the server, adopted or not, with everything on disk."""
        self._stopping = True
        try:
            await self._end()
        finally:
            self._release()

    # --- up

    async def _bring_up(self) -> None:
        """Until it answers: start it if nobody holds the lock, else wait for whoever does."""
        self._child = None
        deadline = time.monotonic() + SILENT_SECONDS
        while (info := await self._look()) is None or info["loading"] != "0":
            if info is not None:
                deadline = time.monotonic() + SILENT_SECONDS
            elif time.monotonic() > deadline:
                raise NotEmbeddable(
                    f"The Redis of {self.folder} lives but doesn't answer. {self._last_words()}"
                )
            await asyncio.sleep(0.02)
        await self._ask("CONFIG", "SET", "appendfsync", self._durability)  # it may be adopted
        self.pid = int(info["process_id"])
        self._up_since = time.monotonic()
        _log.info("embedded_redis_up", pid=self.pid, adopted=self._child is None)

    async def _look(self) -> dict[str, str] | None:
        """What the server says of itself; None if nothing. Starts it where there is none."""
        if not self._alive():
            self._check_child()
            self._spawn()
        try:
            return fields_of(await self._ask("INFO"))
        except OSError:
            return None

    async def _bring_up_again(self) -> None:
        try:
            await self._bring_up()
        except (NotEmbeddable, OSError) as error:
            _log.error("embedded_redis_cannot_restart", reason=str(error))

    def _spawn(self) -> None:
        lock = try_lock(self._lock)
        if lock is None:
            return
        try:
            self._child = self._run(lock)
        finally:
            os.close(lock)  # from now on it is the server's alone

    def _run(self, lock: int) -> subprocess.Popen[bytes]:
        engine = self._engine or find()
        self._check_age(engine)
        command = [str(engine.program), *arguments(self.folder, self._path, self._durability)]
        with open(self._log_file, "ab", opener=partial(os.open, mode=0o600)) as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(lock,),
                start_new_session=True,  # Ctrl-C is for the nodes, which still need it to drain
                umask=0o077,
            )

    def _check_age(self, engine: Engine) -> None:
        if engine.version < (7,) and (self.folder / "appendonlydir").exists():
            raise NotEmbeddable(
                f"{self.folder} was written by Redis 7 or newer, which {engine.program} can't "
                "read. Put the newer redis-server or valkey-server back on the PATH."
            )

    def _check_child(self) -> None:
        if self._child is not None:
            raise NotEmbeddable(f"Redis ended as it started. {self._last_words()}")

    # --- down

    def _alive(self) -> bool:
        if self._child is not None and self._child.poll() is not None:
            return False
        return is_locked(self._lock)

    async def _end(self) -> None:
        deadline = time.monotonic() + STOP_SECONDS
        while self._alive():
            if time.monotonic() > deadline:
                self._kill()
            try:
                await self._ask("SHUTDOWN", "NOSAVE")  # no snapshot: the append-only file has all
            except (OSError, FrontdeskError):
                await asyncio.sleep(0.05)
        if self._child is not None:
            self._child.wait()

    def _kill(self) -> None:
        """The child we have: while it is brought up, `pid` may still be that of the one before."""
        if self._child is not None:
            self._child.kill()
        elif self.pid:
            os.kill(self.pid, signal.SIGKILL)

    def _release(self) -> None:
        if self._keeper is not None:
            os.close(self._keeper)
            self._keeper = None

    # --- what it says, and where

    async def _ask(self, *parts: Part) -> Answer:
        pipeline = await self._address.connect(Pipeline)
        try:
            return await pipeline.ask(*parts)
        except Retry as error:
            raise ConnectionError(str(error)) from error
        finally:
            pipeline.lose("asked")

    @property
    def _log_file(self) -> Path:
        return self.folder / "redis.log"

    @property
    def _path(self) -> Path:
        return Path(self._address.path)

    def _last_words(self) -> str:
        try:
            lines = self._log_file.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return ""
        return " / ".join(["It said:", *lines[-3:]])

    def _socket(self) -> Path:
        """In the folder, or, where that path is too long for a socket, in a private one."""
        near = self.folder / "redis.sock"
        if len(os.fsencode(near)) <= LONGEST_SOCKET_PATH:
            return near
        note = self.folder / "socket"
        if note.exists() and Path(note.read_text(encoding="utf-8")).parent.is_dir():
            return Path(note.read_text(encoding="utf-8"))
        far = Path(tempfile.mkdtemp(prefix="frontdesk-")) / "redis.sock"
        note.write_text(str(far), encoding="utf-8")
        return far


def running(data: Path) -> str:
    """The URL of the server that runs on this data folder; '' if none does."""
    server = EmbeddedRedis(data)
    if not (server.folder.exists() and is_locked(server.folder / "lock")):
        return ""
    return f"unix://{quote(str(server._socket()))}"  # noqa: SLF001 - this module's own class
