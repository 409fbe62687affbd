"""Invitations in SQL."""

from typing import Any, Literal, TypeAlias

from msgspec import Struct
from sqlalchemy import Row, Select, and_, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from frontdesk.people.roles import Role
from frontdesk.storage.tables import invitation

InvitationState: TypeAlias = Literal["open", "expired", "accepted", "revoked"]


class Invitation(Struct, frozen=True):
    """An invitation as stored; the token itself is known to nobody but the invited."""

    id: str
    email: str
    role: Role
    groups: tuple[str, ...]
    invited_by: str | None
    created_at: int
    expires_at: int
    accepted_at: int | None = None
    revoked_at: int | None = None

    def state(self, now: int) -> InvitationState:
        if self.accepted_at is not None:
            return "accepted"
        if self.revoked_at is not None:
            return "revoked"
        return "open" if self.expires_at > now else "expired"


_COLUMNS = tuple(column for column in invitation.c if column.name != "token_hash")
_UNUSED = and_(invitation.c.accepted_at.is_(None), invitation.c.revoked_at.is_(None))


async def all_invitations(connection: AsyncConnection, *, limit: int = 500) -> list[Invitation]:
    """Return the newest invitations first."""
    return await _read(connection, _newest().limit(limit))


async def invitation_by_id(connection: AsyncConnection, id: str) -> Invitation | None:
    """Return an invitation and lock it against a change at the same time."""
    found = await _read(connection, _newest().where(invitation.c.id == id).with_for_update())
    return found[0] if found else None


async def invitation_by_token(connection: AsyncConnection, digest: str) -> Invitation | None:
    found = await _read(connection, _newest().where(invitation.c.token_hash == digest))
    return found[0] if found else None


async def add_invitation(connection: AsyncConnection, new: Invitation, digest: str) -> None:
    row = {
        "id": new.id,
        "token_hash": digest,
        "email": new.email,
        "role": new.role.value,
        "groups": list(new.groups),
        "invited_by": new.invited_by,
        "created_at": new.created_at,
        "expires_at": new.expires_at,
    }
    await connection.execute(insert(invitation).values(row))


async def renew(connection: AsyncConnection, id: str, digest: str, expires_at: int) -> None:
    """Give an invitation another token: the earlier link is void."""
    await connection.execute(
        update(invitation)
        .where(invitation.c.id == id, _UNUSED)
        .values(token_hash=digest, expires_at=expires_at)
    )


async def revoke(connection: AsyncConnection, now: int, *, id: str = "", email: str = "") -> None:
    """Revoke one invitation, or all unused ones of an address."""
    which = invitation.c.id == id if id else invitation.c.email == email
    await connection.execute(update(invitation).where(which, _UNUSED).values(revoked_at=now))


async def accept(connection: AsyncConnection, digest: str, now: int) -> Invitation | None:
    """Use up an invitation; only one of two at the same time gets it."""
    used = (
        update(invitation)
        .where(invitation.c.token_hash == digest, invitation.c.expires_at > now, _UNUSED)
        .values(accepted_at=now)
        .returning(*_COLUMNS)
    )
    row = (await connection.execute(used)).first()
    return None if row is None else _invitation(row)


def _newest() -> Select[Any]:
    return select(*_COLUMNS).order_by(invitation.c.created_at.desc(), invitation.c.id.desc())


async def _read(connection: AsyncConnection, query: Select[Any]) -> list[Invitation]:
    return [_invitation(row) for row in await connection.execute(query)]


def _invitation(row: Row[*tuple[Any, ...]]) -> Invitation:
    return Invitation(
        id=row.id,
        email=row.email,
        role=Role(row.role),
        groups=tuple(row.groups),
        invited_by=row.invited_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
        accepted_at=row.accepted_at,
        revoked_at=row.revoked_at,
    )
