"""Every message of the wire (v1), declared once.

A frame is one message or a list of messages; a message is a map with `type`. Requests carry `id`,
an integer chosen by the client; the answer carries the same `id`. Unknown fields are ignored.
Times are RFC 3339 UTC strings with milliseconds. From these declarations come the decoders, the
AsyncAPI document and the TypeScript types.
"""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

RequestId = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Identifier = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.-]+$")]
ClientId = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.:-]+$")]
Text = Annotated[str, Meta(min_length=1, max_length=4000)]
Short = Annotated[str, Meta(max_length=256)]
Url = Annotated[str, Meta(max_length=2048)]
Email = Annotated[str, Meta(min_length=3, max_length=254)]
Offset = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Fence = Annotated[int, Meta(ge=1, le=2**53 - 1)]
Fields = Annotated[
    dict[Annotated[str, Meta(max_length=64)], Short | float | bool | None], Meta(max_length=64)
]

State = Literal["requested", "active", "closed", "missed"]


class Position(Struct, frozen=True):
    """A place in a conversation's log: valid only if that entry exists under that epoch (CH-3)."""

    epoch: Annotated[str, Meta(max_length=64)]
    offset: Offset


class Page(Struct, frozen=True, omit_defaults=True):
    """The page a visitor is on (VS-4)."""

    url: Url
    title: Short = ""
    referrer: Url = ""


Resume = Annotated[dict[Identifier, Position], Meta(max_length=32)]


class Request(Struct, frozen=True, omit_defaults=True, tag_field="type", kw_only=True):
    """What both requests of visitors and of reps have: a number chosen by the client."""

    id: RequestId


# --- from both sides -----------------------------------------------------------------------------


class Ping(Request, tag="ping", frozen=True):
    """Is the server still there? Answered `ok` at once; browsers can't see WebSocket pings."""


class SendMessage(Request, tag="message", frozen=True):
    """Say something. A retry with the same `client_id` is one message (CH-3). → offset, epoch"""

    conversation: Identifier
    client_id: ClientId
    text: Text
    fence: Fence | None = None


class Typing(Struct, frozen=True, omit_defaults=True, tag_field="type", tag="typing"):
    """The sender is writing, or stopped. Not answered, may be dropped (CH-4)."""

    conversation: Identifier
    on: bool = True
    id: RequestId | None = None


class Read(Struct, frozen=True, omit_defaults=True, tag_field="type", tag="read"):
    """Everything up to `offset` was shown to a person. Not answered unless it has an `id`."""

    conversation: Identifier
    offset: Offset
    id: RequestId | None = None


class History(Request, tag="history", frozen=True):
    """What came after a position. → entries, recovered, and a snapshot when it wasn't recovered."""

    conversation: Identifier
    epoch: Annotated[str, Meta(max_length=64)] = ""
    offset: Offset = 0


class Close(Request, tag="close", frozen=True):
    """End a conversation; a visitor may also cancel a request that rings."""

    conversation: Identifier
    fence: Fence | None = None


# --- from a visitor ------------------------------------------------------------------------------


class VisitorHello(Request, tag="hello", frozen=True):
    """The first message of a visitor's socket. → `welcome`."""

    token: Annotated[str, Meta(max_length=1024)] = ""
    page: Page | None = None
    fields: Fields = field(default_factory=dict)
    locale: Annotated[str, Meta(max_length=35)] = ""
    timezone: Annotated[str, Meta(max_length=64)] = ""
    resume: Resume = field(default_factory=dict)


class PageView(Struct, frozen=True, omit_defaults=True, tag_field="type", tag="page"):
    """The visitor went to another page (VS-5)."""

    page: Page
    id: RequestId | None = None


class Identify(Request, tag="identify", frozen=True):
    """The page tells what it knows of its visitor (VS-5). `jwt` is signed by the site's server, and
    believed more than the page (VS-2).
    """

    fields: Fields = field(default_factory=dict)
    jwt: Annotated[str, Meta(max_length=4096)] = ""


class RequestPerson(Request, tag="request", frozen=True):
    """Ask for a person. → `conversation`; an open one is returned as it is (CH-1)."""

    text: Annotated[str, Meta(max_length=4000)] = ""
    client_id: Annotated[str, Meta(max_length=64, pattern=r"^[A-Za-z0-9_.:-]*$")] = ""


class LeaveMessage(Request, tag="leave", frozen=True):
    """Nobody came: leave an address and a message in a missed conversation (RT-6)."""

    conversation: Identifier
    email: Email
    text: Text


# --- from a rep ----------------------------------------------------------------------------------


class RepHello(Request, tag="hello", frozen=True):
    """The first message of a rep's socket. `device` names the tab (PR-2). → `welcome`."""

    token: Annotated[str, Meta(max_length=256)] = ""
    device: Annotated[str, Meta(max_length=64, pattern=r"^[A-Za-z0-9_.-]*$")] = ""
    resume: Resume = field(default_factory=dict)


class SetAvailability(Request, tag="availability", frozen=True):
    """The rep chooses to be available or away (PR-1)."""

    state: Literal["available", "away"]


class Activity(Struct, frozen=True, omit_defaults=True, tag_field="type", tag="activity"):
    """Nobody touched this tab for `idle_minutes` (told in `welcome`), or somebody is back. A rep is
    idle, and isn't rung, while all their tabs are (PR-1). A new connection counts as used.
    """

    idle: bool
    id: RequestId | None = None


class OfferSeen(Struct, frozen=True, omit_defaults=True, tag_field="type", tag="offer_seen"):
    """The card of an offer was shown on a screen."""

    conversation: Identifier
    id: RequestId | None = None


class Claim(Request, tag="claim", frozen=True):
    """Start the conversation. → fence and the conversation; losers: `already_claimed` (CH-2)."""

    conversation: Identifier


class Decline(Request, tag="decline", frozen=True):
    """Pass this offer on."""

    conversation: Identifier


class Transfer(Request, tag="transfer", frozen=True):
    """Give the conversation to a rep, to a group, or back to its rule (CH-4)."""

    conversation: Identifier
    fence: Fence
    rep: Identifier | None = None
    group: Identifier | None = None
    note: Annotated[str, Meta(max_length=500)] = ""


VisitorMessage = (
    VisitorHello
    | PageView
    | Identify
    | RequestPerson
    | LeaveMessage
    | SendMessage
    | Typing
    | Read
    | History
    | Close
    | Ping
)
RepMessage = (
    RepHello
    | SetAvailability
    | Activity
    | OfferSeen
    | Claim
    | Decline
    | Transfer
    | SendMessage
    | Typing
    | Read
    | History
    | Close
    | Ping
)

# --- from the server: parts ----------------------------------------------------------------------


class Person(Struct, frozen=True, omit_defaults=True):
    """A rep as others see them."""

    id: str
    name: str
    picture: str = ""


class Device(Struct, frozen=True, omit_defaults=True):
    """What the visitor uses. `type`: desktop, mobile, tablet, tv, bot."""

    type: str = ""
    browser: str = ""
    os: str = ""


class Place(Struct, frozen=True, omit_defaults=True):
    """Where the visitor is. `country`: ISO 3166. `source`: ip, or timezone for a guess."""

    country: str = ""
    region: str = ""
    city: str = ""
    source: str = ""


class Utm(Struct, frozen=True, omit_defaults=True):
    """The campaign that brought the visitor (VS-4)."""

    source: str = ""
    medium: str = ""
    campaign: str = ""
    term: str = ""
    content: str = ""


class Edited(Struct, frozen=True, omit_defaults=True):
    """Which rep entered a value, and when."""

    rep: Person
    at: str


class About(Struct, frozen=True, omit_defaults=True):
    """What is known of a visitor, as a rep sees it. `landing_page` and `referrer` are those of the
    session's first page. `sources` says where a field's value came from (VS-3), by its key:
    `visitor.email`, `field.plan`; `edited`, by the same, who entered those of `rep`.
    """

    id: str
    name: str = ""
    email: str = ""
    company: str = ""
    phone: str = ""
    domain: str = ""
    industry: str = ""
    employees: float | None = None
    location: Place | None = None
    device: Device | None = None
    landing_page: str = ""
    referrer: str = ""
    utm: Utm | None = None
    gclid: str = ""
    past_conversations: int = 0
    locale: str = ""
    timezone: str = ""
    page: Page | None = None
    session: str = ""
    pages_seen: int = 0
    returning: bool = False
    fields: dict[str, str | float | bool | None] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    edited: dict[str, Edited] = field(default_factory=dict)


class Reads(Struct, frozen=True):
    """How far each side has read, as offsets; 0 is nothing."""

    visitor: int = 0
    rep: int = 0


class Desk(Struct, frozen=True, omit_defaults=True):
    """Is anybody there? `available`: a ring would reach someone; `busy`: reps are here, all at
    capacity; `away`: nobody. `usual_seconds`: median time to an answer lately, if known.
    """

    state: Literal["available", "busy", "away"]
    usual_seconds: int | None = None


# --- from the server: entries of a conversation's log ---------------------------------------------


class Entry(Struct, frozen=True, omit_defaults=True, tag_field="type", kw_only=True):
    """One durable thing that happened in a conversation, at (epoch, offset)."""

    conversation: str
    epoch: str
    offset: int
    at: str


class Message(Entry, tag="message", frozen=True):
    """Something was said. `rep` is who said it, when a rep did."""

    sender: Literal["visitor", "rep"] = field(name="from")
    text: str
    client_id: str = ""
    rep: Person | None = None


class Requested(Entry, tag="requested", frozen=True):
    """A person is being looked for. `why`: request, transfer, rep_lost, again."""

    why: Literal["request", "transfer", "rep_lost", "again"] = "request"
    wait_until: str = ""
    by: Person | None = None
    note: str = ""


class Claimed(Entry, tag="claimed", frozen=True):
    """A rep started the conversation (UI: Start a conversation)."""

    rep: Person
    fence: int


class Missed(Entry, tag="missed", frozen=True):
    """Nobody came: none was there to ring, all who rang declined, or the wait was over. `next` is
    what the visitor is asked for now.
    """

    next: Literal["form", "none"] = "form"
    why: Literal["nobody", "declined", "timeout"] = "timeout"


class Participant(Entry, tag="participant", frozen=True):
    """The rep's connection was lost, or came back (CH-5)."""

    rep: Person
    action: Literal["lost", "returned"]


class Left(Entry, tag="left", frozen=True):
    """The visitor of a missed conversation left an address and a message (RT-6)."""

    email: str
    text: str


class Closed(Entry, tag="closed", frozen=True):
    """It is over. `why`: ended (somebody closed it), cancelled, session_end."""

    by: Literal["visitor", "rep", "server"]
    why: Literal["ended", "cancelled", "session_end"] = "ended"


LogEntry = Message | Requested | Claimed | Missed | Participant | Left | Closed


class Conversation(
    Struct, frozen=True, omit_defaults=True, tag_field="type", tag="conversation", kw_only=True
):
    """A conversation's snapshot: `entries` is its log up to `offset` (or the newest part of it).

    Sent in answers, and by itself whenever a client must start over (`recovered: false`) or
    learns of a conversation for the first time. `fence`, `visitor`, `visitor_here` only to reps.
    """

    id: str
    state: State
    epoch: str
    offset: int
    at: str
    entries: list[LogEntry]
    read: Reads = Reads()
    rep: Person | None = None
    fence: int = 0
    visitor: About | None = None
    visitor_here: bool = False
    first: int = 1
    """The lowest offset in `entries`: earlier ones are had by `history` over HTTP."""
    reason: str = ""


# --- from the server: pushes ----------------------------------------------------------------------


class Push(Struct, frozen=True, omit_defaults=True, tag_field="type", kw_only=True):
    """A message nobody asked for."""


class Offer(Push, tag="offer", frozen=True):
    """The rep is being rung (RT-4). The same conversation again replaces the earlier offer."""

    conversation: str
    visitor: About
    reason: str
    requested_at: str
    expires_at: str
    text: str = ""
    why: Literal["request", "transfer", "rep_lost", "again"] = "request"
    by: Person | None = None
    note: str = ""


class OfferGone(Push, tag="offer_gone", frozen=True):
    """The ring ended."""

    conversation: str
    why: Literal["claimed", "expired", "cancelled", "declined", "rerouted", "away", "full"]
    by: Person | None = None
    at: str = ""


class Released(Push, tag="released", frozen=True):
    """The rep no longer holds the conversation (transferred, lost, closed elsewhere)."""

    conversation: str
    why: Literal["transferred", "rep_lost", "closed", "taken"]


class TypingPush(Push, tag="typing", frozen=True):
    """Somebody writes, or stopped."""

    conversation: str
    who: Literal["visitor", "rep"]
    on: bool


class ReadPush(Push, tag="read", frozen=True):
    """Somebody has read up to `offset`."""

    conversation: str
    who: Literal["visitor", "rep"]
    offset: int


class VisitorPush(Push, tag="visitor", frozen=True):
    """The visitor of a held conversation left, or came back; with `visitor`, what is known of
    them now, and the page that they are on.
    """

    conversation: str
    here: bool
    visitor: About | None = None


class PresencePush(Push, tag="presence", frozen=True):
    """The presence of a rep changed; to reps. `load` of `capacity` places are taken. `off_hours`:
    it is outside their working hours, so nothing rings whatever they chose (PR-1).
    """

    rep: Person
    availability: Literal["available", "away"]
    online: bool
    load: int
    capacity: int
    since: str = ""
    cause: str = ""
    off_hours: bool = False


class DeskPush(Push, tag="desk", frozen=True):
    """Whether anybody is there changed; to visitors."""

    desk: Desk


class Recovering(Push, tag="recovering", frozen=True):
    """This server is behind for this conversation and is catching up: `on`, then off (CH-6)."""

    conversation: str
    on: bool


class Reconnect(Push, tag="reconnect", frozen=True):
    """Told before a graceful stop closes the socket: wait `after_ms`, then connect again."""

    after_ms: int


class Alert(Push, tag="alert", frozen=True):
    """Something a rep should know, in words."""

    level: Literal["info", "warning"]
    code: str
    text: str


# --- from the server: answers ---------------------------------------------------------------------


class Ok(Struct, frozen=True, omit_defaults=True, tag_field="type", tag="ok", kw_only=True):
    """Done. Which of the fields are there depends on the request."""

    id: int
    conversation: Conversation | str | UnsetType = UNSET
    epoch: str | UnsetType = UNSET
    offset: int | UnsetType = UNSET
    at: str | UnsetType = UNSET
    fence: int | UnsetType = UNSET
    entries: list[LogEntry] | UnsetType = UNSET
    recovered: bool | UnsetType = UNSET
    state: str | UnsetType = UNSET


class Error(Struct, frozen=True, omit_defaults=True, tag_field="type", tag="error", kw_only=True):
    """Refused. `code` is for programs (the list is in docs/protocol.md), `message` for people."""

    id: int | None = None
    code: str
    message: str
    retry: bool = False
    by: Person | None = None
    at: str | UnsetType = UNSET
    state: str | UnsetType = UNSET
    retry_after: float | UnsetType = UNSET
    """Seconds: asked again sooner it is refused again."""


class VisitorWelcome(
    Struct, frozen=True, omit_defaults=True, tag_field="type", tag="welcome", kw_only=True
):
    """The answer to a visitor's hello. Where `recovered[id]` is true, the resumed position was
    valid and the conversation's `entries` hold exactly what came after it; otherwise the
    conversation is a fresh snapshot.
    """

    id: int
    visitor: str
    token: str
    session: str
    desk: Desk
    conversation: Conversation | None = None
    recovered: dict[str, bool] = field(default_factory=dict)
    server_time: str = ""


class RepSnapshot(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """All that a console shows: apply the pushes to an old one and the fresh one results."""

    availability: Literal["available", "away"]
    capacity: int
    offers: list[Offer]
    conversations: list[Conversation]
    presence: list[PresencePush]
    cause: str = ""
    off_hours: bool = False


class RepWelcome(
    Struct, frozen=True, omit_defaults=True, tag_field="type", tag="welcome", kw_only=True
):
    """The answer to a rep's hello; `recovered` as in the visitor's, per conversation. After
    `idle_minutes` without input a tab says `activity`; 0: never.
    """

    id: int
    rep: Person
    role: str
    device: str
    snapshot: RepSnapshot
    recovered: dict[str, bool] = field(default_factory=dict)
    server_time: str = ""
    idle_minutes: float = 0


ServerMessage = (
    Ok
    | Error
    | Message
    | Requested
    | Claimed
    | Missed
    | Participant
    | Left
    | Closed
    | Conversation
    | Offer
    | OfferGone
    | Released
    | TypingPush
    | ReadPush
    | VisitorPush
    | PresencePush
    | DeskPush
    | Recovering
    | Reconnect
    | Alert
)
VisitorServerMessage = ServerMessage | VisitorWelcome
RepServerMessage = ServerMessage | RepWelcome


class CloseCode:
    """Why a socket was closed. 4000–4499: connect again; 4500–4999: don't."""

    DRAIN = 4001
    SLOW = 4002
    IDLE = 4003
    OVERLOADED = 4004
    REPLACED_NODE = 4005
    RATE = 4006
    ERASED = 4007
    UNAUTHORIZED = 4501
    BAD_FRAME = 4502
    TOO_BIG = 4503
    HELLO_EXPECTED = 4504
    SUPERSEDED = 4505
    SIGNED_OUT = 4506
