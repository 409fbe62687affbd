"""The engines that Frontdesk runs on, each as a test can have it: `TEST_ENGINE`."""

import asyncio
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NamedTuple

from frontdesk.storage.redis import engine as programs
from frontdesk.storage.redis.embedded import EmbeddedRedis
from tests.engines.cluster import DESK, running_cluster
from tests.engines.sentinel import running_sentinels
from tests.engines.server import newest, oldest

PATIENT = 60_000
"""ms; nothing dies in these runs, and a busy machine must not look like it."""


class Running(NamedTuple):
    """`url` is for Frontdesk; `master` is that of the server which has the desk `main`."""

    url: str
    master: str


@contextmanager
def _embedded(program: Path | None = None) -> Iterator[Running]:
    found = programs.probe(program) if program else None
    with tempfile.TemporaryDirectory(prefix="frontdesk-test-") as folder:
        server = EmbeddedRedis(Path(folder), durability="everysec", engine=found)
        url = asyncio.run(server.start())
        yield Running(url, url)
        asyncio.run(server.stop())


@contextmanager
def _sentinel() -> Iterator[Running]:
    with running_sentinels(newest(), down_after=PATIENT) as found:
        yield Running(found.url, found.master().socket_url)


@contextmanager
def _cluster() -> Iterator[Running]:
    with running_cluster(newest(), node_timeout=PATIENT) as found:
        yield Running(found.url, found.owner(DESK).socket_url)


ENGINES: dict[str, Callable[[], AbstractContextManager[Running]]] = {
    "": _embedded,  # whatever an installation on this machine would have
    "embedded62": lambda: _embedded(oldest()),
    "redis7": lambda: _embedded(newest()),
    "sentinel": _sentinel,
    "cluster": _cluster,
}


def chosen() -> AbstractContextManager[Running]:
    """The engine of this test run."""
    name = os.environ.get("TEST_ENGINE", "")
    assert name in ENGINES, f"TEST_ENGINE is one of {', '.join(filter(None, ENGINES))}"
    return ENGINES[name]()
