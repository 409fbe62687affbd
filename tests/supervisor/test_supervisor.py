"""The supervisor with real processes (R7.1): nothing is refused, nobody is left behind."""

import asyncio
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
import redis as redis_client

HERE = Path(__file__).parent
PATIENCE = 90.0  # s: a slow machine isn't a failure


async def until(condition: Callable[[], Any], what: str) -> Any:
    """The first true value of `condition`."""
    async with asyncio.timeout(PATIENCE):
        while not (value := condition()):
            await asyncio.sleep(0.05)
    assert value, what
    return value


class Installation:
    """A parent with its children, and what a client learns of them."""

    def __init__(self, folder: Path, program: dict[str, Any], timing: dict[str, Any]) -> None:
        self.folder = folder
        self.file = folder / "frontdesk.toml"
        self._program = {"node": "stand_in:run_node", "background": False, **program}
        self._timing = {"ping_every": 0.2, "answer_within": 2.0, "beyond_drain": 2.0,
                        "spare_after": 3600.0, **timing}  # fmt: skip
        self._settings: dict[str, Any] = {}
        self.port = 0

    def write(self, **settings: Any) -> None:
        self._settings |= settings
        lines = [f"{name} = {json.dumps(value)}" for name, value in self._settings.items()]
        self.file.write_text("\n".join(lines))

    async def start(self) -> None:
        path = os.pathsep.join([str(HERE), str(HERE.parents[1] / "server")])
        script = str(HERE / "parent.py")
        arguments = [str(self.file), json.dumps(self._program), json.dumps(self._timing)]
        with (self.folder / "log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, script, *arguments, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=log, env={**os.environ, "PYTHONPATH": path},
            )  # fmt: skip

    async def ready(self) -> None:
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            line = await self.process.stdout.readline()
        assert line, self.log
        self.port = int(line)

    async def ended(self) -> int:
        async with asyncio.timeout(PATIENCE):
            return await self.process.wait()

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def children(self) -> list[psutil.Process]:
        with contextlib.suppress(psutil.NoSuchProcess):
            return [
                child
                for child in psutil.Process(self.process.pid).children()
                if "frontdesk.supervisor.process" in " ".join(child.cmdline())
            ]
        return []

    def kill_all(self) -> None:
        """The parent, and whoever names it as theirs: also those it should have taken along."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        for process in psutil.process_iter(["cmdline"]):
            words = process.info["cmdline"] or []
            if "frontdesk.supervisor.process" in words and str(self.process.pid) in words:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()

    async def ask(self, word: str = "who") -> list[str]:
        """One connection, one line: pid, index and desk name of the node that answered."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(f"{word}\n".encode())
            async with asyncio.timeout(PATIENCE):
                return (await reader.readline()).decode().split()
        finally:
            writer.close()


@pytest.fixture
async def installation(
    tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Installation]:
    """Not started yet; whatever a test leaves of it is killed."""
    options = getattr(request, "param", {})
    found = Installation(tmp_path, options.get("program", {}), options.get("timing", {}))
    found.write(port=0, data=str(tmp_path), redis_url="redis://nowhere", drain_seconds=0.2)
    yield found
    if hasattr(found, "process"):
        found.kill_all()
        await found.process.wait()


async def test_every_node_serves_the_one_port(installation: Installation) -> None:
    installation.write(workers=2)
    await installation.start()
    await installation.ready()
    seen: dict[str, str] = {}
    async with asyncio.timeout(PATIENCE):
        while len(seen) < 2:
            pid, index, _ = await installation.ask()
            seen[index] = pid
    assert set(seen) == {"0", "1"}
    assert {int(pid) for pid in seen.values()} == {c.pid for c in installation.children()}


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_a_stop_lets_the_nodes_drain_and_leaves_nobody(
    installation: Installation, how: signal.Signals
) -> None:
    installation.write(workers=2)
    await installation.start()
    await installation.ready()
    children = installation.children()
    installation.process.send_signal(how)
    assert await installation.ended() == 0
    assert not any(child.is_running() for child in children)
    assert "process_killed" not in installation.log


async def test_a_second_stop_does_not_wait_for_the_drain(installation: Installation) -> None:
    installation.write(drain_seconds=600)
    await installation.start()
    await installation.ready()
    installation.process.terminate()
    await asyncio.sleep(0)
    while installation.process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            installation.process.terminate()
        await asyncio.wait([asyncio.ensure_future(installation.process.wait())], timeout=0.3)
    assert installation.process.returncode == 0


@pytest.mark.parametrize(
    "installation", [{"program": {"node": "stand_in:run_stubborn"}}], indirect=True
)
async def test_a_node_that_does_not_end_is_killed(installation: Installation) -> None:
    await installation.start()
    await installation.ready()
    (child,) = installation.children()
    installation.process.terminate()
    assert await installation.ended() == 0
    assert not child.is_running()
    assert "not drained within 2.2 s" in installation.log


async def test_when_the_parent_is_killed_its_children_die_and_the_port_is_free(
    installation: Installation,
) -> None:
    installation.write(workers=2)
    await installation.start()
    await installation.ready()
    children = installation.children()
    assert len(children) == 2
    installation.process.kill()
    await until(lambda: not any(map(alive, children)), "children outlived their parent")
    with pytest.raises(ConnectionRefusedError):
        await installation.ask()


def is_dead(process: psutil.Process) -> bool:
    return not alive(process)


def alive(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


async def test_a_connect_made_while_the_node_is_dead_waits_for_its_successor(
    installation: Installation,
) -> None:
    await installation.start()
    await installation.ready()
    for _ in range(3):
        pid, *_ = await installation.ask()
        dead = psutil.Process(int(pid))
        dead.kill()
        await until(partial(is_dead, dead), "it was killed")
        successors = await asyncio.gather(*(installation.ask() for _ in range(20)))
        assert {answer[0] for answer in successors}.isdisjoint({pid})
        assert all(answer[1] == "0" for answer in successors)


WITH_SPARE = [{"timing": {"spare_after": 0.0}}]


async def spare_of(installation: Installation) -> psutil.Process:
    """The one that has imported all and has no job yet."""
    return psutil.Process(await until(partial(waiting_pid, installation), "a spare"))


def waiting_pid(installation: Installation) -> int | None:
    log = re.sub(r"\x1b\[\d*m", "", installation.log)
    working = re.findall(r"process_started .*pid=(\d+)", log)
    waiting = [pid for pid in re.findall(r"spare_ready .*pid=(\d+)", log) if pid not in working]
    there = [pid for pid in map(int, waiting) if psutil.pid_exists(pid)]
    return there[-1] if there else None


@pytest.mark.parametrize("installation", WITH_SPARE, indirect=True)
async def test_a_spare_that_has_imported_all_takes_the_place_of_who_falls(
    installation: Installation,
) -> None:
    await installation.start()
    await installation.ready()
    for _ in range(2):
        spare = await spare_of(installation)
        assert spare.name() == "spare"
        pid, *_ = await installation.ask()
        psutil.Process(int(pid)).kill()
        assert (await installation.ask())[:2] == [str(spare.pid), "0"]
        assert psutil.Process(spare.pid).name() == "node-0"


@pytest.mark.parametrize("installation", WITH_SPARE, indirect=True)
async def test_a_spare_holds_no_socket_of_ours_until_it_has_a_job(
    installation: Installation,
) -> None:
    await installation.start()
    await installation.ready()
    spare = await spare_of(installation)
    assert not [c for c in spare.net_connections() if c.status == psutil.CONN_LISTEN]
    os.kill(int((await installation.ask())[0]), signal.SIGKILL)
    assert (await installation.ask())[0] == str(spare.pid)
    listening = [c for c in spare.net_connections() if c.status == psutil.CONN_LISTEN]
    assert [c.laddr.port for c in listening] == [installation.port]


@pytest.mark.parametrize("installation", WITH_SPARE, indirect=True)
async def test_new_code_does_not_come_from_a_spare_that_has_the_old(
    installation: Installation,
) -> None:
    installation.write(desk_name="old")
    await installation.start()
    await installation.ready()
    spare = await spare_of(installation)
    installation.write(desk_name="new")
    installation.process.send_signal(signal.SIGHUP)
    await until(lambda: "restarted" in installation.log, "the restart is done")
    pid, _, name = await installation.ask()
    assert name == "new"
    assert pid != str(spare.pid)
    assert is_dead(spare)
    assert (await spare_of(installation)).pid != spare.pid


@pytest.mark.parametrize("installation", WITH_SPARE, indirect=True)
async def test_a_spare_that_hangs_or_dies_is_missed_by_nobody(installation: Installation) -> None:
    await installation.start()
    await installation.ready()
    spare = await spare_of(installation)
    spare.send_signal(signal.SIGSTOP)
    await until(lambda: "spare_fell" in installation.log, "it was given up")
    pid, *_ = await installation.ask()
    os.kill(int(pid), signal.SIGKILL)
    assert (await installation.ask())[0] not in {pid, str(spare.pid)}
    installation.process.terminate()
    assert await installation.ended() == 0


@pytest.mark.parametrize("installation", WITH_SPARE, indirect=True)
async def test_a_stop_takes_the_spare_along(installation: Installation) -> None:
    await installation.start()
    await installation.ready()
    spare = await spare_of(installation)
    installation.process.terminate()
    assert await installation.ended() == 0
    assert is_dead(spare)
    assert "process_killed" not in installation.log
    assert "spare_fell" not in installation.log


async def test_a_node_whose_loop_is_blocked_says_where_and_is_replaced(
    installation: Installation,
) -> None:
    await installation.start()
    await installation.ready()
    pid, *_ = await installation.ask()
    with contextlib.suppress(ConnectionResetError):
        assert await installation.ask("block") == []
    successor, *_ = await installation.ask()
    assert successor != pid
    assert "its loop was blocked for 2 s" in installation.log
    assert "stand_in.py" in installation.log  # the stack it hung in


@pytest.mark.parametrize(
    "installation",
    [{"program": {"node": "stand_in:run_mute"}, "timing": {"ready_within": 1.0}}],
    indirect=True,
)
async def test_a_node_that_never_gets_ready_is_given_up_and_tried_again(
    installation: Installation,
) -> None:
    await installation.start()
    await until(lambda: installation.log.count("not ready within 1 s") >= 2, "tried again")
    installation.process.terminate()
    assert await installation.ended() == 0


async def test_a_rolling_restart_refuses_nobody_and_reads_the_settings_again(
    installation: Installation,
) -> None:
    installation.write(workers=2, desk_name="old", drain_seconds=2)
    await installation.start()
    await installation.ready()
    before = {child.pid for child in installation.children()}
    installation.write(desk_name="new", port=1)  # the port can't change: it is ours already
    installation.process.send_signal(signal.SIGHUP)
    names = set()
    async with asyncio.timeout(PATIENCE):
        while "restarted" not in installation.log:
            *_, name = await installation.ask()
            names.add(name)
    assert names <= {"old", "new"}
    assert (await installation.ask())[2] == "new"
    after = {child.pid for child in installation.children()}
    assert len(after) == 2
    assert not before & after


async def test_an_open_connection_outlives_the_start_of_the_successor(
    installation: Installation,
) -> None:
    installation.write(drain_seconds=5)
    await installation.start()
    await installation.ready()
    reader, writer = await asyncio.open_connection("127.0.0.1", installation.port)
    writer.write(b"who\n")
    old = (await reader.readline()).split()[0]
    installation.process.send_signal(signal.SIGHUP)
    await until(lambda: len(installation.children()) == 2, "a successor")
    async with asyncio.timeout(PATIENCE):
        while (await installation.ask())[0].encode() == old:
            await asyncio.sleep(0.05)
    writer.write(b"who\n")
    assert (await reader.readline()).split()[0] == old
    writer.close()


@pytest.mark.parametrize("desk_name", ["broken", "refused"])
async def test_a_restart_whose_successor_does_not_come_up_changes_nothing(
    installation: Installation, desk_name: str
) -> None:
    installation.write(workers=2, desk_name="old")
    await installation.start()
    await installation.ready()
    before = {child.pid for child in installation.children()}
    installation.write(desk_name=desk_name)
    installation.process.send_signal(signal.SIGHUP)
    await until(lambda: "restart_stopped" in installation.log, "the restart is given up")
    assert {child.pid for child in installation.children()} == before
    assert (await installation.ask())[2] == "old"


async def test_a_restart_with_wrong_settings_keeps_the_ones_in_force(
    installation: Installation,
) -> None:
    installation.write(desk_name="old")
    await installation.start()
    await installation.ready()
    installation.write(desk_name="new", wrokers=3)
    installation.process.send_signal(signal.SIGHUP)
    await until(lambda: "restarted" in installation.log, "the restart is done")
    assert "Did you mean workers?" in installation.log
    assert (await installation.ask())[2] == "old"


async def test_who_can_not_run_as_configured_is_not_tried_again(
    installation: Installation,
) -> None:
    installation.write(desk_name="refused")
    await installation.start()
    assert await installation.ended() == 78
    assert "is refused, for the test" in installation.log
    assert installation.log.count("process_started") == 1


async def test_who_falls_at_every_start_is_tried_again_ever_more_slowly(
    installation: Installation,
) -> None:
    installation.write(desk_name="broken")
    await installation.start()
    await until(lambda: "again_in=0.4" in installation.log, "the pause has grown")
    assert "this version doesn't start" in installation.log
    installation.process.terminate()
    assert await installation.ended() == 0


@pytest.mark.parametrize(
    "installation",
    [{"program": {"nodes": False, "background": True, "worker": "stand_in:run_worker"}}],
    indirect=True,
)
async def test_the_embedded_redis_and_the_worker_live_and_end_with_the_parent(
    installation: Installation,
) -> None:
    installation.write(redis_url="")
    await installation.start()
    await installation.ready()
    note = installation.folder / "worker"
    pid, url = note.read_text().split()
    with redis_client.Redis.from_url(url) as redis:
        assert redis.ping()
    os.kill(int(pid), signal.SIGKILL)
    await until(lambda: note.read_text().split()[0] != pid, "the worker was started again")
    assert note.read_text().split()[1] == url
    installation.process.terminate()
    assert await installation.ended() == 0
    with pytest.raises(redis_client.ConnectionError):
        redis_client.Redis.from_url(url).ping()


@pytest.mark.parametrize(
    "installation",
    [{"program": {"nodes": False, "background": True, "worker": "stand_in:run_worker"}}],
    indirect=True,
)
async def test_after_the_parent_was_killed_the_next_start_takes_over_its_redis(
    installation: Installation,
) -> None:
    installation.write(redis_url="")
    await installation.start()
    await installation.ready()
    url = (installation.folder / "worker").read_text().split()[1]
    with redis_client.Redis.from_url(url) as redis:
        redis.set("kept", "yes")
        installation.process.kill()
        await installation.process.wait()
        await installation.start()
        await installation.ready()
        assert redis.get("kept") == b"yes"
    installation.process.terminate()
    assert await installation.ended() == 0
    assert "adopted=True" in installation.log
