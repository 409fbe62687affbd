"""The SQL database as commands need it: there, and of this release's schema."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import click

from frontdesk.config import Settings, prepare
from frontdesk.people.people import People
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


@asynccontextmanager
async def open_people(settings: Settings) -> AsyncIterator[People]:
    """The people of this installation, for a command that changes them."""
    ready = prepare(settings)
    await ensure_current(ready)
    database = Database.open(database_url(ready.database_url, ready.data))
    people = People.of(
        database,
        sign_in_hours=ready.sign_in_hours,
        invitation_hours=ready.invitation_hours,
        default_capacity=ready.default_capacity,
    )
    try:
        yield people
    finally:
        people.close()
        await database.close()
