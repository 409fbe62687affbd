"""The commands that keep an installation well: `migrate`, `check-config`, `doctor`."""

import sys
from pathlib import Path

import click

from frontdesk.cli.database import upgraded
from frontdesk.cli.given import finish, settings_of, settings_options
from frontdesk.config import Settings, prepare
from frontdesk.config.manual import meaning
from frontdesk.config.reading import PREFIX
from frontdesk.doctor import Level, examine
from frontdesk.storage.engine import database_url


@click.command()
@settings_options("data")
@click.pass_obj
def migrate(file: Path | None, *, data: str | None) -> None:
    """Bring the SQL database to this release's schema. Safe to run twice, and while serving."""
    settings = settings_of(file, data=data)

    async def work() -> str:
        ready = prepare(settings)
        return await upgraded(database_url(ready.database_url, ready.data))

    click.echo(f"The database has schema {finish(work())}.")


@click.command("check-config")
@click.option("--all", "everything", is_flag=True, help="Also what is as it always is.")
@click.pass_obj
def check_config(file: Path | None, *, everything: bool) -> None:
    """Say every mistake in the settings, or what they are."""
    settings, usual = settings_of(file), Settings()
    for name, value in settings.shown().items():
        if everything:
            click.echo(f"# {meaning(name)}")
        if everything or getattr(settings, name) != getattr(usual, name):
            shown = " ".join(value) if isinstance(value, tuple) else value
            click.echo(f"{PREFIX}{name.upper()}={shown}")
    click.echo("The settings are fine.", err=True)


@click.command()
@settings_options("host", "port", "data")
@click.pass_obj
def doctor(file: Path | None, /, **options: str | None) -> None:
    """Say in words what is wrong with this installation, and what to do. Changes nothing."""
    settings = settings_of(file, **options)
    worst = Level.OK
    colours = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "red"}
    for finding in finish(examine(settings)):
        worst = max(worst, finding.level)
        mark = click.style(f"{finding.level.name.lower():<4}", fg=colours[finding.level])
        click.echo(f"{mark}  {finding.about}: {finding.what}")
        if finding.advice:
            click.echo(f"      → {finding.advice}")
    sys.exit(1 if worst is Level.FAIL else 0)
