"""A visitor's session in Redis (VS-1): found again by its visitor, renewed by what they do.

What outlasts the record in Redis, which is kept for two idle times, is recalled from SQL.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import func, select

from frontdesk import ids
from frontdesk.errors import FrontdeskError
from frontdesk.storage.engine import Database
from frontdesk.storage.redis.keys import Keys
from frontdesk.storage.redis.link import Link
from frontdesk.storage.redis.script import load
from frontdesk.storage.tables import conversation
from frontdesk.visitors.arrival import NOWHERE, Arrival

_LUA = Path(__file__).parent / "lua"
VISIT = load(_LUA / "visit.lua")
KEEP = load(_LUA / "keep.lua")
GONE = load(_LUA / "gone.lua")
ERASE_VISIT = load(_LUA / "erase_visit.lua")

BATCH = 500
"""Visitors of a dead node that are gone at a time."""


ERASED_MS = 400 * 24 * 60 * 60 * 1000
"""As long as a visitor's token may live: until then it must not bring them back."""


class Erased(FrontdeskError):
    """This visitor's data were erased: they are known no more (OP-5)."""

    def __init__(self) -> None:
        super().__init__("unauthorized", "This visitor is not known any more. Connect again.")


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit. `began` in ms since 1970; `pages` seen in it; `sessions` so far, this included.
    `page`, `about`, `landing`, `campaign` are JSON, b'' if never told. `conversations`: ever begun,
    as far as remembered. `remembered`: there was something left of earlier visits. `rule`: decides
    who sees them (RT-10), b'' if nothing has.
    """

    session: str
    began: int
    pages: int
    fresh: bool
    sessions: int
    page: bytes
    about: bytes
    landing: bytes
    campaign: bytes
    conversations: int
    remembered: bool
    rule: bytes


class Visitors:
    """Sessions of visitors, spread over 64 slots."""

    def __init__(self, link: Link, keys: Keys, node: str, *, idle_ms: int, gone_ms: int) -> None:
        self._link = link
        self._keys = keys
        self._node = node
        self._idle_ms = idle_ms
        self._gone_ms = gone_ms

    async def visit(
        self,
        visitor: str,
        *,
        page: bytes = b"",
        arrival: Arrival = NOWHERE,
        here: bool = False,
        known: bool = False,
    ) -> Visit:
        """The visitor does something, on `page`. `here`: they have a socket on this node.
        `known`: they showed a token, so that they are not here for the first time. Raises Erased.
        """
        keys = (self._keys.visitor(visitor), self._keys.visitors_at(self._node, visitor))
        reply = await self._link.command(
            b"EVALSHA", VISIT.sha, 2, *keys,
            ids.new("s"), self._idle_ms, self._gone_ms, page, self._idle_ms * 2, int(here),
            self._node, arrival.landing, arrival.campaign, int(known), visitor,
        )  # fmt: skip
        if reply[0] == b"erased":
            raise Erased
        session, began, pages, fresh, sessions, *rest = reply
        seen, about, landing, campaign, conversations, remembered, rule = rest
        return Visit(
            session.decode(), began, pages, bool(fresh), sessions, seen, about, landing, campaign,
            conversations, bool(remembered), rule,
        )  # fmt: skip

    async def gone(self, visitor: str, node: str = "") -> None:
        """They have no socket on this node any more, or on one that died."""
        node = node or self._node
        keys = (self._keys.visitor(visitor), self._keys.visitors_at(node, visitor))
        await self._link.command(b"EVALSHA", GONE.sha, 2, *keys, visitor, node)

    async def erase(self, visitor: str) -> None:
        """Nothing is known of them any more, whoever shows their token (OP-5)."""
        key = self._keys.visitor(visitor)
        reply = await self._link.command(b"EVALSHA", ERASE_VISIT.sha, 1, key, ERASED_MS)
        for node in reply[1].decode().split():
            here = self._keys.visitors_at(node, visitor)
            await self._link.command(b"SREM", here, visitor)

    async def erased(self, visitors: Sequence[str]) -> set[str]:
        """Which of them were erased."""
        found: set[str] = set()
        for begin in range(0, len(visitors), BATCH):
            some = visitors[begin : begin + BATCH]
            marks = (self._link.command(b"HEXISTS", self._keys.visitor(v), b"erased") for v in some)
            for visitor, mark in zip(some, await asyncio.gather(*marks), strict=True):
                found.update([visitor] if mark else [])
        return found

    async def node_died(self, node: str) -> None:
        """Whoever was on this node is gone, unless they are on another one, too (PR-3, R3.4)."""
        sets = self._keys.all_visitors_at(node)
        found = await asyncio.gather(*(self._link.command(b"SMEMBERS", name) for name in sets))
        visitors = [raw.decode() for names in found for raw in names]
        for begin in range(0, len(visitors), BATCH):
            some = visitors[begin : begin + BATCH]
            await asyncio.gather(*(self.gone(visitor, node) for visitor in some))

    async def asked(self, visitor: str) -> list[str]:
        """They asked for a person: one conversation more. → the other nodes with a socket of
        theirs, as far as is known.
        """
        reply = await self._keep(visitor, b"", b"", 1, "", "")
        nodes = reply[1].decode().split() if reply[0] == b"ok" else []
        return [node for node in nodes if node != self._node]

    async def elsewhere(self, visitor: str) -> list[str]:
        """The other nodes that they have a socket on."""
        nodes = await self._link.command(b"HGET", self._keys.visitor(visitor), b"nodes")
        return [node for node in (nodes or b"").decode().split() if node != self._node]

    async def known(self, visitor: str) -> bytes:
        """What is known of the person (JSON), b'' if nothing is."""
        return bytes(
            await self._link.command(b"HGET", self._keys.visitor(visitor), b"about") or b""
        )

    async def keep(
        self,
        visitor: str,
        before: bytes,
        about: bytes,
        *,
        conversations: int = 0,
        session: str = "",
        rule: str | None = None,
    ) -> bytes | None:
        """`about` (JSON) is known from now on, where `before` was. None: done; else nothing was
        written, and this is what is known meanwhile. `conversations` are added, which is no more
        than a hint: one whose answer was lost may be missing. `rule` is that of `session`, ''
        where there is only the default one.
        """
        ruled = "" if rule is None else rule or "-"
        reply = await self._keep(visitor, before, about, conversations, session, ruled)
        return bytes(reply[1]) if reply[0] == b"changed" and reply[1] != about else None

    async def _keep(
        self, visitor: str, before: bytes, about: bytes, *rest: int | str
    ) -> list[bytes]:
        key = self._keys.visitor(visitor)
        reply = await self._link.command(b"EVALSHA", KEEP.sha, 1, key, before, about, *rest)
        if reply[0] == b"gone":  # nothing was heard of them for two idle times
            await self.visit(visitor, known=True)
            reply = await self._link.command(b"EVALSHA", KEEP.sha, 1, key, b"", about, *rest)
        return list(reply)


class Recalled(NamedTuple):
    """What SQL knows of a visitor: `about` of their newest conversation, and how many they had."""

    about: dict[str, Any]
    conversations: int


class Archive:
    """Earlier visits, as far as they led to a conversation."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def recall(self, visitor: str) -> Recalled | None:
        """None: they never had a conversation."""
        mine = conversation.c.visitor_id == visitor
        newest = select(conversation.c.about).where(mine)
        newest = newest.order_by(conversation.c.requested_at.desc()).limit(1)
        async with self._database.read() as connection:
            count = await connection.scalar(select(func.count()).where(mine))
            if not count:
                return None
            return Recalled(await connection.scalar(newest) or {}, count)
