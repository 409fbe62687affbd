"""Finds any conversation that nobody can see or own, names it, and puts it right (CH-7)."""

import asyncio
from pathlib import Path

import structlog

from frontdesk.errors import FrontdeskError
from frontdesk.storage.redis.keys import Keys
from frontdesk.storage.redis.link import Link
from frontdesk.storage.redis.script import load
from frontdesk.telemetry import Counter

WATCH = load(Path(__file__).parent / "lua" / "watch.lua")
EVERY = 10.0
MENDED = Counter("mended", "Open conversations that nobody could see or own, put right (CH-7).")
log = structlog.get_logger("watchdog")


class Watchdog:
    """Looks at every open conversation; each is checked and mended in one step."""

    def __init__(self, link: Link, keys: Keys) -> None:
        self._link = link
        self._keys = keys

    async def run(self) -> None:
        """Every ten seconds."""
        while True:
            try:
                await self.look()
            except FrontdeskError as error:
                log.warning("watching waits", code=error.code)
            await asyncio.sleep(EVERY)

    async def look(self) -> dict[str, str]:
        """Once. → conversation → what was wrong with it."""
        flat = await self._link.command(b"HGETALL", self._keys.open)
        found = {}
        for i in range(0, len(flat), 2):
            visitor, conversation = flat[i].decode(), flat[i + 1].decode()
            wrong = await self._check(visitor, conversation)
            if wrong:
                found[conversation] = wrong
                MENDED.add()
                log.error("conversation mended", conversation=conversation, wrong=wrong)
        return found

    async def _check(self, visitor: str, conversation: str) -> str:
        k = self._keys
        c = k.conversation(conversation).c
        holder = await self._link.command(b"HGET", c, b"rep") or b""
        reply = await self._link.call(
            WATCH,
            (k.ev, c, k.due, k.held(holder.decode()), k.queue, k.open, k.reps,
             k.silent),
            (conversation, holder, visitor),
        )  # fmt: skip
        return reply[1].decode() if reply[0] == b"mended" else ""
