"""A Redis by itself, and how much it has used: CPU time, or instructions under callgrind."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

from frontdesk.storage.redis.embedded import EmbeddedRedis
from frontdesk.storage.redis.engine import Engine, find

_COUNTED = re.compile(r"^\s*Th\s*\d+\s+([\d,]+)", re.MULTILINE)


class Cost(Protocol):
    """What the server has used since it was started."""

    unit: str

    def now(self) -> float:
        """In `unit`; only ever more."""


class Microseconds:
    """CPU time of all its threads, user and system together."""

    unit = "µs"

    def __init__(self, pid: int) -> None:
        self._threads = Path(f"/proc/{pid}/task")

    def now(self) -> float:
        times = (path.read_text(encoding="ascii") for path in self._threads.glob("*/schedstat"))
        return sum(int(one.split()[0]) for one in times) / 1000


class Instructions:
    """Thousands of instructions, the kernel's not among them: the same whatever else runs here."""

    unit = "kI"

    def __init__(self, pid: int) -> None:
        self._pid = str(pid)

    def now(self) -> float:
        command = ["callgrind_control", "-e", self._pid]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        found = _COUNTED.findall(said)
        if not found:
            raise RuntimeError(f"callgrind gives no number: {said!r}")
        return sum(int(one.replace(",", "")) for one in found) / 1000


@asynccontextmanager
async def lonely_redis(*, durability: str, counts: str) -> AsyncIterator[tuple[str, Cost]]:
    """Its URL and its cost; `counts` is time or instructions (needs valgrind)."""
    folder = Path(tempfile.mkdtemp(prefix="frontdesk-redis-"))
    engine = _under_callgrind(folder) if counts == "instructions" else None
    always = durability == "always"
    redis = EmbeddedRedis(folder, durability="always" if always else "everysec", engine=engine)
    try:
        url = await redis.start()
        yield url, Instructions(redis.pid) if engine else Microseconds(redis.pid)
    finally:
        await redis.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _under_callgrind(folder: Path) -> Engine:
    """The server that would be embedded, as a program that counts what it does."""
    if shutil.which("callgrind_control") is None:
        raise RuntimeError("instructions are counted by valgrind, which isn't on the PATH")
    engine, program = find(), folder / "counted"
    valgrind = "valgrind -q --tool=callgrind --callgrind-out-file=/dev/null"
    seldom = "--hz 1 --dynamic-hz no"  # what it does by the clock would count by how slow it is
    program.write_text(
        f'#!/bin/sh\nexec {valgrind} {engine.program} "$@" {seldom}\n', encoding="utf-8"
    )
    program.chmod(0o700)
    return Engine(program, engine.version)
