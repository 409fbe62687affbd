"""Timers: one ZSET on the desk clock; every node peeks, the item's own verb decides (R, section 4).

No leader: two nodes doing the same item is harmless, the second gets `stale`.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog

from frontdesk.errors import FrontdeskError
from frontdesk.storage.redis.keys import Keys
from frontdesk.storage.redis.link import Link
from frontdesk.storage.redis.script import load

_LUA = Path(__file__).parent / "lua"
PEEK = load(_LUA / "peek.lua")
SETTLE = load(_LUA / "settle.lua")

LONGEST_SLEEP = 0.5
"""Seconds between two looks: the desk clock must advance at least each 2 s."""

AT_ONCE = 500
"""Due items of one look."""

Handler = Callable[[str, str], Awaitable[None]]
log = structlog.get_logger("timers")


class Timers:
    """Peeks, and hands each due item `kind:id` with its deadline to the kind's handler.

    `index` is the node's number: node k looks k × 20 ms later, so that normally one does the work.
    """

    def __init__(self, link: Link, keys: Keys, *, index: int = 0) -> None:
        self._link = link
        self._keys = keys
        self._late = index * 0.02
        self._handlers: dict[str, Handler] = {}
        self._soon = asyncio.Event()
        self.on_dead_node: Callable[[str], Awaitable[None]] | None = None

    def handle(self, kind: str, handler: Handler) -> None:
        """`handler(id, deadline)` is called for each due item of this kind."""
        self._handlers[kind] = handler

    def soon(self) -> None:
        """Something may be due now: look without waiting."""
        self._soon.set()

    async def settle(self, item: str, deadline: str) -> None:
        """The item was worked off, unless it was asked for anew."""
        await self._link.call(SETTLE, (self._keys.due,), (item, deadline))

    async def run(self) -> None:
        """For ever; trouble with Redis is waited out."""
        while True:
            pause = LONGEST_SLEEP
            try:
                pause = await self._look()
            except FrontdeskError as error:
                log.warning("timers wait", code=error.code)
            await self._sleep(pause)

    async def _sleep(self, pause: float) -> None:
        try:
            jitter = random.uniform(0, 0.01)  # noqa: S311 - spreads load, guards nothing
            async with asyncio.timeout(pause + self._late + jitter):
                await self._soon.wait()
        except TimeoutError:
            pass
        self._soon.clear()

    async def _look(self) -> float:
        """One look; returns the seconds until the next is needed."""
        reply = await self._link.call(PEEK, (self._keys.due, self._keys.nodes), (AT_ONCE,))
        items, upcoming, now, dead = reply[1:5]
        for i in range(0, len(items), 2):
            await self._work(items[i].decode(), items[i + 1].decode())
        for node in dead:
            await self._dead(node.decode())
        if len(items) == 2 * AT_ONCE:
            return 0.0
        if upcoming < 0:
            return LONGEST_SLEEP
        return float(max(0.001, min(LONGEST_SLEEP, (upcoming - now) / 1000)))

    async def _work(self, item: str, deadline: str) -> None:
        kind, _, subject = item.partition(":")
        handler = self._handlers.get(kind)
        if handler is None:
            return  # a later version's kind: its nodes will do it (rolling upgrade)
        try:
            await handler(subject, deadline)
        except FrontdeskError as error:
            log.warning("timer waits", item=item, code=error.code)
        except Exception:
            # One bad item must not stop all timers; it stays due and is named each time.
            log.exception("timer failed", item=item)

    async def _dead(self, node: str) -> None:
        if self.on_dead_node:
            try:
                await self.on_dead_node(node)
            except FrontdeskError as error:
                log.warning("takeover waits", node=node, code=error.code)
