"""The HTTP interface of routing on SQLite: what both databases do is tested by the stores."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from frontdesk.storage.engine import Database
from tests.database_fixtures import sqlite
from tests.web.site import Site, site_on

__all__ = ["sqlite"]


@pytest.fixture
async def site(sqlite: Database, tmp_path: Path) -> AsyncIterator[Site]:
    async with site_on(sqlite, tmp_path) as made:
        yield made
