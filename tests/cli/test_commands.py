"""The commands that do one thing and end, on a real database."""

import asyncio
import gc
import re
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest
from click.testing import CliRunner, Result

from frontdesk.cli import main
from frontdesk.cli import people as people_commands
from frontdesk.cli.people import open_people
from frontdesk.cli.root import COMMANDS
from frontdesk.config import Settings
from frontdesk.people.people import People
from frontdesk.people.roles import Role
from frontdesk.people.sign_ins import From

T = TypeVar("T")
PASSWORD = "a lighthouse keeper's lamp"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(main, arguments, input=typed)


def done(*arguments: str, typed: str | None = None) -> str:
    result = run(*arguments, typed=typed)
    assert result.exit_code == 0, result.output
    return result.stdout


def ask(question: Callable[[People], Awaitable[T]]) -> T:
    """What the rooms say of the installation in this folder."""

    async def work() -> T:
        async with open_people(Settings()) as people:
            return await question(people)

    return asyncio.run(work())


def test_every_command_of_the_list_is_there_and_explains_itself() -> None:
    listed = done("--help")
    for name in COMMANDS:
        assert name in listed
        assert "Usage:" in done(name, "--help")


def test_a_command_ends_without_looking_for_garbage_in_what_it_imported() -> None:
    gc.unfreeze()
    done("serve", "--help")
    frozen = gc.get_freeze_count()
    gc.unfreeze()
    assert frozen > 10_000


def test_an_unknown_command_is_refused() -> None:
    assert run("sreve").exit_code == 2


@pytest.mark.parametrize("command", ["serve", "migrate", "check-config", "doctor", "demo"])
def test_all_mistakes_in_the_settings_are_said_at_once(
    command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRONTDESK_PROT", "1")
    monkeypatch.setenv("FRONTDESK_WORKERS", "many")
    result = run(command)
    assert result.exit_code == 78
    assert "FRONTDESK_PROT: no such setting. Did you mean FRONTDESK_PORT?" in result.stderr
    assert "FRONTDESK_WORKERS: expected a whole number" in result.stderr
    assert "Traceback" not in result.output


def test_a_mistake_in_an_option_is_said_by_its_name() -> None:
    result = run("serve", "--port", "http")
    assert result.exit_code == 78
    assert "--port: expected a whole number (it is 'http')" in result.stderr


def test_check_config_shows_what_differs_and_with_all_everything_but_never_a_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other.toml").write_text("workers = 2\n")
    monkeypatch.setenv("FRONTDESK_SECRET_KEY", "k" * 40)
    shown = done("--config", "other.toml", "check-config")
    assert shown.splitlines() == ["FRONTDESK_WORKERS=2", "FRONTDESK_SECRET_KEY=********"]
    everything = done("--config", "other.toml", "check-config", "--all")
    assert "# Port to listen on; 0 takes a free one.\nFRONTDESK_PORT=8000" in everything


def test_migrating_twice_changes_nothing() -> None:
    assert done("migrate") == done("migrate")


def test_a_rep_added_with_a_password_can_sign_in() -> None:
    done("user", "add", "Ada@Example.com", "--role", "manager", "--name", "Ada Byrne",
         "--group", "EMEA", "--password-stdin", typed=f"{PASSWORD}\n")  # fmt: skip
    signed_in = ask(lambda people: people.sign_ins.by_password("ada@example.com", PASSWORD, From()))
    assert (signed_in.rep.name, signed_in.rep.role) == ("Ada Byrne", Role.MANAGER)
    (group,) = ask(lambda people: people.groups.all())
    assert signed_in.rep.groups == (group.id,)


def test_a_rep_added_without_a_password_gets_an_invitation_alone_on_standard_output() -> None:
    result = run("user", "add", "ada@example.com", "--role", "admin", "--group", "EMEA")
    assert result.exit_code == 0
    (link,) = result.stdout.splitlines()
    assert link.startswith("http://127.0.0.1:8000/console/#/invitation/")
    token = link.rpartition("/")[2]
    invitation = ask(lambda people: people.invitations.by_token(token))
    assert (invitation.email, invitation.role) == ("ada@example.com", Role.ADMIN)
    assert len(invitation.groups) == 1


def test_an_invitation_made_anew_voids_the_one_before() -> None:
    first, second = (
        done("user", "invite", "ada@example.com").strip().rpartition("/")[2] for _ in range(2)
    )
    assert ask(lambda people: people.invitations.by_token(second)).email == "ada@example.com"
    with pytest.raises(Exception, match="not valid any more"):
        ask(lambda people: people.invitations.by_token(first))


def test_an_invitation_made_anew_keeps_role_and_groups_unless_others_are_named() -> None:
    def invited(*more: str) -> tuple[Role, int]:
        token = done("user", "invite", "Ada@example.com", *more).strip().rpartition("/")[2]
        found = ask(lambda people: people.invitations.by_token(token))
        return found.role, len(found.groups)

    done("user", "add", "ada@example.com", "--role", "admin", "--group", "EMEA")
    assert invited() == (Role.ADMIN, 1)
    assert invited("--role", "manager", "--group", "APAC", "--group", "EMEA") == (Role.MANAGER, 2)
    assert invited("--role", "rep") == (Role.REP, 2)


def test_what_asks_a_running_server_offers_no_free_port() -> None:
    for command in ("top", "ready"):
        assert "takes a free one" not in done(command, "--help")


def test_the_list_has_the_open_invitations_too(monkeypatch: pytest.MonkeyPatch) -> None:
    done("user", "add", "bo@example.com", "--password-stdin", typed=f"{PASSWORD}\n")
    done("user", "invite", "ada@example.com", "--role", "admin", "--group", "EMEA")
    token = done("user", "invite", "eve@example.com").strip().rpartition("/")[2]
    ask(lambda people: people.invitations.accept(token, "Eve", PASSWORD, From()))
    listed = done("user", "list").splitlines()
    assert [line.split()[0] for line in listed[:2]] == ["bo@example.com", "eve@example.com"]
    assert listed[2:4] == ["", "Invited:"]
    (invited,) = listed[4:]
    (until,) = [one.expires_at for one in ask(lambda people: people.invitations.all(None))
                if one.email == "ada@example.com"]  # fmt: skip
    there = datetime.fromtimestamp(until / 1000, UTC)
    assert re.split(" {2,}", invited) == [
        "ada@example.com", "admin", f"until {there:%Y-%m-%d %H:%M} UTC", "EMEA",
    ]  # fmt: skip
    monkeypatch.setattr(people_commands, "now_ms", lambda: until + 1)
    assert re.search(r"ada@example.com +admin +expired ", done("user", "list"))


def test_a_list_of_invitations_alone_begins_with_its_heading() -> None:
    done("user", "invite", "ada@example.com")
    assert done("user", "list").splitlines()[0] == "Invited:"


def test_no_token_for_somebody_who_has_not_used_their_invitation() -> None:
    done("user", "invite", "ada@example.com")
    result = run("token", "--rep", "Ada@example.com")
    assert result.exit_code == 1
    assert "was invited and has no account yet" in result.stderr


def test_a_group_is_made_once_whatever_its_letters() -> None:
    done("user", "invite", "a@example.com", "--group", "EMEA", "--group", "emea")
    done("user", "invite", "b@example.com", "--group", "Emea")
    assert [group.name for group in ask(lambda people: people.groups.all())] == ["EMEA"]


@pytest.mark.parametrize(
    ("arguments", "given", "sentence"),
    [
        (["user", "add", "ada", "--password-stdin"], PASSWORD, "@"),
        (["user", "add", "ada@example.com", "--password-stdin"], "short", "characters"),
        (["user", "invite", "ada@"], "", "@"),
        (["token", "--rep", "nobody@example.com"], "", "There is no rep nobody@example.com"),
    ],
)
def test_what_can_not_be_done_is_said_in_a_sentence(
    arguments: list[str], given: str, sentence: str
) -> None:
    result = run(*arguments, typed=given)
    assert result.exit_code == 1
    assert sentence in result.stderr
    assert "Traceback" not in result.output


def test_the_same_address_twice_is_refused() -> None:
    add = ["user", "add", "ada@example.com", "--password-stdin"]
    done(*add, typed=PASSWORD)
    assert run(*add, typed=PASSWORD).exit_code == 1


def test_an_unknown_role_is_refused_with_the_known_ones() -> None:
    result = run("user", "add", "ada@example.com", "--role", "agent")
    assert result.exit_code == 2
    assert "'meetings_only'" in result.stderr


def test_the_list_has_everybody() -> None:
    assert done("user", "list") == ""
    done("user", "add", "ada@example.com", "--password-stdin", "--group", "EMEA", typed=PASSWORD)
    (line,) = done("user", "list").splitlines()
    assert line.split() == ["ada@example.com", "rep", "ada", "EMEA"]


def test_a_token_is_its_reps() -> None:
    done("user", "add", "ada@example.com", "--password-stdin", typed=PASSWORD)
    token = done("token", "--rep", "ada@example.com", "--name", "importer").strip()
    identity = ask(lambda people: people.identities.by_bearer(token))
    assert identity is not None
    assert identity.email == "ada@example.com"


def test_another_data_folder_is_another_installation(tmp_path: Path) -> None:
    done("user", "invite", "a@example.com", "--group", "EMEA", "--data", "other")
    assert (tmp_path / "other" / "frontdesk.db").exists()
    assert ask(lambda people: people.groups.all()) == []


def test_a_worker_alone_needs_a_redis_that_others_reach_too() -> None:
    result = run("worker")
    assert result.exit_code == 1
    assert "set FRONTDESK_REDIS_URL" in result.stderr


def test_doctor_says_what_it_looked_at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    built: Any = tmp_path / "static"
    monkeypatch.setattr("frontdesk.doctor.machine.STATIC", built)
    result = run("doctor", "--port", "0")
    assert result.exit_code == 1
    assert "fail  static files: not built" in result.stdout
    assert "→ Run `make build`" in result.stdout
    assert "Redis: embedded" in result.stdout
    for name in ("widget/loader.js", "console/index.html"):
        (built / name).parent.mkdir(parents=True)
        (built / name).touch()
    assert run("doctor", "--port", "0").exit_code == 0


@pytest.mark.parametrize("command", [("migrate",), ("user", "list"), ("serve", "--port", "0")])
def test_a_database_that_cannot_be_used_is_said_in_a_sentence(command: tuple[str, ...]) -> None:
    Path("data").mkdir()
    Path("data/frontdesk.db").write_text("this is no database")
    result = run(*command)
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit), "no traceback"
    assert "can't be used: " in result.output


@pytest.mark.parametrize("command", [("migrate",), ("user", "list"), ("serve", "--port", "0")])
def test_a_newer_release_s_database_is_left_alone(command: tuple[str, ...]) -> None:
    done("migrate")
    with closing(sqlite3.connect("data/frontdesk.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    result = run(*command)
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit), "no traceback"
    assert "has schema 9999, which this release doesn't know" in result.output
