"""A visitor's session in Redis (VS-1): found again by its visitor, renewed by what they do."""

from dataclasses import dataclass
from pathlib import Path

from frontdesk import ids
from frontdesk.storage.redis.keys import Keys
from frontdesk.storage.redis.link import Link
from frontdesk.storage.redis.script import load

VISIT = load(Path(__file__).parent / "lua" / "visit.lua")


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit. `began` in ms since 1970; `pages` seen in it; `sessions` so far, this included.
    `page` and `about` are JSON, b'' if never told.
    """

    session: str
    began: int
    pages: int
    fresh: bool
    sessions: int
    page: bytes
    about: bytes


class Visitors:
    """Sessions of visitors, spread over 64 slots."""

    def __init__(self, link: Link, keys: Keys, node: str, *, idle_ms: int, gone_ms: int) -> None:
        self._link = link
        self._keys = keys
        self._node = node
        self._idle_ms = idle_ms
        self._gone_ms = gone_ms

    async def visit(
        self, visitor: str, *, page: bytes = b"", about: bytes = b"", tab: int = 0
    ) -> Visit:
        """The visitor is here, on `page`. `tab`: 1 a socket opened, -1 one closed, 0 neither."""
        reply = await self._link.command(
            b"EVALSHA", VISIT.sha, 1, self._keys.visitor(visitor),
            ids.new("s"), self._idle_ms, self._gone_ms, page, about, self._idle_ms * 2, tab,
            self._node,
        )  # fmt: skip
        return Visit(
            reply[0].decode(), reply[1], reply[2], bool(reply[3]), reply[4], reply[5], reply[6]
        )
