"""What the HTTP interface answers, as types: the OpenAPI document is made from them."""

from typing import Any

from msgspec import Struct

from frontdesk.people.rep import Group, Person, Rep, RepIdentity
from frontdesk.people.roles import RIGHTS, Right, Role
from frontdesk.people.store.invitations import Invitation, InvitationState
from frontdesk.routing.faults import Fault


class Refusal(Struct, frozen=True, omit_defaults=True):
    """Every answer that isn't 2xx. `fields` has a sentence for each field that is wrong, `faults`
    (of `invalid`) all that is wrong with a document, or the first of it and how many `more`. Of
    `changed` and `behind`: `by` whom and when (`at`), and the `draft` that is there now, or the
    `number` of the version that is live.
    """

    code: str
    message: str
    fields: dict[str, str] = {}
    faults: tuple[Fault, ...] = ()
    more: int = 0
    by: Person | None = None
    at: int = 0
    draft: dict[str, Any] | None = None
    number: int = 0


class RepAnswer(Struct, frozen=True):
    """A rep."""

    id: str
    email: str
    name: str
    picture: str
    role: Role
    capacity: int
    active: bool
    groups: tuple[str, ...]

    @classmethod
    def of(cls, rep: Rep) -> "RepAnswer":
        return cls(
            rep.id, rep.email, rep.name, rep.picture, rep.role, rep.capacity, rep.active, rep.groups
        )


class Me(Struct, frozen=True):
    """The rep who is signed in, and what their role allows."""

    id: str
    email: str
    name: str
    picture: str
    role: Role
    capacity: int
    active: bool
    groups: tuple[str, ...]
    rights: list[Right]
    desk: str

    @classmethod
    def of(cls, who: RepIdentity | Rep, desk: str) -> "Me":
        return cls(
            id=who.id,
            email=who.email,
            name=who.name,
            picture=who.picture,
            role=who.role,
            capacity=who.capacity,
            active=True,
            groups=who.groups,
            rights=sorted(RIGHTS[who.role]),
            desk=desk,
        )


class Reps(Struct, frozen=True):
    """All reps."""

    reps: list[RepAnswer]


class Groups(Struct, frozen=True):
    """All groups."""

    groups: list[Group]


class InvitationAnswer(Struct, frozen=True, omit_defaults=True):
    """An invitation. `link` is there only when it was just made: it can't be shown again."""

    id: str
    email: str
    role: Role
    groups: tuple[str, ...]
    invited_by: str
    created_at: int
    expires_at: int
    state: InvitationState
    link: str = ""

    @classmethod
    def of(
        cls, invitation: Invitation, *, names: dict[str, str], now: int, link: str = ""
    ) -> "InvitationAnswer":
        return cls(
            id=invitation.id,
            email=invitation.email,
            role=invitation.role,
            groups=invitation.groups,
            invited_by=names.get(invitation.invited_by or "", ""),
            created_at=invitation.created_at,
            expires_at=invitation.expires_at,
            state=invitation.state(now),
            link=link,
        )


class Invitations(Struct, frozen=True):
    """Invitations nobody has used."""

    invitations: list[InvitationAnswer]


class Invited(Struct, frozen=True):
    """What the invited person sees before they accept."""

    email: str
    role: Role
    invited_by: str
    expires_at: int


class ConversationAnswer(Struct, frozen=True):
    """An archived conversation; `text` are the newest words said."""

    id: str
    state: str
    visitor: dict[str, Any] | None
    rep: Person | None
    requested_at: int
    claimed_at: int | None
    ended_at: int | None
    closed_by: str | None
    why: str | None
    email: str | None
    text: str


class Conversations(Struct, frozen=True):
    """One page, newest request first; hand `cursor` in to get the next, null is the end."""

    conversations: list[ConversationAnswer]
    cursor: str | None


class DecisionAnswer(Struct, frozen=True):
    """How a conversation was routed once: as recorded, who was rung, and in words (RT-12)."""

    at: int
    record: dict[str, Any]
    offers: list[dict[str, Any]]
    words: list[str]


class VisitorAnswer(Struct, frozen=True):
    """All that is known of a visitor, as on the wire (`About`)."""

    visitor: dict[str, Any]


class WholeConversation(ConversationAnswer, frozen=True):
    """With its entries as on the wire (`more`: earlier ones exist, ask with `before`), and how it
    was routed, oldest first (RT-12); `decision` is the newest of `decisions`.
    """

    entries: list[dict[str, Any]]
    more: bool
    decision: dict[str, Any] | None
    decisions: list[DecisionAnswer]


class ErasureAnswer(Struct, frozen=True):
    """How far an erasure is: waiting, working or done. The counts are of what is gone by then."""

    id: str
    state: str
    at: int
    done_at: int | None
    visitors: int
    conversations: int
