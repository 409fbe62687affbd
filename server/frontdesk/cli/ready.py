"""The command `ready`: for the health check of a container, which has no other client."""

import http.client
import sys
from pathlib import Path

import click
import msgspec

from frontdesk.cli.given import settings_of, settings_options
from frontdesk.config import Settings

WITHIN = 4.0  # s


@click.command()
@settings_options("their_port")
@click.option("--worker", is_flag=True, help="A worker that runs alone (FRONTDESK_WORKER_PORT).")
@click.pass_obj
def ready(file: Path | None, *, worker: bool, port: str | None) -> None:
    """Ask this machine's nodes, or its worker, whether they are ready. Exit code 1: no, and why."""
    settings = settings_of(file, port=port)
    problems = _ask(settings, settings.worker_port if worker else settings.port)
    for problem in problems:
        click.echo(problem, err=True)
    if not problems:
        click.echo("Ready.")
    sys.exit(1 if problems else 0)


def _ask(settings: Settings, port: int) -> list[str]:
    connection = http.client.HTTPConnection(settings.near_host, port, timeout=WITHIN)
    try:
        connection.request("GET", "/readyz")
        body = connection.getresponse().read()
        return list(msgspec.json.decode(body)["problems"])
    except (OSError, http.client.HTTPException) as error:
        return [f"Nobody answers at {settings.near_host}:{port}: {error}"]
    except (ValueError, KeyError, TypeError):
        return [f"What answers at {settings.near_host}:{port} isn't Frontdesk."]
    finally:
        connection.close()
