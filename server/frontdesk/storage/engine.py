"""The SQL database: SQLite in the data folder, or PostgreSQL, behind one small door.

`Database.read()` and `Database.write()` each give a connection inside a transaction. On SQLite a
write transaction starts with BEGIN IMMEDIATE: it waits its turn at the start. (A deferred one that
read first gets SQLITE_BUSY at its first write, whatever the time-out says.) aiosqlite runs SQLite
in threads, so a slow disk never stops the event loop.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self, TypeAlias

import orjson
from sqlalchemy import Connection as SyncConnection
from sqlalchemy import Insert, Table, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

Connection: TypeAlias = AsyncConnection
"""For those who hand a connection on, but may not know SQLAlchemy."""

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
}

# FULL: an accepted invitation or a reader's position survives power loss too; WAL: readers never
# wait for the writer. Both cost one fsync per commit, and we commit in batches.
_SQLITE_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA busy_timeout = 15000",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -8000",
    "PRAGMA secure_delete = ON",  # what is erased leaves the file, too (OP-5)
)
_WRITES = "frontdesk_writes"


def database_url(configured: str, data: Path) -> str:
    """Return the URL with our driver; an empty setting means SQLite in the data folder.

    Raises `sqlalchemy.exc.ArgumentError` for text that is no URL, ValueError for another database.
    """
    if not configured:
        return URL.create(
            "sqlite+aiosqlite", database=str(data / "frontdesk.db")
        ).render_as_string()
    url = make_url(configured)
    driver = _DRIVERS.get(url.get_backend_name())
    if driver is None:
        raise ValueError(f"database {url.get_backend_name()!r} is neither sqlite nor postgresql")
    return url.set(drivername=driver).render_as_string(hide_password=False)


class Database:
    """An open database. Make it with `Database.open`, end it with `close`."""

    __slots__ = ("engine",)

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine

    @classmethod
    def open(cls, url: str, *, pool_size: int = 4, foreign_keys: bool = True) -> Self:
        """Open `url` (as `database_url` returns it); connects at the first use.

        `foreign_keys=False` is for migrations on SQLite: there a table is changed by copying it
        and dropping the old one, which would delete every row that refers to it.
        """
        engine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=4,
            pool_timeout=10,
            pool_pre_ping=url.startswith("postgresql"),
            json_serializer=_dumps,
            json_deserializer=orjson.loads,
        )
        if engine.dialect.name == "sqlite":
            _prepare_sqlite(engine, foreign_keys=foreign_keys)
        return cls(engine)

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection with one consistent view of the data; nothing is to be written on it."""
        async with self.engine.connect() as connection, connection.begin():
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A connection in a write transaction: commits at the end, rolls back on any exception."""
        async with self.engine.connect() as connection:
            await connection.execution_options(**{_WRITES: True})
            async with connection.begin():
                yield connection

    async def answers(self, *, within: float = 3.0) -> bool:
        """Whether it can be asked now."""
        try:
            async with asyncio.timeout(within), self.read() as connection:
                await connection.exec_driver_sql("SELECT 1")
        except Exception:  # noqa: BLE001 - drivers raise what they like; it is the answer
            return False
        return True

    async def tidy(self) -> None:
        """Take what was deleted out of SQLite's write-ahead log, too, if nobody reads just now.
        PostgreSQL vacuums by itself.
        """
        if not self.is_sqlite:
            return
        async with self.engine.connect() as connection:
            raw = (await connection.get_raw_connection()).driver_connection
            if raw is not None:
                await (await raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")).close()

    async def count(self, table: str) -> int:
        """The rows of one of our tables."""
        async with self.read() as connection:
            found = await connection.exec_driver_sql(f'SELECT count(*) FROM "{table}"')  # noqa: S608 - a name of ours
            return int(found.scalar_one())

    async def close(self) -> None:
        await self.engine.dispose()


def upsert(
    connection: AsyncConnection,
    table: Table,
    rows: dict[str, Any] | Sequence[dict[str, Any]] | None = None,
    *,
    update: Sequence[str] = (),
    add: Sequence[str] = (),
    key: Sequence[str] = (),
) -> Insert:
    """Return `INSERT … ON CONFLICT (key)`: update these columns, add to those, or leave the old
    row. Without `key` it is the primary one.

    Without `rows` they are given to `execute`: many rows are then one statement that is compiled
    once, instead of one as long as all of them. Both databases speak the same dialect here, but
    SQLAlchemy has one construct for each.
    """
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(table) if rows is None else insert(table).values(rows)
    unique = [table.c[name] for name in key] or list(table.primary_key.columns)
    if not (update or add):
        return statement.on_conflict_do_nothing(index_elements=unique)
    changes: dict[str, Any] = {name: statement.excluded[name] for name in update}
    changes |= {name: table.c[name] + statement.excluded[name] for name in add}
    return statement.on_conflict_do_update(index_elements=unique, set_=changes)


def _dumps(value: object) -> str:
    return orjson.dumps(value).decode()


def _prepare_sqlite(engine: AsyncEngine, *, foreign_keys: bool) -> None:
    """Take transactions out of the driver's hands: it begins them too late, and not for DDL."""

    def connected(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (*_SQLITE_PRAGMAS, f"PRAGMA foreign_keys = {foreign_keys:d}"):
            cursor.execute(pragma)
        cursor.close()

    def began(connection: SyncConnection) -> None:
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(engine.sync_engine, "connect", connected)
    event.listen(engine.sync_engine, "begin", began)
