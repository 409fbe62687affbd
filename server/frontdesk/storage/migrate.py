"""Bring a database's schema up to date (Alembic, driven from here; there is no alembic.ini).

`python -m frontdesk.storage.migrate "Add the meeting tables"` writes the next migration from the
difference between `tables.py` and the migrations so far; read it before you commit it.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from alembic import autogenerate, command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from frontdesk.storage.engine import Database
from frontdesk.storage.tables import metadata

_FOLDER = Path(__file__).parent / "migrations"
_LOCK = 0x66726F6E74  # "front": one migration at a time on PostgreSQL


async def upgrade(url: str) -> str:
    """Apply every missing migration in one transaction and return the revision now in force.

    Safe to call by several processes at once: the others wait, then find nothing to do.
    """
    database = Database.open(url, pool_size=1, foreign_keys=False)
    try:
        async with database.write() as connection:
            await connection.run_sync(_upgrade)
            return await connection.run_sync(_revision) or ""
    finally:
        await database.close()


async def current(database: Database) -> str:
    """Return the revision of the database's schema; empty before the first migration."""
    async with database.read() as connection:
        return await connection.run_sync(_revision) or ""


def head() -> str:
    """Return the revision this release needs."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def is_known(revision: str) -> bool:
    """Return whether this release can go on from there; a newer release's it can't."""
    script = ScriptDirectory.from_config(_config())
    return not revision or revision in {known.revision for known in script.walk_revisions()}


async def differences(database: Database) -> list[str]:
    """Return how the database differs from `tables.py`; for tests and `doctor`."""
    async with database.read() as connection:
        found = await connection.run_sync(
            lambda sync: autogenerate.compare_metadata(MigrationContext.configure(sync), metadata)
        )
    return [repr(difference) for difference in found]


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
    command.upgrade(_config(connection), "head")


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["connection"] = connection
    return config


def _write_next(message: str) -> None:
    """Write the next migration: against a scratch database brought up to date."""
    revisions = len(list(ScriptDirectory.from_config(_config()).walk_revisions()))

    async def work(url: str) -> None:
        await upgrade(url)
        database = Database.open(url)
        async with database.write() as connection:
            await connection.run_sync(
                lambda sync: command.revision(
                    _config(sync), message, autogenerate=True, rev_id=f"{revisions + 1:04d}"
                )
            )
        await database.close()

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(work(f"sqlite+aiosqlite:///{folder}/scratch.db"))


if __name__ == "__main__":
    _write_next(sys.argv[1])
