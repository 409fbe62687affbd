"""Invitations: how people come in. They expire, can be sent again, and be revoked (US-2)."""

from collections.abc import Sequence

from frontdesk import ids
from frontdesk.clock import NowMs
from frontdesk.errors import FrontdeskError
from frontdesk.people.notices import Notices
from frontdesk.people.passwords import Passwords, check_new
from frontdesk.people.refusals import conflict, forbidden, unknown
from frontdesk.people.rep import (
    Rep,
    RepIdentity,
    clean_name,
    fresh_token,
    normal_email,
    token_hash,
)
from frontdesk.people.roles import Right, Role
from frontdesk.people.sign_ins import From, SignedIn, SignIns
from frontdesk.people.store import invitations as store
from frontdesk.people.store import reps
from frontdesk.people.store.audit import SYSTEM, record
from frontdesk.people.store.invitations import Invitation
from frontdesk.storage.engine import Connection, Database

INVITATION_PREFIX = "fdi_"


class Invitations:
    """Inviting needs the right to manage people; accepting needs the token."""

    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        sign_ins: SignIns,
        notices: Notices,
        *,
        now: NowMs,
        hours: float,
        default_capacity: int,
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._sign_ins = sign_ins
        self._notices = notices
        self._now = now
        self._lifetime_ms = round(hours * 60 * 60 * 1000)
        self._default_capacity = default_capacity

    async def all(self, who: RepIdentity | None) -> list[Invitation]:
        """The newest first, also those that are over. `who`: None: the command line."""
        _check(who)
        async with self._database.read() as connection:
            return await store.all_invitations(connection)

    async def create(
        self, who: RepIdentity | None, email: str, role: Role, groups: Sequence[str] = ()
    ) -> tuple[Invitation, str]:
        """Invite and return the token too, which is shown once. `who`: None: the command line.

        An unused earlier invitation of the same address is revoked.
        """
        _check(who)
        token, address, now = fresh_token(INVITATION_PREFIX), normal_email(email), self._now()
        by = SYSTEM if who is None else who.id
        new = Invitation(
            id=ids.new("i"),
            email=address,
            role=role,
            groups=tuple(sorted(set(groups))),
            invited_by=None if who is None else who.id,
            created_at=now,
            expires_at=now + self._lifetime_ms,
        )
        async with self._database.write() as connection:
            await _not_a_rep(connection, address)
            await store.revoke(connection, now, email=address)
            await store.add_invitation(connection, new, token_hash(token))
            await record(
                connection, now, by, "invitation.created", new.id, email=address, role=role.value
            )
        return new, token

    async def resend(self, who: RepIdentity, id: str) -> tuple[Invitation, str]:
        """Give an invitation a new token and its full time again; the earlier link is void."""
        _check(who)
        token, now = fresh_token(INVITATION_PREFIX), self._now()
        async with self._database.write() as connection:
            found = _usable(await store.invitation_by_id(connection, id), now, expired_too=True)
            await _not_a_rep(connection, found.email)
            await store.renew(connection, id, token_hash(token), now + self._lifetime_ms)
            await record(connection, now, who.id, "invitation.resent", id, email=found.email)
            renewed = await store.invitation_by_id(connection, id)
        return renewed or found, token

    async def revoke(self, who: RepIdentity, id: str) -> None:
        _check(who)
        async with self._database.write() as connection:
            found = await store.invitation_by_id(connection, id)
            if found is None:
                raise unknown("invitation")
            if found.accepted_at is not None:
                raise conflict("This invitation was accepted already.")
            await store.revoke(connection, self._now(), id=id)
            await record(
                connection, self._now(), who.id, "invitation.revoked", id, email=found.email
            )

    async def by_token(self, token: str) -> Invitation:
        """Return the invitation of a link that was opened. Raises not_found, gone."""
        async with self._database.read() as connection:
            found = await store.invitation_by_token(connection, token_hash(token))
        return _usable(found, self._now())

    async def accept(self, token: str, name: str, password: str, source: From) -> SignedIn:
        """Become a rep and sign in. The password is hashed only for a token that is good."""
        invitation = await self.by_token(token)
        wanted = clean_name(name)
        check_new(password, email=invitation.email, name=wanted)
        hashed = await self._passwords.hash(password)
        async with self._database.write() as connection:
            now = self._now()
            accepted = await store.accept(connection, token_hash(token), now)
            if accepted is None:
                raise _gone()
            new = self._rep(accepted, wanted, now)
            await reps.add_rep(connection, new, hashed)
            await record(connection, now, new.id, "invitation.accepted", accepted.id, rep=new.id)
            fresh = await self._sign_ins.start(connection, new.id, source)
        await self._notices.changed(fresh.rep)
        return fresh

    def _rep(self, invitation: Invitation, name: str, now: int) -> Rep:
        return Rep(
            id=ids.new("r"),
            email=invitation.email,
            name=name,
            role=invitation.role,
            capacity=self._default_capacity,
            active=True,
            created_at=now,
            groups=invitation.groups,
        )


def _check(who: RepIdentity | None) -> None:
    if who is not None and not who.may(Right.MANAGE_PEOPLE):
        raise forbidden()


def _usable(found: Invitation | None, now: int, *, expired_too: bool = False) -> Invitation:
    if found is None:
        raise unknown("invitation")
    state = found.state(now)
    if state == "open" or (expired_too and state == "expired"):
        return found
    raise _gone()


def _gone() -> FrontdeskError:
    return FrontdeskError(
        "gone", "This invitation is not valid any more. Ask your admin for a new one."
    )


async def _not_a_rep(connection: Connection, email: str) -> None:
    if await reps.rep_by_email(connection, email) is not None:
        raise conflict("This address belongs to a rep already.", email="Taken.")
