"""What routing reads of the archive: samples, decisions, presence; on each database."""

from typing import Any

import pytest
from sqlalchemy import insert

from frontdesk.people.store import presence
from frontdesk.routing.rules.rulebook import Which
from frontdesk.routing.store.fields import VisitorField
from frontdesk.routing.visitors.samples import ENOUGH, MOST, observed
from frontdesk.storage import records
from frontdesk.storage.tables import conversation, decision, entry, offer_record, presence_record
from tests.routing.store.conftest import Desk, rule, rules


async def asked(desk: Desk, *about: dict[str, Any], session: str = "") -> None:
    """Each visitor asked for a person, the first one last."""
    rows = [
        {
            "id": f"c_{number}", "desk": "main", "visitor_id": f"v_{number}",
            "session_id": session or f"s_{number}", "state": "closed", "epoch": "e",
            "requested_at": desk.office.now - number - 1, "about": one,
        }
        for number, one in enumerate(about)
    ]  # fmt: skip
    async with desk.database.write() as connection:
        await connection.execute(insert(conversation), rows)


def from_(country: str) -> dict[str, Any]:
    return {"location": {"country": country}}


async def test_each_session_of_the_last_30_days_is_counted_once(desk: Desk) -> None:
    await asked(desk, from_("JP"), from_("JP"), from_("KR"), session="s")
    ruleset = await desk.room.rulebook.parsed(rules(rule("A")))
    found = await desk.room.trials.matches(ruleset)
    assert (found.of, found.rules["rul_a"]) == (1, 1)  # as they were known the last time
    desk.office.now += 40 * 24 * 60 * 60 * 1000
    assert (await desk.room.trials.matches(ruleset)).of == 0


async def test_of_many_visitors_the_newest_are_enough(desk: Desk) -> None:
    await asked(desk, *[from_("JP")] * 10, *[from_("KR")] * MOST)
    found = await desk.room.trials.matches(await desk.room.rulebook.parsed(rules(rule("A"))))
    assert (found.of, found.rules) == (MOST, {"rul_a": 10, "default": MOST - 10})


async def test_a_value_that_no_visitor_had_lately_is_said(desk: Desk) -> None:
    await asked(desk, *[from_("KR")] * (ENOUGH - 1))
    assert "unknown_value" not in await lint_of(desk)
    await asked_one_more(desk)
    desk.office.now += 61_000
    assert "unknown_value" in await lint_of(desk)


async def asked_one_more(desk: Desk) -> None:
    row = {
        "id": "c_more", "desk": "main", "visitor_id": "v", "session_id": "more", "epoch": "e",
        "state": "closed", "requested_at": desk.office.now, "about": from_("KR"),
    }  # fmt: skip
    async with desk.database.write() as connection:
        await connection.execute(insert(conversation).values(row))


async def lint_of(desk: Desk) -> list[str]:
    checked = await desk.room.rulebook.check(rules(rule("A")))
    assert checked.ruleset is not None
    return [one.code for one in checked.lint]


async def test_values_of_a_field_that_few_visitors_have_say_nothing(desk: Desk) -> None:
    registry = await desk.room.fields.registry()
    situations = [{"utm.source": "x"}, *[{}] * ENOUGH]
    assert observed(situations, registry) == {}


async def test_each_decision_has_the_rings_of_its_time(desk: Desk) -> None:
    decisions = [
        {"id": f"d_{at}", "conversation_id": "c", "at": at, "version": "1", "body": {"n": at}}
        for at in (10, 20)
    ]
    rings = [{"conversation_id": "c", "rep_id": desk.ada.id, "at": at} for at in (10, 15, 20, 30)]
    async with desk.database.write() as connection:
        await connection.execute(insert(decision), decisions)
        await connection.execute(insert(offer_record), rings)
    async with desk.database.read() as connection:
        found = await records.decisions(connection, "c")
        assert await records.decisions(connection, "c_none") == []
    assert [(one.body["n"], [ring["at"] for ring in one.offers]) for one in found] == [
        (10, [10, 15]), (20, [20, 30]),
    ]  # fmt: skip


async def test_rings_that_another_decision_kept_are_also_its_own(desk: Desk) -> None:
    decisions: list[dict[str, Any]] = [
        {"id": f"d_{at}", "conversation_id": "c", "at": at, "version": "1", "body": {}}
        for at in (10, 20, 30)
    ]
    rings = [
        {"conversation_id": "c", "rep_id": desk.ada.id, "at": at, "ended_at": end}
        for at, end in ((10, 20), (11, 25), (12, None), (20, 30))  # the first was replaced
    ]
    async with desk.database.write() as connection:
        await connection.execute(insert(decision), decisions)
        await connection.execute(insert(offer_record), rings)
    async with desk.database.read() as connection:
        found = await records.decisions(connection, "c")
    assert [[ring["at"] for ring in one.kept] for one in found] == [[], [11, 12], [12]]


async def test_each_decision_says_what_ended_it(desk: Desk) -> None:
    decisions: list[dict[str, Any]] = [
        {"id": f"d_{at}", "conversation_id": "c", "at": at, "version": "1", "body": {}}
        for at in (10, 20, 30, 40)
    ]
    ends = {10: ("requested", ""), 19: ("missed", "declined"), 25: ("message", ""),
            30: ("claimed", ""), 35: ("closed", "ended")}  # fmt: skip
    entries = [
        {"conversation_id": "c", "offset": number, "epoch": "e", "type": type_, "at": at,
         "body": {"why": why} if why else {}}
        for number, (at, (type_, why)) in enumerate(ends.items(), start=1)
    ]  # fmt: skip
    async with desk.database.write() as connection:
        await connection.execute(insert(decision), decisions)
        await connection.execute(insert(entry), entries)
    async with desk.database.read() as connection:
        found = await records.decisions(connection, "c")
    assert [one.ended for one in found] == [
        {"type": "missed", "at": 19, "why": "declined"}, {"type": "decided", "at": 30, "why": ""},
        {"type": "claimed", "at": 30, "why": ""}, None,
    ]  # fmt: skip


async def test_a_version_is_read_and_compiled_once_for_all_who_read_its_decisions(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.room.rulebook.apply(None, rules(rule("A")), "", 0)
    reads, read = [], desk.room.rulebook.document

    async def counted(which: Which) -> dict[str, Any]:
        reads.append(which)
        return await read(which)

    monkeypatch.setattr(desk.room.rulebook, "document", counted)
    record = {"ruleset": 1, "situation": {"location.country": "JP"}, "name": "A"}
    told = [await desk.room.explanations.of(record) for _ in range(3)]
    assert reads == [1]
    assert [[one["name"] for one in each["tried"]] for each in told] == [["A"]] * 3
    assert await desk.room.explanations.of({**record, "ruleset": 9}) == {**record, "ruleset": 9}
    seats = VisitorField("seats", "Seats", "number", (), (), 0)
    await desk.room.fields.add(desk.ada, seats)
    assert (await desk.room.explanations.of(record))["tried"] == told[0]["tried"]


async def test_presence_is_read_from_what_held_when_the_time_began(desk: Desk) -> None:
    whole = {"cause": "chosen", "availability": "away", "capacity": 3, "load": 0, "devices": []}
    rows = [
        {"rep_id": desk.ada.id, "at": at, "seq": seq, "state": f"{at}-{seq}", **whole}
        for at, seq in ((1, 0), (5, 0), (5, 1), (9, 0), (12, 0))
    ]
    async with desk.database.write() as connection:
        await connection.execute(insert(presence_record), rows)
    async with desk.database.read() as connection:
        found = await presence.history(connection, desk.ada.id, since=6, until=12, limit=10)
    assert [one.state for one in found] == ["5-1", "9-0"]
