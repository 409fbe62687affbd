"""The draft, versions and roll back on a real database: nobody overwrites anybody (RT-16)."""

import asyncio
from typing import Any

import orjson
import pytest
from msgspec import structs
from sqlalchemy import select

from frontdesk.errors import FrontdeskError
from frontdesk.people.roles import Role
from frontdesk.people.store.audit import newest
from frontdesk.storage.tables import routing_live, routing_version
from tests.routing.store.conftest import Desk, rule, rules

A, B, C = rules(rule("A")), rules(rule("B")), rules(rule("C"))


def named(document: dict[str, Any] | None) -> list[str]:
    return [one["name"] for one in (document or {"rules": []})["rules"]]


async def refused(work: Any) -> FrontdeskError:
    with pytest.raises(FrontdeskError) as caught:
        await work
    return caught.value


async def test_before_anything_was_published_everybody_rings_by_the_default_rule(
    desk: Desk,
) -> None:
    standing = await desk.room.rulebook.standing()
    assert (standing.live.number, standing.draft.document) == (0, None)
    assert standing.live.document["default"]["targets"]["everyone"] is True


async def test_a_draft_is_published_as_the_next_version_and_is_gone_then(desk: Desk) -> None:
    book = desk.room.rulebook
    revision, _ = await book.save(desk.ada, 0, A)
    assert await book.publish(desk.ada, revision, "first") == 1
    standing = await book.standing()
    assert (standing.live.number, named(standing.live.document)) == (1, ["A"])
    assert (standing.live.by, standing.live.note) == (desk.ada.id, "first")
    assert standing.draft.document is None
    assert standing.person(desk.ada.id) is not None
    assert len(desk.told) == 1


async def test_a_second_editor_is_refused_with_who_when_and_the_newer_draft(desk: Desk) -> None:
    book = desk.room.rulebook
    first, _ = await book.save(desk.ada, 0, A)
    desk.office.now += 5000
    await book.save(desk.ben, first, B)
    error = await refused(book.save(desk.ada, first, C))
    assert error.code == "changed"
    assert error.fields["by"].name == "Ben"
    assert error.fields["at"] == desk.office.now
    assert named(error.fields["draft"]["rules"]) == ["B"]
    assert named((await book.standing()).draft.document) == ["B"]


async def test_of_editors_who_save_at_the_same_time_exactly_one_succeeds(desk: Desk) -> None:
    book = desk.room.rulebook
    start, _ = await book.save(desk.ada, 0, A)

    async def save(who: Any, document: Any) -> str:
        try:
            await book.save(who, start, document)
        except FrontdeskError as error:
            return error.code
        return "saved"

    said = await asyncio.gather(*(save(desk.ada, B) for _ in range(3)), save(desk.ben, C))
    assert sorted(said) == ["changed", "changed", "changed", "saved"]


async def test_two_first_drafts_at_the_same_time_are_one(desk: Desk) -> None:
    book = desk.room.rulebook

    async def save(who: Any) -> str:
        try:
            await book.save(who, 0, A)
        except FrontdeskError as error:
            return error.code
        return "saved"

    said = await asyncio.gather(save(desk.ada), save(desk.ben))
    assert sorted(said) == ["changed", "saved"]


async def test_who_began_before_something_was_published_can_not_begin_a_draft_over_it(
    desk: Desk,
) -> None:
    book = desk.room.rulebook
    seen = (await book.standing()).draft.revision
    revision, _ = await book.save(desk.ben, 0, B)
    await book.publish(desk.ben, revision, "")
    error = await refused(book.save(desk.ada, seen, A))
    assert (error.code, error.fields["draft"]) == ("changed", None)
    assert named((await book.standing()).live.document) == ["B"]
    fresh = (await book.standing()).draft.revision
    await book.save(desk.ada, fresh, A)


async def test_a_draft_does_not_undo_what_went_live_after_it_began(desk: Desk) -> None:
    book = desk.room.rulebook
    revision, _ = await book.save(desk.ada, 0, A)
    await book.apply(None, B, "by file", 0)
    error = await refused(book.publish(desk.ada, revision, ""))
    assert (error.code, error.fields["number"]) == ("behind", 1)
    standing = await book.standing()
    assert (standing.live.number, named(standing.draft.document)) == (1, ["A"])
    assert await book.publish(desk.ada, revision, "", over=1) == 2


async def test_an_applied_file_does_not_undo_what_it_was_not_compared_with(desk: Desk) -> None:
    book = desk.room.rulebook
    await book.apply(None, A, "", 0)
    assert (await refused(book.apply(None, B, "", 0))).code == "behind"
    assert named((await book.standing()).live.document) == ["A"]


async def test_of_all_who_roll_back_at_the_same_time_one_does(desk: Desk) -> None:
    book = desk.room.rulebook
    await book.apply(None, A, "", 0)
    tried = (book.roll_back(desk.ada, 1, "", live=1) for _ in range(5))
    done = await asyncio.gather(*tried, return_exceptions=True)
    assert [one for one in done if isinstance(one, int)] == [2]
    refusals = [one for one in done if isinstance(one, FrontdeskError)]
    assert [(one.code, one.fields["number"]) for one in refusals] == [("behind", 2)] * 4
    async with desk.database.read() as connection:
        live = (await connection.execute(select(routing_live.c.number))).scalar_one()
    assert live == 2


async def test_rolling_back_undoes_no_version_that_was_not_looked_at(desk: Desk) -> None:
    book = desk.room.rulebook
    await book.apply(None, A, "", 0)
    await book.apply(None, B, "", 1)
    revision, _ = await book.save(desk.ben, 0, C)
    await book.publish(desk.ben, revision, "")
    error = await refused(book.roll_back(desk.ada, 1, "", live=2))
    assert (error.code, error.fields["number"]) == ("behind", 3)
    assert error.fields["by"].id == desk.ben.id
    assert error.fields["at"] == desk.office.now
    assert named((await book.standing()).live.document) == ["C"]


async def test_rolling_back_makes_a_new_version_of_the_old_rules_and_keeps_the_draft(
    desk: Desk,
) -> None:
    book = desk.room.rulebook
    await book.apply(None, A, "", 0)
    await book.apply(None, B, "", 1)
    await book.save(desk.ben, 0, C)
    assert await book.roll_back(desk.ada, 1, "B was wrong", live=2) == 3
    standing = await book.standing()
    assert (named(standing.live.document), named(standing.draft.document)) == (["A"], ["C"])
    page = await book.versions(before=0, limit=2)
    assert ([one.number for one in page.versions], page.more) == ([3, 2], True)
    assert named((await book.version(2))[0].document) == ["B"]


async def test_a_version_that_never_was_is_refused(desk: Desk) -> None:
    assert (
        await refused(desk.room.rulebook.roll_back(desk.ada, 7, "", live=0))
    ).code == "not_found"


async def test_a_malformed_draft_is_refused_whole_with_every_fault(desk: Desk) -> None:
    broken = rules(
        rule("A", targets={"reps": ["r_nobody"], "groups": ["g_none"]}, ring_seconds=1),
        rule("A", id="rul_2", when={"all": [{"field": "no.such", "op": "is", "value": 1}]}),
    )
    error = await refused(desk.room.rulebook.save(desk.ada, 0, broken))
    assert error.code == "invalid"
    places = {fault.place for fault in error.fields["faults"]}
    assert {"/rules/0/targets/reps/0", "/rules/0/targets/groups/0", "/rules/0/ring_seconds"} <= (
        places
    )
    assert any(place.startswith("/rules/1/when") for place in places)
    assert "/rules/1/name" in places
    assert (await desk.room.rulebook.standing()).draft.revision == 0


async def test_rules_that_name_a_group_which_was_removed_stay_and_can_be_edited(
    desk: Desk,
) -> None:
    book, groups = desk.room.rulebook, desk.office.people.groups
    group = await groups.add(desk.ada, "EMEA", [desk.ada.id])
    document = rules(rule("A", targets={"groups": [group.id]}))
    await book.apply(None, document, "", 0)
    await groups.remove(desk.ada, group.id)
    revision, checked = await book.save(desk.ada, 0, rules(*document["rules"], rule("B")))
    assert {"no_reps"} <= {one.code for one in checked.lint}
    assert await book.publish(desk.ada, revision, "") == 2
    assert await book.roll_back(desk.ada, 1, "", live=2) == 3


async def test_a_discarded_draft_is_gone_and_its_revision_with_it(desk: Desk) -> None:
    book = desk.room.rulebook
    revision, _ = await book.save(desk.ada, 0, A)
    await book.discard(desk.ada, revision)
    assert (await book.standing()).draft.document is None
    assert (await refused(book.publish(desk.ada, revision, ""))).code == "changed"
    assert (await refused(book.discard(desk.ada, revision))).code == "changed"


async def test_every_change_is_in_the_audit_log(desk: Desk) -> None:
    book = desk.room.rulebook
    revision, _ = await book.save(desk.ada, 0, A)
    await book.publish(desk.ben, revision, "why")
    await book.roll_back(desk.ada, 1, "", live=1)
    async with desk.database.read() as connection:
        lines = [one for one in await newest(connection) if one.what.startswith("routing.")]
    said = sorted((one.who == desk.ben.id, one.what) for one in lines)
    assert said == [
        (False, "routing.draft_changed"),
        (False, "routing.published"),
        (True, "routing.published"),
    ]
    assert {"number": 1, "note": "why", "draft": revision} in [one.details for one in lines]


async def test_nothing_is_published_when_its_transaction_fails(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = desk.room.rulebook
    revision, _ = await book.save(desk.ada, 0, A)

    async def broken(*_: Any, **__: Any) -> None:
        raise OSError

    monkeypatch.setattr("frontdesk.routing.rules.rulebook.record", broken)
    with pytest.raises(OSError):  # noqa: PT011 - raised by this test itself
        await book.publish(desk.ada, revision, "")
    standing = await book.standing()
    assert (standing.live.number, standing.draft.revision) == (0, revision)
    async with desk.database.read() as connection:
        assert (await connection.execute(select(routing_version))).all() == []
    assert desk.told == []


async def test_a_rep_may_change_nothing(desk: Desk) -> None:
    rep = structs.replace(desk.ada, role=Role.REP)
    book = desk.room.rulebook
    for work in (
        book.save(rep, 0, A),
        book.discard(rep, 1),
        book.publish(rep, 1, ""),
        book.roll_back(rep, 0, "", live=0),
        book.say_editing(rep),
    ):
        assert (await refused(work)).code == "forbidden"


async def test_who_edits_is_seen_by_the_others_until_they_go(desk: Desk) -> None:
    book = desk.room.rulebook
    await book.say_editing(desk.ada)
    desk.office.now += 30_000
    editors, _ = await book.say_editing(desk.ben)
    assert [one.name for one in editors] == ["Ada", "Ben"]
    desk.office.now += 20_000
    assert [one.name for one in (await book.standing()).editors] == ["Ben"]


async def test_the_stamp_is_another_after_every_change_that_is_shown(desk: Desk) -> None:
    book = desk.room.rulebook
    stamps = [await book.stamp()]
    revision, _ = await book.save(desk.ada, 0, A)
    stamps.append(await book.stamp())
    await book.publish(desk.ada, revision, "")
    stamps.append(await book.stamp())
    await book.say_editing(desk.ben)
    stamps.append(await book.stamp())
    assert len(set(stamps)) == 4


async def test_what_is_shown_is_what_stands_after_each_change(desk: Desk) -> None:
    book = desk.room.rulebook

    async def same() -> None:
        standing, shown = await book.standing(), await book.shown()
        assert shown.live.heading.number == standing.live.number
        assert orjson.loads(shown.live.text) == standing.live.document
        assert shown.draft.heading.number == standing.draft.revision
        text = shown.draft.text
        assert (None if text is None else orjson.loads(text)) == standing.draft.document
        assert (shown.names, shown.editors) == (standing.names, standing.editors)

    await same()
    for document in (A, B, C):
        revision = (await book.standing()).draft.revision
        fresh, _ = await book.save(desk.ada, revision, document)
        await same()
        desk.office.now += 1
        if document is not B:
            await book.publish(desk.ben, fresh, "")
            await same()
    await book.roll_back(desk.ada, 1, "", live=(await book.standing()).live.number)
    await same()
    last, _ = await book.save(desk.ben, (await book.standing()).draft.revision, A)
    await book.discard(desk.ben, last)
    await same()
