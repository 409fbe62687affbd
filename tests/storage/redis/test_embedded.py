"""OP-1: a real Redis as a child: adopted, restarted, locked, and never two on one folder."""

import asyncio
import contextlib
import os
import signal
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
from redis.asyncio import Redis

from frontdesk.storage.redis import embedded as embedded_module
from frontdesk.storage.redis import engine
from frontdesk.storage.redis.embedded import EmbeddedRedis
from frontdesk.storage.redis.engine import Engine
from frontdesk.storage.redis.errors import FolderInUse, NotEmbeddable
from frontdesk.storage.redis.lock import is_locked
from tests.storage.redis.faults import until

# A parent that starts Redis, says where it is, and waits to be killed.
PARENT = """
import asyncio, sys
from pathlib import Path
from frontdesk.storage.redis.embedded import EmbeddedRedis

async def main():
    server = EmbeddedRedis(Path(sys.argv[1]))
    await server.start()
    print(server.pid, flush=True)
    await server.watch()

asyncio.run(main())
"""


@contextlib.asynccontextmanager
async def parent(data: Path) -> AsyncIterator[tuple[subprocess.Popen[str], int]]:
    """Another process that keeps a Redis on `data`, and that Redis' pid."""
    process = subprocess.Popen(
        [sys.executable, "-c", PARENT, data],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdout is not None
    try:
        lines = iter(process.stdout.readline, "")
        pid = next(int(line) for line in lines if line.strip().isdigit())
        yield process, pid
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def client(server: EmbeddedRedis) -> Redis:
    return Redis.from_url(server.url)


async def test_it_is_private_and_keeps_everything(own_redis: EmbeddedRedis) -> None:
    async with client(own_redis) as redis:
        config = {name: str(value) for name, value in (await redis.config_get("*")).items()}
    assert config["port"] == "0"
    assert config["appendonly"] == "yes"
    assert config["appendfsync"] == "always"
    assert config["maxmemory-policy"] == "noeviction"
    memory = psutil.virtual_memory().total
    assert 0 < int(config["maxmemory"]) <= 0.45 * memory + 1
    assert "pubsub 67108864 33554432 30" in config["client-output-buffer-limit"]
    path = Path(own_redis.url.removeprefix("unix://"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert all(not file.stat().st_mode & 0o077 for file in own_redis.folder.rglob("*"))


async def test_a_stopped_one_is_gone_and_the_next_has_its_data(tmp_path: Path) -> None:
    first = EmbeddedRedis(tmp_path)
    await first.start()
    async with client(first) as redis:
        await redis.set("kept", "yes")
    assert is_locked(first.folder / "lock")
    await first.stop()
    assert not is_locked(first.folder / "lock")
    assert not psutil.pid_exists(first.pid)
    second = EmbeddedRedis(tmp_path, durability="everysec")
    await second.start()
    async with client(second) as redis:
        assert await redis.get("kept") == b"yes"
        assert (await redis.config_get("appendfsync"))["appendfsync"] == "everysec"
    await second.stop()


async def test_a_killed_one_is_back_at_once_with_its_data(own_redis: EmbeddedRedis) -> None:
    for turn in range(2):
        async with client(own_redis) as redis:
            await redis.rpush("turns", turn)
        pid = own_redis.pid
        os.kill(pid, signal.SIGKILL)
        await until(lambda: own_redis.pid != pid)  # noqa: B023 - waited for here
        async with client(own_redis) as redis:
            assert await redis.llen("turns") == turn + 1


async def test_a_frozen_one_is_killed_when_it_does_not_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_module, "STOP_SECONDS", 0.2)
    server = EmbeddedRedis(tmp_path)
    await server.start()
    os.kill(server.pid, signal.SIGSTOP)
    await server.stop()
    assert not is_locked(server.folder / "lock")


async def test_the_lock_ends_with_a_killed_database(tmp_path: Path) -> None:
    server = EmbeddedRedis(tmp_path)
    await server.start()
    os.kill(server.pid, signal.SIGKILL)
    await until(lambda: not is_locked(server.folder / "lock"))
    await server.stop()


async def test_what_a_killed_parent_left_is_adopted_and_stopped_by_the_next(
    tmp_path: Path,
) -> None:
    async with parent(tmp_path) as (process, pid):
        process.kill()
        process.wait()
    assert psutil.pid_exists(pid)
    assert is_locked(tmp_path / "redis" / "lock")
    server = EmbeddedRedis(tmp_path, durability="everysec")
    await server.start()
    assert server.pid == pid
    async with client(server) as redis:
        assert (await redis.config_get("appendfsync"))["appendfsync"] == "everysec"
    await server.stop()
    assert not is_locked(server.folder / "lock")


async def test_an_adopted_one_is_watched_too(tmp_path: Path) -> None:
    async with parent(tmp_path) as (process, pid):
        process.kill()
        process.wait()
    server = EmbeddedRedis(tmp_path)
    await server.start()
    watching = asyncio.create_task(server.watch())
    os.kill(pid, signal.SIGKILL)
    await until(lambda: server.pid != pid)
    async with client(server) as redis:
        assert await redis.ping()
    await server.stop()
    await watching


async def test_a_second_parent_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    async with parent(tmp_path) as (process, pid):
        with pytest.raises(FolderInUse, match=str(tmp_path)):
            await EmbeddedRedis(tmp_path).start()
        assert process.poll() is None
        os.kill(pid, signal.SIGTERM)  # its parent raises another: that one goes below
        process.kill()
        process.wait()
    server = EmbeddedRedis(tmp_path)
    await server.start()
    await server.stop()


async def test_ctrl_c_does_not_reach_the_database(own_redis: EmbeddedRedis) -> None:
    assert os.getsid(own_redis.pid) != os.getsid(0)


async def test_a_folder_too_deep_for_a_socket_gets_one_elsewhere(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 60) / ("wörter & co " * 5)
    first = EmbeddedRedis(deep)
    url = await first.start()
    async with client(first) as redis:
        assert await redis.ping()
    path = Path(url.removeprefix("unix://"))
    assert len(os.fsencode(path)) < 104
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    await first.stop()
    again = EmbeddedRedis(deep)
    assert await again.start() == url
    await again.stop()
    path.parent.rmdir()


async def test_a_folder_with_strange_letters_works(tmp_path: Path) -> None:
    server = EmbeddedRedis(tmp_path / "größe #1? 100%")
    await server.start()
    async with client(server) as redis:
        assert await redis.set("x", 1)
    await server.stop()
    assert list(server.folder.glob("*append*"))


async def test_what_can_not_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded_module, "arguments", lambda *_: ["--no-such-setting", "here"])
    server = EmbeddedRedis(tmp_path)
    with pytest.raises(NotEmbeddable, match="no-such-setting"):
        await server.start()
    monkeypatch.undo()
    await server.start()  # the failure left nothing behind
    await server.stop()


async def test_data_of_a_newer_redis_is_not_overlooked_by_an_older_one(tmp_path: Path) -> None:
    (tmp_path / "redis" / "appendonlydir").mkdir(parents=True)
    server = EmbeddedRedis(tmp_path, engine=Engine(Path("/old/redis-server"), (6, 2, 14)))
    with pytest.raises(NotEmbeddable, match="Redis 7 or newer"):
        await server.start()


async def test_one_that_loads_much_data_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = EmbeddedRedis(tmp_path, durability="everysec")
    await first.start()
    async with client(first) as redis, redis.pipeline(transaction=False) as pipeline:
        for n in range(3000):
            pipeline.set(f"key{n}", "x")
        await pipeline.execute()
    await first.stop()
    slowly = ["--key-load-delay", "300"]  # µs a key
    monkeypatch.setattr(embedded_module, "arguments", lambda *o: [*engine.arguments(*o), *slowly])
    monkeypatch.setattr(embedded_module, "SILENT_SECONDS", 20.0)
    server = EmbeddedRedis(tmp_path)
    await server.start()
    async with client(server) as redis:
        assert await redis.dbsize() == 3000
    await server.stop()


# --- which program


def fake(folder: Path, name: str, says: str) -> Path:
    folder.mkdir(exist_ok=True)
    program = folder / name
    program.write_text(f"#!/bin/sh\necho '{says}'\n")
    program.chmod(0o755)
    return program


def test_the_first_new_enough_server_on_the_path_is_taken(tmp_path: Path) -> None:
    fake(tmp_path / "a", "redis-server", "Redis server v=6.2.14 sha=0")
    fake(tmp_path / "b", "redis-server", "something else")
    new = fake(tmp_path / "c", "redis-server", "Redis server v=7.0.15 sha=0")
    path = os.pathsep.join(str(tmp_path / name) for name in "abc")
    assert engine.find(path) == Engine(new, (7, 0, 15))
    valkey = fake(tmp_path / "c", "valkey-server", "Valkey server v=8.1.4 sha=0")
    assert engine.find(path) == Engine(valkey, (8, 1, 4))


def test_without_one_the_bundled_server_is_taken(tmp_path: Path) -> None:
    found = engine.find(str(tmp_path))
    assert found.version[:2] == (6, 2)
    assert os.access(found.program, os.X_OK)


async def test_the_bundled_server_runs_too(tmp_path: Path) -> None:
    server = EmbeddedRedis(tmp_path / "data", engine=engine.find(str(tmp_path)))
    await server.start()
    watching = asyncio.create_task(server.watch())
    async with client(server) as redis:
        await redis.set("kept", "yes")
    pid = server.pid
    os.kill(pid, signal.SIGKILL)
    await until(lambda: server.pid != pid)
    async with client(server) as redis:
        assert await redis.get("kept") == b"yes"
        assert (await redis.info("server"))["redis_version"].startswith("6.2.")
    await server.stop()
    await watching
