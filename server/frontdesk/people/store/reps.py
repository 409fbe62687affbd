"""Reps and groups in SQL."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, Select, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from frontdesk.people.refusals import conflict
from frontdesk.people.rep import Group, Rep
from frontdesk.people.roles import Role
from frontdesk.storage.tables import group_member, rep, rep_group

_REP = (
    rep.c.id,
    rep.c.email,
    rep.c.name,
    rep.c.picture,
    rep.c.role,
    rep.c.capacity,
    rep.c.active,
    rep.c.created_at,
)


async def all_reps(connection: AsyncConnection) -> list[Rep]:
    """Return every rep, the deactivated ones too, by name."""
    return await _reps(connection, select(*_REP).order_by(func.lower(rep.c.name), rep.c.id))


async def rep_by_id(connection: AsyncConnection, id: str, *, lock: bool = False) -> Rep | None:
    query = select(*_REP).where(rep.c.id == id)
    found = await _reps(connection, query.with_for_update() if lock else query)
    return found[0] if found else None


async def rep_by_email(connection: AsyncConnection, email: str) -> Rep | None:
    found = await _reps(connection, select(*_REP).where(rep.c.email == email))
    return found[0] if found else None


async def password_of(connection: AsyncConnection, email: str) -> tuple[str, str | None] | None:
    """Return (id, password hash) of the active rep with this address, however odd it is."""
    if "\x00" in email:  # PostgreSQL would refuse the query; no address has one
        return None
    query = select(rep.c.id, rep.c.password_hash).where(rep.c.email == email, rep.c.active)
    row = (await connection.execute(query)).first()
    return None if row is None else (row.id, row.password_hash)


async def add_rep(connection: AsyncConnection, new: Rep, password_hash: str | None) -> None:
    """Insert a rep and their groups. Raises `conflict` if the address is taken."""
    row = {
        "id": new.id,
        "email": new.email,
        "name": new.name,
        "picture": new.picture,
        "role": new.role.value,
        "capacity": new.capacity,
        "active": new.active,
        "created_at": new.created_at,
        "password_hash": password_hash,
    }
    try:
        await connection.execute(insert(rep).values(row))
    except IntegrityError:
        raise conflict("This address belongs to a rep already.", email="Taken.") from None
    await set_groups(connection, new.id, new.groups)


async def change_rep(connection: AsyncConnection, id: str, changes: dict[str, Any]) -> None:
    if changes:
        await connection.execute(update(rep).where(rep.c.id == id).values(**changes))


async def lock_admins(connection: AsyncConnection) -> set[str]:
    """Return the active admins and keep them from changing until this transaction ends.

    To be called before any single rep is locked, or two admins who demote each other deadlock.
    """
    query = select(rep.c.id).where(rep.c.role == Role.ADMIN.value, rep.c.active)
    rows = await connection.execute(query.order_by(rep.c.id).with_for_update())
    return {row.id for row in rows}


async def set_groups(connection: AsyncConnection, rep_id: str, groups: Iterable[str]) -> None:
    """Make these the rep's groups; unknown ones are left out."""
    await connection.execute(delete(group_member).where(group_member.c.rep_id == rep_id))
    known = await connection.execute(
        select(rep_group.c.id).where(rep_group.c.id.in_(set(groups))).order_by(rep_group.c.id)
    )
    rows = [{"group_id": row.id, "rep_id": rep_id} for row in known]
    if rows:
        await connection.execute(insert(group_member), rows)


async def all_groups(connection: AsyncConnection) -> list[Group]:
    query = select(rep_group.c.id, rep_group.c.name).order_by(func.lower(rep_group.c.name))
    rows = (await connection.execute(query)).all()
    members = await _pairs(connection, select(group_member.c.group_id, group_member.c.rep_id))
    return [Group(row.id, row.name, members[row.id]) for row in rows]


async def group_by_id(connection: AsyncConnection, id: str) -> Group | None:
    """Return a group and lock it against a change at the same time."""
    query = select(rep_group.c.id, rep_group.c.name).where(rep_group.c.id == id)
    row = (await connection.execute(query.with_for_update())).first()
    if row is None:
        return None
    of_group = select(group_member.c.group_id, group_member.c.rep_id).where(
        group_member.c.group_id == id
    )
    return Group(row.id, row.name, (await _pairs(connection, of_group))[id])


async def put_group(connection: AsyncConnection, group: Group, *, new: bool) -> None:
    """Insert or rename a group and make these its members; unknown reps are left out.

    Raises `conflict` if another group has the name.
    """
    statement: Any = insert(rep_group).values(id=group.id, name=group.name)
    if not new:
        statement = update(rep_group).where(rep_group.c.id == group.id).values(name=group.name)
    try:
        await connection.execute(statement)
    except IntegrityError:
        raise conflict("Another group has this name.", name="Taken.") from None
    await _set_members(connection, group)


async def delete_group(connection: AsyncConnection, id: str) -> None:
    await connection.execute(delete(rep_group).where(rep_group.c.id == id))


async def _set_members(connection: AsyncConnection, group: Group) -> None:
    await connection.execute(delete(group_member).where(group_member.c.group_id == group.id))
    known = await connection.execute(
        select(rep.c.id).where(rep.c.id.in_(set(group.members))).order_by(rep.c.id)
    )
    rows = [{"group_id": group.id, "rep_id": row.id} for row in known]
    if rows:
        await connection.execute(insert(group_member), rows)


async def _reps(connection: AsyncConnection, query: Select[Any]) -> list[Rep]:
    rows = (await connection.execute(query)).all()
    if not rows:
        return []
    pairs = select(group_member.c.rep_id, group_member.c.group_id)
    if len(rows) == 1:
        pairs = pairs.where(group_member.c.rep_id == rows[0].id)
    groups = await _pairs(connection, pairs)
    return [_rep(row, groups[row.id]) for row in rows]


async def _pairs(connection: AsyncConnection, query: Select[Any]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for one, other in await connection.execute(query):
        found[one].append(other)
    return defaultdict(tuple, {one: tuple(sorted(others)) for one, others in found.items()})


def _rep(row: Row[Any], groups: tuple[str, ...]) -> Rep:
    return Rep(
        id=row.id,
        email=row.email,
        name=row.name,
        picture=row.picture,
        role=Role(row.role),
        capacity=row.capacity,
        active=row.active,
        created_at=row.created_at,
        groups=groups,
    )
