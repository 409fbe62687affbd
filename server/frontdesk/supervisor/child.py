"""A process as its parent sees it: started, ready, alive, ended."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping

import structlog

from frontdesk.supervisor.line import Job, Line

_log = structlog.get_logger(__name__)


class Child:
    """One process, from its start to its end.

    It imports `module`, if there is one, and waits for its job, which it gets by `work`. `ready`
    becomes True when it serves, False when it ended before. `ended` becomes its exit code
    (negative: the signal). Everything else is a moment's work and never waits.
    """

    __slots__ = ("_asked", "_line", "_loop", "_pidfd", "_process", "ended", "idle", "name", "ready",
                 "started", "stopping")  # fmt: skip

    def __init__(self, name: str, environment: Mapping[str, str], *, module: str = "") -> None:
        self.name = name
        self.stopping = False
        self._loop = asyncio.get_running_loop()
        self.started = self._loop.time()
        self.idle = False
        """It has imported all, and has no job yet."""
        self.ready: asyncio.Future[bool] = self._loop.create_future()
        self.ended: asyncio.Future[int] = self._loop.create_future()
        self._asked: float | None = None  # when the ping was sent that is not answered yet
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = _start(name, theirs, environment, module)
        self._line = Line(ours, self._heard)
        self._pidfd = os.pidfd_open(self._process.pid)
        self._loop.add_reader(ours, self._readable)
        self._loop.add_reader(self._pidfd, self._over)

    def work(self, job: Job, listening: socket.socket | None) -> None:
        """Gives it its job, once; from here on it has `ready_within` to serve."""
        self.name = job.name
        self.started = self._loop.time()
        self.idle = False
        if listening is not None:
            self._line.hand_over(listening)
        self._line.say("job", job.encode())

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_ready(self) -> bool:
        return self.ready.done() and self.ready.result()

    async def became_ready(self) -> bool:
        """Waits until it serves, or has ended without."""
        return await asyncio.shield(self.ready)

    def stop(self, *, of_all: bool = False) -> None:
        """Asks it to drain and end; `of_all`: as the last that serves here."""
        self.stopping = True
        self._line.say("leave" if of_all else "stop")

    def kill(self) -> None:
        if not self.ended.done():
            self._process.kill()

    def give_up(self, why: str) -> None:
        """SIGKILL, after it was made to write where it hangs."""
        _log.error("process_killed", name=self.name, pid=self.pid, why=why)
        self.stopping = True
        self._process.send_signal(signal.SIGUSR1)
        self._loop.call_later(0.2, self.kill)

    def pulse(self, *, ready_within: float, answer_within: float) -> None:
        """One look at its health: gives it up when it hangs, else asks again."""
        now = self._loop.time()
        if self.stopping or self.ended.done():
            return
        if not (self.is_ready or self.idle):
            if now - self.started > ready_within:
                self.give_up(f"not ready within {ready_within:g} s")
        elif self._asked is None:
            self._asked = now
            self._line.say("ping")
        elif now - self._asked > answer_within:
            self.give_up(f"its loop was blocked for {answer_within:g} s")

    def forgive(self) -> None:
        """The parent itself was held up: an answer may just not have been read yet."""
        if self._asked is not None:
            self._asked = self._loop.time()

    def _heard(self, word: str, _rest: str) -> None:
        if word == "ready" and not self.ready.done():
            self.ready.set_result(True)
        elif word == "warm":
            self.idle = True
            _log.info("spare_ready", pid=self.pid)
        elif word == "pong":
            self._asked = None

    def _readable(self) -> None:
        if not self._line.receive():
            self._loop.remove_reader(self._line.sock)

    def _over(self) -> None:
        self._loop.remove_reader(self._pidfd)
        os.close(self._pidfd)
        self._loop.remove_reader(self._line.sock)
        self._line.sock.close()
        code = self._process.wait()
        if not self.ready.done():
            self.ready.set_result(False)
        self.ended.set_result(code)


def _start(
    name: str, line: socket.socket, environment: Mapping[str, str], module: str
) -> subprocess.Popen[bytes]:
    program = "frontdesk.supervisor.process"
    command = [sys.executable, "-P", "-m", program, name, str(os.getpid()), str(line.fileno())]
    return subprocess.Popen(
        [*command, module] if module else command,
        stdin=subprocess.DEVNULL,
        pass_fds=[line.fileno()],
        env={**os.environ, **environment},
        process_group=0,  # Ctrl-C is for the parent alone, which then lets them drain
    )
