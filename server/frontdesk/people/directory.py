"""This node's copy of who the reps are: read from SQL, swapped whole, read again when told."""

from collections.abc import Callable
from typing import Any

from frontdesk.bus.rereading import Rereading
from frontdesk.people.rep import Rep
from frontdesk.people.roles import RIGHTS, Right
from frontdesk.people.store.reps import all_reps
from frontdesk.storage.engine import Database


class Directory:
    """Reps by id. `person` is what others see of one, ready for the wire."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reps: dict[str, Rep] = {}
        self._people: dict[str, dict[str, Any]] = {}
        self._takers: tuple[Rep, ...] = ()
        self._rereading = Rereading("people", self.refresh)
        self.on_change: Callable[[], None] = lambda: None

    def person(self, rep: str) -> dict[str, Any]:
        """The wire's Person; an unknown one is shown as somebody who left."""
        return self._people.get(rep) or {"id": rep, "name": "A former colleague"}

    def rep(self, rep: str) -> Rep | None:
        """A rep by id."""
        return self._reps.get(rep)

    def takers(self) -> tuple[Rep, ...]:
        """The active reps whose role takes chats, by id."""
        return self._takers

    async def meet(self, rep: str) -> None:
        """Reads everybody again if this one isn't known here: who has just joined is faster than
        the news of it.
        """
        if rep not in self._reps:
            await self.refresh()

    async def refresh(self) -> None:
        """Reads everybody again."""
        async with self._database.read() as connection:
            reps = await all_reps(connection)
        fresh = {rep.id: rep for rep in reps}
        if fresh == self._reps:
            return
        self._reps = fresh
        self._people = {rep.id: _person(rep) for rep in reps}
        takers = (rep for rep in reps if rep.active and Right.TAKE_CHATS in RIGHTS[rep.role])
        self._takers = tuple(sorted(takers, key=lambda rep: rep.id))
        self.on_change()

    def soon(self) -> None:
        """Somebody changed: read again now."""
        self._rereading.soon()

    async def run(self) -> None:
        """Reads again when told, and now and then."""
        await self._rereading.run()


def _person(rep: Rep) -> dict[str, Any]:
    person = {"id": rep.id, "name": rep.name}
    if rep.picture:
        person["picture"] = rep.picture
    return person
