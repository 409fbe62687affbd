"""Timers: one ZSET on the desk clock; every node peeks, the item's own verb decides (R, section 4).

No leader: two nodes doing the same item is harmless, the second gets `stale`. Items are worked off
beside each other, each once at a time; what may take long has places of its own, so that no ring
goes on ringing because a thousand requests are being looked through for somebody.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

import structlog

from frontdesk.errors import FrontdeskError
from frontdesk.storage.redis.keys import Keys
from frontdesk.storage.redis.link import Link
from frontdesk.storage.redis.script import load
from frontdesk.telemetry import Spread

_LUA = Path(__file__).parent / "lua"
PEEK = load(_LUA / "peek.lua")
SETTLE = load(_LUA / "settle.lua")

LONGEST_SLEEP, SHORTEST_SLEEP = 0.5, 0.001
"""Seconds between two looks: the desk clock must advance at least each 2 s."""

AT_ONCE = 500
"""Due items of one look."""

QUICK, SLOW = 32, 4
"""Items worked on at once by a node: those of one script or two, and those that may take long."""
MOST_BEGUN = 10_000
"""Items begun and not done, most of them waiting for a place: more are left to later looks."""

ABOUT = {"device": "device", "drain": "rep", "orphans": "rep"}
"""What an item's id is; of all other kinds a conversation."""
LATE = Spread("timer_late_seconds", "How late timers are begun, by the desk clock.")
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
        self._places: dict[str, asyncio.Semaphore] = {}
        self._quick, self._slow = asyncio.Semaphore(QUICK), asyncio.Semaphore(SLOW)
        self._begun: dict[str, asyncio.Task[None]] = {}
        self._soon = asyncio.Event()
        self.on_dead_node: Callable[[str], Awaitable[None]] | None = None

    def handle(self, kind: str, handler: Handler, *, slow: bool = False) -> None:
        """`handler(id, deadline)` is called for each due item of this kind, also beside itself.
        `slow`: it may take many calls.
        """
        self._handlers[kind] = handler
        self._places[kind] = self._slow if slow else self._quick

    def soon(self) -> None:
        """Something may be due now: look without waiting."""
        self._soon.set()

    async def settle(self, item: str, deadline: str) -> None:
        """The item was worked off, unless it was asked for anew."""
        await self._link.call(SETTLE, (self._keys.due,), (item, deadline))

    async def run(self) -> None:
        """For ever; trouble with Redis is waited out."""
        try:
            while True:
                pause = LONGEST_SLEEP
                try:
                    pause = await self._look()
                except FrontdeskError as error:
                    log.warning("timers wait", code=error.code)
                await self._sleep(pause)
        finally:
            for task in list(self._begun.values()):
                task.cancel()

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
        most = AT_ONCE + len(self._begun)  # those stay due until they are done
        reply = await self._link.call(PEEK, (self._keys.due, self._keys.nodes), (most,))
        items, upcoming, now, dead = reply[1:5]
        for i in range(0, len(items), 2):
            self._begin(items[i].decode(), items[i + 1].decode(), now)
        for node in dead:
            self._begin_task(f" {node.decode()}", self._dead(node.decode()))
        if len(items) == 2 * most:
            return SHORTEST_SLEEP
        if upcoming < 0:
            return LONGEST_SLEEP
        return float(max(SHORTEST_SLEEP, min(LONGEST_SLEEP, (upcoming - now) / 1000)))

    def _begin(self, item: str, deadline: str, now: int) -> None:
        if item not in self._begun and len(self._begun) < MOST_BEGUN:
            LATE.observe((now - float(deadline)) / 1000)
            self._begin_task(item, self._work(item, deadline))

    def _begin_task(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        if name in self._begun:
            work.close()
            return
        task = self._begun[name] = asyncio.create_task(work)
        task.add_done_callback(lambda _task: self._begun.pop(name))

    async def _work(self, item: str, deadline: str) -> None:
        kind, _, subject = item.partition(":")
        handler = self._handlers.get(kind)
        if handler is None:
            return  # a later version's kind: its nodes will do it (rolling upgrade)
        try:
            async with self._places[kind]:
                await handler(subject, deadline)
        except FrontdeskError as error:
            log.warning("timer waits", item=item, code=error.code, **_about(kind, subject))
        except Exception:
            # One bad item must not stop all timers; it stays due and is named each time.
            log.exception("timer failed", item=item, **_about(kind, subject))

    async def _dead(self, node: str) -> None:
        if self.on_dead_node:
            try:
                await self.on_dead_node(node)
            except FrontdeskError as error:
                log.warning("takeover waits", node=node, code=error.code)
            except Exception:
                log.exception("takeover failed", node=node)


def _about(kind: str, subject: str) -> dict[str, str]:
    """What a line of the log says of an item."""
    return {ABOUT.get(kind, "conversation"): subject}
