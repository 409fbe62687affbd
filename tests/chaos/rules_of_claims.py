"""Who holds what: CH-1, CH-2, PR-4, RT-6."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from tests.chaos.evidence import Evidence, StreamEvent
from tests.chaos.history import Line

MOVES = {
    "": {"requested"},
    "requested": {"claimed", "missed", "closed"},
    "claimed": {"requested", "closed"},
    "missed": {"requested", "closed"},
    "closed": set(),
}
"""From the last transition to the next (CH-1); `missed` follows `requested` at once or later."""


def transitions_of(evidence: Evidence) -> dict[str, list[StreamEvent]]:
    """Conversation → its events that move it, in order."""
    found: dict[str, list[StreamEvent]] = defaultdict(list)
    for event in evidence.events:
        if event.kind in MOVES and event.conversation:
            found[event.conversation].append(event)
    return found


def one_holder_per_fence(evidence: Evidence) -> Iterator[str]:
    """CH-2: of all who were told `ok`, one for each fence, and it is whom the stream names."""
    truth = {
        (one.conversation, int(one.fields["fence"])): one.fields["rep"]
        for one in evidence.events
        if one.kind == "claimed"
    }
    first: dict[tuple[str, int], Line] = {}
    for line in evidence.lines:
        if line.does != "ok" or line.what != "claim":
            continue
        claim = (line.conversation, line.fence)
        where = f"fence {line.fence} of {line.conversation}"
        other = first.setdefault(claim, line)
        if other.who.partition(" #")[0] != line.who.partition(" #")[0]:
            yield (
                f"{where} was given to {other.who} at {other.at} s ({other.place}) and to "
                f"{line.who} at {line.at} s ({line.place})."
            )
        if claim not in truth:
            yield (
                f"{line.who} was told at {line.at} s ({line.place}) that they hold {where}, "
                "but the stream has no such claim."
            )


def fences_only_grow(evidence: Evidence) -> Iterator[str]:
    """CH-2: each claim has the next number."""
    claims: dict[str, list[StreamEvent]] = defaultdict(list)
    for event in evidence.events:
        if event.kind == "claimed":
            claims[event.conversation].append(event)
    for name, events in claims.items():
        fences = [int(one.fields["fence"]) for one in events]
        if fences != list(range(1, len(fences) + 1)):
            seen = [one.seen for one in events]
            yield f"The fences of {name} are {fences}, at {seen} s, not one more each time."


def moves_are_legal(evidence: Evidence) -> Iterator[str]:
    """CH-1."""
    for name, events in transitions_of(evidence).items():
        state = ""
        for event in events:
            if event.kind not in MOVES[state]:
                yield (
                    f"{name} went from {state or 'nothing'} to {event.kind} at {event.seen} s "
                    f"(event {event.id})."
                )
            state = event.kind


def one_open_conversation_per_visitor(evidence: Evidence) -> Iterator[str]:
    """CH-1: at every moment."""
    is_open: dict[str, str] = {}
    visitor_of: dict[str, str] = {}
    for event in evidence.events:
        name = event.conversation
        if event.kind == "requested":
            visitor = visitor_of[name] = event.fields["visitor"]
            other = is_open.setdefault(visitor, name)
            if other != name:
                yield (
                    f"Visitor {visitor} asked for {name} at {event.seen} s (event {event.id}) "
                    f"while {other} was open."
                )
        elif event.kind == "closed" and is_open.get(visitor_of.get(name, "")) == name:
            del is_open[visitor_of[name]]


def capacity_is_never_exceeded(evidence: Evidence) -> Iterator[str]:
    """PR-4: the claims and releases, replayed."""
    held: dict[str, set[str]] = defaultdict(set)
    holder: dict[str, str] = {}
    for event in evidence.events:
        name = event.conversation
        if event.kind in ("requested", "missed", "closed", "claimed") and name in holder:
            held[holder.pop(name)].discard(name)
        if event.kind != "claimed":
            continue
        rep = holder[name] = event.fields["rep"]
        held[rep].add(name)
        most = evidence.capacity.get(rep, 0)
        if len(held[rep]) > most:
            yield (
                f"{rep} got {name} at {event.seen} s (event {event.id}) and then held "
                f"{', '.join(sorted(held[rep]))}: {len(held[rep])}, where {most} are allowed."
            )


def only_who_can_answer_is_rung(evidence: Evidence) -> Iterator[str]:
    """PR-1: by what the stream last said of each rep's presence."""
    last: dict[str, StreamEvent] = {}
    for event in evidence.events:
        if event.kind.startswith("rep_"):
            last[event.fields["rep"]] = event
        words = event.fields.get("outcomes", "").split(",")
        for rep, outcome in zip(words[::2], words[1::2], strict=False):
            known = last.get(rep)
            if outcome != "rung" or known is None:
                continue
            availability, *_, devices = known.fields["status"].split("|")
            if availability != "available" or not devices:
                yield (
                    f"{rep} was rung for {event.conversation} at {event.seen} s (event "
                    f"{event.id}), but was {known.kind.removeprefix('rep_')} since {known.seen} s."
                )


def only_the_holder_writes(evidence: Evidence) -> Iterator[str]:
    """CH-2: between the claim and what ended it, nobody else's message stands as a rep's."""
    rows = defaultdict(list)
    for row in evidence.sql.entries:
        rows[row.conversation].append(row)
    for name, entries in rows.items():
        holder = ""
        for row in sorted(entries, key=lambda row: row.offset):
            if row.type == "claimed":
                holder = row.rep
            elif row.type in ("requested", "missed", "closed"):
                holder = ""
            elif row.type == "message" and row.sender == "rep" and row.rep != holder:
                yield (
                    f"{name} has at offset {row.offset} a message of {row.rep} ({row.text!r}), "
                    f"while {holder or 'nobody'} held it."
                )


def every_request_has_an_outcome(evidence: Evidence) -> Iterator[str]:
    """RT-6, R3.2: claimed, missed or closed within the total wait, counted from the calm on."""
    for name, events in transitions_of(evidence).items():
        for event, after in pairwise([*events, None]):
            if event is None or event.kind != "requested":
                continue
            # A transfer that nobody takes goes back to its rule once.
            waits = 2 if event.fields.get("why") == "transfer" else 1
            until = max(event.seen, evidence.calm) + waits * evidence.wait + evidence.grace
            if after is None:
                yield (
                    f"{name} was requested at {event.seen} s (event {event.id}, "
                    f"{event.fields.get('why', 'request')}) and nothing ever came of it."
                )
            elif after.seen > until:
                yield (
                    f"{name} was requested at {event.seen} s (event {event.id}) and {after.kind} "
                    f"only at {after.seen} s; all was calm at {evidence.calm} s, so {until:.1f} s "
                    "was the latest."
                )


CLAIMS = (
    one_holder_per_fence,
    fences_only_grow,
    moves_are_legal,
    one_open_conversation_per_visitor,
    capacity_is_never_exceeded,
    only_who_can_answer_is_rung,
    only_the_holder_writes,
    every_request_has_an_outcome,
)
