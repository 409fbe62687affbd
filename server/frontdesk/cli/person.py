"""The commands about one person's data (OP-5): find, export, erase."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import click

from frontdesk.cli.database import ensure_current
from frontdesk.cli.given import finish, settings_of, settings_options
from frontdesk.config import Settings, prepare
from frontdesk.privacy.live import Live
from frontdesk.privacy.persons import Found, Persons
from frontdesk.storage.engine import Database, database_url
from frontdesk.storage.redis.embedded import running
from frontdesk.storage.redis.keys import Keys
from frontdesk.storage.redis.link import Link

REASONS = {
    "fields": "in a field",
    "left": "left with a message",
    "written": "written in a chat",
    "now": "known of the visit of this moment",
    "id": "by their id",
}
PATIENCE = 60.0
"""Seconds that `erase` watches the worker; it goes on without being watched."""
PAUSE = 0.2
WITHIN = 5.0
"""Seconds to reach Redis."""

who = click.argument("who", metavar="EMAIL|VISITOR")


@click.group()
def person() -> None:
    """What is stored about a visitor, or about everybody who gave an email address."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The persons of this installation; `live` where Redis runs."""

    persons: Persons
    live: bool


@asynccontextmanager
async def open_persons(settings: Settings) -> AsyncIterator[Asked]:
    """On its database, and on its Redis if that runs."""
    ready = prepare(settings)
    await ensure_current(ready)
    database = Database.open(database_url(ready.database_url, ready.data))
    try:
        async with _live(ready) as live:
            yield Asked(Persons(database, ready.desk, live), live is not None)
    finally:
        await database.close()


@asynccontextmanager
async def _live(settings: Settings) -> AsyncIterator[Live | None]:
    url = settings.redis_url or running(settings.data)
    if not url:
        yield None
        return
    keys = Keys(settings.redis_prefix, settings.desk)
    try:
        link = await Link.open(url, meta_key=keys.meta, within=WITHIN)
    except TimeoutError as error:
        raise click.ClickException(f"Redis can't be reached: {error}") from None
    try:
        yield Live(link, keys)
    finally:
        await link.close()


@person.command()
@who
@settings_options("data")
@click.pass_obj
def find(file: Path | None, *, who: str, data: str | None) -> None:
    """Say which visitors WHO is, and why."""

    async def work() -> Found:
        async with open_persons(settings_of(file, data=data)) as asked:
            return await asked.persons.find(None, who)

    _show(finish(work()))


@person.command()
@who
@click.option("--output", metavar="FILE", default="-", help="A file; else standard output.")
@settings_options("data")
@click.pass_obj
def export(file: Path | None, *, who: str, output: str, data: str | None) -> None:
    """Print everything that is stored about WHO as one JSON document."""

    async def work() -> None:
        async with open_persons(settings_of(file, data=data)) as asked:
            if not asked.live:
                click.echo("The server isn't running: what is live is missing.", err=True)
            pieces = await asked.persons.export(None, who)
            with _written(output) as document:
                async for piece in pieces:
                    document.write(piece)

    finish(work())


@person.command()
@who
@click.option("--yes", is_flag=True, help="Don't ask.")
@settings_options("data")
@click.pass_obj
def erase(file: Path | None, *, who: str, yes: bool, data: str | None) -> None:
    """Erase everything that is stored about WHO, after showing whom it is about."""

    async def work() -> bool:
        async with open_persons(settings_of(file, data=data)) as asked:
            found = await asked.persons.find(None, who)
            _show(found)
            if not (found.visitors or found.owners):
                return True
            if not yes:
                click.confirm("Erase all of it? It can't be taken back.", abort=True)
            return await _watched(asked.persons, await asked.persons.erase(None, who))

    sys.exit(0 if finish(work()) else 1)


@contextmanager
def _written(output: str) -> Iterator[BinaryIO]:
    """Standard output, or a file that, if it is new, nobody else may read."""
    if output == "-":
        yield sys.stdout.buffer
        return
    try:
        descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as error:
        raise click.ClickException(f"{output} can't be written: {error.strerror}.") from None
    with os.fdopen(descriptor, "wb") as file:
        yield file


async def _watched(persons: Persons, id: str) -> bool:
    """Whether it was done while we looked."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        one = await persons.erasure(None, id)
        if one.state == "done":
            erased = f"{_many(one.visitors, 'visitor')}, {_many(one.conversations, 'conversation')}"
            click.echo(f"Erased: {erased}.")
            return True
        await asyncio.sleep(PAUSE)
    click.echo(
        f"Erasure {id} waits for the worker; it is done as soon as `frontdesk serve` or "
        "`frontdesk worker` runs.",
        err=True,
    )
    return False


def _show(found: Found) -> None:
    for one in found.visitors:
        because = ", ".join(REASONS[reason] for reason in one.because)
        click.echo(f"{one.id}  {_many(one.conversations, 'conversation')}  ({because})")
    if found.owners:
        click.echo(f"{_many(found.owners, 'line')} of the table of owners")
    if not (found.visitors or found.owners):
        click.echo(f"Nothing is stored about {found.who}.", err=True)


def _many(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
