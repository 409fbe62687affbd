"""Runs an installation's processes on one machine until it is told to stop."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msgspec
import structlog

from frontdesk import telemetry
from frontdesk.config import Durability, Settings, SettingsError
from frontdesk.storage.redis.embedded import EmbeddedRedis
from frontdesk.supervisor import sockets
from frontdesk.supervisor.child import Child
from frontdesk.supervisor.figures import ProcessFigures
from frontdesk.supervisor.line import REFUSED, Job
from frontdesk.supervisor.place import Place, end
from frontdesk.supervisor.spare import Spare

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to run: `module:coroutine` of the nodes and of the background worker."""

    node: str = "frontdesk.app:run_node"
    worker: str = "frontdesk.app:run_worker"
    nodes: bool = True
    background: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Seconds. A tenth of a core starts a node in 10 s; a loop that is late by 5 s is lost."""

    ping_every: float = 1.0
    answer_within: float = 5.0
    ready_within: float = 60.0
    beyond_drain: float = 15.0
    spare_after: float = 5.0


class Supervisor:
    """Start it with `run`, which returns the exit code.

    SIGTERM, SIGINT and the end of our terminal drain and end; a second one ends at once. SIGHUP
    replaces every process, one after the other, each successor first: with new code, and the
    settings that `reload` reads.
    """

    def __init__(
        self,
        settings: Settings,
        program: Program | None = None,
        *,
        timing: Timing | None = None,
        reload: Callable[[], Settings] | None = None,
        on_ready: Callable[[Settings], None] | None = None,
    ) -> None:
        self.settings = settings
        self._program = program or Program()
        self._timing = timing or Timing()
        self._reload = reload
        self._on_ready = on_ready
        self._sockets: list[socket.socket] = []
        self._places: list[Place] = []
        self._children: set[Child] = set()
        self._metrics = Path()
        self._spare = Spare(self._start_spare)
        self._rolling: asyncio.Task[None] | None = None

    async def run(self) -> int:
        """0 after a stop that was asked for; 78 if a process can't run as configured.

        Raises `PortInUse`, or the reason why there is no Redis.
        """
        self._over: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._open()
        redis = None
        try:
            redis = await self._start_redis()
            return await self._supervise(redis)
        finally:
            sockets.close(self._sockets)
            if redis is not None:
                await redis.stop()
            _end_undisturbed()

    # --- start ---

    def _open(self) -> None:
        if self._program.nodes:
            settings = self.settings
            self._sockets = sockets.bind(settings.host, settings.port, settings.workers)
            self._change(port=self._sockets[0].getsockname()[1])
        self._metrics = telemetry.fresh_metrics_folder(self.settings.data)
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._asked_to_stop)
        loop.add_signal_handler(signal.SIGINT, self._asked_to_stop)
        loop.add_signal_handler(signal.SIGHUP, self._asked_to_restart)

    def _change(self, **changes: object) -> None:
        self.settings = msgspec.structs.replace(self.settings, **changes)

    async def _start_redis(self) -> EmbeddedRedis | None:
        if self.settings.redis_url:
            return None
        always = self.settings.durability is Durability.ALWAYS
        redis = EmbeddedRedis(self.settings.data, durability="always" if always else "everysec")
        self._change(redis_url=await redis.start())
        return redis

    def _make_places(self) -> None:
        for index in range(len(self._sockets)):
            self._places.append(Place(partial(self._start_node, index), self._over))
        if self._program.background:
            self._places.append(Place(self._start_worker, self._over))
        for place in self._places:
            place.fill()

    def _start_node(self, index: int) -> Child:
        job = Job(
            name=f"node-{index}",
            target=self._program.node,
            settings=self.settings,
            index=index,
        )
        return self._started(job, self._sockets[index])

    def _start_worker(self) -> Child:
        job = Job(name="worker", target=self._program.worker, settings=self.settings)
        return self._started(job, None)

    def _started(self, job: Job, sock: socket.socket | None) -> Child:
        """A process with this job: the spare, or else a new one."""
        child = self._spare.take()
        if child is None:
            child = self._new(job.name)
        else:
            self._spare.prepare(after=self._timing.spare_after)
        child.work(job, sock)
        _log.info("process_started", name=child.name, pid=child.pid)
        return child

    def _start_spare(self) -> Child:
        return self._new("spare", module=self._program.node.partition(":")[0])

    def _new(self, name: str, *, module: str = "") -> Child:
        child = Child(name, {telemetry.METRICS_FOLDER: str(self._metrics)}, module=module)
        self._children.add(child)
        child.ended.add_done_callback(lambda _ended: self._forget(child))
        return child

    def _forget(self, child: Child) -> None:
        self._children.discard(child)
        telemetry.forget_process(child.pid, self._metrics)

    # --- run ---

    async def _supervise(self, redis: EmbeddedRedis | None) -> int:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._pulse(redis)), group.create_task(self._announce())]
            if redis is not None:
                tasks.append(group.create_task(redis.watch()))
            self._make_places()
            code = await self._until_over()
            await self._end_all()
            for task in tasks:
                task.cancel()
        return code

    async def _until_over(self) -> int:
        refused = await self._over
        if refused is None:
            return 0
        _log.error("giving_up", name=refused)
        return REFUSED

    async def _end_all(self) -> None:
        for place in self._places:
            place.close()
        if self._rolling is not None:
            self._rolling.cancel()
        self._spare.drop()
        settings = self.settings
        within = settings.drain_delay_seconds + settings.drain_seconds + self._timing.beyond_drain
        await end(list(self._children), within=within, of_all=True)

    async def _pulse(self, redis: EmbeddedRedis | None) -> None:
        loop = asyncio.get_running_loop()
        figures = ProcessFigures(self._metrics)
        every = self._timing.ping_every
        while True:
            before = loop.time()
            await asyncio.sleep(every)
            held_up = loop.time() - before > 2 * every
            for child in list(self._children):
                if held_up:
                    child.forgive()
                child.pulse(
                    ready_within=self._timing.ready_within,
                    answer_within=self._timing.answer_within,
                )
            others = [("redis", redis.pid)] if redis is not None else []
            figures.look([*((child.name, child.pid) for child in self._children), *others])

    async def _announce(self) -> None:
        for place in self._places:
            await place.served
        _log.info("ready", url=self.settings.url, pid=os.getpid())
        if self._on_ready is not None:
            self._on_ready(self.settings)
        self._prepare_spare()

    def _prepare_spare(self) -> None:
        """Only for nodes: nobody waits for the worker."""
        if self._program.nodes and not self._over.done():
            self._spare.prepare(after=self._timing.spare_after)

    # --- signals ---

    def _asked_to_stop(self) -> None:
        if not self._over.done():
            self._over.set_result(None)
            return
        for child in self._children:
            child.kill()

    def _asked_to_restart(self) -> None:
        if self._over.done() or (self._rolling is not None and not self._rolling.done()):
            _log.warning("restart_ignored", why="one is under way")
            return
        if sys.stdin is not None and sys.stdin.isatty():
            self._asked_to_stop()  # the terminal was closed: nobody asked for a restart
            return
        self._rolling = asyncio.ensure_future(self._restart())

    async def _restart(self) -> None:
        self._read_settings_again()
        self._spare.drop()  # it has imported the old code
        try:
            await self._replace_all()
        finally:
            self._prepare_spare()

    async def _replace_all(self) -> None:
        within = self.settings.drain_seconds + self._timing.beyond_drain
        for place in self._places:
            if not await place.replace(drain_within=within):
                _log.error("restart_stopped", why="a successor did not come up; the old ones stay")
                return
        _log.info("restarted")

    def _read_settings_again(self) -> None:
        """Where we listen and where Redis is stays as it is; a wrong file changes nothing."""
        if self._reload is None:
            return
        fixed = {
            name: getattr(self.settings, name)
            for name in ("host", "port", "workers", "data", "redis_url", "durability")
        }
        try:
            self.settings = msgspec.structs.replace(self._reload(), **fixed)
        except SettingsError as error:
            _log.error("settings_not_read_again", problems=[str(p) for p in error.problems])


def _end_undisturbed() -> None:
    """Whoever stops us once more has to wait for the interpreter's end, not to cut it short: the
    exit code says how it went.
    """
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.remove_signal_handler(number)
        signal.signal(number, signal.SIG_IGN)
