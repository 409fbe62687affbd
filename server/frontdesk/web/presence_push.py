"""Presence on its way to consoles and to visitors: coalesced, so that a busy desk stays quiet."""

import asyncio
from collections.abc import Callable
from typing import Any

import orjson

from frontdesk.hub.connection import Connection
from frontdesk.hub.roster import Roster
from frontdesk.presence.mirror import Mirror
from frontdesk.presence.status import RepStatus
from frontdesk.wire.codec import Outgoing
from frontdesk.wire.times import stamp

EVERY = 0.1
"""Seconds: presence of one rep is told at most this often (architecture.md, "Speed")."""
CHUNK = 500
"""Visitors told at a time when the desk opens or closes; the loop serves others in between."""


def told_availability(status: RepStatus) -> dict[str, str]:
    """Who is idle is away for that cause, until a device of theirs is used."""
    if status.availability == "idle":
        return {"availability": "away", "cause": "idle"}
    return {"availability": status.availability, "cause": status.cause}


def told_hours(*, off: bool) -> dict[str, bool]:
    """Said only of who is outside their working hours (PR-1)."""
    return {"off_hours": True} if off else {}


def presence_json(person: dict[str, Any], status: RepStatus, *, off: bool) -> bytes:
    """The wire's `presence`; `off`: outside their working hours."""
    return orjson.dumps(
        {
            "type": "presence",
            "rep": person,
            **told_availability(status),
            "online": status.online,
            "load": status.load,
            "capacity": status.capacity,
            "since": stamp(status.since),
            **told_hours(off=off),
        }
    )


class PresencePush:
    """Tells every console of this node whose presence changed, and visitors when the desk's did."""

    def __init__(
        self,
        mirror: Mirror,
        reps: Roster,
        visitors: Roster,
        person_of: Callable[[str], dict[str, Any]],
        desk: Callable[[], dict[str, Any]],
        off: Callable[[], frozenset[str]],
    ) -> None:
        self._mirror = mirror
        self._reps = reps
        self._visitors = visitors
        self._person_of = person_of
        self._desk = desk
        self._off = off
        self._changed: dict[str, RepStatus] = {}
        self._told = ""
        self._task: asyncio.Task[None] | None = None

    def changed(self, rep: str, status: RepStatus) -> None:
        """Of one rep; told within EVERY seconds."""
        if not self._changed:
            asyncio.get_running_loop().call_later(EVERY, self._tell)
        self._changed[rep] = status

    def hours_changed(self, rep: str) -> None:
        """Their working hours began or ended; who was never here has no presence to tell."""
        status = self._mirror.reps.get(rep)
        if status is not None:
            self.changed(rep, status)

    def _tell(self) -> None:
        changed, self._changed = self._changed, {}
        consoles, off = self._reps.everyone(), self._off()
        for rep, status in changed.items():
            out = Outgoing.json(presence_json(self._person_of(rep), status, off=rep in off))
            for connection in consoles:
                connection.push(out, replaceable_key=("presence", rep))
        self._tell_visitors()

    def _tell_visitors(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._until_told())

    async def _until_told(self) -> None:
        """Again, if the desk's state became another one while thousands were told."""
        while (state := self._mirror.desk_state(self._off())) != self._told:
            self._told = state
            await self._broadcast(self._visitors.everyone())

    async def _broadcast(self, visitors: list[Connection]) -> None:
        out = Outgoing.json(orjson.dumps({"type": "desk", "desk": self._desk()}))
        for begin in range(0, len(visitors), CHUNK):
            for connection in visitors[begin : begin + CHUNK]:
                connection.push(out, replaceable_key="desk")
            await asyncio.sleep(0)
