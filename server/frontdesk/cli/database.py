"""The SQL database as commands need it: of this release's schema."""

import click

from frontdesk.config import Settings
from frontdesk.storage import migrate
from frontdesk.storage.engine import Database, database_url


async def ensure_current(settings: Settings) -> None:
    """Migrates SQLite by itself; PostgreSQL, which others use too, only when it was told to."""
    url = database_url(settings.database_url, settings.data)
    if url.startswith("sqlite"):
        await migrate.upgrade(url)
        return
    database = Database.open(url, pool_size=1)
    try:
        found = await migrate.current(database)
    finally:
        await database.close()
    if found != migrate.head():
        raise click.ClickException(
            f"The database has schema {found or 'none'}, this release needs {migrate.head()}. "
            "Run `frontdesk migrate` first."
        )
