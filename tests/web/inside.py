"""A whole node inside the test, on a real Redis and SQLite; its sockets end in memory."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import orjson

from frontdesk.app import Node
from frontdesk.hub.connection import Connection, Side
from frontdesk.hub.flush import Flush
from frontdesk.people.rep import RepIdentity
from frontdesk.people.roles import Role
from frontdesk.routing.decisions.decide import Candidate
from frontdesk.storage import tables
from frontdesk.storage.engine import Database
from frontdesk.wire.codec import Codec
from tests.web.node import SECONDS


class Transport:
    """Keeps the messages of unmasked text frames."""

    def __init__(self) -> None:
        self.said: list[Any] = []

    def get_write_buffer_size(self) -> int:
        return 0

    def write(self, data: bytes) -> None:
        while data:
            size, head = data[1], 2
            if size == 126:
                size, head = int.from_bytes(data[2:4]), 4
            elif size == 127:
                size, head = int.from_bytes(data[2:10]), 10
            found = orjson.loads(data[head : head + size])
            self.said += found if isinstance(found, list) else [found]
            data = data[head + size :]


class Ended:
    """The other end of a socket: tells the receiver that it is over, in its own turn."""

    def __init__(self, tell: Callable[[], None]) -> None:
        self._tell = tell

    def end(self, code: int, reason: str) -> None:
        del code, reason
        self._tell()

    def abort(self) -> None:
        self._tell()


class Tab:
    """A socket of a visitor or a rep."""

    def __init__(
        self, node: Node, flush: Flush, side: Side, identity: RepIdentity | None = None,
        *, address: str = "test", user_agent: str = "",
    ) -> None:  # fmt: skip
        self.transport = Transport()
        self._receiver = node.sides
        self.connection = Connection(
            side=side, codec=Codec.JSON, address=address, origin="", port=Ended(self._over),
            transport=cast(Any, self.transport), flush=flush, sweep=node.sweep,
            user_agent=user_agent,
        )  # fmt: skip
        self._number = 0
        self._receiver.opened(self.connection, identity)

    def _over(self) -> None:
        self._receiver.closed(self.connection)

    def send(self, kind: str, **fields: Any) -> int:
        """Says something. → the request's number"""
        self._number += 1
        message = {"type": kind, "id": self._number, **fields}
        self._receiver.received(self.connection, orjson.dumps(message))
        return self._number

    async def ask(self, kind: str, **fields: Any) -> Any:
        """The answer, whatever it is."""
        return await self.answer(self.send(kind, **fields))

    async def answer(self, number: int) -> Any:
        found = await until(lambda: [m for m in self.said if m.get("id") == number])
        return found[0]

    @property
    def said(self) -> list[Any]:
        """What the server has said so far."""
        return self.transport.said

    def of(self, kind: str) -> list[Any]:
        """What it has said of one kind."""
        return [message for message in self.said if message["type"] == kind]

    def breaks(self) -> None:
        """The connection is lost."""
        self.connection.over()
        self._over()


async def until(condition: Callable[[], Any]) -> Any:
    """What `condition` gives when it is true; fails when that takes too long."""
    async with asyncio.timeout(SECONDS):
        while not (found := condition()):
            await asyncio.sleep(0.005)
    return found


def identity(rep: str) -> RepIdentity:
    """Somebody who takes chats."""
    return RepIdentity(
        id=rep, email=f"{rep}@example.com", name=rep, picture="", role=Role.REP, groups=(),
        capacity=3, token_hash=f"sign-in-of-{rep}",
    )  # fmt: skip


async def hire(database: Database, *names: str) -> None:
    """They are in SQL, signed in as `identity` says; once a database."""
    always = {"created_at": 1, "last_seen_at": 1, "expires_at": 2**52}
    async with database.write() as connection:
        for name in names:
            row = {"id": name, "name": name, "email": f"{name}@example.com", "role": "rep",
                   "capacity": 3, "created_at": 1}  # fmt: skip
            await connection.execute(tables.rep.insert().values(**row))
            one = {"rep_id": name, "token_hash": identity(name).token_hash, **always}
            await connection.execute(tables.sign_in.insert().values(**one))


class Inside:
    """The node, and who is connected to it."""

    def __init__(self, node: Node, flush: Flush, reps: list[str]) -> None:
        self.node = node
        self._flush = flush
        node.deciding.view.replace(Candidate(rep, frozenset()) for rep in reps)

    async def visitor(self) -> Tab:
        """A visitor who has been welcomed."""
        tab = self.visitor_tab()
        welcome = await tab.ask("hello", page={"url": "https://shop.example/"})
        assert welcome["type"] == "welcome", welcome
        return tab

    def visitor_tab(self, *, address: str = "test", user_agent: str = "") -> Tab:
        """One who has said nothing yet."""
        return Tab(self.node, self._flush, "visitor", address=address, user_agent=user_agent)

    def rep_tab(self, rep: str) -> Tab:
        """One who has said nothing yet."""
        return Tab(self.node, self._flush, "rep", identity(rep))

    async def rep(self, rep: str, device: str = "") -> Tab:
        """A rep who is available."""
        tab = self.rep_tab(rep)
        welcome = await tab.ask("hello", device=device)
        assert welcome["type"] == "welcome", welcome
        await tab.ask("availability", state="available")
        return tab
