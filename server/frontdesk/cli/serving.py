"""The commands that stay: `serve` and `worker`."""

import asyncio
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import click

from frontdesk import telemetry
from frontdesk.cli.database import ensure_current
from frontdesk.cli.given import finish, settings_of, settings_options, told
from frontdesk.config import Settings, load, prepare
from frontdesk.storage.redis.errors import NotEmbeddable
from frontdesk.supervisor import PortInUse, Program, Supervisor


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
    supervise(read, Program(background=not no_worker), announce)


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

    supervise(partial(load, file=file, options=options), Program(nodes=False), announce)


def supervise(
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
