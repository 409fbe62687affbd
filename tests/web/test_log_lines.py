"""Every line about a conversation or a person says which one, in every form of writing (OP-2)."""

import json

import pytest
import structlog

from frontdesk import telemetry
from frontdesk.config import LogFormat, Settings
from frontdesk.errors import FrontdeskError
from tests.database_fixtures import sqlite
from tests.telemetry.test_logs import _as_it_was
from tests.web.inside import Inside
from tests.web.test_inside import inside

__all__ = ["_as_it_was", "inside", "sqlite"]


class Lines:
    """What was written so far, as objects."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        telemetry.configure(Settings(log_format=LogFormat.JSON), process="node-0")
        structlog.configure(cache_logger_on_first_use=False)  # others' tests print as they did

    def of(self, event: str) -> dict[str, object]:
        written = self._capsys.readouterr().err.splitlines()
        every = [json.loads(line) for line in written if line.startswith("{")]
        (found,) = [line for line in every if line["event"].startswith(event)]
        assert isinstance(found, dict)
        return found


async def test_a_refused_command_names_the_visitor_the_session_and_the_conversation(
    inside: Inside, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = Lines(capsys)
    visitor, other = await inside.visitor(), await inside.visitor()
    await inside.rep("ann")
    name = (await visitor.ask("request"))["conversation"]["id"]
    assert (await other.ask("close", conversation=name))["code"] == "forbidden"
    line = lines.of("refused")
    seat = other.connection.data
    assert (line["visitor"], line["session"]) == (seat.visitor, seat.session)
    assert (line["conversation"], line["code"], line["side"]) == (name, "forbidden", "visitor")


async def test_a_command_that_fails_names_the_rep_and_the_conversation(
    inside: Inside, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = Lines(capsys)
    rep = await inside.rep("ann")

    async def broken(*_: object, **__: object) -> None:
        raise KeyError("a bug")

    monkeypatch.setattr(inside.node.claims, "claim", broken)
    assert (await rep.ask("claim", conversation="c-1"))["code"] == "internal"
    line = lines.of("a command failed")
    assert (line["rep"], line["conversation"], line["type"]) == ("ann", "c-1", "Claim")


async def test_a_timer_that_waits_names_its_conversation(
    inside: Inside, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = Lines(capsys)

    async def waits(_conversation: str, _deadline: str) -> None:
        raise FrontdeskError("overloaded")

    inside.node.timers.handle("quiet", waits)
    await inside.node.timers._work("quiet:c-7", "1")
    line = lines.of("timer waits")
    assert (line["conversation"], line["item"]) == ("c-7", "quiet:c-7")


async def test_a_socket_that_breaks_our_code_names_its_visitor(
    inside: Inside, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = Lines(capsys)
    visitor = await inside.visitor()
    visitor.connection.broken(RuntimeError("a bug"))
    line = lines.of("a visitor's socket broke")
    assert line["visitor"] == visitor.connection.data.visitor
