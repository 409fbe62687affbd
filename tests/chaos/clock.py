"""Steps of the clock that Redis goes by, and with it the desk's.

Where there is a C compiler, a small library stands between Redis and its clock (`step.c`): TIME
itself jumps, and with it all that Redis stamps. Where there is none, `meta` is told that the last
look was so much earlier or later: the same to every deadline, though not to the ids of streams.
"""

import shutil
import stat
import struct
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path

from frontdesk.storage.redis.engine import Engine, find

SOURCE = Path(__file__).parent / "step.c"


class Clock:
    """How far Redis' clock is ahead of ours, in seconds; `engine` is the server to start."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.ahead = 0
        self.engine = find()
        self.is_real = False
        self.move_meta: Callable[[int], Awaitable[None]] | None = None
        self._file = folder / "ahead"
        self._file.write_bytes(struct.pack("q", 0))
        library = _compiled(folder)
        if library is not None:
            self.is_real = True
            self.engine = Engine(
                _wrapper(folder, self.engine, library, self._file), self.engine.version
            )

    async def step(self, seconds: int) -> None:
        """Jumps by so much, at once."""
        self.ahead += seconds
        if self.is_real:
            with self._file.open("r+b") as file:
                file.write(struct.pack("q", self.ahead))
        elif self.move_meta is not None:
            await self.move_meta(-seconds)


def _compiled(folder: Path) -> Path | None:
    """The library; None where no compiler is."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    library = folder / "step.so"
    command = [compiler, "-O2", "-shared", "-fPIC", "-o", str(library), str(SOURCE)]
    done = subprocess.run(command, capture_output=True, check=False)
    return library if done.returncode == 0 else None


def _wrapper(folder: Path, engine: Engine, library: Path, file: Path) -> Path:
    """A program that becomes the server, with the library before its clock."""
    program = folder / "redis-server"
    program.write_text(
        f'#!/bin/sh\nCHAOS_CLOCK={file} LD_PRELOAD={library} exec {engine.program} "$@"\n',
        encoding="ascii",
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program
