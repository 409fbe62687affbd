"""Real databases for tests: SQLite, and PostgreSQL, whose programs `.ci/postgres` sees to."""

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg

from frontdesk import ids

_FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
POSTGRES = next((folder for folder in _FOLDERS if (folder / "initdb").exists()), None)
KINDS = ["sqlite", "postgresql"]
NEEDED = (
    "There is no PostgreSQL in /usr/lib/postgresql: `make test` installs it as root (.ci/postgres)."
)

# PostgreSQL refuses to run as root; Debian's package brings a user for it.
_USER = "postgres" if os.geteuid() == 0 else None


@contextmanager
def running_postgres() -> Iterator[str]:
    """Start a server on a Unix socket in a folder of its own; yield the folder."""
    assert POSTGRES is not None, NEEDED
    folder = tempfile.mkdtemp(prefix="fd-pg-")
    if _USER:
        shutil.chown(folder, _USER)
    data = f"{folder}/data"
    _run(str(POSTGRES / "initdb"), "-D", data, "-U", "frontdesk", "--no-sync", "-E", "UTF8")
    server = subprocess.Popen(
        [str(POSTGRES / "postgres"), "-D", data, "-k", folder, "-h", "", "-c", "fsync=off"],
        user=_USER,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
    )
    try:
        yield folder
    finally:
        server.send_signal(signal.SIGINT)  # SIGTERM would wait for open connections
        server.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


async def new_postgres_database(folder: str) -> str:
    """Create an empty database, waiting for a server that starts, and return its URL."""
    name = ids.new("t").lower().replace("-", "x")
    async with asyncio.timeout(60):
        connection = await _connect(folder)
    try:
        await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()
    return f"postgresql+asyncpg://frontdesk@/{name}?host={folder}"


def dump(folder: str, name: str) -> str:
    """A running server's database as SQL, as an operator backs it up."""
    return _run(str(_bin("pg_dump")), "-h", folder, "-U", "frontdesk", name)


def restore(folder: str, name: str, dumped: str) -> None:
    """Puts an empty database of this name in place of the one there, and the dump into it."""
    psql = (str(_bin("psql")), "-h", folder, "-U", "frontdesk", "-v", "ON_ERROR_STOP=1", "-q")
    _run(*psql, "postgres", "-c", f'DROP DATABASE "{name}" WITH (FORCE)')
    _run(*psql, "postgres", "-c", f'CREATE DATABASE "{name}"')
    _run(*psql, name, given=dumped)


def _bin(program: str) -> Path:
    assert POSTGRES is not None, NEEDED
    return POSTGRES / program


async def _connect(folder: str) -> asyncpg.Connection:
    while True:
        try:
            return await asyncpg.connect(host=folder, user="frontdesk", database="postgres")
        except (OSError, asyncpg.CannotConnectNowError):
            await asyncio.sleep(0.05)


def _run(*command: str, given: str = "") -> str:
    found = subprocess.run(
        command, user=_USER, check=True, capture_output=True, cwd="/", input=given, text=True
    )
    return found.stdout
