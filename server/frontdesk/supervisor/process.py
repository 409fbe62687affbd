"""What runs in a child: `python -m frontdesk.supervisor.process NAME PARENT LINE [MODULE]`.

It imports MODULE, if there is one, and waits for its job: a spare can then begin at once. It dies
with its parent, twice over: by the kernel's signal, and by the end of the line. It answers the
parent's pings from the event loop that does the work, so a blocked loop is noticed. SIGUSR1 writes
every thread's stack to standard error.
"""

import asyncio
import ctypes
import faulthandler
import gc
import importlib
import os
import resource
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from types import ModuleType
from typing import Any

import structlog
import uvloop

from frontdesk import telemetry
from frontdesk.config import SettingsError
from frontdesk.supervisor.line import REFUSED, Job, Line, Stop

_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15
GARBAGE = (10_000, 20, 20)
"""How many new objects make Python look for garbage, and how many looks a longer one. Most of ours
goes without a look; by default (700, 10, 10) a node spent some 5 % of its time with looking.
"""
_log = structlog.get_logger(__name__)


def main() -> None:
    """Exit codes: 0 drained, 1 fell, 78 can't run as configured."""
    name, parent, line, *modules = sys.argv[1:]
    die_with(int(parent))
    faulthandler.register(signal.SIGUSR1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent understands these for all of us
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    allow_many_sockets()
    for module in modules:
        _imported(module)
        be_called(name)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.exit(runner.run(_run(int(line), warm=bool(modules))))


def die_with(parent: int) -> None:
    """Asks the kernel for SIGKILL when the parent dies, also when it has died already."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def be_called(name: str) -> None:
    """What `ps -o comm` shows: the command line of a spare that took over still says "spare"."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_NAME, name.encode(), 0, 0, 0)


def allow_many_sockets() -> None:
    """Takes all open files that we may have: each socket is one, and the usual limit is 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _imported(module: str) -> ModuleType:
    """Imports without looking for garbage, which takes an eighth of the time and finds none.

    What is there afterwards stays for good: each full look at it would stop the loop for 50 ms.
    """
    gc.disable()
    try:
        return importlib.import_module(module)
    finally:
        gc.freeze()
        gc.enable()
        gc.set_threshold(*GARBAGE)


async def _run(line_fd: int, *, warm: bool) -> int:
    loop = asyncio.get_running_loop()
    job: asyncio.Future[Job | None] = loop.create_future()
    stop = Stop()

    def asked_to_stop(*, of_all: bool = False) -> None:
        stop.of_all = of_all
        stop.set()
        if not job.done():
            job.set_result(None)

    line = _listen(line_fd, job, asked_to_stop)
    loop.add_signal_handler(signal.SIGTERM, asked_to_stop)
    if warm:
        line.say("warm")
    work = await job
    return 0 if work is None else await _work(work, line, stop)


def _listen(
    line_fd: int, job: "asyncio.Future[Job | None]", asked_to_stop: Callable[..., None]
) -> Line:
    def heard(word: str, rest: str) -> None:
        match word:
            case "job":
                job.set_result(Job.decode(rest))
            case "ping":
                line.say("pong", rest)
            case "stop" | "leave":
                asked_to_stop(of_all=word == "leave")

    def readable() -> None:
        if not line.receive():
            os._exit(1)  # the parent is gone

    line = Line(socket.socket(fileno=line_fd), heard)
    asyncio.get_running_loop().add_reader(line.sock, readable)
    return line


async def _work(job: Job, line: Line, stop: asyncio.Event) -> int:
    telemetry.configure(job.settings, process=job.name)
    be_called(job.name)
    try:
        await _call(job, line, stop)
    except SettingsError as error:
        for problem in error.problems:
            _log.error("refused_to_start", problem=str(problem))
        return REFUSED
    except Exception:  # noqa: BLE001 — said here, in our form; the parent starts another
        _log.exception("process_failed")
        return 1
    return 0


async def _call(job: Job, line: Line, stop: asyncio.Event) -> None:
    module, _, name = job.target.partition(":")
    target: Callable[..., Awaitable[Any]] = getattr(_imported(module), name)
    ready = partial(line.say, "ready")
    if job.index is None:
        await target(job.settings, ready=ready, stop=stop)
    else:
        listening = line.sockets.popleft()
        await target(job.settings, listening, index=job.index, ready=ready, stop=stop)


if __name__ == "__main__":
    main()
