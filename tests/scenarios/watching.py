"""What whoever runs an installation sees of it: pages of figures, health and readiness."""

import asyncio
import json
import socket
import urllib.error
import urllib.request
from collections.abc import Callable

from prometheus_client.parser import text_string_to_metric_families

from tests.scenarios.processes import PATIENCE

Figures = dict[tuple[str, ...], float]


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


async def ask(port: int, path: str) -> tuple[int, str]:
    """Status and body; (0, reason) where nobody answers."""
    return await asyncio.to_thread(_ask, port, path)


def _ask(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError as error:
        return 0, str(error)


async def problems(port: int) -> tuple[int, list[str]]:
    """What `/readyz` says."""
    status, body = await ask(port, "/readyz")
    return status, json.loads(body)["problems"] if status else [body]


async def figures(port: int) -> Figures:
    """What `/metrics` says: by name without `frontdesk_` and the labels' values."""
    status, page = await ask(port, "/metrics")
    assert status == 200, page
    return {
        (sample.name.removeprefix("frontdesk_"), *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


async def figures_when(port: int, condition: Callable[[Figures], bool]) -> Figures:
    """The figures once they are so: most are looked at each second."""
    async with asyncio.timeout(PATIENCE):
        while not condition(found := await figures(port)):
            await asyncio.sleep(0.05)
    return found


async def until_problems(port: int, condition: Callable[[int, list[str]], bool]) -> list[str]:
    """What `/readyz` says, once that is so."""
    async with asyncio.timeout(PATIENCE):
        while not condition(*(found := await problems(port))):
            await asyncio.sleep(0.05)
    return found[1]
