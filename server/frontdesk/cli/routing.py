"""The commands about routing rules: export, plan, apply, explain, simulate, lint."""

import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import msgspec

from frontdesk.cli.database import ensure_current
from frontdesk.cli.given import finish, settings_of, settings_options
from frontdesk.cli.routing_words import said_changes, said_faults, said_lint, shown
from frontdesk.cli.simulation_words import said_simulation
from frontdesk.config import Settings, prepare
from frontdesk.errors import FrontdeskError
from frontdesk.people.store import reps
from frontdesk.routing.decisions.words import tell
from frontdesk.routing.faults import MOST, Fault
from frontdesk.routing.reps.view import everybody_available
from frontdesk.routing.room import Routing
from frontdesk.routing.rule import RuleSet
from frontdesk.routing.rules.differences import RuleChange, differences
from frontdesk.routing.rules.rulebook import Which
from frontdesk.routing.rules.rules import dump_rules
from frontdesk.routing.rules.yaml_form import (
    Document,
    Names,
    NotYaml,
    dump_yaml,
    in_order,
    load_yaml,
)
from frontdesk.routing.simulations.simulate import Reader
from frontdesk.routing.simulations.simulations import Request
from frontdesk.storage.engine import Database, database_url

CHANGES = 2
"""Exit code of `plan`: there is something to apply. 0: there isn't, 1: it went wrong."""

rules_file = click.argument("source", type=click.File(encoding="utf-8"), metavar="FILE")


@click.group()
def routing() -> None:
    """Routing rules as a YAML file: export, look at what it would change, apply it."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Routing of this installation, and what people are called in it."""

    room: Routing
    names: Names
    reader: Reader

    async def live(self) -> tuple[int, Document]:
        """The live version's number and rules."""
        standing = await self.room.rulebook.standing()
        return standing.live.number, standing.live.document

    async def read(self, text: str) -> tuple[int, Document, Document]:
        """The live version's number and rules, and those of a YAML text, checked."""
        number, live = await self.live()
        try:
            loaded = load_yaml(text, self.names, live)
        except NotYaml as error:
            raise click.ClickException(f"This is no YAML file of rules. {error}") from None
        checked = await self.room.rulebook.check(loaded.document, besides=loaded.nobody)
        if loaded.unknown or checked.ruleset is None:
            faults = in_order([*loaded.unknown, *checked.faults])
            raise Faulty(faults, loaded.document, checked.more)
        return number, live, dump_rules(checked.ruleset)


class Faulty(click.ClickException):
    """Every fault of a file, each on its line."""

    def __init__(self, faults: Sequence[Fault], document: Document, more: int) -> None:
        lines = "".join(f"\n  {shown(line)}" for line in said_faults(faults[:MOST], document))
        if more := more + max(0, len(faults) - MOST):
            lines += f"\n  … and {more:,} more."
        super().__init__(f"The rules can't be used:{lines}")


@asynccontextmanager
async def open_desk(settings: Settings) -> AsyncIterator[Desk]:
    """Routing of this installation, on its database."""
    ready = prepare(settings)
    await ensure_current(ready)
    database = Database.open(database_url(ready.database_url, ready.data))
    try:
        first = RuleSet.default_rule_set(ready.ring_seconds, ready.wait_seconds)
        async with database.read() as connection:
            everyone, groups = await reps.all_reps(connection), await reps.all_groups(connection)
        room = Routing.of(
            database, ready.desk, first=first, reps=lambda: everybody_available(everyone)
        )
        reader = Reader(database, ready.desk, owner_over=ready.owner_over_capacity)
        yield Desk(room, Names(everyone, groups), reader)
    finally:
        await database.close()


@routing.command()
@click.option("--version", "number", type=int, help="This version; else the one that is live.")
@click.option("--draft", is_flag=True, help="The draft; else the version that is live.")
@settings_options("data")
@click.pass_obj
def export(file: Path | None, *, number: int | None, draft: bool, data: str | None) -> None:
    """Print the rules as YAML: reps by email address, groups by name."""
    if draft and number is not None:
        raise click.UsageError("Give either --draft or --version.")
    which: Which | None = "draft" if draft else number

    async def work() -> str:
        async with open_desk(settings_of(file, data=data)) as desk:
            if which is None:
                return dump_yaml((await desk.live())[1], desk.names)
            return dump_yaml(await desk.room.rulebook.document(which), desk.names)

    click.echo(finish(work()), nl=False)


@routing.command()
@rules_file
@settings_options("data")
@click.pass_obj
def plan(file: Path | None, *, source: Any, data: str | None) -> None:
    """Show what applying FILE would change. Exit code 0: nothing; 2: something; 1: it failed."""

    async def work() -> list[RuleChange]:
        async with open_desk(settings_of(file, data=data)) as desk:
            _, live, wanted = await desk.read(source.read())
            return _show(desk, live, wanted)

    sys.exit(CHANGES if finish(work()) else 0)


@routing.command()
@rules_file
@click.option("--yes", is_flag=True, help="Don't ask.")
@click.option("--note", default="", help="What stands in the history.")
@settings_options("data")
@click.pass_obj
def apply(file: Path | None, *, source: Any, yes: bool, note: str, data: str | None) -> None:
    """Publish FILE as one version, after showing what it changes. Nodes follow within 10 s."""
    if len(note) > 500:
        raise click.UsageError("A note has at most 500 characters.")

    async def work() -> None:
        async with open_desk(settings_of(file, data=data)) as desk:
            number, live, wanted = await desk.read(source.read())
            if not _show(desk, live, wanted):
                return
            if not yes:
                click.confirm("Publish this?", abort=True)
            fresh = await desk.room.rulebook.apply(None, wanted, note, number)
            click.echo(f"Version {fresh} is live.")

    finish(work())


@routing.command()
@click.option("--conversation", metavar="ID", help="The visitor of this conversation.")
@click.option("--about", type=click.File(encoding="utf-8"), help="A visitor as JSON, by fields.")
@click.option("--file", "source", type=click.File(encoding="utf-8"), help="Rules; else the live.")
@settings_options("data")
@click.pass_obj
def explain(
    file: Path | None, *, conversation: str | None, about: Any, source: Any, data: str | None
) -> None:
    """Say how a visitor would be routed, and why, if every rep were available."""
    if (conversation is None) == (about is None):
        raise click.UsageError("Give either --conversation or --about.")

    async def work() -> list[str]:
        async with open_desk(settings_of(file, data=data)) as desk:
            trials = desk.room.trials
            if about:
                visitor = await trials.given(_visitor(about.read()))
            else:
                visitor = await trials.about_of(str(conversation))
            number, document = await desk.live()
            if source:
                _, _, document = await desk.read(source.read())
            ruleset = await desk.room.rulebook.parsed(document)
            tried = await desk.room.trials.decision(number, ruleset, visitor)
            return tell(tried.record, tried.names, registry=tried.registry, trial=True)

    for line in finish(work()):
        click.echo(shown(line))


@routing.command()
@rules_file
@click.option("--days", type=click.IntRange(1, 366), help="Over the recorded requests of these.")
@click.option("--samples", type=click.File(encoding="utf-8-sig"), help="Over a CSV of visitors.")
@settings_options("data")
@click.pass_obj
def simulate(
    file: Path | None, *, source: Any, days: int | None, samples: Any, data: str | None
) -> None:
    """Say who would be routed elsewhere by FILE than by the live rules, and what it does to reps.

    Recorded requests are routed with the presence of their time; a CSV's visitors, whose columns
    are fields such as location.country, with every rep available.
    """
    if (days is None) == (samples is None):
        raise click.UsageError("Give either --days or --samples.")

    async def work() -> list[str]:
        async with open_desk(settings_of(file, data=data)) as desk:
            _, live, wanted = await desk.read(source.read())
            request = Request(wanted, live, days or 0, samples.read() if samples else "")
            found = await desk.reader(request, _told)
            return list(said_simulation(found, (live, wanted), desk.names))

    for line in finish(work()):
        click.echo(shown(line))


async def _told(done: int, of: int) -> None:
    """How far it is, on the terminal of whoever waits."""
    if sys.stderr.isatty():
        click.echo(f"\r{done:,} of {of:,}", nl=done == of, err=True)


@routing.command()
@click.argument("source", type=click.File(encoding="utf-8"), metavar="[FILE]", required=False)
@settings_options("data")
@click.pass_obj
def lint(file: Path | None, *, source: Any, data: str | None) -> None:
    """Say what looks wrong in FILE, else in the live rules. Exit code 1: a rule does nothing."""

    async def work() -> bool:
        async with open_desk(settings_of(file, data=data)) as desk:
            _, document = await desk.live()
            if source:
                _, _, document = await desk.read(source.read())
            found = (await desk.room.rulebook.check(document)).lint
            for line in said_lint(found, document):
                click.echo(shown(line))
            if not found:
                click.echo("Nothing looks wrong.", err=True)
            return any(one.severity == "error" for one in found)

    sys.exit(1 if finish(work()) else 0)


def _show(desk: Desk, live: Document, wanted: Document) -> list[RuleChange]:
    """Print a plan; return its changes."""
    changes = differences(desk.names.written(live), desk.names.written(wanted))
    for line in said_changes(changes):
        colour = {"+": "green", "-": "red", "~": "yellow"}.get(line.lstrip()[:1])
        click.echo(click.style(shown(line), fg=colour))
    if not changes:
        click.echo("No changes.")
    return changes


def _visitor(text: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(text.encode(), type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise FrontdeskError("bad_request", f"The visitor is no JSON object: {error}") from None
