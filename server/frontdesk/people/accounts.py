"""Reps: adding and changing them, with the audit log and the notices (US-1, US-3)."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from msgspec import UNSET, Struct, UnsetType

from frontdesk import ids
from frontdesk.clock import NowMs
from frontdesk.people.notices import Notices
from frontdesk.people.passwords import Passwords, check_new
from frontdesk.people.refusals import conflict, forbidden, invalid, unknown
from frontdesk.people.rep import Rep, RepIdentity, clean_name, normal_email
from frontdesk.people.roles import Right, Role
from frontdesk.people.store import reps, sign_ins
from frontdesk.people.store.audit import SYSTEM, record
from frontdesk.storage.engine import Connection, Database

MOST_CHATS = 50


class RepChanges(Struct, frozen=True):
    """What may be changed of a rep; what is unset stays."""

    name: str | UnsetType = UNSET
    picture: str | UnsetType = UNSET
    role: Role | UnsetType = UNSET
    capacity: int | UnsetType = UNSET
    groups: tuple[str, ...] | UnsetType = UNSET
    active: bool | UnsetType = UNSET

    def given(self) -> dict[str, Any]:
        values = {name: getattr(self, name) for name in self.__struct_fields__}
        return {name: value for name, value in values.items() if value is not UNSET}


OF_ONESELF = frozenset({"name", "picture"})
OF_THE_TEAM = frozenset({"capacity", "groups"})


class Accounts:
    """All reps. Who asks is checked here, so that no door to it can forget to."""

    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        notices: Notices,
        *,
        now: NowMs,
        default_capacity: int,
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._notices = notices
        self._now = now
        self._default_capacity = default_capacity

    async def all(self) -> list[Rep]:
        """Return every rep by name, deactivated ones too."""
        async with self._database.read() as connection:
            return await reps.all_reps(connection)

    async def one(self, id: str) -> Rep:
        async with self._database.read() as connection:
            found = await reps.rep_by_id(connection, id)
        return _there(found)

    async def by_email(self, email: str) -> Rep | None:
        async with self._database.read() as connection:
            return await reps.rep_by_email(connection, normal_email(email))

    async def add(
        self,
        email: str,
        name: str,
        role: Role,
        *,
        groups: Sequence[str] = (),
        password: str | None = None,
        picture: str = "",
        by: str = SYSTEM,
    ) -> Rep:
        """Add a rep; `groups` are ids. For the command line and the demo: people are invited."""
        address, hashed = normal_email(email), None
        if password is not None:
            check_new(password, email=address, name=name)
            hashed = await self._passwords.hash(password)
        new = self._new(address, clean_name(name), role, groups, _picture(picture))
        async with self._database.write() as connection:
            await reps.add_rep(connection, new, hashed)
            await record(connection, new.created_at, by, "rep.added", new.id, role=role.value)
            added = _there(await reps.rep_by_id(connection, new.id))
        await self._notices.changed(added)
        return added

    def _new(self, email: str, name: str, role: Role, groups: Sequence[str], picture: str) -> Rep:
        return Rep(
            id=ids.new("r"),
            email=email,
            name=name,
            picture=picture,
            role=role,
            capacity=self._default_capacity,
            active=True,
            created_at=self._now(),
            groups=tuple(groups),
        )

    async def change(self, who: RepIdentity, id: str, changes: RepChanges) -> Rep:
        """Change a rep as `who`. Raises forbidden, not_found, bad_request, conflict."""
        given = changes.given()
        _check_rights(who, id, set(given))
        _clean(given)
        async with self._database.write() as connection:
            if not given.keys().isdisjoint({"role", "active"}):
                await _keep_an_admin(connection, id, given)
            before = _there(await reps.rep_by_id(connection, id, lock=True))
            changed = {key: value for key, value in given.items() if getattr(before, key) != value}
            await self._write(connection, who, before, changed)
            after = _there(await reps.rep_by_id(connection, id))
        await self._tell(before, after)
        return after

    async def _write(
        self, connection: Connection, who: RepIdentity, before: Rep, changed: dict[str, Any]
    ) -> None:
        if not changed:
            return
        columns = {key: value for key, value in changed.items() if key != "groups"}
        await reps.change_rep(connection, before.id, columns)
        if "groups" in changed:
            await reps.set_groups(connection, before.id, changed["groups"])
        if not changed.get("active", True):
            await sign_ins.delete_all(connection, before.id)
        lines = {key: [getattr(before, key), value] for key, value in changed.items()}
        await record(connection, self._now(), who.id, "rep.changed", before.id, **lines)

    async def _tell(self, before: Rep, after: Rep) -> None:
        if before == after:
            return
        await self._notices.changed(after)
        if before.active and not after.active:
            await self._notices.signed_out(after.id, None)


def _check_rights(who: RepIdentity, id: str, names: set[str]) -> None:
    allowed: set[str] = set()
    if who.id == id:
        allowed |= OF_ONESELF
    if who.may(Right.MANAGE_TEAM):
        allowed |= OF_THE_TEAM
    if not who.may(Right.MANAGE_PEOPLE) and not names <= allowed:
        raise forbidden()


def _clean(given: dict[str, Any]) -> None:
    if "name" in given:
        given["name"] = clean_name(given["name"])
    if "picture" in given:
        given["picture"] = _picture(given["picture"])
    if "groups" in given:
        given["groups"] = tuple(sorted(set(given["groups"])))
    if not 0 <= given.get("capacity", 0) <= MOST_CHATS:
        raise invalid(capacity=f"Between 0 and {MOST_CHATS}.")


def _picture(text: str) -> str:
    """An https address, or nothing: anything else wouldn't load under our own CSP."""
    if not text:
        return ""
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme != "https" or not parts.hostname or len(text) > 2048 or not text.isprintable():
        raise invalid(picture="Must be an address that starts with https://.")
    return text


async def _keep_an_admin(connection: Connection, id: str, given: dict[str, Any]) -> None:
    """Refuse to demote or deactivate the last admin: nobody could undo it."""
    admins = await reps.lock_admins(connection)
    stays = given.get("role", Role.ADMIN) == Role.ADMIN and given.get("active", True)
    if admins == {id} and not stays:
        raise conflict("This is the last admin. Make somebody else an admin first.")


def _there(found: Rep | None) -> Rep:
    if found is None:
        raise unknown("rep")
    return found
