"""`frontdesk person`, on a real database, with and without a Redis (OP-5)."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import insert, select

from frontdesk.cli import main
from frontdesk.cli import person as commands
from frontdesk.storage import migrate
from frontdesk.storage.engine import Database, database_url
from frontdesk.storage.redis.embedded import EmbeddedRedis, running
from frontdesk.storage.tables import erasure, visitor

ANN = "ann@lighthouse.example"


@pytest.fixture(autouse=True)
def _installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()

    async def make() -> None:
        url = database_url("", tmp_path / "data")
        await migrate.upgrade(url)
        database = Database.open(url)
        row: dict[str, Any] = {"first_seen_at": 1, "last_seen_at": 2, "fields": {}}
        async with database.write() as connection:
            await connection.execute(insert(visitor).values(id="v1", email=ANN, **row))
        await database.close()

    asyncio.run(make())


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[EmbeddedRedis]:
    server = EmbeddedRedis(tmp_path / "data", durability="everysec")
    asyncio.run(server.start())
    yield server
    asyncio.run(server.stop())


def run(*arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(main, arguments, input=typed)


async def asked(folder: Path) -> list[tuple[str, str | None]]:
    database = Database.open(database_url("", folder / "data"))
    async with database.read() as connection:
        rows = (await connection.execute(select(erasure.c.state, erasure.c.subject))).all()
    await database.close()
    return [(row.state, row.subject) for row in rows]


def test_it_says_who_it_is_and_why() -> None:
    result = run("person", "find", ANN)
    assert result.stdout == "v1  0 conversations  (in a field)\n"


def test_of_nobody_it_says_that_nothing_is_stored(tmp_path: Path) -> None:
    result = run("person", "erase", "nobody@lighthouse.example", "--yes")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "Nothing is stored about nobody@lighthouse.example." in result.stderr
    assert asyncio.run(asked(tmp_path)) == []


def test_an_export_without_a_server_says_that_the_live_part_is_missing() -> None:
    result = run("person", "export", ANN)
    assert json.loads(result.stdout)["visitors"][0]["email"] == ANN
    assert "what is live is missing" in result.stderr


def test_an_export_goes_to_a_file_and_asks_the_running_redis(
    redis: EmbeddedRedis, tmp_path: Path
) -> None:
    assert running(tmp_path / "data") == redis.url
    result = run("person", "export", ANN, "--output", "ann.json")
    assert (result.exit_code, result.output) == (0, "")
    document = json.loads((tmp_path / "ann.json").read_text())
    assert len(document["visitors"]) == 1
    assert "not running" not in str(document["read_me"])


def test_a_file_of_an_export_is_for_nobody_else(tmp_path: Path) -> None:
    assert run("person", "export", ANN, "--output", "ann.json").exit_code == 0
    assert (tmp_path / "ann.json").stat().st_mode & 0o777 == 0o600
    result = run("person", "export", ANN, "--output", "nowhere/ann.json")
    assert result.exit_code == 1
    assert "nowhere/ann.json can't be written: No such file or directory." in result.stderr


def test_it_erases_only_after_a_yes(tmp_path: Path) -> None:
    assert run("person", "erase", ANN, typed="n\n").exit_code == 1
    assert asyncio.run(asked(tmp_path)) == []


def test_without_a_worker_it_says_that_the_erasure_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "PATIENCE", 0.3)
    result = run("person", "erase", ANN, "--yes")
    assert result.exit_code == 1
    assert "waits for the worker" in result.stderr
    assert asyncio.run(asked(tmp_path)) == [("waiting", ANN)]


def test_what_is_no_address_is_refused_in_words() -> None:
    result = run("person", "find", "ann@")
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    assert "email address" in result.stderr or "@-sign" in result.stderr
