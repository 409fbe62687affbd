"""The commands that stay: `serve`, `worker`, `demo`."""

import asyncio
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import click
import msgspec

from frontdesk import telemetry
from frontdesk.cli.database import ensure_current
from frontdesk.cli.given import finish, settings_of, settings_options, told
from frontdesk.config import Settings, load, prepare
from frontdesk.demo import COMPANY, seed
from frontdesk.storage.redis.errors import NotEmbeddable
from frontdesk.supervisor import PortInUse, Program, Supervisor

DEMO_FOLDER = Path("data/demo")


@click.command()
@settings_options("host", "port", "workers", "data")
@click.option("--no-worker", is_flag=True, help="Leave out the background worker (archive).")
@click.pass_obj
def serve(file: Path | None, /, *, no_worker: bool, **options: str | None) -> None:
    """Serve visitors and reps until stopped.

    Starts an embedded Redis where FRONTDESK_REDIS_URL names none, one node process per worker, and
    the background worker. SIGTERM drains and ends; SIGHUP replaces every process without a gap.
    """

    def announce(settings: Settings) -> None:
        click.echo(f"Frontdesk is ready: {settings.url}/console/")

    read = partial(load, file=file, options=options)
    _supervise(read, Program(background=not no_worker), announce)


@click.command()
@settings_options("data")
@click.pass_obj
def worker(file: Path | None, /, **options: str | None) -> None:
    """Run the background worker alone, beside nodes that were started with --no-worker."""
    if not settings_of(file, **options).redis_url:
        raise click.ClickException(
            "A worker of its own needs the Redis of the nodes: set FRONTDESK_REDIS_URL. "
            "With the embedded one, `frontdesk serve` runs the worker itself."
        )

    def announce(_settings: Settings) -> None:
        click.echo("The worker is ready.")

    _supervise(partial(load, file=file, options=options), Program(nodes=False), announce)


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
        return settings if chosen else msgspec.structs.replace(settings, data=DEMO_FOLDER)

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

    _supervise(read, Program(), announce)


def _supervise(
    read: Callable[[], Settings], program: Program, announce: Callable[[Settings], None]
) -> None:
    """Runs until stopped, and leaves with the supervisor's exit code."""
    with told():
        settings = prepare(read())
    telemetry.configure(settings, process="supervisor")
    finish(ensure_current(settings))
    supervisor = Supervisor(settings, program, reload=lambda: prepare(read()), on_ready=announce)
    try:
        sys.exit(asyncio.run(supervisor.run()))
    except (PortInUse, NotEmbeddable) as error:
        raise click.ClickException(str(error)) from error
