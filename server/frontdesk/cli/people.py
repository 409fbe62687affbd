"""The commands about people: `user add`, `user invite`, `user list`, `token`."""

import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from frontdesk.cli.database import ensure_current
from frontdesk.cli.given import finish, settings_of, settings_options
from frontdesk.clock import now_ms
from frontdesk.config import Settings, prepare
from frontdesk.people.people import People
from frontdesk.people.rep import Group, Rep, normal_email
from frontdesk.people.roles import Role
from frontdesk.people.store.invitations import Invitation
from frontdesk.storage.engine import Database, database_url

role_option = click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    help="Default: that of an unused invitation, else rep.",
)
group_option = click.option(
    "--group",
    "groups",
    multiple=True,
    metavar="NAME",
    help="Made if new; repeatable. Default: those of an unused invitation.",
)


@click.group()
def user() -> None:
    """Add, invite and list the people who answer visitors."""


@user.command()
@click.argument("email")
@role_option
@group_option
@click.option("--name", help="Name that visitors see; else what stands before the @.")
@click.option("--password-stdin", is_flag=True, help="Read a password; without, invite.")
@settings_options("data")
@click.pass_obj
def add(
    file: Path | None,
    *,
    email: str,
    role: str | None,
    groups: tuple[str, ...],
    name: str | None,
    password_stdin: bool,
    data: str | None,
) -> None:
    """Add a rep with a password, or print the invitation with which they choose their own."""
    settings = settings_of(file, data=data)
    if not password_stdin:
        finish(_invite(settings, email, role, groups))
        return
    password = sys.stdin.readline().rstrip("\r\n")
    shown = name or email.partition("@")[0]
    finish(_add(settings, email, Role(role or Role.REP), groups, shown, password))


@user.command()
@click.argument("email")
@role_option
@group_option
@settings_options("data")
@click.pass_obj
def invite(
    file: Path | None, *, email: str, role: str | None, groups: tuple[str, ...], data: str | None
) -> None:
    """Print a link with which EMAIL becomes a rep; an earlier unused one is void."""
    finish(_invite(settings_of(file, data=data), email, role, groups))


@user.command("list")
@settings_options("data")
@click.pass_obj
def list_(file: Path | None, *, data: str | None) -> None:
    """List all reps: email, role, name, groups; then who is invited: email, role, until, groups."""
    finish(_list(settings_of(file, data=data)))


@click.command()
@click.option("--rep", "email", required=True, metavar="EMAIL", help="Whom the script acts for.")
@click.option("--name", default="command line", show_default=True, help="What it is for.")
@settings_options("data")
@click.pass_obj
def token(file: Path | None, *, email: str, name: str, data: str | None) -> None:
    """Print a bearer token for scripts. It is shown once; it ends with "sign out everywhere"."""
    finish(_token(settings_of(file, data=data), email, name))


@asynccontextmanager
async def open_people(settings: Settings) -> AsyncIterator[People]:
    """The people of this installation, for a command that changes them."""
    ready = prepare(settings)
    await ensure_current(ready)
    database = Database.open(database_url(ready.database_url, ready.data))
    people = People.of(
        database,
        sign_in_hours=ready.sign_in_hours,
        invitation_hours=ready.invitation_hours,
        default_capacity=ready.default_capacity,
    )
    try:
        yield people
    finally:
        people.close()
        await database.close()


async def _add(
    settings: Settings,
    email: str,
    role: Role,
    groups: Sequence[str],
    name: str,
    password: str,
) -> None:
    async with open_people(settings) as people:
        ids = await _group_ids(people, groups)
        rep = await people.accounts.add(email, name, role, groups=ids, password=password)
    click.echo(f"{rep.name} <{rep.email}> can sign in at {settings.url}/console/")


async def _invite(settings: Settings, email: str, role: str | None, groups: Sequence[str]) -> None:
    """What isn't said stays as an unused invitation has it: an admin's new link is an admin's."""
    async with open_people(settings) as people:
        before = await _unused(people, normal_email(email))
        ids = await _group_ids(people, groups) or (before.groups if before else ())
        rank = Role(role) if role else before.role if before else Role.REP
        new, token = await people.invitations.create(None, email, rank, ids)
    hours = f"{settings.invitation_hours:g}"
    click.echo(
        f"Send this link to {new.email} ({rank}); it works once, for {hours} hours:", err=True
    )
    click.echo(f"{settings.url}/console/#/invitation/{token}")


async def _unused(people: People, email: str) -> Invitation | None:
    invited = await people.invitations.all(None)
    return next((one for one in invited if one.email == email and _is_unused(one)), None)


async def _list(settings: Settings) -> None:
    async with open_people(settings) as people:
        reps, groups = await people.accounts.all(), await people.groups.all()
        invited = [one for one in await people.invitations.all(None) if _is_unused(one)]
    if not (reps or invited):
        click.echo("Nobody yet. `frontdesk user add EMAIL --role admin` begins.", err=True)
    for line in _table([_row(rep, groups) for rep in reps]):
        click.echo(line)
    if invited:
        click.echo("\nInvited:" if reps else "Invited:")
    for line in _table([_invited_row(invitation, groups) for invitation in invited]):
        click.echo(line)


def _row(rep: Rep, groups: Sequence[Group]) -> tuple[str, ...]:
    role = rep.role if rep.active else f"{rep.role}, deactivated"
    return rep.email, role, rep.name, _names(rep.groups, groups)


def _is_unused(invitation: Invitation) -> bool:
    return invitation.state(now_ms()) in {"open", "expired"}


def _invited_row(invitation: Invitation, groups: Sequence[Group]) -> tuple[str, ...]:
    at = f"{datetime.fromtimestamp(invitation.expires_at / 1000, UTC):%Y-%m-%d %H:%M} UTC"
    until = f"until {at}" if invitation.state(now_ms()) == "open" else f"expired {at}"
    return invitation.email, invitation.role, until, _names(invitation.groups, groups)


def _names(ids: Sequence[str], groups: Sequence[Group]) -> str:
    return ", ".join(group.name for group in groups if group.id in ids)


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


async def _token(settings: Settings, email: str, name: str) -> None:
    async with open_people(settings) as people:
        rep = await people.accounts.by_email(email)
        if rep is None:
            raise click.ClickException(await _why_no_rep(people, email))
        click.echo(await people.sign_ins.new_bearer(rep.id, name))


async def _why_no_rep(people: People, email: str) -> str:
    """Nobody has this address, or its invitation was never used."""
    invited = (one for one in await people.invitations.all(None) if _is_unused(one))
    if any(one.email.casefold() == email.casefold() for one in invited):
        return f"{email} was invited and has no account yet: it is made when they use the link."
    return f"There is no rep {email}. `frontdesk user list` has all."


async def _group_ids(people: People, names: Sequence[str]) -> list[str]:
    """The ids of these groups; who isn't there yet is made."""
    known = {group.name.casefold(): group.id for group in await people.groups.all()}
    for name in names:
        if name.casefold() not in known:
            known[name.casefold()] = (await people.groups.add(None, name)).id
            click.echo(f"The group {name} is new.", err=True)
    return [known[name.casefold()] for name in names]
