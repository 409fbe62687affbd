"""One browser and one desk for all tests here; a stage for each."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tests.browser.desk import Desk, running
from tests.browser.foreign import Foreign, serving
from tests.browser.rules import Rules
from tests.browser.stage import Stage

_SHOTS = os.environ.pop("FRONTDESK_SHOTS", "")  # no setting: a server would refuse to start with it
FLAGS = [
    "--no-sandbox",  # tests run as root, too
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def foreign() -> Iterator[Foreign]:
    """The website of somebody else, at an origin of its own."""
    with serving() as site:
        yield site


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory, foreign: Foreign) -> Iterator[Desk]:
    """A desk whose reps take six conversations each."""
    with running(
        tmp_path_factory.mktemp("desk"), allowed_origins=foreign.url, default_capacity="6"
    ) as found:
        yield found


@pytest.fixture(scope="session")
def hasty_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk that gives up early: on visitors who wait, and on reps who are lost."""
    with running(
        tmp_path_factory.mktemp("hasty"),
        wait_seconds="3", ring_seconds="3", device_grace_seconds="1", rep_lost_seconds="2",
    ) as found:  # fmt: skip
        yield found


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    path = os.environ.get("FRONTDESK_CHROMIUM", "/usr/bin/chromium")
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield launched
        await launched.close()


@pytest.fixture
def pictures(request: pytest.FixtureRequest) -> Path | None:
    """Where pictures of this test go, if somebody wants some."""
    return Path(_SHOTS) / str(request.node.name) if _SHOTS else None


@pytest_asyncio.fixture(loop_scope="session")
async def stage(browser: Browser, desk: Desk, pictures: Path | None) -> AsyncIterator[Stage]:
    found = Stage(browser, desk, pictures)
    yield found
    await found.everybody_leaves()


@pytest_asyncio.fixture(loop_scope="session")
async def hasty(browser: Browser, hasty_desk: Desk, pictures: Path | None) -> AsyncIterator[Stage]:
    """A stage at the hasty desk."""
    found = Stage(browser, hasty_desk, pictures)
    yield found
    await found.everybody_leaves()


@pytest.fixture(scope="session")
def ruled_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk whose rules are tried: a rep who is silent is passed over after five seconds."""
    with running(tmp_path_factory.mktemp("ruled"), ring_seconds="5", wait_seconds="60") as found:
        yield found


@pytest_asyncio.fixture(loop_scope="session")
async def ruled(browser: Browser, ruled_desk: Desk, pictures: Path | None) -> AsyncIterator[Stage]:
    """A stage at that desk, with the demo company's first rules live and nobody's draft."""
    before = Stage(browser, ruled_desk, None)
    await Rules(await before.rep("ana", available=False)).begin_again()
    await before.everybody_leaves()
    found = Stage(browser, ruled_desk, pictures)
    yield found
    await found.everybody_leaves()
