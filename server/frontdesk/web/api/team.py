"""Reps, groups and invitations."""

from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType
from starlette.responses import Response

from frontdesk.people.accounts import RepChanges
from frontdesk.people.rep import Group
from frontdesk.people.roles import Role
from frontdesk.people.store.invitations import Invitation
from frontdesk.web.api import answers
from frontdesk.web.api.account import with_cookie
from frontdesk.web.api.answers import InvitationAnswer, Invited, RepAnswer
from frontdesk.web.api.endpoint import Call, Nothing

Ids = Annotated[tuple[Annotated[str, Meta(max_length=64)], ...], Meta(max_length=500)]


class RepPatch(Struct, frozen=True, forbid_unknown_fields=True):
    """What to change of a rep; what is left out stays. `groups` are ids."""

    name: str | UnsetType = UNSET
    picture: str | UnsetType = UNSET
    role: Role | UnsetType = UNSET
    capacity: int | UnsetType = UNSET
    groups: Ids | UnsetType = UNSET
    active: bool | UnsetType = UNSET


class NewGroup(Struct, frozen=True, forbid_unknown_fields=True):
    """A name, and the ids of its reps."""

    name: str
    members: Ids = ()


class GroupPatch(Struct, frozen=True, forbid_unknown_fields=True):
    """Another name, or all its members, or both."""

    name: str | None = None
    members: Ids | None = None


class NewInvitation(Struct, frozen=True, forbid_unknown_fields=True):
    """Whom to invite, and to what. `groups` are ids."""

    email: str
    role: Role
    groups: Ids = ()


class Acceptance(Struct, frozen=True, forbid_unknown_fields=True):
    """The invited person's name and password; `token` is from the link."""

    token: Annotated[str, Meta(max_length=128)]
    name: str
    password: str


async def reps(call: Call[Nothing]) -> answers.Reps:
    everyone = await call.services.people.accounts.all()
    return answers.Reps([RepAnswer.of(rep) for rep in everyone])


async def change_rep(call: Call[RepPatch]) -> RepAnswer:
    wanted = call.input
    changes = RepChanges(
        wanted.name, wanted.picture, wanted.role, wanted.capacity, wanted.groups, wanted.active
    )
    accounts = call.services.people.accounts
    return RepAnswer.of(await accounts.change(call.me, call.path["id"], changes))


async def sign_rep_out(call: Call[Nothing]) -> None:
    rep = await call.services.people.accounts.one(call.path["id"])
    await call.services.people.sign_ins.everywhere(call.me, rep.id)


async def groups(call: Call[Nothing]) -> answers.Groups:
    return answers.Groups(await call.services.people.groups.all())


async def add_group(call: Call[NewGroup]) -> Group:
    wanted = call.input
    return await call.services.people.groups.add(call.me, wanted.name, wanted.members)


async def change_group(call: Call[GroupPatch]) -> Group:
    wanted = call.input
    return await call.services.people.groups.change(
        call.me, call.path["id"], name=wanted.name, members=wanted.members
    )


async def remove_group(call: Call[Nothing]) -> None:
    await call.services.people.groups.remove(call.me, call.path["id"])


async def invitations(call: Call[Nothing]) -> answers.Invitations:
    """Those that are still open, and those that expired: they can be sent again."""
    found = await call.services.people.invitations.all(call.me)
    names, now = await _names(call), call.services.now()
    unused = [one for one in found if one.state(now) in {"open", "expired"}]
    return answers.Invitations([InvitationAnswer.of(one, names=names, now=now) for one in unused])


async def invite(call: Call[NewInvitation]) -> InvitationAnswer:
    wanted = call.input
    made, token = await call.services.people.invitations.create(
        call.me, wanted.email, wanted.role, wanted.groups
    )
    return await _with_link(call, made, token)


async def resend(call: Call[Nothing]) -> InvitationAnswer:
    renewed, token = await call.services.people.invitations.resend(call.me, call.path["id"])
    return await _with_link(call, renewed, token)


async def revoke(call: Call[Nothing]) -> None:
    await call.services.people.invitations.revoke(call.me, call.path["id"])


async def invited(call: Call[Nothing]) -> Invited:
    found = await call.services.people.invitations.by_token(call.path["token"])
    names = await _names(call)
    by = names.get(found.invited_by or "", "")
    return Invited(found.email, found.role, by, found.expires_at)


async def accept(call: Call[Acceptance]) -> Response:
    wanted = call.input
    fresh = await call.services.people.invitations.accept(
        wanted.token, wanted.name, wanted.password, call.source
    )
    return with_cookie(call, fresh)


async def _with_link(call: Call[Any], made: Invitation, token: str) -> InvitationAnswer:
    link = f"{call.base_url}/console/#/invitation/{token}"
    names, now = await _names(call), call.services.now()
    return InvitationAnswer.of(made, names=names, now=now, link=link)


async def _names(call: Call[Any]) -> dict[str, str]:
    return {rep.id: rep.name for rep in await call.services.people.accounts.all()}
