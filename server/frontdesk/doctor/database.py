"""The SQL database: reachable, and of this release's schema."""

from collections.abc import AsyncIterator

from frontdesk.config import Settings
from frontdesk.config.settings import without_password
from frontdesk.doctor.finding import Finding, fail, ok, warn
from frontdesk.storage import migrate
from frontdesk.storage.engine import Database, database_url


async def look(settings: Settings) -> AsyncIterator[Finding]:
    """Doesn't make the file of an SQLite that isn't there yet."""
    if not settings.database_url and not (settings.data / "frontdesk.db").exists():
        yield ok("database", "SQLite, will be made at the first start")
        return
    url = database_url(settings.database_url, settings.data)
    database = Database.open(url, pool_size=1)
    try:
        async for finding in _schema(database, without_password(url)):
            yield finding
    finally:
        await database.close()


async def _schema(database: Database, where: str) -> AsyncIterator[Finding]:
    found, needed = await migrate.current(database), migrate.head()
    if not migrate.is_known(found):
        what = f"{where} has schema {found}, which this release ({needed}) doesn't know"
        yield fail("database", what, "Start the newer release that made it, or restore a copy.")
        return
    if found != needed:
        what = f"{where} has schema {found or 'none'}, this release needs {needed}"
        yield fail("database", what, "Run `frontdesk migrate`.")
        return
    yield ok("database", f"{where}, schema {found}")
    dead = await database.count("dead_event")
    if dead:
        what = f"{dead:,} events could not be archived and were put aside"
        yield warn("dead events", what, "The table dead_event has each with its error.")
    differences = await migrate.differences(database)
    if differences:
        what = f"the schema differs from what was migrated: {'; '.join(differences)[:300]}"
        yield warn("database schema", what, "Undo what was changed by hand.")
