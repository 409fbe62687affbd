"""Law: applying the pushes to an old snapshot gives what a fresh one says, on a real server.

Clients of both sides fold what two nodes tell them through a whole conversation; at every stop they
must know exactly what somebody who comes just then is told.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

from msgspec import to_builtins
from msgspec.structs import replace
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from frontdesk.wire import frames
from frontdesk.wire.client import (
    Answered,
    Client,
    Event,
    Refused,
    RepClient,
    VisitorClient,
    Welcomed,
)
from loadtest.installation import Installation, Node, installation

DEADLINE = 30


class Online:
    """A client with a socket: asks, and waits for what comes of it."""

    def __init__(self, client: Any, socket: ClientConnection) -> None:
        self.client = client
        self.events: list[Event] = []
        self._socket = socket
        self._news = asyncio.Condition()

    async def read(self) -> None:
        with suppress(ConnectionClosed):
            async for payload in self._socket:
                async with self._news:
                    self.events += self.client.receive(payload)
                    await self._write()
                    self._news.notify_all()

    async def _write(self) -> None:
        for payload in self.client.payloads():
            await self._socket.send(payload)

    async def ask(self, number: int) -> frames.Ok:
        """Send what was queued; → the answer to request `number`."""
        await self._write()
        await self.until(lambda: self._answer(number) is not None)
        answer = self._answer(number)
        assert isinstance(answer, Answered), answer
        return answer.ok

    def _answer(self, number: int) -> Event | None:
        answers = (event for event in self.events if isinstance(event, Answered | Refused))
        return next((one for one in answers if one.request and one.request.id == number), None)

    async def hint(self) -> None:
        await self._write()

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(DEADLINE), self._news:
            await self._news.wait_for(true)


@asynccontextmanager
async def online(node: Node, client: Client) -> AsyncIterator[Online]:
    """The client, welcomed by a node."""
    url = f"ws://127.0.0.1:{node.port}{client.path}"
    async with connect(url, subprotocols=[client.subprotocol]) as socket:
        found = Online(client, socket)
        client.connected()
        reading = asyncio.create_task(found.read())
        await found.hint()
        await found.until(lambda: any(isinstance(event, Welcomed) for event in found.events))
        yield found
        await socket.close()
        await reading


async def fresh_rep(node: Node, token: str) -> frames.RepSnapshot:
    """What a console that is opened now is told."""
    client = RepClient(token=token, device="another")
    async with online(node, client):
        assert client.snapshot is not None
        return client.snapshot


async def fresh_visitor(node: Node, known: VisitorClient) -> frames.Conversation | None:
    """What another tab of the same visitor is told; it remembers the conversation, but no entry."""
    client = VisitorClient(token=known.token)
    if known.conversation is not None:
        client.conversation = replace(known.conversation, epoch="", offset=0, entries=[])
    async with online(node, client):
        return client.conversation


async def same(known: Callable[[], Any], fresh: Callable[[], Any]) -> None:
    """Wait until both agree: pushes and a fresh snapshot travel on different roads."""
    expected = None
    with suppress(TimeoutError):
        async with asyncio.timeout(DEADLINE):
            while (expected := await fresh()) != known():
                await asyncio.sleep(0.1)
    assert to_builtins(known()) == to_builtins(expected)


async def all_agree(server: Installation, reps: list[Online], visitor: Online) -> None:
    """Everybody knows what somebody is told who comes now, at the other node."""
    for index, one in enumerate(reps):
        node, token = server.nodes[1 - index], server.reps[index].token
        await same(partial(getattr, one.client, "snapshot"), partial(fresh_rep, node, token))
    fresh = partial(fresh_visitor, server.nodes[0], visitor.client)
    await same(partial(getattr, visitor.client, "conversation"), fresh)


async def test_folded_pushes_are_what_a_fresh_snapshot_says() -> None:
    async with (
        installation(nodes=2, reps=2) as server,
        online(server.nodes[0], RepClient(token=server.reps[0].token, device="a")) as ann,
        online(server.nodes[1], RepClient(token=server.reps[1].token, device="b")) as bob,
        online(server.nodes[1], VisitorClient(page=frames.Page(url="https://a.b/"))) as eve,
    ):
        reps = [ann, bob]
        for one in reps:
            await one.ask(one.client.availability("available"))
        await all_agree(server, reps, eve)
        await eve.ask(eve.client.request("Is anybody there?"))
        await ann.until(lambda: bool(ann.client.snapshot.offers))
        await all_agree(server, reps, eve)
        name = eve.client.conversation.id
        fence = (await ann.ask(ann.client.claim(name))).fence
        await all_agree(server, reps, eve)
        await ann.ask(ann.client.message(name, "Hello!", fence=fence))
        await eve.ask(eve.client.message(name, "What does it cost?"))
        eve.client.read(name, 4)
        await eve.hint()
        await all_agree(server, reps, eve)
        await ann.ask(ann.client.transfer(name, fence=fence, rep=server.reps[1].id, note="prices"))
        await all_agree(server, reps, eve)
        await bob.ask(bob.client.claim(name))
        await all_agree(server, reps, eve)
        await eve.ask(eve.client.close(name))
        await all_agree(server, reps, eve)
        await ann.ask(ann.client.availability("away"))
        await all_agree(server, reps, eve)
