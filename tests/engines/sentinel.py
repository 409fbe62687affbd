"""A master, two replicas and three Sentinels, as operations.md advises."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from tests.engines.server import Server, until

NAME = "desk"
DOWN_AFTER = 1000
"""ms; operations.md says 5000, and tests have no time."""


class SentinelSet:
    """What runs, and who is who."""

    def __init__(self, folder: Path, program: Path, down_after: int) -> None:
        self._down_after = down_after
        self.servers = [Server(folder, program, min_replicas_to_write="1") for _ in range(3)]
        self.sentinels = [Server(folder, program) for _ in range(3)]

    @property
    def url(self) -> str:
        hosts = ",".join(f"127.0.0.1:{one.port}" for one in self.sentinels)
        return f"redis+sentinel://{hosts}/{NAME}"

    def start(self) -> None:
        """Returns when all know of all."""
        master, *replicas = self.servers
        for server in self.servers:
            server.start()
        for replica in replicas:
            replica.ask("REPLICAOF", "127.0.0.1", master.port)
        until(lambda: _in_step(master) == 2, "both replicas")
        for sentinel in self.sentinels:
            (sentinel.folder / "redis.conf").write_text(
                f"port {sentinel.port}\nbind 127.0.0.1\ndir {sentinel.folder}\n"
                f"sentinel monitor {NAME} 127.0.0.1 {master.port} 2\n"
                f"sentinel down-after-milliseconds {NAME} {self._down_after}\n"
                f"sentinel failover-timeout {NAME} 6000\n"
            )
            sentinel.start("--sentinel")
        for sentinel in self.sentinels:
            until(partial(self._knows_all, sentinel), "what the Sentinels know")

    def master(self) -> Server:
        """By what a Sentinel says."""
        _, port = self.sentinels[0].ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME)
        return next(one for one in self.servers if one.port == int(port))

    def kill_master(self) -> Server:
        """SIGKILL; → the dead one."""
        master = self.master()
        master.kill()
        return master

    def stop(self) -> None:
        for one in [*self.sentinels, *self.servers]:
            one.stop()

    def _knows_all(self, sentinel: Server) -> bool:
        flat = [part.decode() for part in sentinel.ask("SENTINEL", "MASTER", NAME)]
        said = dict(zip(flat[::2], flat[1::2], strict=True))
        return bool(said["num-slaves"] == "2" and said["num-other-sentinels"] == "2")


def _in_step(master: Server) -> int:
    """How many replicas have all that it has."""
    info = master.info()
    states = [info.get(f"slave{number}", {}) for number in range(info["connected_slaves"])]
    return sum(one.get("state") == "online" for one in states)


def watching(folder: Path, program: Path, server: Server, *lines: str) -> Server:
    """A single Sentinel, which takes this server for the master."""
    password = server.settings.get("requirepass", "")
    server.start()
    sentinel = Server(folder, program)
    (sentinel.folder / "redis.conf").write_text(
        f"port {sentinel.port}\nbind 127.0.0.1\ndir {sentinel.folder}\n{''.join(lines)}"
        f"sentinel monitor {NAME} 127.0.0.1 {server.port} 1\n"
        + (f"sentinel auth-pass {NAME} {password}\n" if password else "")
    )
    sentinel.start("--sentinel")
    return sentinel


@contextmanager
def running_sentinels(program: Path, *, down_after: int = DOWN_AFTER) -> Iterator[SentinelSet]:
    """Starts it in a folder of its own, and ends it."""
    folder = Path(tempfile.mkdtemp(prefix="fd-sentinel-"))
    found = SentinelSet(folder, program, down_after)
    try:
        found.start()
        yield found
    finally:
        found.stop()
        shutil.rmtree(folder, ignore_errors=True)
