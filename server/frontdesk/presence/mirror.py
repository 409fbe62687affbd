"""This node's copy of everyone's presence: what decisions are made on, checked by the scripts."""

from collections.abc import Callable, Collection
from dataclasses import replace

from frontdesk.presence.status import RepStatus
from frontdesk.presence.store import Presence


class Mirror:
    """Rep id → status. A notice refreshes one rep; a changed revision refreshes all."""

    def __init__(self, presence: Presence) -> None:
        self._presence = presence
        self.reps: dict[str, RepStatus] = {}
        self.chosen: dict[str, RepStatus] = {}
        """What each rep chose last. Outlives what Redis knows: a Redis that lost its disk calls
        every rep new, and may have been read before their tabs are up again."""
        self.revision = -1
        self.on_change: Callable[[str, RepStatus], None] = lambda _rep, _status: None
        """Somebody's status is another; of who isn't known any more, that they are offline."""

    async def refresh(self, revision: int) -> None:
        """Reads everyone again, and reports those who changed."""
        everyone = await self._presence.everyone()
        self.revision = revision
        for rep, status in everyone.items():
            self.learn(rep, status)
        for rep in self.reps.keys() - everyone.keys():
            self.on_change(rep, replace(self.reps.pop(rep), load=0, devices=()))

    async def refresh_one(self, rep: str) -> None:
        """Reads one rep again."""
        status = await self._presence.one(rep)
        if status:
            self.learn(rep, status)

    def learn(self, rep: str, status: RepStatus) -> None:
        """Takes over a status that a script has just returned."""
        if self.reps.get(rep) != status:
            self.reps[rep] = status
            if status.cause != "new":
                self.chosen[rep] = status
            self.on_change(rep, status)

    def desk_state(self, off: Collection[str] = ()) -> str:
        """What a visitor may be told: available, busy, or away. `off` are outside their hours."""
        states = {status.eligibility for rep, status in self.reps.items() if rep not in off}
        if "eligible" in states:
            return "available"
        return "busy" if "full" in states else "away"
