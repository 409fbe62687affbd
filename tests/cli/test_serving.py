"""`serve` and `demo` as a person starts them: a process, its words, its port, its end."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from frontdesk.supervisor import sockets

PATIENCE = 90.0  # s: a slow machine isn't a failure


@asynccontextmanager
async def started(folder: Path, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """`frontdesk …` in `folder`. What the test leaves is told to stop: a parent that is killed
    leaves its Redis behind, for the next one to adopt.
    """
    with (folder / "log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", "from frontdesk.cli import main; main()", *arguments,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, cwd=folder,
            env={**os.environ, "FRONTDESK_DRAIN_SECONDS": "0.2"},
        )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await ended(process)


async def said(process: asyncio.subprocess.Process, pattern: str) -> str:
    """The first line that matches."""
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE):
        async for line in process.stdout:
            if found := re.search(pattern, line.decode()):
                return found[1]
    pytest.fail(f"ended without saying {pattern}")


async def ended(process: asyncio.subprocess.Process) -> int:
    async with asyncio.timeout(PATIENCE):
        return await process.wait()


async def test_serve_says_where_it_is_answers_there_and_ends_when_told(tmp_path: Path) -> None:
    async with started(tmp_path, "serve", "--port", "0", "--data", "d") as process:
        url = await said(process, r"ready: (http://127\.0\.0\.1:\d+)/console/")
        async with httpx.AsyncClient(timeout=PATIENCE) as client:
            answer = await client.get(f"{url}/v1/openapi.json")
        assert answer.json()["openapi"].startswith("3.1")
        process.send_signal(signal.SIGTERM)
        assert await ended(process) == 0, (tmp_path / "log").read_text()


async def test_serve_on_a_port_in_use_says_so(tmp_path: Path) -> None:
    taken = sockets.bind("127.0.0.1", 0, 1)
    port = str(taken[0].getsockname()[1])
    async with started(tmp_path, "serve", "--port", port) as process:
        assert await ended(process) == 1
    sockets.close(taken)
    log = (tmp_path / "log").read_text()
    assert f"Port {port} of 127.0.0.1 is in use" in log
    assert "Traceback" not in log


async def test_a_second_serve_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    async with started(tmp_path, "serve", "--port", "0") as first:
        await said(first, r"ready: (\S+)")
        async with started(tmp_path, "serve", "--port", "0") as second:
            assert await ended(second) == 1
        assert "Another Frontdesk runs on" in (tmp_path / "log").read_text()


async def test_the_links_of_the_demo_sign_in_on_the_port_that_was_taken(tmp_path: Path) -> None:
    async with started(tmp_path, "demo", "--port", "0") as process:
        site = await said(process, r"(http://\S+)/demo/")
        link = await said(process, r"(http://ana\.localhost\S+)")
        path = link.partition(".localhost")[2].partition("/")[2]
        async with httpx.AsyncClient(base_url=site, timeout=PATIENCE) as client:
            signed_in = await client.get(f"/{path}")
            assert "set-cookie" in signed_in.headers
            me = await client.get("/v1/me")
        assert me.json()["name"] == "Ana Beltrame"
        process.send_signal(signal.SIGINT)
        assert await ended(process) == 0
    assert (tmp_path / "data" / "demo" / "frontdesk.db").exists()
