"""Groups of reps: what rules and transfers name (US-1, RT-3)."""

from collections.abc import Sequence

from frontdesk import ids
from frontdesk.clock import NowMs
from frontdesk.people.notices import Notices
from frontdesk.people.refusals import forbidden, unknown
from frontdesk.people.rep import Group, Rep, RepIdentity, clean_name
from frontdesk.people.roles import Right
from frontdesk.people.store import reps
from frontdesk.people.store.audit import SYSTEM, record
from frontdesk.storage.engine import Connection, Database


class Groups:
    """All groups. Changing one needs the right to manage the team."""

    def __init__(self, database: Database, notices: Notices, *, now: NowMs) -> None:
        self._database = database
        self._notices = notices
        self._now = now

    async def all(self) -> list[Group]:
        async with self._database.read() as connection:
            return await reps.all_groups(connection)

    async def add(self, who: RepIdentity | None, name: str, members: Sequence[str] = ()) -> Group:
        """Add a group; `who` is None for the command line. Raises conflict if the name is taken."""
        _check(who)
        new = Group(ids.new("g"), clean_name(name), tuple(sorted(set(members))))
        async with self._database.write() as connection:
            added = await self._put(connection, who, new, None)
        await self._tell(set(added.members))
        return added

    async def change(
        self,
        who: RepIdentity,
        id: str,
        *,
        name: str | None = None,
        members: Sequence[str] | None = None,
    ) -> Group:
        """Rename a group, or make these its members, or both."""
        _check(who)
        async with self._database.write() as connection:
            before = await reps.group_by_id(connection, id)
            if before is None:
                raise unknown("group")
            wanted = Group(
                id,
                before.name if name is None else clean_name(name),
                before.members if members is None else tuple(members),
            )
            after = await self._put(connection, who, wanted, before)
        await self._tell(set(after.members) ^ set(before.members))
        return after

    async def remove(self, who: RepIdentity, id: str) -> None:
        _check(who)
        async with self._database.write() as connection:
            before = await reps.group_by_id(connection, id)
            if before is None:
                raise unknown("group")
            await reps.delete_group(connection, id)
            await record(connection, self._now(), who.id, "group.removed", id, name=before.name)
        await self._tell(set(before.members))

    async def _put(
        self, connection: Connection, who: RepIdentity | None, group: Group, before: Group | None
    ) -> Group:
        await reps.put_group(connection, group, new=before is None)
        after = await reps.group_by_id(connection, group.id) or group
        by, what = who.id if who else SYSTEM, "group.changed" if before else "group.added"
        await record(
            connection, self._now(), by, what, group.id, name=after.name, members=after.members
        )
        return after

    async def _tell(self, changed: set[str]) -> None:
        if not changed:
            return
        async with self._database.read() as connection:
            everyone = await reps.all_reps(connection)
        for rep in _only(everyone, changed):
            await self._notices.changed(rep)


def _only(everyone: list[Rep], wanted: set[str]) -> list[Rep]:
    return [rep for rep in everyone if rep.id in wanted]


def _check(who: RepIdentity | None) -> None:
    if who is not None and not who.may(Right.MANAGE_TEAM):
        raise forbidden()
