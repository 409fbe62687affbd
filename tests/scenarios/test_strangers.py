"""Somebody else's conversation, stale fences, forged tokens: refused, and said in the log."""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from frontdesk.clock import now_ms
from frontdesk.web.tokens import LIFETIME_SECONDS, VisitorTokens
from frontdesk.wire import frames
from tests.scenarios.conftest import Scene
from tests.scenarios.people import Refusal
from tests.scenarios.processes import PATIENCE, Installation

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def logged(scene: Scene, *words: str) -> None:
    """Until a node wrote a line with all of these words."""
    deadline = time.monotonic() + PATIENCE
    while not any(all(w in str(line) for w in words) for line in scene.running.logged()):
        assert time.monotonic() < deadline, f"nobody logged {words}"
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("node", [0, 1])
async def test_a_visitor_has_no_part_in_somebody_elses_conversation(
    scene: Scene, node: int
) -> None:
    visitor, rep, name = await scene.chat()
    stranger = await scene.visitor(node)
    client = stranger.client
    requests: list[Callable[[], int]] = [
        lambda: client.message(name, "let me in"),
        lambda: client.close(name),
        lambda: client.history(name, frames.Position(visitor.chat.epoch, 1)),
        lambda: client.leave(name, email="a@example.com", text="x"),
    ]
    for request in requests:
        with pytest.raises(Refusal, match="forbidden"):
            await stranger.ask(request())
    client.typing(name)
    client.read(name, 1)
    stranger.hint()
    await stranger.ask(client.ping())
    await visitor.says("Just us")
    await scene.same_view(visitor, rep, name)
    assert not stranger.pushes or all(not isinstance(one, frames.Entry) for one in stranger.pushes)
    assert not any(isinstance(one, frames.TypingPush) for one in rep.pushes)
    await logged(scene, "refused", "forbidden", "visitor")
    await rep.closes_it(name)


async def test_a_stranger_who_names_a_conversation_in_the_hello_is_shown_nothing(
    scene: Scene,
) -> None:
    visitor, rep, name = await scene.chat()
    stranger = await raw(scene.running, "visitor", 0)
    resume = {name: {"epoch": visitor.chat.epoch, "offset": 1}}
    welcome = await asks(stranger, {"type": "hello", "id": 1, "resume": resume})
    assert "conversation" not in welcome
    assert welcome.get("recovered", {}) == {}
    await visitor.says("Just us")
    await asks(stranger, {"type": "ping", "id": 2})
    await stranger.close()
    await rep.closes_it(name)


async def test_a_rep_who_does_not_hold_it_neither_reads_nor_writes(scene: Scene) -> None:
    visitor, rep, name = await scene.chat()
    other = await scene.rep(0, available=False)
    held = rep.holds(name)
    assert held is not None
    client = other.client
    requests: list[Callable[[], int]] = [
        lambda: client.message(name, "hi", fence=held.fence),
        lambda: client.close(name, fence=held.fence),
        lambda: client.transfer(name, fence=held.fence, rep=other.account.id),
    ]
    for request in requests:
        with pytest.raises(Refusal, match="fence"):
            await other.ask(request())
    with pytest.raises(Refusal, match="forbidden"):
        await other.ask(client.history(name, frames.Position("", 0)))
    with pytest.raises(Refusal, match="already_claimed"):
        await other.ask(client.claim(name))
    await visitor.says("Just us")
    await scene.same_view(visitor, rep, name)
    assert not any(isinstance(one, frames.Entry) for one in other.pushes)
    await logged(scene, "refused", "fence", "rep")
    await rep.closes_it(name)


async def test_a_stale_fence_is_refused(scene: Scene) -> None:
    _visitor, rep, name = await scene.chat()
    held = rep.holds(name)
    assert held is not None
    with pytest.raises(Refusal, match="fence"):
        await rep.ask(rep.client.message(name, "late", fence=held.fence + 1))
    await rep.closes_it(name)


@pytest.mark.parametrize("kind", ["forged", "expired", "of another desk", "nonsense"])
async def test_a_bad_token_makes_a_stranger_of_a_visitor(scene: Scene, kind: str) -> None:
    visitor, rep, name = await scene.chat()
    token = bad_token(scene.running, kind, visitor.client.token)
    stranger = await raw(scene.running, "visitor", 0)
    welcome = await asks(stranger, {"type": "hello", "id": 1, "token": token})
    assert "conversation" not in welcome
    assert welcome["visitor"] != _visitor_of(visitor.client.token)
    await stranger.close()
    await logged(scene, "refused", "unauthorized", "visitor")
    await rep.closes_it(name)


def _visitor_of(token: str) -> str | None:
    return VisitorTokens(["x" * 40], desk="main").verify(token)


def bad_token(running: Installation, kind: str, good: str) -> str:
    """A token of the visitor with this good one, that must not be believed."""
    visitor = _visitor_of(good)
    assert visitor is not None
    keys = [running.settings.secret_key]
    match kind:
        case "forged":
            return VisitorTokens(["y" * 40], desk="main").sign(visitor)
        case "expired":
            then = now_ms() - (LIFETIME_SECONDS + 60) * 1000
            return VisitorTokens(keys, desk="main", now=lambda: then).sign(visitor)
        case "of another desk":
            return VisitorTokens(keys, desk="other").sign(visitor)
    return good[:-8] + "AAAAAAAA"


async def test_a_rep_with_a_bad_token_is_sent_away_for_good(scene: Scene) -> None:
    stranger = await raw(scene.running, "rep", 1)
    answer = await asks(stranger, {"type": "hello", "id": 1, "token": "nonsense"})
    assert (answer["type"], answer["code"]) == ("error", "unauthorized")
    with pytest.raises(ConnectionClosed) as closed:
        await asyncio.wait_for(stranger.recv(), PATIENCE)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4501
    await logged(scene, "refused", "unauthorized", "rep")


async def test_a_foreign_origin_is_not_let_in(scene: Scene) -> None:
    for side in ("visitor", "rep"):
        with pytest.raises(InvalidStatus) as refused:
            await raw(scene.running, side, 0, origin="https://evil.example")
        assert refused.value.response.status_code == 403
    await logged(scene, "refused", "https://evil.example")


async def raw(
    running: Installation, side: str, node: int, *, origin: str | None = None
) -> ClientConnection:
    """A socket without the client's manners."""
    headers = {"Origin": origin} if origin else {}
    return await connect(
        f"ws://127.0.0.1:{running.places[node].port}/v1/{side}",
        subprotocols=[Subprotocol("frontdesk.v1.json")], compression=None, ping_interval=None,
        additional_headers=headers, open_timeout=PATIENCE, max_size=None, proxy=None,
    )  # fmt: skip


async def asks(socket: ClientConnection, message: dict[str, Any]) -> dict[str, Any]:
    """The answer with this id."""
    await socket.send(json.dumps(message))
    async with asyncio.timeout(PATIENCE):
        while True:
            found = msgspec.json.decode(await socket.recv())
            for one in found if isinstance(found, list) else [found]:
                if one.get("id") == message["id"]:
                    return dict(one)
