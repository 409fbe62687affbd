"""What was said: CH-3, and what a client was told of it."""

from collections import defaultdict
from collections.abc import Iterator

from tests.chaos.evidence import Evidence, Row
from tests.chaos.history import Line, calls_of

Place = tuple[str, int]


def rows_of(evidence: Evidence) -> dict[Place, Row]:
    """(conversation, offset) → its row; what stands twice is another rule's."""
    return {(row.conversation, row.offset): row for row in evidence.sql.entries}


def messages_of(evidence: Evidence) -> list[tuple[Line, Line]]:
    """Acknowledged messages: when each was first said, and its answer."""
    found = []
    for lines in calls_of(evidence.lines).values():
        first, last = lines[0], lines[-1]
        if first.what == "message" and last.does == "ok":
            found.append((first, last))
    return found


def what_is_acknowledged_is_kept(evidence: Evidence) -> Iterator[str]:
    """CH-3: at its offset, with its words."""
    rows = rows_of(evidence)
    for first, ok in messages_of(evidence):
        said = f"{ok.who}'s {ok.text!r} in {ok.conversation}"
        when = f"said at {first.at} s ({first.place}), acknowledged at {ok.at} s ({ok.place})"
        row = rows.get((ok.conversation, ok.offset))
        if row is None:
            yield f"{said}, {when} as offset {ok.offset}, is lost: SQL has nothing there."
        elif (row.client_id, row.text) != (ok.client_id, ok.text):
            yield f"{said}, {when} as offset {ok.offset}, is lost: {row.text!r} stands there."


def what_was_left_is_kept(evidence: Evidence) -> Iterator[str]:
    """RT-6: a message that was left where nobody came."""
    left = {(row.conversation, row.text) for row in evidence.sql.entries if row.type == "left"}
    for line in evidence.lines:
        is_ok = line.does == "ok" and line.what == "leave"
        if is_ok and (line.conversation, line.text) not in left:
            yield (
                f"{line.who} left {line.text!r} in {line.conversation}, acknowledged at "
                f"{line.at} s ({line.place}), and SQL doesn't have it."
            )


def nothing_is_said_twice(evidence: Evidence) -> Iterator[str]:
    """CH-3: a sender's client id is one message."""
    first: dict[tuple[str, str, str], Row] = {}
    for row in evidence.sql.entries:
        if row.type != "message" or not row.client_id:
            continue
        other = first.setdefault((row.conversation, row.rep, row.client_id), row)
        if other is not row:
            calls = [one.place for one in evidence.lines if one.client_id == row.client_id]
            yield (
                f"{row.text!r} stands twice in {row.conversation}, at {other.offset} and "
                f"{row.offset} ({', '.join(calls)})."
            )


def the_order_is_that_of_time(evidence: Evidence) -> Iterator[str]:
    """CH-3: what was said after an acknowledgement stands after what was acknowledged."""
    begun: dict[str, Line] = {}
    for line in evidence.lines:  # said again in another tab, it is another call but as old
        if line.does == "invoke" and line.client_id:
            begun.setdefault(line.client_id, line)
    by_name: dict[str, list[Line]] = defaultdict(list)
    for _, ok in messages_of(evidence):
        by_name[ok.conversation].append(ok)
    for name, said in by_name.items():
        for first, before, ok in _overtaken(said, begun):
            yield (
                f"In {name}, {ok.text!r} was said at {first.at} s ({first.place}), after "
                f"{before.text!r} was acknowledged at {before.at} s ({before.place}), but stands "
                f"before it: {ok.offset} and {before.offset}."
            )


def _overtaken(said: list[Line], begun: dict[str, Line]) -> Iterator[tuple[Line, Line, Line]]:
    """When it was said, what had been acknowledged before and stands behind it, its answer."""
    acknowledged = iter(sorted(said, key=lambda ok: ok.at))
    done, highest = next(acknowledged, None), None
    for ok in sorted(said, key=lambda ok: begun[ok.client_id].at):
        first = begun[ok.client_id]
        while done is not None and done.at < first.at:
            if highest is None or done.offset > highest.offset:
                highest = done
            done = next(acknowledged, None)
        if highest is not None and ok.offset < highest.offset:
            yield first, highest, ok


def logs_have_no_gaps(evidence: Evidence) -> Iterator[str]:
    """CH-3: offsets count from 1."""
    offsets: dict[str, list[int]] = defaultdict(list)
    for row in evidence.sql.entries:
        offsets[row.conversation].append(row.offset)
    for name, found in offsets.items():
        if sorted(found) != list(range(1, len(found) + 1)):
            missing = sorted(set(range(1, max(found) + 1)) - set(found))
            twice = sorted({one for one in found if found.count(one) > 1})
            yield f"{name} has no offsets {missing[:9]} and has {twice[:9]} more than once in SQL."


def all_are_told_the_same(evidence: Evidence) -> Iterator[str]:
    """CH-3: whatever a client was told stands there, as it was told."""
    rows = rows_of(evidence)
    for line in evidence.lines:
        if line.does != "told":
            continue
        row = rows.get((line.conversation, line.offset))
        told = (line.epoch, line.what, line.client_id, line.text)
        stands = row and (row.epoch, row.type, row.client_id, row.text)
        if told != stands:
            yield (
                f"{line.who} was told at {line.at} s ({line.place}) that {line.conversation} has "
                f"{told} at {line.offset}, but there stands {stands}."
            )


def each_is_told_once_and_in_order(evidence: Evidence) -> Iterator[str]:
    """CH-3: to one client, a conversation's entries come by rising offsets."""
    last: dict[tuple[str, str], Line] = {}
    for line in evidence.lines:
        if line.does != "told":
            continue
        before = last.get((line.who, line.conversation))
        if before is not None and line.offset <= before.offset:
            yield (
                f"{line.who} was told {line.offset} of {line.conversation} at {line.at} s "
                f"({line.place}), after {before.offset} at {before.at} s ({before.place})."
            )
        last[line.who, line.conversation] = line


MESSAGES = (
    what_is_acknowledged_is_kept,
    what_was_left_is_kept,
    nothing_is_said_twice,
    the_order_is_that_of_time,
    logs_have_no_gaps,
    all_are_told_the_same,
    each_is_told_once_and_in_order,
)
