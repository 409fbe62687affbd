"""This room, put together."""

from dataclasses import dataclass
from typing import Self

from frontdesk.clock import NowMs, now_ms
from frontdesk.people.accounts import Accounts
from frontdesk.people.groups import Groups
from frontdesk.people.identities import Identities
from frontdesk.people.invitations import Invitations
from frontdesk.people.notices import Notices
from frontdesk.people.passwords import Passwords
from frontdesk.people.rep import Rep
from frontdesk.people.sign_ins import SignIns
from frontdesk.storage.engine import Database


@dataclass(frozen=True, slots=True)
class People:
    """Everything about people that the doors (HTTP, socket, command line) use."""

    accounts: Accounts
    groups: Groups
    invitations: Invitations
    sign_ins: SignIns
    identities: Identities
    passwords: Passwords

    @classmethod
    def of(
        cls,
        database: Database,
        *,
        notices: Notices | None = None,
        passwords: Passwords | None = None,
        now: NowMs = now_ms,
        sign_in_hours: float = 720,
        invitation_hours: float = 72,
        default_capacity: int = 3,
    ) -> Self:
        """Build the room on a database. This node's identities are forgotten before `notices`."""
        identities = Identities(database, now=now)
        heard = _forgetting(identities, notices or Notices())
        hasher = passwords or Passwords()
        sign_ins = SignIns(database, hasher, heard, now=now, hours=sign_in_hours)
        return cls(
            accounts=Accounts(database, hasher, heard, now=now, default_capacity=default_capacity),
            groups=Groups(database, heard, now=now),
            invitations=Invitations(
                database,
                hasher,
                sign_ins,
                heard,
                now=now,
                hours=invitation_hours,
                default_capacity=default_capacity,
            ),
            sign_ins=sign_ins,
            identities=identities,
            passwords=hasher,
        )

    def close(self) -> None:
        """Stop the threads that hash passwords."""
        self.passwords.close()


def _forgetting(identities: Identities, notices: Notices) -> Notices:
    async def signed_out(rep_id: str, token_hash: str | None) -> None:
        identities.forget(rep_id, token_hash)
        await notices.signed_out(rep_id, token_hash)

    async def changed(rep: Rep) -> None:
        identities.forget(rep.id)
        await notices.changed(rep)

    return Notices(signed_out, changed)
