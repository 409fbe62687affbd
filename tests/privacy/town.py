"""A node with people on it, the worker's readers beside it, and a look at all that is stored."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import select

from frontdesk.app import Node
from frontdesk.bus.tell import tell_all
from frontdesk.clock import now_ms
from frontdesk.config import Settings
from frontdesk.conversations.archive import Archive
from frontdesk.conversations.store import Conversations
from frontdesk.events.relay import Relay
from frontdesk.events.stream import EventStream
from frontdesk.hub.flush import Flush
from frontdesk.privacy.erasing import Erasing
from frontdesk.privacy.live import Live
from frontdesk.privacy.persons import Persons
from frontdesk.storage.engine import Database
from frontdesk.storage.redis.keys import Keys
from frontdesk.storage.redis.link import Link
from frontdesk.storage.tables import metadata
from tests.web.inside import Inside, Tab, hire, until

ANN = "ann@lighthouse.example"


class Town:
    """`inside` has tabs; `relay` archives while `archiving`; `erasing` is the worker's."""

    def __init__(self, inside: Inside, database: Database, keys: Keys) -> None:
        self.inside = inside
        self.database = database
        self.link = inside.node.link
        self.keys = keys
        self.stream = EventStream(self.link, keys)
        self.archive = Archive(Conversations(self.link, keys, ""), "main")
        self.relay = Relay(database, self.stream, "archive", self.archive, trims=False)
        self.live = Live(self.link, keys)
        self.persons = Persons(database, "main", self.live)
        self.clock = 0
        self.erasing = self.worker()

    def worker(self) -> Erasing:
        """Another one, as after a restart."""

        async def tell(visitor: str) -> None:
            await tell_all(self.link, self.keys, "erased", visitor)

        return Erasing(
            self.database, self.live, "main", tell=tell, now=lambda: now_ms() + self.clock
        )

    @asynccontextmanager
    async def archiving(self) -> AsyncIterator[None]:
        """The archive goes on meanwhile."""
        reading = asyncio.create_task(self.relay.run())
        try:
            yield
        finally:
            reading.cancel()
            with suppress(asyncio.CancelledError):
                await reading

    async def archived(self) -> None:
        """Until everything that happened is in SQL."""
        while await self.relay.step():
            pass

    async def chat(
        self, *, fields: dict[str, Any] | None = None, says: str = "Hello", ends: bool = True
    ) -> Tab:
        """A visitor who talks with ann, the rep."""
        rep = await self.inside.rep("ann")
        visitor = await self.inside.visitor()
        if fields:
            await visitor.ask("identify", fields=fields)
        await self.talk(visitor, rep, says, ends=ends)
        rep.breaks()
        return visitor

    async def talk(self, visitor: Tab, rep: Tab, says: str, *, ends: bool = True) -> str:
        visitor.connection.data.asked_at = 0.0
        name: str = (await visitor.ask("request"))["conversation"]["id"]
        await until(lambda: [one for one in rep.of("offer") if one["conversation"] == name])
        fence = (await rep.ask("claim", conversation=name))["fence"]
        await visitor.ask("message", conversation=name, text=says, client_id="1")
        await rep.ask("message", conversation=name, text="Yes?", client_id="1", fence=fence)
        if ends:
            await visitor.ask("close", conversation=name)
        return name

    async def erased(self, who: str) -> str:
        """Asked for and done. → the erasure."""
        id = await self.persons.erase(None, who)
        async with self.archiving():
            await self.erasing.work()
        return id

    async def where(self, *texts: str) -> list[str]:
        """Every place in SQL and in Redis that holds one of these texts."""
        found = [
            f"{table.name}: {row}"
            for table in metadata.sorted_tables
            for row in await self._rows(table)
            if any(text in str(row) for text in texts)
        ]
        for name in await self.link.command(b"KEYS", b"*"):
            if not name.startswith((self.keys.meta.split("{")[0]).encode()):
                continue
            kept = f"{name.decode()} {await self._value(name)}"
            if any(text in kept for text in texts):
                found.append(kept)
        return found

    async def _rows(self, table: Any) -> list[Any]:
        async with self.database.read() as connection:
            return list((await connection.execute(select(table))).all())

    async def _value(self, name: bytes) -> str:
        kind = (await self.link.command(b"TYPE", name)).decode()
        how: dict[str, Callable[[], Awaitable[Any]]] = {
            "hash": lambda: self.link.command(b"HGETALL", name),
            "stream": lambda: self.link.command(b"XRANGE", name, b"-", b"+"),
            "set": lambda: self.link.command(b"SMEMBERS", name),
            "zset": lambda: self.link.command(b"ZRANGE", name, 0, -1),
            "string": lambda: self.link.command(b"GET", name),
        }
        return str(await how[kind]()) if kind in how else ""


@asynccontextmanager
async def town_on(
    database: Database, link: Link, redis_url: str, prefix: str, folder: Path
) -> AsyncIterator[Town]:
    """One node, the rep ann, and whoever comes."""
    settings = Settings(
        redis_url=redis_url, redis_prefix=prefix, data=folder, secret_key="k" * 40,
        requests_per_visitor=60, requests_per_address=600,
    )  # fmt: skip
    keys = Keys(prefix, "main")
    await link.command(b"HSET", keys.meta, b"quiet_until", b"0")
    await hire(database, "ann")
    node = Node(settings, link, database, index=0)
    async with node.running():
        await until(lambda: node.inbox.up)
        yield Town(Inside(node, Flush(asyncio.get_running_loop()), ["ann"]), database, keys)
