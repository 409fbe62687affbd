"""The configuration of both proxies in front of two real nodes: nginx itself, and Caddy itself."""

import asyncio
import os
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from tests.scenarios.conftest import Scene
from tests.scenarios.processes import PATIENCE, installation
from tests.scenarios.watching import ask, free_port, problems
from tests.web.raw import opening

pytestmark = pytest.mark.asyncio(loop_scope="session")

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
NODES = "node-1:8000 node-2:8000"


def program(name: str) -> str:
    """Where `make test` has found it."""
    stamp = ROOT / ".venv" / f".{name}"
    assert stamp.exists(), f"`make .venv/.{name}` finds or fetches {name}"
    return stamp.read_text().strip()


def nginx(folder: Path, port: int, nodes: list[str]) -> list[str]:
    """The command; the file as it is, but for where the nodes are."""
    text = (DEPLOY / "nginx.conf").read_text().replace("listen 80;", f"listen 127.0.0.1:{port};")
    for name, node in zip(NODES.split(), nodes, strict=True):
        text = text.replace(name, node)
    paths = "".join(
        f"{what}_temp_path {folder}/{what};"
        for what in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = folder / "whole.conf"
    whole.write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/log;"
        f"events {{}} http {{ access_log off; {paths} {text} }}"
    )
    return [program("nginx"), "-p", str(folder), "-c", str(whole), "-e", f"{folder}/log"]


def caddy(folder: Path, _port: int, _nodes: list[str]) -> list[str]:
    """The command; the file as it is, whose variables say where it listens and the nodes are."""
    whole = folder / "Caddyfile"
    whole.write_text(f"{{\n admin off\n auto_https off\n}}\nimport {DEPLOY}/Caddyfile\n")
    return [program("caddy"), "run", "--config", str(whole), "--adapter", "caddyfile"]


@contextmanager
def running(kind: str, folder: Path, nodes: list[str]) -> Iterator[int]:
    """The proxy; → its port."""
    port = free_port()
    command = {"nginx": nginx, "caddy": caddy}[kind](folder, port, nodes)
    environment = {
        **os.environ, "SITE": f"http://127.0.0.1:{port}", "NODES": " ".join(nodes),
        "HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder),
    }  # fmt: skip
    with (folder / "out").open("wb") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
    try:
        until = time.monotonic() + PATIENCE
        while not _listens(port):
            assert process.poll() is None, (folder / "out").read_text()
            assert time.monotonic() < until
            time.sleep(0.05)
        yield port
    finally:
        process.kill()
        process.wait(PATIENCE)


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


class Behind:
    """An installation whose people come through the proxy at `port`."""

    def __init__(self, scene: Scene, port: int, ports: list[int]) -> None:
        self.scene = scene
        self.port = port
        self.ports = ports

    async def restart(self, index: int) -> None:
        """As an orchestrator does it: told to leave, ended, started again, ready."""
        node = self.scene.running.node(index)
        node.leave()
        assert await node.ended() == 0
        await self.scene.running.start_node(index)
        async with asyncio.timeout(PATIENCE):
            while (await problems(self.ports[index]))[0] != 200:
                await asyncio.sleep(0.1)


@pytest_asyncio.fixture(params=["nginx", "caddy"], loop_scope="session")
async def behind(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Behind]:
    async with installation(
        nodes=2, reps=1, worker=False, trusted_proxies=("127.0.0.1/32",), drain_delay_seconds=4
    ) as found:
        ports = [place.port for place in found.places]
        with running(request.param, tmp_path, [f"127.0.0.1:{port}" for port in ports]) as port:
            for place in found.places:
                place.port = port
            scene = Scene(found, 1)
            yield Behind(scene, port, ports)
            scene.complaints()
            for person in scene._people:
                await person.leave()


async def test_people_talk_through_it_while_every_node_is_restarted_and_notice_nothing(
    behind: Behind,
) -> None:
    scene = behind.scene
    visitor, rep, name = await scene.chat()
    refused: list[tuple[int, str]] = []
    done = asyncio.Event()

    async def browse() -> int:
        count = 0
        while not done.is_set():
            status, body = await ask(behind.port, "/widget/loader.js")
            count += 1
            if status != 200:
                refused.append((status, body[:200]))
        return count

    async def talk() -> int:
        count = 0
        while not done.is_set():
            await visitor.says(f"v{count}")
            await rep.says(name, f"r{count}")
            count += 1
        return count

    browsing, talking = asyncio.create_task(browse()), asyncio.create_task(talk())
    for index in range(2):
        await behind.restart(index)
    done.set()
    said, fetched = await talking, await browsing
    assert refused == [], f"of {fetched}"
    assert (said > 10, fetched > 10) == (True, True)
    await scene.same_view(visitor, rep, name)
    mine = [text for text in visitor.texts() if text.startswith("v")]
    assert mine == [f"v{number}" for number in range(said)][-len(mine) :]
    assert set(visitor.closes + rep.closes) <= {4001}, "told to come back, never cut off"


async def test_the_clients_own_address_arrives_and_none_that_it_claims(behind: Behind) -> None:
    with socket.create_connection(
        ("127.0.0.1", behind.port), timeout=PATIENCE, source_address=("127.0.0.2", 0)
    ) as client:
        client.sendall(opening(behind.port, "/v1/nobody", X_Forwarded_For="203.0.113.9"))
        assert client.recv(4096).startswith(b"HTTP/1.1 404")
    lines = [str(line.get("event")) for line in behind.scene.running.logged()]
    refusals = [line for line in lines if line.startswith("socket refused: 404")]
    assert len(refusals) == 1
    assert "(address 127.0.0.2," in refusals[0]


async def test_a_node_that_is_killed_takes_nobody_with_it_and_figures_stay_inside(
    behind: Behind,
) -> None:
    visitor = await behind.scene.visitor()
    await behind.scene.running.kill_node(0)
    starting = asyncio.create_task(behind.scene.running.start_node(0))  # as its parent does
    for _ in range(20):
        assert (await ask(behind.port, "/widget/loader.js"))[0] == 200
    await starting
    await visitor.until(lambda: visitor.client.ready, "a welcome")
    assert (await ask(behind.port, "/metrics"))[0] == 404
    assert (await ask(behind.ports[1], "/metrics"))[0] == 200
