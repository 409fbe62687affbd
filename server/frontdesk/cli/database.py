"""The SQL database as commands need it: of this release's schema."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from frontdesk.config import Settings
from frontdesk.config.settings import without_password
from frontdesk.errors import FrontdeskError
from frontdesk.storage import migrate
from frontdesk.storage.engine import Database, database_url


async def ensure_current(settings: Settings) -> None:
    """Migrates SQLite by itself; PostgreSQL, which others use too, only when it was told to."""
    url = database_url(settings.database_url, settings.data)
    with explained(url):
        found = await revision(url)
        if url.startswith("sqlite"):
            await migrate.upgrade(url)
            return
    if found != migrate.head():
        raise click.ClickException(
            f"The database has schema {found or 'none'}, this release needs {migrate.head()}. "
            "Run `frontdesk migrate` first."
        )


async def upgraded(url: str) -> str:
    """Migrates, and returns the schema now in force."""
    with explained(url):
        await revision(url)
        return await migrate.upgrade(url)


async def revision(url: str) -> str:
    """The schema in force; refuses one that a newer release made."""
    database = Database.open(url, pool_size=1)
    try:
        found = await migrate.current(database)
    finally:
        await database.close()
    if migrate.is_known(found):
        return found
    raise click.ClickException(
        f"The database has schema {found}, which this release doesn't know (it needs "
        f"{migrate.head()}). Start the newer release that made it, or restore a copy."
    )


@contextmanager
def explained(url: str) -> Iterator[None]:
    """A sentence in place of a driver's traceback."""
    try:
        yield
    except (click.ClickException, FrontdeskError):
        raise
    except Exception as error:  # drivers raise what they like
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise click.ClickException(
            f"The database {without_password(url)} can't be used: {reason}"
        ) from error
