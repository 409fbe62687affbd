"""A backup, taken while people talk, is enough to go on after everything else was lost."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing

import pytest
import pytest_asyncio
from sqlalchemy import make_url

from frontdesk.storage.engine import Database, database_url
from tests.database_fixtures import postgres
from tests.databases import KINDS, dump, new_postgres_database, restore
from tests.scenarios.conftest import Scene
from tests.scenarios.processes import Installation, installation
from tests.scenarios.test_faults import talk

__all__ = ["postgres"]

pytestmark = pytest.mark.asyncio(loop_scope="session")


class Backup:
    """What an operator would do, by docs/operations.md."""

    def __init__(self, running: Installation, postgres: str) -> None:
        self._running = running
        self._postgres = postgres
        self._file = running.folder / "frontdesk.db"
        self._copy = running.folder / "copy.db"
        self._dump = ""

    def take(self) -> None:
        if self._postgres:
            self._dump = dump(self._postgres, self._name)
            return
        with (
            closing(sqlite3.connect(self._file)) as live,
            closing(sqlite3.connect(self._copy)) as to,
        ):
            live.backup(to)

    async def lose_everything(self) -> None:
        """The nodes, the worker, Redis with its disk, and the database."""
        await self._running.kill_node(0)
        await self._running.kill_worker()
        await self._running.database.close()
        self._running.lose_redis()
        for path in self._running.folder.glob("frontdesk.db*"):
            path.unlink()

    async def bring_back(self) -> None:
        if self._postgres:
            restore(self._postgres, self._name, self._dump)
        else:
            self._copy.rename(self._file)
        running = self._running
        url = database_url(running.settings.database_url, running.folder)
        running.database = Database.open(url)
        await running.restart_redis()
        await running.start_node(0)
        await running.start_worker()

    @property
    def _name(self) -> str:
        return str(make_url(self._running.settings.database_url).database)


@pytest_asyncio.fixture(params=KINDS, loop_scope="session")
async def own(request: pytest.FixtureRequest, seed: int) -> AsyncIterator[tuple[Scene, Backup]]:
    """An installation on SQLite or PostgreSQL for this test alone."""
    folder = request.getfixturevalue("postgres") if request.param == "postgresql" else ""
    url = await new_postgres_database(folder) if folder else ""
    async with installation(nodes=1, reps=2, database_url=url) as running:
        scene = Scene(running, seed)
        yield scene, Backup(running, folder)
        scene.complaints()
        await scene.everybody_leaves()


async def test_everything_but_the_backup_is_lost_and_both_sides_go_on(
    own: tuple[Scene, Backup],
) -> None:
    scene, backup = own
    _earlier, rep, over = await scene.chat(visitor_at=0, rep_at=0)
    await rep.closes_it(over)
    await scene.check.state_in_sql(over, "closed")
    visitor, rep, name = await scene.chat(visitor_at=0, rep_at=0)
    await talk(visitor, rep, name, count=10)
    await scene.same_view(visitor, rep, name)
    await scene.check.archived(name, last=visitor.chat.offset)
    said = visitor.texts()
    backup.take()

    await backup.lose_everything()
    await backup.bring_back()

    await visitor.says("Where were we?")
    await rep.says(name, "Here.")
    await scene.same_view(visitor, rep, name)
    assert visitor.texts() == [*said, "Where were we?", "Here."]
    await rep.closes_it(name)
    await visitor.until(lambda: visitor.chat.state == "closed", "the end")
    await scene.check.state_in_sql(name, "closed")
    await scene.check.state_in_sql(over, "closed")
    assert await scene.check.archived(name, last=visitor.chat.offset) == visitor.texts()
