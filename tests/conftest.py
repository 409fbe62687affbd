"""What every test may ask for: a real Redis, a prefix of its own in it, a link to it."""

import asyncio
import itertools
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import redis.asyncio
from hypothesis import HealthCheck, settings
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from frontdesk.storage.redis.embedded import EmbeddedRedis
from frontdesk.storage.redis.keys import Keys
from frontdesk.storage.redis.link import Link

# A slow machine isn't a failure: how long an example takes is nobody's claim. CI sees the same
# examples each time; people at work find the new ones.
settings.register_profile(
    "patient",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
    derandomize=bool(os.environ.get("CI")),
)
settings.load_profile("patient")

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Redis of this test run, on a Unix socket in a folder of its own. Take your own `keys`.

    Who wants to kill or freeze a Redis starts one of their own.
    """
    with tempfile.TemporaryDirectory(prefix="frontdesk-test-") as folder:
        server = EmbeddedRedis(Path(folder), durability="everysec")
        url = asyncio.run(server.start())
        yield url
        asyncio.run(server.stop())


@pytest.fixture
def prefix() -> str:
    """The setting `redis_prefix` of this test: no other test's keys begin with it."""
    return f"t{os.getpid()}-{next(_numbers)}"


@pytest.fixture
def keys(prefix: str) -> Keys:
    """The names of this test's keys, for the desk `main`."""
    return Keys(prefix, "main")


@pytest.fixture
async def link(redis_url: str, keys: Keys) -> AsyncIterator[Link]:
    """An open link for this test's desk."""
    opened = await Link.open(redis_url, meta_key=keys.meta)
    yield opened
    await opened.close()


@pytest.fixture
async def redis_client(redis_url: str) -> AsyncIterator[redis.asyncio.Redis]:
    """redis-py's client for looking at what is in Redis."""
    client = redis.asyncio.Redis.from_url(redis_url, retry=Retry(NoBackoff(), 0))
    yield client
    await client.aclose()
