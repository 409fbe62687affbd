"""Each rule finds what it is for: a history in which all is well, with one thing made wrong."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from tests.chaos.evidence import Chat, Evidence, Row, Screen, Sql, StreamEvent, load
from tests.chaos.history import Line
from tests.chaos.rules import RULES, findings

AVAILABLE = "available|1|0|0|chosen|d@n"


def event(number: int, kind: str, offset: int = 0, **fields: str) -> StreamEvent:
    about = "" if kind.startswith("rep_") else "c1"
    return StreamEvent(
        id=f"{number}-0", kind=kind, epoch="e", conversation=about, offset=offset, at=number,
        seen=float(number), fields=fields,
    )  # fmt: skip


def row(offset: int, kind: str, **fields: str) -> Row:
    return Row(conversation="c1", offset=offset, epoch="e", type=kind, **fields)  # type: ignore[arg-type]


def well() -> Evidence:
    """A visitor asks, Ann starts the chat, each says something, the visitor ends it."""
    hello: dict[str, Any] = {"client_id": "h", "text": "Hello"}
    yes: dict[str, Any] = {"client_id": "y", "text": "Yes?", "fence": 1}
    call: dict[str, Any] = {"who": "Ann #1", "conversation": "c1"}
    lines = [
        Line(n=1, at=2.0, does="invoke", who="v #0", call=1, what="request", **hello),
        Line(n=2, at=2.1, does="ok", who="v #0", call=1, what="request", conversation="c1"),
        Line(n=3, at=3.0, does="invoke", call=2, what="claim", **call),
        Line(n=4, at=3.1, does="ok", call=2, what="claim", fence=1, offset=3, **call),
        Line(n=5, at=4.0, does="invoke", call=3, what="message", **yes, **call),
        Line(n=6, at=4.1, does="ok", call=3, what="message", offset=4, **yes, **call),
        Line(
            n=7, at=4.2, does="told", who="v #0", what="message", conversation="c1", offset=4,
            epoch="e", client_id="y", text="Yes?", rep="ann",
        ),
    ]  # fmt: skip
    events = [
        event(1, "rep_online", rep="ann", status=AVAILABLE),
        event(2, "requested", 1, visitor="v", why="request", outcomes="ann,rung"),
        event(3, "message", 2),
        event(4, "claimed", 3, rep="ann", fence="1"),
        event(5, "message", 4),
        event(6, "closed", 5, why="ended"),
    ]
    sql = Sql(
        chats=[Chat(id="c1", visitor="v", state="closed", last_offset=5, fence=1, rep="ann")],
        entries=[
            row(1, "requested"),
            row(2, "message", sender="visitor", client_id="h", text="Hello"),
            row(3, "claimed", rep="ann"),
            row(4, "message", sender="rep", rep="ann", client_id="y", text="Yes?"),
            row(5, "closed"),
        ],
        decisions=["e:2-0"],
        rings=[("c1", "ann", "claimed")],
        presence=[("ann", 1, 0)],
    )
    screens = [Screen(who="Ann #1", at=9.0, kept={"offers": []}, fresh={"offers": []})]
    return Evidence(
        capacity={"ann": 1, "bob": 1}, wait=8.0, grace=15.0, calm=5.0, lines=lines, events=events,
        sql=sql, screens=screens,
    )  # fmt: skip


def line(evidence: Evidence, **fields: object) -> None:
    number = len(evidence.lines) + 1
    evidence.lines.append(Line(n=number, at=5.0 + number, **fields))  # type: ignore[arg-type]


def answered(evidence: Evidence, who: str, what: str, **fields: object) -> None:
    call = 100 + len(evidence.lines)
    asked = {name: value for name, value in fields.items() if name != "offset"}
    line(evidence, does="invoke", who=who, call=call, what=what, conversation="c1", **asked)
    line(evidence, does="ok", who=who, call=call, what=what, conversation="c1", **fields)


# --- one thing made wrong -------------------------------------------------------------------------

Wrong = Callable[[Evidence], object]
WRONGS: list[tuple[str, Wrong, list[str]]] = []


def wrong(rule: str, *words: str) -> Callable[[Wrong], Wrong]:
    """The rule that must find it, and what the sentence must name."""

    def keep(function: Wrong) -> Wrong:
        WRONGS.append((rule, function, list(words)))
        return function

    return keep


@wrong("one_holder_per_fence", "fence 1 of c1", "Ann #1", "Bob #2", "line 4", "line 9")
def two_are_told_that_they_hold_it(evidence: Evidence) -> None:
    answered(evidence, "Bob #2", "claim", fence=1)


@wrong("one_holder_per_fence", "no such claim", "fence 2")
def a_claim_is_told_that_never_was(evidence: Evidence) -> None:
    answered(evidence, "Ann #1", "claim", fence=2)


@wrong("fences_only_grow", "c1", "[1, 1]")
def a_fence_is_given_twice(evidence: Evidence) -> None:
    evidence.events.append(event(7, "claimed", 6, rep="bob", fence="1"))


@wrong("moves_are_legal", "closed to claimed", "7.0 s")
def a_closed_one_is_claimed(evidence: Evidence) -> None:
    evidence.events.append(event(7, "claimed", 6, rep="bob", fence="2"))


@wrong("one_open_conversation_per_visitor", "c2", "c1")
def a_visitor_has_two(evidence: Evidence) -> None:
    second = event(3, "requested", 1, visitor="v")
    second.conversation = "c2"
    evidence.events.insert(3, second)


@wrong("capacity_is_never_exceeded", "ann", "c1, c2", "2, where 1")
def a_rep_holds_too_many(evidence: Evidence) -> None:
    second = event(5, "claimed", 3, rep="ann", fence="1")
    second.conversation = "c2"
    evidence.events.insert(5, second)


@wrong("only_who_can_answer_is_rung", "ann was rung for c1", "away")
def somebody_is_rung_who_is_away(evidence: Evidence) -> None:
    away = event(1, "rep_away", rep="ann", status=AVAILABLE.replace("available", "away"))
    evidence.events.insert(1, away)


@wrong("only_the_holder_writes", "offset 4", "bob", "ann held it")
def another_rep_writes(evidence: Evidence) -> None:
    evidence.sql.entries[3].rep = "bob"


@wrong("only_the_holder_writes", "offset 6", "nobody held it")
def who_let_go_writes(evidence: Evidence) -> None:
    evidence.sql.entries.append(row(6, "message", sender="rep", rep="ann"))


@wrong("every_request_has_an_outcome", "c1", "nothing ever came of it")
def nobody_answers_a_request(evidence: Evidence) -> None:
    del evidence.events[3:]


@wrong("every_request_has_an_outcome", "claimed only at 99.0 s", "28.0 s was the latest")
def a_request_waits_too_long(evidence: Evidence) -> None:
    for one in evidence.events[3:]:
        one.seen = 99.0


@wrong("what_is_acknowledged_is_kept", "'Yes?' in c1", "line 5", "line 6", "nothing there")
def an_acknowledged_message_is_lost(evidence: Evidence) -> None:
    del evidence.sql.entries[3]


@wrong("what_is_acknowledged_is_kept", "'Yes?' in c1", "'No.' stands there")
def another_message_stands_in_its_place(evidence: Evidence) -> None:
    evidence.sql.entries[3].text = "No."


@wrong("what_was_left_is_kept", "v #0 left 'Call me' in c1", "line 9")
def what_a_visitor_left_is_lost(evidence: Evidence) -> None:
    answered(evidence, "v #0", "leave", text="Call me")


@wrong("nothing_is_said_twice", "'Yes?' stands twice in c1", "4 and 5", "line 5")
def a_message_is_doubled(evidence: Evidence) -> None:
    evidence.sql.entries[4] = row(5, "message", sender="rep", rep="ann", client_id="y", text="Yes?")


@wrong("the_order_is_that_of_time", "'Yes?'", "'Later'", "line 6", "3 and 4")
def a_later_message_stands_before_an_earlier_one(evidence: Evidence) -> None:
    answered(evidence, "v #0", "message", client_id="l", text="Later", offset=3)


@wrong("logs_have_no_gaps", "c1 has no offsets [2]")
def an_offset_is_missing(evidence: Evidence) -> None:
    del evidence.sql.entries[1]


@wrong("all_are_told_the_same", "v #0", "4.2 s", "line 7", "'No.'")
def somebody_is_told_something_else(evidence: Evidence) -> None:
    evidence.sql.entries[3].text = "No."


@wrong("each_is_told_once_and_in_order", "v #0 was told 4 of c1", "line 8", "line 7")
def somebody_is_told_twice(evidence: Evidence) -> None:
    evidence.lines.append(replace(evidence.lines[-1], n=8))


@wrong("every_call_is_answered", "v #0 asked close c1", "line 8", "never answered")
def a_call_is_never_answered(evidence: Evidence) -> None:
    line(evidence, does="invoke", who="v #0", call=9, what="close", conversation="c1")


@wrong("answers_are_sensible", "answered internal", "line 8")
def the_server_says_that_it_failed(evidence: Evidence) -> None:
    line(evidence, does="unknown", who="v #0", call=1, what="close", code="internal")
    line(evidence, does="ok", who="v #0", call=1, what="close")


@wrong("answers_are_sensible", "Ann #1 was sent away with 4505")
def a_client_is_sent_away_for_good(evidence: Evidence) -> None:
    line(evidence, does="gone", who="Ann #1", code="4505")


@wrong("nothing_is_logged_that_alarms", "Traceback")
def something_falls(evidence: Evidence) -> None:
    evidence.logged.append("Traceback (most recent call last)")


@wrong("nothing_dies_by_itself", "redis", "line 8")
def something_dies(evidence: Evidence) -> None:
    line(evidence, does="died", what="redis")


@wrong("nothing_had_to_be_mended", "c1", "no timer")
def the_watchdog_mends(evidence: Evidence) -> None:
    evidence.events.append(event(7, "mended", what="no timer"))


@wrong("every_event_is_archived_once", "offset 2 of c1", "0 times")
def an_event_is_not_archived(evidence: Evidence) -> None:
    del evidence.sql.entries[1]


@wrong("every_event_is_archived_once", "offset 5 of c1", "2 times")
def an_event_is_archived_twice(evidence: Evidence) -> None:
    evidence.sql.entries.append(evidence.sql.entries[-1])


@wrong("every_event_is_archived_once", "offset 6 of c1", "no event tells")
def something_is_archived_that_never_was(evidence: Evidence) -> None:
    evidence.sql.entries.append(row(6, "message"))


@wrong("decisions_and_presence_are_archived", "decision of event 2-0")
def a_decision_is_not_archived(evidence: Evidence) -> None:
    evidence.sql.decisions.clear()


@wrong("decisions_and_presence_are_archived", "rep_online of ann")
def presence_is_not_archived(evidence: Evidence) -> None:
    evidence.sql.presence.clear()


@wrong("every_ring_has_an_end_in_sql", "c1 still rings for bob")
def a_ring_never_ends_in_sql(evidence: Evidence) -> None:
    evidence.sql.rings.append(("c1", "bob", ""))


@wrong("conversations_in_sql_are_as_they_ended", "'state': 'active'", "'state': 'closed'")
def a_conversation_stays_as_it_was_in_sql(evidence: Evidence) -> None:
    evidence.sql.chats[0].state = "active"


@wrong("no_event_is_dead", "IntegrityError")
def an_event_is_dead(evidence: Evidence) -> None:
    evidence.sql.dead.append("IntegrityError")


@wrong("screens_are_as_fresh_ones", "Ann #1", "offers shows ['c1'], a fresh one []")
def a_screen_still_shows_a_ring(evidence: Evidence) -> None:
    evidence.screens[0].kept = {"offers": ["c1"]}


@wrong("nothing_is_left", "c1 is still open for v")
def a_pointer_is_left(evidence: Evidence) -> None:
    evidence.remains.open["v"] = "c1"


@wrong("nothing_is_left", "c1 still stands in the queue")
def one_still_waits(evidence: Evidence) -> None:
    evidence.remains.queue.append("c1")


@wrong("nothing_is_left", "wait:c1 is still due")
def a_timer_is_left(evidence: Evidence) -> None:
    evidence.remains.due.append("wait:c1")


@wrong("nothing_is_left", "c1 is still silent for ann")
def one_is_left_silent(evidence: Evidence) -> None:
    evidence.remains.silent["c1"] = "ann"


@wrong("nothing_is_left", "c1 still rings on n1")
def a_ring_is_left(evidence: Evidence) -> None:
    evidence.remains.rung["c1"] = "n1"


@wrong("nothing_is_left", "Device d is still there")
def a_device_is_left(evidence: Evidence) -> None:
    evidence.remains.devices["d"] = "ann|n1|1|live"


@wrong("no_place_is_left_taken", "ann still holds a place for c1")
def a_place_is_left_taken(evidence: Evidence) -> None:
    evidence.remains.held["ann"] = ["c1"]


@wrong("no_place_is_left_taken", "ann has a load")
def a_load_is_left(evidence: Evidence) -> None:
    evidence.remains.reps["ann"] = AVAILABLE.replace("|1|0|", "|1|1|")


# --- the tests ------------------------------------------------------------------------------------


def test_where_all_is_well_nothing_is_found() -> None:
    assert findings(well()) == []


@pytest.mark.parametrize(
    ("rule", "make", "words"), WRONGS, ids=[make.__name__ for _, make, _ in WRONGS]
)
def test_what_is_wrong_is_found_and_named(rule: str, make: Wrong, words: list[str]) -> None:
    evidence = well()
    make(evidence)
    sentences = [one for one in findings(evidence) if one.startswith(f"{rule}: ")]
    assert sentences
    for word in words:
        assert any(word in sentence for sentence in sentences), (word, sentences)


def test_every_rule_can_fail() -> None:
    assert {rule for rule, _, _ in WRONGS} == {rule.__name__ for rule in RULES}


def test_a_retry_in_another_tab_is_as_old_as_what_it_repeats() -> None:
    """Said before something else was acknowledged, it may stand before that."""
    evidence = well()
    evidence.lines.insert(
        4,
        Line(
            n=0, at=3.5, does="invoke", who="v #0", call=50, what="message", conversation="c1",
            client_id="l", text="Later",
        ),
    )  # fmt: skip
    line(evidence, does="left", who="v #0")
    evidence.sql.entries[1].client_id, evidence.sql.entries[1].text = "l", "Later"
    answered(evidence, "v #3", "message", client_id="l", text="Later", offset=2)
    assert findings(evidence) == []


def test_evidence_is_read_as_it_was_written() -> None:
    assert load(well().dump()) == well()
