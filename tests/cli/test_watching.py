"""`top` and `ready`, as a person and a script call them, on an installation that runs."""

import asyncio
import contextlib
import http.server
import os
import pty
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from frontdesk.cli.readings import Reading, Unreadable, quantile, rate, read
from tests.cli.test_serving import PATIENCE, ended, said, started

COMMAND = [sys.executable, "-c", "from frontdesk.cli import main; main()"]
PROCESSES = {"supervisor", "node-0", "node-1", "redis", "worker"}


async def told(*arguments: str, **environment: str) -> tuple[int, str, str]:
    """`frontdesk …` → exit code, what it said, what it complained of."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND, *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, **environment},
    )  # fmt: skip
    out, err = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def test_what_runs_is_shown_with_all_its_processes_and_is_ready(tmp_path: Path) -> None:
    async with started(tmp_path, "serve", "--port", "0", "--workers", "2") as process:
        port = await said(process, r"ready: http://127\.0\.0\.1:(\d+)/console/")
        code, page, _ = await told("top", "--port", port, "--once")
        assert code == 0
        assert re.search(r"^Redis +2 of 2 nodes connected", page, re.MULTILINE), page
        assert re.search(r"^SQL +2 of 2 nodes .* behind \(archive\)", page, re.MULTILINE), page
        assert {line.split()[0] for line in page.split("Process")[1].splitlines()[1:]} >= PROCESSES
        assert max(map(len, page.splitlines())) <= 80
        twice = [f"http://127.0.0.1:{port}", f"127.0.0.1:{port}/"]
        assert "4 of 4 nodes connected" in (await told("top", *twice, "--once"))[1]
        assert (await told("ready", "--port", port))[:2] == (0, "Ready.\n")
        assert await asyncio.to_thread(redrawn, port) > 1
        process.send_signal(signal.SIGTERM)
        assert await ended(process) == 0
    code, _, complaint = await told("ready", "--port", port)
    assert code == 1
    assert f"Nobody answers at 127.0.0.1:{port}" in complaint


def redrawn(port: str) -> int:
    """How often a page appears in a terminal of 80 × 24 until Ctrl-C, which ends it well."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, "top", "--port", port], stdin=theirs, stdout=theirs, stderr=theirs,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "80", "LINES": "24"}, start_new_session=True,
    ) as process:  # fmt: skip
        os.close(theirs)
        seen, until = b"", time.monotonic() + PATIENCE
        while seen.count(b"\x1b[HFrontdesk") < 2:
            assert time.monotonic() < until, seen
            seen += os.read(ours, 65_536)
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(OSError):  # the end of a terminal
            while more := os.read(ours, 65_536):
                seen += more
    os.close(ours)
    assert process.returncode == 0, seen
    assert seen.startswith(b"\x1b[?1049h")
    assert seen.endswith(b"\x1b[?1049l"), "the terminal is as it was"
    return seen.count(b"\x1b[HFrontdesk")


async def test_nobody_there_is_said_in_words() -> None:
    code, page, complaint = await told("top", "http://127.0.0.1:9", "--once")
    assert (code, page) == (1, "")
    assert complaint.startswith("Nobody answers at http://127.0.0.1:9/metrics: ")
    assert "Traceback" not in complaint


def test_a_dumb_terminal_gets_page_after_page_without_escapes(page_url: str) -> None:
    with subprocess.Popen(
        [*COMMAND, "top", page_url], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "TERM": "dumb"},
    ) as process:  # fmt: skip
        assert process.stdout is not None
        seen = ""
        while seen.count("Frontdesk 9.9") < 2:
            seen += process.stdout.readline()
        process.send_signal(signal.SIGINT)
    assert process.returncode == 0
    assert "\x1b" not in seen


PAGE = """
frontdesk_build_info{version="9.9"} 1.0
frontdesk_waiting 4.0
frontdesk_nodes 1.0
frontdesk_claim_seconds_bucket{le="0.01"} 50.0
frontdesk_claim_seconds_bucket{le="0.02"} 100.0
frontdesk_claim_seconds_bucket{le="+Inf"} 100.0
frontdesk_claim_seconds_count 100.0
"""


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers with its server's page."""

    def do_GET(self) -> None:
        body = self.server.page.encode()  # type: ignore[attr-defined]  # given below
        self.send_response(403 if self.path.startswith("/closed") else 200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def serving(page: str) -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.page = page  # type: ignore[attr-defined]  # for the handler
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def page_url() -> Iterator[str]:
    with serving(PAGE) as url:
        yield url


def test_machines_are_added_up_but_what_each_tells_of_the_whole_desk(page_url: str) -> None:
    both = read([page_url, page_url])
    assert both.total("nodes") == 2
    assert both.total("waiting") == 4


def test_what_answers_otherwise_is_named(page_url: str) -> None:
    with serving("hello") as other, pytest.raises(Unreadable, match="isn't Frontdesk"):
        read([other])
    with pytest.raises(Unreadable, match="by no proxy"):
        read([f"{page_url}/closed"])


def test_quantiles_lie_in_their_bucket_and_are_of_what_came_between(page_url: str) -> None:
    now = read([page_url])
    nothing = Reading(now.at - 10)
    assert quantile(nothing, now, "claim_seconds", 0.5) == pytest.approx(0.01)
    assert quantile(nothing, now, "claim_seconds", 0.75) == pytest.approx(0.015)
    assert quantile(now, now, "claim_seconds", 0.5) is None
    assert quantile(nothing, now, "message_seconds", 0.5) is None
    assert rate(nothing, now, "claim_seconds_count") == pytest.approx(10)


def test_beyond_the_last_bound_it_is_at_least_that() -> None:
    now = Reading(1, {("x_bucket", (("le", "1.0"),)): 0, ("x_bucket", (("le", "+Inf"),)): 3})
    assert quantile(Reading(0), now, "x", 0.99) == 1.0


def test_a_process_that_began_anew_is_no_negative_rate() -> None:
    name = ("messages", ())
    assert rate(Reading(0, {name: 100}), Reading(1, {name: 3}), "messages") == 0
