"""What every test may ask for: a real Redis, a prefix of its own in it, a link to it."""

import itertools
import os
from collections.abc import AsyncIterator, Iterator

import pytest
import redis.asyncio
from hypothesis import HealthCheck, settings
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from frontdesk.storage.redis.keys import Keys
from frontdesk.storage.redis.link import Link
from tests.engines.engine import Running, chosen

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
def engine() -> Iterator[Running]:
    """The Redis of this test run: `TEST_ENGINE`."""
    with chosen() as running:
        yield running


@pytest.fixture(scope="session")
def redis_url(engine: Running) -> str:
    """Where it is. Take your own `keys`.

    Who wants to kill or freeze a Redis starts one of their own.
    """
    return engine.url


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
async def redis_client(engine: Running) -> AsyncIterator[redis.asyncio.Redis]:
    """redis-py's client for looking at what is in Redis, where the desk is."""
    client = redis.asyncio.Redis.from_url(engine.master, retry=Retry(NoBackoff(), 0))
    yield client
    await client.aclose()
