"""Sign-ins, bearer tokens and sign-in links in SQL: three ways to be somebody, by token hash."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from frontdesk.people.rep import RepIdentity
from frontdesk.people.roles import Role
from frontdesk.storage.tables import bearer, group_member, rep, sign_in, sign_in_link

# One statement with a row for each group: every statement costs several hops to SQLite's thread.
_WHO = (
    rep.c.id,
    rep.c.email,
    rep.c.name,
    rep.c.picture,
    rep.c.role,
    rep.c.capacity,
    group_member.c.group_id,
)


@dataclass(frozen=True, slots=True)
class Found:
    """An identity and when its token was last written down as used (milliseconds)."""

    identity: RepIdentity
    used_at: int


async def find_sign_in(connection: AsyncConnection, digest: str, now: int) -> Found | None:
    """Return who is signed in by this token: active, not expired, not signed out since."""
    query = (
        select(*_WHO, sign_in.c.last_seen_at.label("used_at"))
        .join_from(sign_in, rep)
        .join(group_member, group_member.c.rep_id == rep.c.id, isouter=True)
        .where(sign_in.c.token_hash == digest, sign_in.c.expires_at > now, rep.c.active)
        .where(or_(rep.c.signed_out_at.is_(None), rep.c.signed_out_at <= sign_in.c.created_at))
    )
    return _found((await connection.execute(query)).all(), digest, bearer=False)


async def find_bearer(connection: AsyncConnection, digest: str) -> Found | None:
    """Return whose bearer token this is: active, not signed out everywhere since."""
    query = (
        select(*_WHO, func.coalesce(bearer.c.last_used_at, 0).label("used_at"))
        .join_from(bearer, rep)
        .join(group_member, group_member.c.rep_id == rep.c.id, isouter=True)
        .where(bearer.c.token_hash == digest, rep.c.active)
        .where(or_(rep.c.signed_out_at.is_(None), rep.c.signed_out_at <= bearer.c.created_at))
    )
    return _found((await connection.execute(query)).all(), digest, bearer=True)


async def valid_of(connection: AsyncConnection, digests: Collection[str], now: int) -> set[str]:
    """Return those of at most 500 hashes that still are somebody's sign-in or bearer token."""
    found: set[str] = set()
    for table in (sign_in, bearer):
        query = (
            select(table.c.token_hash)
            .join_from(table, rep)
            .where(table.c.token_hash.in_(digests), rep.c.active)
            .where(or_(rep.c.signed_out_at.is_(None), rep.c.signed_out_at <= table.c.created_at))
        )
        if table is sign_in:
            query = query.where(sign_in.c.expires_at > now)
        found.update((await connection.execute(query)).scalars())
    return found


async def add_sign_in(
    connection: AsyncConnection,
    *,
    digest: str,
    rep_id: str,
    now: int,
    expires_at: int,
    address: str,
    browser: str,
) -> None:
    row = {
        "token_hash": digest,
        "rep_id": rep_id,
        "created_at": now,
        "last_seen_at": now,
        "expires_at": expires_at,
        "address": address[:64],
        "browser": browser[:256],
    }
    await connection.execute(insert(sign_in).values(row))


async def touch(connection: AsyncConnection, identity: RepIdentity, now: int) -> None:
    """Write down that a token was used."""
    if identity.bearer:
        used = update(bearer).values(last_used_at=now)
        await connection.execute(used.where(bearer.c.token_hash == identity.token_hash))
        return
    seen = update(sign_in).values(last_seen_at=now)
    await connection.execute(seen.where(sign_in.c.token_hash == identity.token_hash))


async def delete_sign_in(connection: AsyncConnection, digest: str) -> None:
    await connection.execute(delete(sign_in).where(sign_in.c.token_hash == digest))


async def delete_expired(connection: AsyncConnection, now: int) -> None:
    await connection.execute(delete(sign_in).where(sign_in.c.expires_at <= now))
    await connection.execute(delete(sign_in_link).where(sign_in_link.c.expires_at <= now))


async def delete_all(connection: AsyncConnection, rep_id: str, *, except_hash: str = "") -> None:
    """Void every sign-in, bearer token and link of a rep, but for one."""
    for table in (sign_in, bearer, sign_in_link):
        gone = delete(table).where(table.c.rep_id == rep_id, table.c.token_hash != except_hash)
        await connection.execute(gone)


async def add_bearer(
    connection: AsyncConnection, *, digest: str, rep_id: str, name: str, now: int
) -> None:
    row = {"token_hash": digest, "rep_id": rep_id, "name": name, "created_at": now}
    await connection.execute(insert(bearer).values(row))


async def put_link(
    connection: AsyncConnection, *, digest: str, rep_id: str, now: int, expires_at: int, many: bool
) -> None:
    """Add a sign-in link; the same one again is made as good as new."""
    await connection.execute(delete(sign_in_link).where(sign_in_link.c.token_hash == digest))
    row = {
        "token_hash": digest,
        "rep_id": rep_id,
        "created_at": now,
        "expires_at": expires_at,
        "many": many,
    }
    await connection.execute(insert(sign_in_link).values(row))


async def use_link(connection: AsyncConnection, digest: str, now: int) -> str | None:
    """Use up a link and return whose it is; only one of two at the same time succeeds."""
    used = (
        update(sign_in_link)
        .where(sign_in_link.c.token_hash == digest, sign_in_link.c.expires_at > now)
        .where(or_(sign_in_link.c.many, sign_in_link.c.used_at.is_(None)))
        .where(sign_in_link.c.rep_id.in_(select(rep.c.id).where(rep.c.active)))
        .values(used_at=now)
        .returning(sign_in_link.c.rep_id)
    )
    owner: str | None = (await connection.execute(used)).scalar_one_or_none()
    return owner


def _found(rows: Sequence[Row[*tuple[Any, ...]]], digest: str, *, bearer: bool) -> Found | None:
    if not rows:
        return None
    row = rows[0]
    identity = RepIdentity(
        id=row.id,
        email=row.email,
        name=row.name,
        picture=row.picture,
        role=Role(row.role),
        groups=tuple(sorted(row.group_id for row in rows if row.group_id is not None)),
        capacity=row.capacity,
        token_hash=digest,
        bearer=bearer,
    )
    return Found(identity, row.used_at)
