"""The command `demo`."""

from pathlib import Path

import click
import msgspec

from frontdesk.cli.database import ensure_current
from frontdesk.cli.given import finish, settings_options, told
from frontdesk.cli.serving import supervise
from frontdesk.config import Settings, load, prepare
from frontdesk.demo import COMPANY, seed
from frontdesk.supervisor import Program

FOLDER = Path("data/demo")


@click.command()
@settings_options("host", "port", "workers", "data")
@click.pass_obj
def demo(file: Path | None, /, **options: str | None) -> None:
    """Serve a demo company: 8 reps in 3 groups, links that sign in, a website with the widget.

    Whoever has a link is that rep: not for the internet. It lives in data/demo, apart from the
    data of a real installation.
    """

    def read() -> Settings:
        settings = load(file=file, options=options)
        chosen = settings.data != Settings().data
        return settings if chosen else msgspec.structs.replace(settings, data=FOLDER)

    with told():
        settings = prepare(read())
    finish(ensure_current(settings))
    links = finish(seed(settings))

    def announce(ready: Settings) -> None:
        click.echo(f"\nThe website of {COMPANY}, with the widget:\n  {ready.url}/demo/\n")
        click.echo("Its reps; each link signs in:")
        for link in links:
            click.echo(f"  {link.name:<44} {link.url(ready)}")
        click.echo("\nStop with Ctrl-C.")

    supervise(read, Program(), announce)
