"""Simulations of recorded requests or a CSV of samples (RT-13): asked of a node, run by the worker.

A node that dies or is replaced takes none with it, and none slows a node's chats.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import structlog
from msgspec import Struct

from frontdesk import ids
from frontdesk.clock import NowMs, now_ms
from frontdesk.errors import FrontdeskError
from frontdesk.people.refusals import unknown
from frontdesk.people.rep import RepIdentity
from frontdesk.people.store.audit import record
from frontdesk.routing.store import simulations as store
from frontdesk.routing.store.simulations import Document, Simulation
from frontdesk.storage.engine import Database

log = structlog.get_logger("simulations")

EVERY = 1.0
SILENT_MS = 60_000
"""A worker that said nothing for so long has died: another begins anew."""
KEEP_MS = 24 * 60 * 60 * 1000
MOST = 20
"""Waiting at a time: each takes up to half a minute."""


class Request(Struct, frozen=True):
    """What to simulate: `rules`, a document, against the `base` version (a document, too), over
    the last `days`, or over `samples`, a CSV text.
    """

    rules: Document
    base: Document
    days: int = 0
    samples: str = ""


class Simulate(Protocol):
    """Runs a simulation and returns its result as JSON; says how far it is now and then."""

    async def __call__(
        self, request: Request, progress: Callable[[int, int], Awaitable[None]]
    ) -> dict[str, Any]: ...


class Simulations:
    """Those of one desk: asked for, looked at."""

    def __init__(self, database: Database, desk: str, *, now: NowMs = now_ms) -> None:
        self._database = database
        self._desk = desk
        self._now = now

    async def add(self, who: RepIdentity, request: Request) -> str:
        """Return its id. Raises overloaded."""
        id, now = ids.new("sim_"), self._now()
        document = {name: getattr(request, name) for name in request.__struct_fields__}
        async with self._database.write() as connection:
            await store.delete_old(connection, now - KEEP_MS)
            if await store.unfinished(connection, self._desk) >= MOST:
                raise FrontdeskError("overloaded", "Many simulations wait already. Try later.")
            await store.add(connection, self._desk, id, document, by=who.id, at=now)
            await record(connection, now, who.id, "routing.simulated", id, days=request.days)
        return id

    async def one(self, id: str) -> Simulation:
        """Raises not_found; they are kept for a day."""
        async with self._database.read() as connection:
            found = await store.one(connection, self._desk, id)
        if found is None:
            raise unknown("simulation")
        return found


class Simulator:
    """The worker's side: takes one after the other."""

    def __init__(
        self, database: Database, desk: str, simulate: Simulate, *, now: NowMs = now_ms
    ) -> None:
        self._database = database
        self._desk = desk
        self._simulate = simulate
        self._now = now

    async def run(self) -> None:
        """Looks each second."""
        while True:
            try:
                worked = await self.work()
            except Exception:
                log.exception("simulations wait")
                worked = False
            if not worked:
                await asyncio.sleep(EVERY)

    async def work(self) -> bool:
        """Run the next one, if there is one."""
        now = self._now()
        async with self._database.read() as connection:  # nearly always there is nothing to do
            if not await store.unfinished(connection, self._desk):
                return False
        async with self._database.write() as connection:
            taken = await store.take(connection, self._desk, now=now, silent_since=now - SILENT_MS)
        if taken is None:
            return False
        id, document = taken
        state, result = await self._result(id, Request(**document))
        async with self._database.write() as connection:
            await store.finish(connection, id, state, result, now=self._now())
        return True

    async def _result(self, id: str, request: Request) -> tuple[str, Document]:
        async def progress(done: int, of: int) -> None:
            async with self._database.write() as connection:
                await store.progress(connection, id, done=done, of=of, now=self._now())

        try:
            return "done", await self._simulate(request, progress)
        except FrontdeskError as error:
            return "failed", {"message": error.message}
        except Exception:
            log.exception("a simulation failed", id=id)
            return "failed", {"message": "Something went wrong; the worker's log has it."}
