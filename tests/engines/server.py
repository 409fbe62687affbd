"""A Redis of a test: a real process on loopback and a Unix socket, and what can befall it."""

import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, NoPermissionError, RedisError
from redis.retry import Retry

from frontdesk.storage.redis import engine

PATIENCE = 60.0
BUS = 10_000
"""A cluster's nodes speak to each other on their port plus this (6.2 can't be told otherwise)."""
NEEDED = (
    "There is no redis-server or valkey-server 7 or newer on the PATH. `make test-engines` and "
    "`make test` install it as root (.ci/redis); else install it (Debian: redis-server), or set "
    "TEST_REDIS_SERVER to the path of one."
)


def newest() -> Path:
    """A server of version 7 or newer. Fails with what to do."""
    given = os.environ.get("TEST_REDIS_SERVER")
    found = engine.probe(Path(given)) if given else engine.find()
    assert found is not None, NEEDED
    assert found.version >= (7, 0, 0), NEEDED
    return found.program


def oldest() -> Path:
    """The 6.2 that comes with the Python packages."""
    return engine.find("").program


def until(condition: Callable[[], object], what: str, *, within: float = PATIENCE) -> None:
    """Waits for something that a server says; errors of a server that isn't up yet are no."""
    deadline = time.monotonic() + within
    while True:
        try:
            if condition():
                return
        except RedisError:
            pass
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.02)


class Server:
    """One redis-server. `settings` are lines of its configuration."""

    def __init__(self, folder: Path, program: Path, **settings: str) -> None:
        self.port = free_port()
        self.folder = folder / str(self.port)
        self.folder.mkdir()
        self.url = f"redis://127.0.0.1:{self.port}"
        self.socket_url = f"unix://{self.folder}/s"
        self._program = program
        self.settings = {
            "port": str(self.port),
            "bind": "127.0.0.1",
            "dir": str(self.folder),
            "unixsocket": f"{self.folder}/s",
            "save": '""',
            "repl-diskless-sync": "yes",
            "repl-diskless-sync-delay": "0",
            "repl-ping-replica-period": "1",
            **{name.replace("_", "-"): value for name, value in settings.items()},
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._client: redis.Redis | None = None

    def start(self, *options: str) -> None:
        """Returns when it answers."""
        file = self.folder / "redis.conf"
        if not file.exists():
            lines = [f"{name} {value}\n" for name, value in self.settings.items() if value]
            file.write_text("".join(lines))
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._program, file, *options], stdout=log, stderr=log, start_new_session=True
            )
        until(self._answers, f"an answer of {self.url}")

    def ask(self, *parts: Any) -> Any:
        """What it answers; always on the same connection, for ASKING counts on that alone.

        A Sentinel breaks the connections of a server that it makes another's replica.
        """
        try:
            return self._ask(*parts)
        except redis.ConnectionError:
            self._client = None
            return self._ask(*parts)

    def _ask(self, *parts: Any) -> Any:
        if self._client is None:
            self._client = redis.Redis(
                port=self.port, socket_timeout=10, retry=Retry(NoBackoff(), 0), protocol=2,
                single_connection_client=True,
            )  # fmt: skip
        return self._client.execute_command(*parts)  # type: ignore[no-untyped-call]

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def slots(self) -> list[Any]:
        """CLUSTER SLOTS."""
        found: list[Any] = self.ask("CLUSTER", "SLOTS")
        return found

    def cluster_info(self) -> dict[str, str]:
        lines = self.ask("CLUSTER", "INFO").decode().splitlines()
        return dict(line.split(":", 1) for line in lines)

    def info(self) -> dict[str, Any]:
        found: dict[str, Any] = self.ask("INFO")
        return found

    def kill(self) -> None:
        """SIGKILL."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)
        self._process.kill()
        self._process.wait()

    def freeze(self) -> None:
        """It stands still; its connections stay open and silent."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """For good."""
        if self._client is not None:
            self._client.close()
        if self._process is not None and self._process.poll() is None:
            self.kill()

    def _answers(self) -> bool:
        assert self._process is not None
        log = self.folder / "log"
        assert self._process.poll() is None, f"{self._program} ended: {log.read_text()[-2000:]}"
        try:
            return bool(self.ask("PING"))
        except (AuthenticationError, NoPermissionError):
            return True


def free_port() -> int:
    """One of loopback whose bus port is free, too."""
    while True:
        port = random.randrange(20_000, 30_000)
        try:
            for one in (port, port + BUS):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", one))
        except OSError:
            continue
        return port
