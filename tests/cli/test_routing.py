"""Routing rules as a YAML file, on the command line (OP-3)."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import insert

from frontdesk.cli import main
from frontdesk.cli.people import open_people
from frontdesk.cli.routing import Desk, open_desk
from frontdesk.config import Settings
from frontdesk.people.roles import Role
from frontdesk.storage.engine import Database
from frontdesk.storage.tables import conversation

T = TypeVar("T")
FILE = """
rules:
  - name: APAC enterprise
    when:
      all:
        - {field: location.country, op: one_of, value: [JP, KR]}
        - {field: visitor.employees, op: greater, value: 1000}
    targets: {reps: [ada@example.com], groups: [APAC]}
    strategy: rotation
default:
  targets: {everyone: true}
  missed: form
"""


@pytest.fixture(autouse=True)
def _office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation with a rep and a group, in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    async def hire() -> None:
        async with open_people(Settings()) as people:
            ada = await people.accounts.add("ada@example.com", "Ada", Role.REP)
            await people.groups.add(None, "APAC", [ada.id])

    asyncio.run(hire())


def run(*arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(main, ["routing", *arguments], input=typed)


def done(*arguments: str, typed: str | None = None) -> str:
    result = run(*arguments, typed=typed)
    assert result.exit_code == 0, result.output
    return result.stdout


def written(text: str, name: str = "rules.yaml") -> str:
    Path(name).write_text(text, encoding="utf-8")
    return name


def ask(question: Callable[[Desk], Awaitable[T]]) -> T:
    async def work() -> T:
        async with open_desk(Settings()) as desk:
            return await question(desk)

    return asyncio.run(work())


def live() -> tuple[int, dict[str, Any]]:
    return ask(lambda desk: desk.live())


def test_a_plan_shows_what_changes_and_its_exit_code_says_whether_anything_does() -> None:
    result = run("plan", written(FILE))
    assert result.exit_code == 2, result.output
    assert "+ APAC enterprise: is added" in result.stdout
    assert 'targets: {"everyone":false,"reps":["ada@example.com"],"groups":["APAC"]}' in (
        result.stdout
    )
    assert '~ missed: "meeting_booker" → "form"' in result.stdout
    assert live()[0] == 0
    done("apply", "rules.yaml", "--yes")
    assert run("plan", "rules.yaml").exit_code == 0
    assert done("plan", "rules.yaml") == "No changes.\n"


def test_applying_asks_first_and_publishes_one_version() -> None:
    file = written(FILE)
    refused = run("apply", file, typed="n\n")
    assert refused.exit_code == 1
    assert live()[0] == 0
    said = done("apply", file, "--note", "from git", typed="y\n")
    assert "Version 1 is live." in said
    number, document = live()
    assert (number, document["rules"][0]["name"]) == (1, "APAC enterprise")
    (version,) = ask(lambda desk: desk.room.rulebook.versions(before=0, limit=5)).versions
    assert (version.note, version.by) == ("from git", "system")
    assert "No changes." in done("apply", file, "--yes")
    assert live()[0] == 1


def test_what_is_exported_can_be_planned_without_a_change() -> None:
    done("apply", written(FILE), "--yes")
    exported = done("export")
    assert "ada@example.com" in exported
    assert run("plan", written(exported, "exported.yaml")).exit_code == 0
    done("apply", written(exported.replace("rotation", "random"), "other.yaml"), "--yes")
    assert "rotation" in done("export", "--version", "1")
    assert "random" in done("export")
    assert "random" in done("export", "--draft")


def test_every_fault_of_a_file_is_said_with_its_rule() -> None:
    broken = FILE.replace("ada@example.com", "ben@example.com").replace("[APAC]", "[EMEA]")
    result = run("plan", written(broken))
    assert result.exit_code == 1
    assert "there is no rep 'ben@example.com'" in result.stderr
    assert "there is no group 'EMEA'" in result.stderr
    broken = FILE.replace("rotation", "alphabetical").replace("one_of", "looks_like")
    result = run("apply", written(broken), "--yes")
    assert result.exit_code == 1
    assert 'rule 1 "APAC enterprise" (strategy)' in result.stderr
    assert 'rule 1 "APAC enterprise" (when/all/0/op)' in result.stderr
    assert live()[0] == 0


def test_names_of_nobody_hide_no_other_fault() -> None:
    broken = FILE.replace("ada@example.com", "ben@example.com").replace("rotation", "alphabetical")
    text = broken.replace(
        "default:",
        """  - name: Second
    when: {field: no.such, op: is, value: 1}
    targets: {groups: [EMEA], reps: [5]}
default:
  ring_seconds: 1""",
    )
    result = run("plan", written(text))
    assert result.exit_code == 1
    places = [line.split(": ")[0].strip() for line in result.stderr.splitlines()[1:]]
    assert places == [
        'rule 1 "APAC enterprise" (targets/reps/0)', 'rule 1 "APAC enterprise" (strategy)',
        'rule 2 "Second" (targets/groups/0)', 'rule 2 "Second" (targets/reps/0)',
        'rule 2 "Second" (when/field)', "default/ring_seconds",
    ]  # fmt: skip


def test_of_very_many_faults_the_first_are_said_and_how_many_more_there_are() -> None:
    one = "  - {name: A, when: {all: []}, strategy: alphabetical, targets: {reps: [x@y.example]}}\n"
    result = run("plan", written("rules:\n" + one * 300 + "default: {}\n"))
    lines = result.stderr.splitlines()
    assert len(lines) == 1 + 200 + 1
    # Of 300 rules an unknown rep and a strategy, of all but the first a name that is taken.
    assert lines[-1].strip() == f"… and {300 + 300 + 299 - 200:,} more."


@pytest.mark.parametrize("text", ["rules: [", "rules: 1", "", "- x", "rules: []\n"])
def test_what_is_no_file_of_rules_is_refused_without_a_traceback(text: str) -> None:
    for command in ("plan", "lint"):
        result = run(command, written(text))
        assert result.exit_code == 1
        assert isinstance(result.exception, SystemExit), "no traceback"
        assert "Error: " in result.stderr


def test_lint_says_which_rule_does_nothing() -> None:
    assert done("lint") == ""
    everybody = FILE.replace(
        "rules:\n", "rules:\n  - {name: All, when: {all: []}, targets: {everyone: true}}\n"
    )
    result = run("lint", written(everybody))
    assert result.exit_code == 1
    assert 'error    rule 2 "APAC enterprise": Never reached' in result.stdout


def test_explain_says_which_rule_takes_a_visitor_and_why() -> None:
    done("apply", written(FILE), "--yes")
    about = {"location": {"country": "JP"}, "employees": 1200}
    Path("visitor.json").write_text(json.dumps(about))
    said = done("explain", "--about", "visitor.json")
    assert "APAC enterprise" in said
    assert "1,200" in said
    Path("visitor.json").write_text('{"location.country": "JP", "visitor.employees": 1200}')
    assert done("explain", "--about", "visitor.json") == said
    Path("visitor.json").write_text('{"employes": 1200}')
    assert "'employes' is no field." in run("explain", "--about", "visitor.json").stderr
    Path("visitor.json").write_text("{}")
    assert "default rule" in done("explain", "--about", "visitor.json").casefold()
    Path("visitor.json").write_text("[]")
    assert run("explain", "--about", "visitor.json").exit_code == 1
    assert run("explain").exit_code == 2


def test_what_visitors_write_can_not_move_the_cursor() -> None:
    spoken = FILE.replace("employees", "company").replace("greater", "contains")
    done("apply", written(spoken.replace("value: 1000", "value: Acme")), "--yes")
    about = {"location": {"country": "JP"}, "company": "Acme\x1b[2J\u202e"}
    Path("visitor.json").write_text(json.dumps(about))
    said = done("explain", "--about", "visitor.json")
    assert "Acme\ufffd[2J\ufffd" in said
    assert "\x1b" not in said


def test_explain_takes_the_visitor_of_a_conversation() -> None:
    done("apply", written(FILE), "--yes")
    row = {
        "id": "c_1", "desk": "main", "visitor_id": "v_1", "state": "closed", "epoch": "e",
        "requested_at": 1, "about": {"location": {"country": "KR"}, "employees": 5000},
    }  # fmt: skip

    async def remember() -> None:
        database = Database.open("sqlite+aiosqlite:///data/frontdesk.db")
        async with database.write() as connection:
            await connection.execute(insert(conversation).values(row))
        await database.close()

    asyncio.run(remember())
    assert "APAC enterprise" in done("explain", "--conversation", "c_1")
    result = run("explain", "--conversation", "c_none")
    assert result.exit_code == 1
    assert "There is no such conversation" in result.stderr


def test_simulating_says_who_would_be_routed_elsewhere_than_by_the_live_rules() -> None:
    csv = "location.country,employees,email\nJP,1200,kim@a.example\nDE,1,\n"
    Path("visitors.csv").write_text(csv)
    said = done("simulate", written(FILE), "--samples", "visitors.csv")
    assert said.splitlines() == [
        "2 requests; 1 would be routed elsewhere.",
        "Missed: 0 → 0.",
        "Rules:",
        "  Default rule: 2 → 1",
        "  APAC enterprise: 0 → 1",
        "Line 2: kim@a.example: Default rule (ada@example.com) → APAC enterprise (ada@example.com)",
    ]
    assert "0 requests; 0 would" in done("simulate", "rules.yaml", "--days", "7")
    Path("visitors.csv").write_text("colour\nred\n")
    result = run("simulate", "rules.yaml", "--samples", "visitors.csv")
    assert result.exit_code == 1
    assert "Line 1: 'colour' is no field." in result.stderr
    assert run("simulate", "rules.yaml").exit_code == 2
