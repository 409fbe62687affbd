"""Fixtures of migrated databases, imported by the `conftest.py` of each folder that needs them."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from frontdesk.storage import migrate
from frontdesk.storage.engine import Database
from tests.databases import KINDS, new_postgres_database, running_postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    with running_postgres() as folder:
        yield folder


@pytest.fixture(params=KINDS)
async def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without tables, of each kind in turn."""
    if request.param == "postgresql":
        return await new_postgres_database(request.getfixturevalue("postgres"))
    return f"sqlite+aiosqlite:///{tmp_path}/frontdesk.db"


@pytest.fixture
async def database(empty_url: str) -> AsyncIterator[Database]:
    """A migrated database of each kind in turn."""
    await migrate.upgrade(empty_url)
    opened = Database.open(empty_url)
    yield opened
    await opened.close()


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[Database]:
    """A migrated SQLite database."""
    url = f"sqlite+aiosqlite:///{tmp_path}/frontdesk.db"
    await migrate.upgrade(url)
    opened = Database.open(url)
    yield opened
    await opened.close()
