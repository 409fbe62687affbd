"""What a command is given: settings from file, environment and options.

And how it fails: with sentences, never with a traceback for what a person can put right.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from frontdesk.config import Settings, SettingsError, load
from frontdesk.errors import FrontdeskError

Result = TypeVar("Result")
Command = TypeVar("Command", bound=Callable[..., Any])

WRONG_SETTINGS = 78  # EX_CONFIG: a service manager need not try again

OPTIONS = {
    "host": click.option("--host", help="Address to listen on."),
    "port": click.option("--port", help="Port to listen on; 0 takes a free one."),
    "their_port": click.option("--port", help="Port that the nodes listen on."),
    "workers": click.option("--workers", help="Node processes; about one per core."),
    "data": click.option("--data", help="Folder of the embedded Redis, SQLite and the secret key."),
}


class WrongSettings(click.ClickException):
    """Every mistake, each on its line."""

    exit_code = WRONG_SETTINGS

    def __init__(self, error: SettingsError) -> None:
        lines = "".join(f"\n  {problem}" for problem in error.problems)
        super().__init__(f"The settings can't be used:{lines}")


def settings_options(*names: str) -> Callable[[Command], Command]:
    """Options that are settings, taken as they were typed: `settings_of` checks them."""

    def decorate(command: Command) -> Command:
        for name in reversed(names):
            command = OPTIONS[name](command)
        return command

    return decorate


def settings_of(file: Path | None, **options: str | None) -> Settings:
    """The settings, or `WrongSettings`."""
    with told():
        return load(file=file, options=options)


def finish(work: Coroutine[Any, Any, Result]) -> Result:
    """Runs a command's coroutine."""
    with told():
        return asyncio.run(work)


@contextmanager
def told() -> Iterator[None]:
    """Turns refusals into sentences on standard error."""
    try:
        yield
    except SettingsError as error:
        raise WrongSettings(error) from error
    except FrontdeskError as error:
        raise click.ClickException(error.message) from error
