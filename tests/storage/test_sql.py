"""The SQL database: migrations, transactions, and what differs between SQLite and PostgreSQL."""

import asyncio
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from frontdesk.storage import migrate
from frontdesk.storage.engine import Database, database_url, upsert
from frontdesk.storage.tables import conversation, entry, group_member, reader, rep_group, visitor
from tests.databases import POSTGRES, new_postgres_database, running_postgres


async def test_the_migrations_build_exactly_the_tables_that_are_declared(
    database: Database,
) -> None:
    assert await migrate.differences(database) == []
    assert await migrate.current(database) == migrate.head()


async def test_a_database_never_migrated_has_no_revision(empty_url: str) -> None:
    database = Database.open(empty_url)
    assert await migrate.current(database) == ""
    await database.close()


async def test_processes_that_migrate_at_the_same_time_all_end_at_the_head(
    empty_url: str,
) -> None:
    program = (
        "import asyncio, sys; from frontdesk.storage.migrate import upgrade;"
        "print(asyncio.run(upgrade(sys.argv[1])))"
    )
    command = [sys.executable, "-c", program, empty_url]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = [process.communicate(timeout=120)[0].strip() for process in processes]
    assert said == [migrate.head()] * 3


async def test_an_exception_undoes_everything_written_in_its_transaction(
    database: Database,
) -> None:
    with suppress(RuntimeError):
        async with database.write() as connection:
            await connection.execute(insert(rep_group).values(id="g1", name="Sales"))
            raise RuntimeError
    async with database.read() as connection:
        assert (await connection.execute(select(rep_group))).all() == []


async def test_writers_that_read_first_wait_for_each_other_and_lose_nothing(
    database: Database,
) -> None:
    start = {"stream": "ev", "purpose": "archive", "epoch": "e", "at": "0-0", "updated_at": 0}
    async with database.write() as connection:
        await connection.execute(insert(reader).values(start))

    async def count_up() -> None:
        async with database.write() as connection:
            row = await connection.execute(select(reader.c.updated_at).with_for_update())
            await connection.execute(update(reader).values(updated_at=row.scalar_one() + 1))

    await asyncio.gather(*(count_up() for _ in range(20)))
    async with database.read() as connection:
        assert (await connection.execute(select(reader.c.updated_at))).scalar_one() == 20


async def test_a_member_of_no_group_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError):
        async with database.write() as connection:
            await connection.execute(insert(group_member).values(group_id="g0", rep_id="r0"))


async def test_documents_keep_their_types_and_every_character(database: Database) -> None:
    fields = {"Größe": [1, 2.5, None, True, {"日本": "🙂"}], "empty": {}}
    row = {"id": "v1", "first_seen_at": 1, "last_seen_at": 2**52, "fields": fields}
    async with database.write() as connection:
        await connection.execute(insert(visitor).values(row))
    async with database.read() as connection:
        found = (await connection.execute(select(visitor))).one()
    assert (found.fields, found.last_seen_at) == (fields, 2**52)


async def test_the_same_offset_under_another_epoch_is_another_entry(database: Database) -> None:
    one = {"conversation_id": "c", "offset": 1, "type": "message", "at": 1, "body": {}}
    async with database.write() as connection:
        await connection.execute(insert(entry).values([{**one, "epoch": "a"}]))
        await connection.execute(insert(entry).values([{**one, "epoch": "b"}]))
        await connection.execute(upsert(connection, entry, {**one, "epoch": "a", "at": 9}))
    async with database.read() as connection:
        rows = (await connection.execute(select(entry.c.epoch, entry.c.at))).all()
    assert sorted(map(tuple, rows)) == [("a", 1), ("b", 1)]


async def test_an_upsert_changes_only_the_columns_it_names(database: Database) -> None:
    row = {
        "id": "c1",
        "desk": "main",
        "visitor_id": "v1",
        "state": "requested",
        "epoch": "e",
        "requested_at": 5,
        "about": {},
    }
    later = {**row, "state": "active", "requested_at": 99}
    async with database.write() as connection:
        await connection.execute(upsert(connection, conversation, row, update=["state"]))
        await connection.execute(upsert(connection, conversation, later, update=["state"]))
    async with database.read() as connection:
        found = (await connection.execute(select(conversation))).one()
    assert (found.state, found.requested_at, found.fence) == ("active", 5, 0)


def test_an_empty_setting_means_sqlite_in_the_data_folder() -> None:
    assert database_url("", Path("/data")) == "sqlite+aiosqlite:////data/frontdesk.db"


def test_usual_postgresql_urls_get_our_driver_and_keep_their_password() -> None:
    url = database_url("postgres://me:p%40ss@db/frontdesk", Path("/data"))
    assert url == "postgresql+asyncpg://me:p%40ss@db/frontdesk"


def test_another_kind_of_database_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="mysql"):
        database_url("mysql://db/frontdesk", Path("/data"))


@pytest.mark.skipif(not POSTGRES, reason="needs PostgreSQL: a file can't be taken from SQLite")
async def test_a_database_that_is_gone_does_not_answer_and_one_that_is_back_does() -> None:
    with running_postgres() as folder:
        database = Database.open(await new_postgres_database(folder))
        assert await database.answers()
    assert not await database.answers()
    await database.close()
