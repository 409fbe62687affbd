"""A town on each kind of database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from frontdesk.storage.engine import Database
from frontdesk.storage.redis.link import Link
from tests.database_fixtures import database, empty_url, postgres, sqlite
from tests.privacy.town import Town, town_on

__all__ = ["database", "empty_url", "postgres", "sqlite"]


@pytest.fixture
async def town(
    database: Database, link: Link, redis_url: str, prefix: str, tmp_path: Path
) -> AsyncIterator[Town]:
    async with town_on(database, link, redis_url, prefix, tmp_path) as made:
        yield made
