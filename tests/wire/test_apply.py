"""Law: applying the events to an old snapshot gives the fresh snapshot."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from frontdesk.wire import apply
from frontdesk.wire.frames import (
    Conversation,
    Entry,
    LogEntry,
    Message,
    Ok,
    Person,
    Reads,
    RepServerMessage,
    RepSnapshot,
    SendMessage,
)

Snapshot = TypeVar("Snapshot", Conversation, RepSnapshot)
VECTORS = Path(__file__).parents[1] / "vectors"


def vectors(name: str) -> list[Any]:
    loaded = json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))["vectors"]
    return [pytest.param(one, id=one["name"]) for one in loaded]


def folded(
    before: Snapshot,
    events: list[Any],
    step: Callable[[Snapshot, Struct], Snapshot | apply.Gap],
) -> tuple[Snapshot, apply.Gap | None]:
    """The state after the events, and the gap that the last one gave, if it did."""
    state = before
    for index, event in enumerate(events):
        after = step(state, msgspec.convert(event, RepServerMessage))
        if isinstance(after, apply.Gap):
            assert index == len(events) - 1, f"a gap before the last event: {after}"
            return state, after
        state = after
    return state, None


def expected_gap(vector: dict[str, Any]) -> apply.Gap | None:
    return msgspec.convert(vector["gap"], apply.Gap) if "gap" in vector else None


# --- the shared vectors ---------------------------------------------------------------------------


@pytest.mark.parametrize("vector", vectors("conversation"))
def test_conversation(vector: dict[str, Any]) -> None:
    before = msgspec.convert(vector["before"], Conversation)
    after, gap = folded(before, vector["events"], apply.to_conversation)
    assert after == msgspec.convert(vector["after"], Conversation)
    assert gap == expected_gap(vector)
    assert before == msgspec.convert(vector["before"], Conversation), "changed in place"


@pytest.mark.parametrize("vector", vectors("rep"))
def test_rep(vector: dict[str, Any]) -> None:
    before = msgspec.convert(vector["before"], RepSnapshot)
    after, gap = folded(
        before,
        vector["events"],
        lambda state, event: apply.to_rep(state, event, me=vector["me"]),
    )
    assert after == msgspec.convert(vector["after"], RepSnapshot)
    assert gap == expected_gap(vector)
    assert before == msgspec.convert(vector["before"], RepSnapshot), "changed in place"


@pytest.mark.parametrize("vector", vectors("resume"))
def test_resume(vector: dict[str, Any]) -> None:
    old = msgspec.convert(vector["old"], Conversation | None)
    new = msgspec.convert(vector["new"], Conversation)
    after = apply.resumed(old, new, vector["recovered"])
    assert after == msgspec.convert(vector["after"], Conversation)


@pytest.mark.parametrize("vector", vectors("sent"))
def test_sent(vector: dict[str, Any]) -> None:
    entry = apply.sent(
        msgspec.convert(vector["message"], SendMessage),
        msgspec.convert(vector["ok"], Ok),
        rep=msgspec.convert(vector["rep"], Person | None),
    )
    assert entry == msgspec.convert(vector["entry"], Message)


def test_an_answer_that_acknowledges_no_message_is_refused() -> None:
    message = SendMessage(id=1, conversation="c_1", client_id="a", text="Hi")
    with pytest.raises(ValueError, match="not the acknowledgement"):
        apply.sent(message, Ok(id=1))


# --- the law, on logs that nobody wrote by hand ---------------------------------------------------

EMPTY = Conversation(id="c", state="requested", epoch="", offset=0, at="", entries=[])


def log_of(kinds: list[str]) -> list[LogEntry]:
    """A log of messages, written under epochs that change where `kinds` says "epoch"."""
    log: list[LogEntry] = []
    epoch = 1
    for kind in kinds:
        if kind == "epoch":
            epoch += 1
            continue
        log.append(
            Message(
                conversation="c",
                epoch=f"E{epoch}",
                offset=len(log) + 1,
                at=f"t{len(log) + 1}",
                sender="rep" if kind == "rep" else "visitor",
                text=kind,
            )
        )
    return log


def snapshot(log: list[LogEntry]) -> Conversation:
    """What the server would say afresh."""
    if not log:
        return EMPTY
    last = log[-1]
    return replace(EMPTY, epoch=last.epoch, offset=last.offset, entries=log)


LOGS = st.lists(st.sampled_from(["rep", "visitor", "epoch"]), max_size=30).map(log_of)


@given(log=LOGS, data=st.data())
def test_any_delivery_with_duplicates_and_losses_ends_at_the_fresh_snapshot(
    log: list[LogEntry],
    data: st.DataObject,
) -> None:
    known = data.draw(st.integers(0, len(log)), label="known")
    arriving = data.draw(st.lists(st.sampled_from(log)) if log else st.just([]), label="arriving")
    state = snapshot(log[:known])
    for entry in [*arriving, *log[-1:]]:
        after = apply.to_conversation(state, entry)
        if isinstance(after, apply.Gap):
            assert after.known.offset == state.offset
            after = apply.entries(state, log[state.offset :])
        assert isinstance(after, Conversation)
        state = after
    assert state == snapshot(log)


@given(log=LOGS, data=st.data())
def test_a_resumed_position_ends_at_the_fresh_snapshot(
    log: list[LogEntry],
    data: st.DataObject,
) -> None:
    known = data.draw(st.integers(0, len(log)), label="known")
    rest = replace(snapshot(log), entries=log[known:], first=known + 1)
    assert apply.resumed(snapshot(log[:known]), rest, {"c": True}) == snapshot(log)


@given(log=LOGS.filter(bool), data=st.data())
def test_an_entry_that_was_rolled_back_is_never_taken_for_the_one_that_replaced_it(
    log: list[LogEntry],
    data: st.DataObject,
) -> None:
    place = data.draw(st.integers(1, len(log)), label="place")
    other: Entry = replace(log[place - 1], epoch="another")
    assert isinstance(apply.to_conversation(snapshot(log), other), apply.Gap)


@given(visitor=st.lists(st.integers(0, 50)), rep=st.lists(st.integers(0, 50)))
def test_read_marks_end_at_the_highest_whatever_their_order(
    visitor: list[int],
    rep: list[int],
) -> None:
    state: Any = EMPTY
    for who, marks in (("visitor", visitor), ("rep", rep)):
        for offset in marks:
            push = {"type": "read", "conversation": "c", "who": who, "offset": offset}
            state = apply.to_conversation(state, msgspec.convert(push, RepServerMessage))
    assert state.read == Reads(visitor=max([0, *visitor]), rep=max([0, *rep]))


def test_history_that_does_not_follow_is_a_gap() -> None:
    log = log_of(["rep"] * 5)
    assert isinstance(apply.entries(snapshot(log[:1]), log[3:]), apply.Gap)


def test_a_reps_recovered_conversations_are_joined_and_the_others_replaced() -> None:
    log = log_of(["rep", "visitor", "rep"])
    one, rest = snapshot(log[:1]), replace(snapshot(log), entries=log[1:], first=2)
    other = replace(one, id="d")
    old = RepSnapshot(
        availability="away", capacity=3, offers=[], conversations=[one, other], presence=[]
    )
    new = replace(old, availability="available", conversations=[rest, replace(other, first=9)])
    joined = apply.resumed_rep(old, new, {"c": True, "d": False})
    assert joined == replace(new, conversations=[snapshot(log), replace(other, first=9)])
    assert apply.resumed_rep(None, new, {}) == new
