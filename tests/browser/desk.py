"""A Frontdesk of real processes, started as a person starts it, for browsers to go to."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

import frontdesk

PATIENCE = 60.0
"""Seconds until a test gives up on a process: a slow machine isn't a failure."""

_STATIC = Path(frontdesk.__file__).parent / "static"
_NEEDED = ("widget/loader.js", "widget/widget.js", "console/index.html", "demo/index.html")
_COMMAND = [sys.executable, "-c", "from frontdesk.cli import main; main()"]


@dataclass
class Desk:
    """`frontdesk demo` on a port of its own. `links` sign in, by the rep's first name."""

    process: subprocess.Popen[bytes]
    folder: Path
    url: str = ""
    links: dict[str, str] = field(default_factory=dict)

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    @property
    def websockets(self) -> str:
        """The origin of its sockets, as a policy names it."""
        return self.url.replace("http", "ws", 1)

    def at(self, host: str) -> str:
        """The same server under another name of this machine: cookies belong to names."""
        return f"http://{host}.localhost:{self.port}"

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def node(self) -> psutil.Process | None:
        """The process that serves sockets, if there is one just now.

        By its name: the command line of a spare that took over still says "spare".
        """
        return next((one for one in self._children() if _name(one) == "node-0"), None)

    async def loses_its_node(self) -> None:
        """The node ends as by kill -9; until the supervisor has started another."""
        lost = self.node()
        assert lost is not None
        os.kill(lost.pid, signal.SIGKILL)
        async with asyncio.timeout(PATIENCE):
            while (found := self.node()) is None or found.pid == lost.pid:
                await asyncio.sleep(0.05)

    def has_rep(self, email: str, name: str, password: str, *, role: str = "rep") -> None:
        """Adds a rep with the command that an admin uses."""
        subprocess.run(
            [*_COMMAND, "user", "add", email, "--name", name, "--role", role,
             "--password-stdin", "--data", str(self.folder / "data")],
            input=password.encode(), env=_environment({}), cwd=self.folder, check=True,
            stdout=subprocess.DEVNULL, timeout=PATIENCE,
        )  # fmt: skip

    def _children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children()


def _name(process: psutil.Process) -> str:
    try:
        return process.name()
    except psutil.Error:  # it has ended meanwhile
        return ""


@contextmanager
def running(folder: Path, **settings: str) -> Iterator[Desk]:
    """A desk with its data in `folder`; `settings` by their names, as `wait_seconds="3"`."""
    _needs_built_files()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*_COMMAND, "demo", "--port", "0", "--data", str(folder / "data")],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder,
            env=_environment(settings),
        )  # fmt: skip
    desk = Desk(process, folder)
    try:
        _until_ready(desk)
        yield desk
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _needs_built_files() -> None:
    missing = [name for name in _NEEDED if not (_STATIC / name).is_file()]
    if missing:
        pytest.fail(f"Not built: {', '.join(missing)}. Run: cd client_js && npm run build")


def _environment(settings: dict[str, str]) -> dict[str, str]:
    """Ours without the settings of whoever runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FRONTDESK_")}
    given = {"drain_seconds": "0.2", "requests_per_address": "0", **settings}
    return kept | {f"FRONTDESK_{name.upper()}": value for name, value in given.items()}


def _until_ready(desk: Desk) -> None:
    deadline = time.monotonic() + PATIENCE
    while "Stop with Ctrl-C" not in (said := desk.log()):
        assert desk.process.poll() is None, f"The desk ended:\n{said}"
        assert time.monotonic() < deadline, f"The desk didn't start:\n{said}"
        time.sleep(0.05)
    found = re.search(r"(http://\S+)/demo/", said)
    assert found is not None
    desk.url = found[1]
    desk.links = {host: link for link, host in re.findall(r"(http://(\w+)\.localhost\S+)", said)}
