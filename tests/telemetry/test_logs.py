import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from frontdesk import telemetry
from frontdesk.config import LogFormat, LogLevel, Settings


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def written(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().err


def fail_with(secret: str) -> None:
    password = secret
    raise ValueError(f"no connection to redis://:{password}@redis")


@pytest.mark.parametrize("log_format", LogFormat)
def test_no_secret_reaches_a_line_by_any_way(
    capsys: pytest.CaptureFixture[str], log_format: LogFormat
) -> None:
    telemetry.configure(Settings(log_format=log_format), process="node-0")
    log = structlog.get_logger()
    log.info("signed_in", password="hush", token="hush", headers={"Cookie": "hush", "X": "1"})
    log.info("connected", url="redis://desk:hush@redis", tried=["Bearer hush", ("a", "b")])
    log.info("said", text="my token is eyJhbGciOiJI.eyJzdWIiOiJ2.hushhush")
    logging.getLogger("uvicorn.error").warning("at %s", "postgresql://desk:hush@db/desk")
    try:
        fail_with("hush")
    except ValueError:
        log.exception("failed")
        logging.getLogger("alembic").exception("failed too")
    text = written(capsys)
    assert "hush" not in text.replace('fail_with("hush")', "")
    assert "failed too" in text
    assert "redis" in text


def test_a_logged_value_is_not_changed_by_being_hidden() -> None:
    telemetry.configure(Settings(), process="node-0")
    headers = {"cookie": "mine"}
    structlog.get_logger().info("request", headers=headers)
    assert headers == {"cookie": "mine"}


def test_json_lines_are_one_object_each_with_time_level_and_process(
    capsys: pytest.CaptureFixture[str],
) -> None:
    telemetry.configure(Settings(log_format=LogFormat.JSON), process="node-1")
    structlog.get_logger().info("claimed", conversation="c1", path=Path("/x"), raw=b"\xff")
    logging.getLogger("asyncio").warning("slow")
    ours, theirs = map(json.loads, written(capsys).splitlines())
    assert (ours["event"], ours["level"], ours["process"]) == ("claimed", "info", "node-1")
    assert ours["timestamp"].endswith("Z")
    assert theirs["event"] == "slow"


def test_what_is_below_the_level_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.configure(Settings(log_level=LogLevel.WARNING), process="node-0")
    structlog.get_logger().info("quiet")
    logging.getLogger("uvicorn").info("quiet")
    assert written(capsys) == ""
