"""Law: applying the events to an old snapshot gives the fresh snapshot.

Pure. `to_conversation` folds one push into what either side sees of a conversation; `to_rep` folds
one into everything that a console shows. Where a push can't follow what is known, the answer is a
`Gap`: the old snapshot stands, and the client asks for `history` from `Gap.known` (CH-3). The same
vectors (`tests/vectors`) hold for this module and for `client_js/src/protocol/apply.ts`.

What is coalesced or of the moment (typing, desk, alert, recovering, reconnect) changes no snapshot.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from msgspec import UNSET, Struct
from msgspec.structs import replace

from frontdesk.wire.frames import (
    Claimed,
    Closed,
    Conversation,
    Left,
    LogEntry,
    Message,
    Missed,
    Offer,
    OfferGone,
    Ok,
    Participant,
    Person,
    Position,
    PresencePush,
    ReadPush,
    Reads,
    Released,
    RepSnapshot,
    Requested,
    SendMessage,
    State,
    VisitorPush,
)

Item = TypeVar("Item")
STATES: dict[type, State] = {
    Requested: "requested",
    Claimed: "active",
    Missed: "missed",
    Closed: "closed",
}


class Gap(Struct, frozen=True):
    """A push that can't follow what is known: ask for the `history` after `known`.

    Either something between is missing, or the place of `got` is taken by an entry of another
    epoch: the server lost what this client had been told, and says now what is there instead.
    """

    conversation: str
    known: Position
    got: Position


# --- a conversation ------------------------------------------------------------------------------


def to_conversation(conversation: Conversation, event: Struct) -> Conversation | Gap:
    """The conversation after a push. What isn't about this conversation changes nothing."""
    if isinstance(event, Conversation):
        return event if event.id == conversation.id else conversation
    if getattr(event, "conversation", None) != conversation.id:
        return conversation
    match event:
        case ReadPush():
            return replace(conversation, read=_read(conversation.read, event))
        case VisitorPush():
            return _visitor(conversation, event)
        case Message() | Requested() | Claimed() | Missed() | Participant() | Left() | Closed():
            return _entry(conversation, event)
    return conversation


def entries(conversation: Conversation, log: Iterable[LogEntry]) -> Conversation | Gap:
    """The conversation after what `history` answered with `recovered: true`."""
    for entry in log:
        after = _entry(conversation, entry)
        if isinstance(after, Gap):
            return after
        conversation = after
    return conversation


def resumed(
    old: Conversation | None,
    new: Conversation,
    recovered: Mapping[str, bool],
) -> Conversation:
    """What a `welcome` says of a conversation, joined with what was known before.

    Where the position was recovered, `new.entries` is only what came after it.
    """
    if old is None or old.id != new.id or not recovered.get(new.id):
        return new
    return replace(new, entries=[*old.entries, *new.entries], first=old.first)


def sent(message: SendMessage, ok: Ok, *, rep: Person | None = None) -> Message:
    """The entry that an acknowledged message of one's own became; `rep` when a rep sent it.

    The socket that sent a message is told `ok` in place of the push.
    """
    if ok.epoch is UNSET or ok.offset is UNSET or ok.at is UNSET:
        raise ValueError("not the acknowledgement of a message: epoch, offset or at is missing")
    return Message(
        conversation=message.conversation,
        epoch=ok.epoch,
        offset=ok.offset,
        at=ok.at,
        sender="visitor" if rep is None else "rep",
        rep=rep,
        text=message.text,
        client_id=message.client_id,
    )


def _entry(conversation: Conversation, entry: LogEntry) -> Conversation | Gap:
    """Next in order: taken. Known already: dropped. Anything else: a gap.

    A conversation's `at` is when a person was last asked for.
    """
    if entry.offset != conversation.offset + 1:
        if entry.offset <= conversation.offset and _is_known(conversation, entry):
            return conversation
        return Gap(
            conversation=conversation.id,
            known=Position(conversation.epoch, conversation.offset),
            got=Position(entry.epoch, entry.offset),
        )
    return replace(
        conversation,
        state=STATES.get(type(entry), conversation.state),
        rep=_holder(conversation, entry),
        epoch=entry.epoch,
        offset=entry.offset,
        at=entry.at if isinstance(entry, Requested) else conversation.at,
        entries=[*conversation.entries, entry],
    )


def _is_known(conversation: Conversation, entry: LogEntry) -> bool:
    """Whether the log has this very entry; of what is older than `first`, it is assumed."""
    index = entry.offset - conversation.first
    if not 0 <= index < len(conversation.entries):
        return True
    return conversation.entries[index].epoch == entry.epoch


def _holder(conversation: Conversation, entry: LogEntry) -> Person | None:
    match entry:
        case Claimed():
            return entry.rep
        case Requested():
            return None
    return conversation.rep


def _read(read: Reads, push: ReadPush) -> Reads:
    """Read marks only go forward: a late one of a slower tab changes nothing."""
    if push.who == "visitor":
        return replace(read, visitor=max(read.visitor, push.offset))
    return replace(read, rep=max(read.rep, push.offset))


def _visitor(conversation: Conversation, push: VisitorPush) -> Conversation:
    about = conversation.visitor if push.visitor is None else push.visitor
    return replace(conversation, visitor_here=push.here, visitor=about)


# --- a rep ---------------------------------------------------------------------------------------


def to_rep(snapshot: RepSnapshot, event: Struct, *, me: str) -> RepSnapshot | Gap:
    """All that a console shows, after a push; `me` is the id of the rep whose console it is.

    `conversations` are those that the rep holds: one that is closed, missed, or being looked for
    again leaves it, and comes back by a `conversation` (in a push, or in the answer to `claim`).
    Lists are in order: offers by time, conversations and presence by id.
    """
    match event:
        case Offer():
            return replace(snapshot, offers=_with(snapshot.offers, event, by=_offer_order))
        case OfferGone():
            return replace(snapshot, offers=_without_offer(snapshot, event.conversation))
        case Released():
            return _dropped(snapshot, event.conversation)
        case PresencePush():
            return _presence(snapshot, event, me)
        case Conversation():
            return _held(snapshot, event)
    return _in_held(snapshot, event)


def resumed_rep(
    old: RepSnapshot | None,
    new: RepSnapshot,
    recovered: Mapping[str, bool],
) -> RepSnapshot:
    """A rep's fresh snapshot, its recovered conversations joined with what was known of them."""
    known = {one.id: one for one in old.conversations} if old else {}
    joined = [resumed(known.get(one.id), one, recovered) for one in new.conversations]
    return replace(new, conversations=joined)


def _in_held(snapshot: RepSnapshot, event: Struct) -> RepSnapshot | Gap:
    """Pushes about a conversation that isn't held (any more) are late: dropped."""
    about = getattr(event, "conversation", None)
    held = next((one for one in snapshot.conversations if one.id == about), None)
    if held is None:
        return snapshot
    after = to_conversation(held, event)
    return after if isinstance(after, Gap) else _held(snapshot, after)


def _held(snapshot: RepSnapshot, conversation: Conversation) -> RepSnapshot:
    """What is held rings no more; what isn't active isn't held."""
    if conversation.state != "active":
        return _dropped(snapshot, conversation.id)
    return replace(
        snapshot,
        offers=_without_offer(snapshot, conversation.id),
        conversations=_with(snapshot.conversations, conversation, by=_conversation_order),
    )


def _dropped(snapshot: RepSnapshot, conversation: str) -> RepSnapshot:
    kept = [one for one in snapshot.conversations if one.id != conversation]
    return replace(snapshot, conversations=kept)


def _without_offer(snapshot: RepSnapshot, conversation: str) -> list[Offer]:
    return [one for one in snapshot.offers if one.conversation != conversation]


def _presence(snapshot: RepSnapshot, push: PresencePush, me: str) -> RepSnapshot:
    """One's own presence is also what the head of the console says."""
    after = replace(snapshot, presence=_with(snapshot.presence, push, by=_presence_order))
    if push.rep.id != me:
        return after
    return replace(
        after,
        availability=push.availability,
        capacity=push.capacity,
        cause=push.cause,
        off_hours=push.off_hours,
    )


def _offer_order(offer: Offer) -> tuple[str, str]:
    """The identity comes last in every order: `_with` replaces what has the same one."""
    return offer.requested_at, offer.conversation


def _conversation_order(conversation: Conversation) -> tuple[str]:
    return (conversation.id,)


def _presence_order(push: PresencePush) -> tuple[str]:
    return (push.rep.id,)


def _with(items: list[Item], item: Item, *, by: Callable[[Item], tuple[str, ...]]) -> list[Item]:
    """The list with an item put in its place, and what had the same identity taken out.

    Mostly that stood in the same place: a console hears of every rep's every change, and five
    hundred reps were looked through for each.
    """
    place = by(item)
    at = bisect_left(items, place, key=by)
    if at < len(items) and by(items[at]) == place:
        return [*items[:at], item, *items[at + 1 :]]
    kept = [one for one in items if by(one)[-1] != place[-1]]
    insort(kept, item, key=by)
    return kept
