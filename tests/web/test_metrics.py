"""The page that Prometheus reads: for the operator, not for the world (OP-2)."""

import httpx
import pytest
from starlette.applications import Starlette

from frontdesk.web.metrics import SOCKETS, metrics_route


async def ask(address: str, **headers: str) -> tuple[int, str]:
    """The page as somebody at this address gets it."""
    app = Starlette(routes=[metrics_route()])
    transport = httpx.ASGITransport(app, client=(address, 1234))
    async with httpx.AsyncClient(transport=transport, base_url="http://desk") as client:
        answer = await client.get("/metrics", headers=headers)
    return answer.status_code, answer.text


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "::1"])
async def test_the_operators_own_network_reads_the_numbers(address: str) -> None:
    SOCKETS.set(3, "rep")
    status, page = await ask(address)
    assert status == 200
    assert 'frontdesk_sockets{side="rep"' in page


async def test_the_world_does_not() -> None:
    assert (await ask("203.0.113.9"))[0] == 403


async def test_nobody_is_near_behind_a_proxy() -> None:
    assert (await ask("127.0.0.1", **{"X-Forwarded-For": "203.0.113.9"}))[0] == 403
