"""A socket without a browser: for visitors that only have to be there, and for tidying up."""

import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from tests.browser.desk import PATIENCE, Desk

Frame = dict[str, Any]


class Line:
    """Asks one thing at a time and keeps what is pushed meanwhile."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self.pushes: list[Frame] = []

    async def ask(self, kind: str, **fields: Any) -> Frame:
        """The answer: `ok`, `welcome` or `error`."""
        number = next(self._numbers)
        await self.tell(kind, id=number, **fields)
        while True:
            answers = [one for one in await self._next() if one.get("id") == number]
            if answers:
                return answers[0]

    async def tell(self, kind: str, **fields: Any) -> None:
        await self._socket.send(json.dumps({"type": kind, **fields}))

    async def until(self, kind: str, **fields: Any) -> Frame:
        """The first push like this, also of those that came before."""
        while True:
            for push in self.pushes:
                if push["type"] == kind and fields.items() <= push.items():
                    return push
            await self._next()

    async def _next(self) -> list[Frame]:
        found = json.loads(await self._socket.recv())
        frames = found if isinstance(found, list) else [found]
        self.pushes += [one for one in frames if "id" not in one or one["type"] == "message"]
        return frames


@asynccontextmanager
async def visitor_line(desk: Desk) -> AsyncIterator[Line]:
    async with _line(desk, "/v1/visitor", "") as line:
        yield line


@asynccontextmanager
async def rep_line(desk: Desk, cookie: str) -> AsyncIterator[Line]:
    """`cookie` is the sign-in, as `name=value`."""
    async with _line(desk, "/v1/rep", cookie) as line:
        yield line


@asynccontextmanager
async def _line(desk: Desk, path: str, cookie: str) -> AsyncIterator[Line]:
    async with connect(
        desk.websockets + path, subprotocols=[Subprotocol("frontdesk.v1.json")], proxy=None,
        compression=None, open_timeout=PATIENCE, close_timeout=1, max_size=None,
        origin=Origin(desk.url), additional_headers={"Cookie": cookie} if cookie else None,
    ) as socket:  # fmt: skip
        yield Line(socket)


async def leaves_nothing(desk: Desk, token: str) -> None:
    """Ends what this visitor has open."""
    async with visitor_line(desk) as line:
        welcome = await line.ask("hello", token=token)
        conversation = welcome.get("conversation")
        if conversation and conversation["state"] in {"requested", "active"}:
            await line.ask("close", conversation=conversation["id"])


async def goes_home(desk: Desk, cookie: str) -> None:
    """Sets this rep away and ends what they hold."""
    async with rep_line(desk, cookie) as line:
        welcome = await line.ask("hello", device="tidy")
        await line.ask("availability", state="away")
        for one in welcome["snapshot"].get("conversations", []):
            await line.ask("close", conversation=one["id"], fence=one.get("fence"))
