"""Answers, the archive, screens, and what may be left when all is over."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from tests.chaos.evidence import Evidence, Screen
from tests.chaos.history import calls_of

WRONG_CODES = {"internal", "bad_frame", "bad_request", "unknown_type", "forbidden", "not_found"}
"""Answers that nobody here deserves."""


# --- answers ------------------------------------------------------------------------------------


def every_call_is_answered(evidence: Evidence) -> Iterator[str]:
    """Unless its client has left, it has an outcome in the end."""
    left = {line.who for line in evidence.lines if line.does == "left"}
    for lines in calls_of(evidence.lines).values():
        first, last = lines[0], lines[-1]
        if last.does not in ("ok", "error") and first.who not in left:
            yield (
                f"{first.who} asked {first.what} {first.conversation} at {first.at} s "
                f"({first.place}) and was never answered; last was {last.does} {last.code} at "
                f"{last.at} s ({last.place})."
            )


def answers_are_sensible(evidence: Evidence) -> Iterator[str]:
    """No fault of the server, and nobody is sent away for good."""
    closed = {one.conversation for one in evidence.events if one.kind == "closed"}
    for line in evidence.lines:
        # What is closed and archived is forgotten, all at once when the clock jumps by an hour.
        is_forgotten = line.code == "not_found" and line.conversation in closed
        is_answer = line.does in ("error", "unknown")
        if is_answer and line.code in WRONG_CODES and not is_forgotten:
            yield (
                f"{line.who} was answered {line.code} to {line.what} {line.conversation} at "
                f"{line.at} s ({line.place})."
            )
        if line.does == "gone":
            yield f"{line.who} was sent away with {line.code} by {line.at} s ({line.place})."


def nothing_is_logged_that_alarms(evidence: Evidence) -> Iterator[str]:
    """No stack trace, nothing mended."""
    yield from evidence.logged


def nothing_dies_by_itself(evidence: Evidence) -> Iterator[str]:
    """Neither a node, nor the worker, nor Redis, unless a fault struck it."""
    for line in evidence.lines:
        if line.does == "died":
            yield f"{line.what} died by itself at {line.at} s ({line.place})."


def nothing_had_to_be_mended(evidence: Evidence) -> Iterator[str]:
    """CH-7: the watchdog is for what must not be."""
    for event in evidence.events:
        if event.kind == "mended":
            what = event.fields.get("what")
            yield f"The watchdog mended {event.conversation} at {event.seen} s: {what}."


# --- the archive --------------------------------------------------------------------------------


def every_event_is_archived_once(evidence: Evidence) -> Iterator[str]:
    """Each event with an offset is one row of `entry`, and each row is of one event."""
    events = {
        (one.conversation, one.offset): one
        for one in evidence.events
        if one.offset and one.conversation
    }
    rows = Counter((row.conversation, row.offset, row.epoch) for row in evidence.sql.entries)
    for (name, offset), event in events.items():
        count = rows.pop((name, offset, event.epoch), 0)
        if count != 1:
            yield (
                f"{event.kind} at offset {offset} of {name} (event {event.id}, {event.seen} s) "
                f"stands {count} times in SQL."
            )
    for name, offset, epoch in rows:
        yield f"SQL has offset {offset} of {name} under epoch {epoch}, of which no event tells."


def decisions_and_presence_are_archived(evidence: Evidence) -> Iterator[str]:
    """RT-12, PR-7: one row for each."""
    decided = Counter(evidence.sql.decisions)
    present = Counter(evidence.sql.presence)
    for event in evidence.events:
        if event.kind in ("requested", "rerouted") and decided[event.name[:64]] != 1:
            yield f"The decision of event {event.id} ({event.conversation}) isn't in SQL."
        number = int(event.id.rpartition("-")[2])
        if event.kind.startswith("rep_") and present[event.fields["rep"], event.at, number] != 1:
            yield (
                f"{event.kind} of {event.fields['rep']} at {event.seen} s (event {event.id}) isn't "
                "in SQL."
            )


def every_ring_has_an_end_in_sql(evidence: Evidence) -> Iterator[str]:
    """RT-12, RT-15."""
    for name, rep, outcome in evidence.sql.rings:
        if not outcome:
            yield f"In SQL, {name} still rings for {rep}."


def conversations_in_sql_are_as_they_ended(evidence: Evidence) -> Iterator[str]:
    """State, fence and last offset are those of the stream's last words."""
    last: dict[str, dict[str, Any]] = defaultdict(lambda: {"state": "", "fence": 0, "offset": 0})
    states = {"claimed": "active"}
    for event in evidence.events:
        if not event.offset:
            continue
        known = last[event.conversation]
        known["offset"] = event.offset
        if event.kind in ("requested", "claimed", "missed", "closed"):
            known["state"] = states.get(event.kind, event.kind)
        if event.kind == "claimed":
            known["fence"] = int(event.fields["fence"])
    rows = {chat.id: chat for chat in evidence.sql.chats}
    for name, known in last.items():
        row = rows.get(name)
        found = row and {"state": row.state, "fence": row.fence, "offset": row.last_offset}
        if found != known:
            yield f"{name} is {found} in SQL, but the stream ended with {known}."


def no_event_is_dead(evidence: Evidence) -> Iterator[str]:
    """The archive gave up on none."""
    for error in evidence.sql.dead:
        yield f"The archive gave up on an event: {error}"


# --- screens ------------------------------------------------------------------------------------


def screens_are_as_fresh_ones(evidence: Evidence) -> Iterator[str]:
    """Law 9: an old snapshot with all that was pushed since is the fresh snapshot."""
    for screen in evidence.screens:
        differences = list(_differences(screen))
        if differences:
            yield f"At {screen.at} s, {screen.who}'s screen: {'; '.join(differences[:5])}."


def _differences(screen: Screen) -> Iterable[str]:
    return _between("", screen.kept, screen.fresh)


def _between(path: str, kept: Any, fresh: Any) -> Iterator[str]:
    if isinstance(kept, dict) and isinstance(fresh, dict):
        for name in sorted(kept.keys() | fresh.keys()):
            yield from _between(f"{path}.{name}" if path else name, kept.get(name), fresh.get(name))
    elif isinstance(kept, list) and isinstance(fresh, list) and len(kept) == len(fresh):
        for number, (one, other) in enumerate(zip(kept, fresh, strict=True)):
            yield from _between(f"{path}[{number}]", one, other)
    elif kept != fresh:
        yield f"{path} shows {_short(kept)}, a fresh one {_short(fresh)}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 120 else f"{text[:117]}…"


# --- what is left -------------------------------------------------------------------------------


def nothing_is_left(evidence: Evidence) -> Iterator[str]:
    """Everything is closed and everybody has left: no ring, timer, place, pointer or device."""
    left = evidence.remains
    yield from (f"{name} is still open for {visitor}." for visitor, name in left.open.items())
    yield from (f"{name} still stands in the queue." for name in left.queue)
    yield from (f"The timer {item} is still due." for item in left.due)
    yield from (f"{name} is still silent for {rep}." for name, rep in left.silent.items())
    yield from (f"{name} still rings on {nodes}." for name, nodes in left.rung.items())
    yield from (f"Device {device} is still there: {is_}." for device, is_ in left.devices.items())


def no_place_is_left_taken(evidence: Evidence) -> Iterator[str]:
    """PR-4: neither in `held` nor in a rep's load."""
    for rep, names in evidence.remains.held.items():
        for name in names:
            yield f"{rep} still holds a place for {name}."
    for rep, status in evidence.remains.reps.items():
        if status.split("|")[2] != "0":
            yield f"{rep} has a load, although everything is closed: {status}."


REST = (
    every_call_is_answered,
    answers_are_sensible,
    nothing_is_logged_that_alarms,
    nothing_dies_by_itself,
    nothing_had_to_be_mended,
    every_event_is_archived_once,
    decisions_and_presence_are_archived,
    every_ring_has_an_end_in_sql,
    conversations_in_sql_are_as_they_ended,
    no_event_is_dead,
    screens_are_as_fresh_ones,
    nothing_is_left,
    no_place_is_left_taken,
)
