"""The group of all commands. A command's module is imported when it is used: `--help` needs none.

(SQLAlchemy, Alembic and the cryptography take most of a second to import.)
"""

import gc
import importlib
from pathlib import Path
from typing import NamedTuple

import click

from frontdesk import __version__


class Entry(NamedTuple):
    """Where a command is, and its line in the list."""

    module: str
    name: str
    line: str


COMMANDS = {
    "serve": Entry("serving", "serve", "Serve visitors and reps until stopped."),
    "demo": Entry("demo", "demo", "Serve a demo company, with links that sign in."),
    "worker": Entry("serving", "worker", "Run the background worker alone."),
    "migrate": Entry("upkeep", "migrate", "Bring the SQL database to this release's schema."),
    "check-config": Entry("upkeep", "check_config", "Say every mistake in the settings."),
    "doctor": Entry("upkeep", "doctor", "Say what is wrong with this installation."),
    "top": Entry("top", "top", "Show what happens now: chats, latencies, processes."),
    "ready": Entry("ready", "ready", "Ask this machine's nodes whether they are ready."),
    "user": Entry("people", "user", "Add, invite and list the people who answer visitors."),
    "routing": Entry("routing", "routing", "Routing rules as YAML: export, plan, apply, explain."),
    "person": Entry("person", "person", "Export or erase what is stored about a visitor."),
    "token": Entry("people", "token", "Print a bearer token for scripts."),
}


class Commands(click.Group):
    """Knows the commands by name and line; imports the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module = importlib.import_module(f"frontdesk.cli.{entry.module}")
        gc.freeze()  # a look for garbage in what was imported, as at the end, takes up to seconds
        command: click.Command = getattr(module, entry.name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.line) for name, entry in COMMANDS.items()])


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message="frontdesk %(version)s")
@click.option(
    "--config",
    "file",
    type=click.Path(path_type=Path),
    help="The settings file; else FRONTDESK_CONFIG, else frontdesk.toml of this folder.",
)
@click.pass_context
def main(context: click.Context, file: Path | None) -> None:
    """Frontdesk: talk to the visitors of a website while they are there."""
    context.obj = file
