"""A Redis of one's own to kill, a relay to misbehave, and a verb to call."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import pytest
import uvloop

from frontdesk.storage.redis import script
from frontdesk.storage.redis.embedded import EmbeddedRedis
from frontdesk.storage.redis.script import Script
from tests.engines.engine import Running
from tests.storage.redis.faults import Relay


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Both loops: they run timers and reads in another order, and break connections differently."""
    return {"uvloop": uvloop.new_event_loop, "asyncio": asyncio.new_event_loop}


@pytest.fixture(scope="session")
def count(tmp_path_factory: pytest.TempPathFactory) -> Script:
    """A verb that isn't idempotent, so that one sees how often it ran: → ok, times, word."""
    path = tmp_path_factory.mktemp("lua") / "count_for_tests.lua"
    path.write_text(
        "-- Counts how often it ran.\n-- KEYS: 1 meta, 2 counter\n-- ARGV: 1 epoch, 2 word\n"
        "-- Returns: {'ok', times, word} or {'epoch'}\n"
        "if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then return {'epoch'} end\n"
        "return {'ok', redis.call('INCR', KEYS[2]), ARGV[2]}\n"
    )
    return script.load(path)


@pytest.fixture
async def relay(engine: Running, tmp_path: Path) -> AsyncIterator[Relay]:
    """A relay before the run's Redis, or the server of it that has the desk; not yet open."""
    opened = Relay(engine.master, tmp_path)
    yield opened
    await opened.close()


@pytest.fixture
async def own_redis(tmp_path: Path) -> AsyncIterator[EmbeddedRedis]:
    """A Redis for this test alone, watched: it may be killed."""
    server = EmbeddedRedis(tmp_path)
    await server.start()
    watching = asyncio.create_task(server.watch())
    yield server
    await server.stop()
    await watching
