"""A node's copy of the live rules (RT-16): read, compiled, swapped."""

import asyncio
from typing import Any

from frontdesk.routing.live import LiveRules
from frontdesk.routing.rule import RuleSet
from frontdesk.routing.store.fields import VisitorField
from frontdesk.routing.store.hours import HoursRow
from tests.database_fixtures import database, empty_url, postgres, sqlite
from tests.people.conftest import office
from tests.routing.store.conftest import Desk, desk, rule, rules

__all__ = ["database", "desk", "empty_url", "office", "postgres", "sqlite"]

JAPAN = {"location.country": "JP"}


def live_on(desk: Desk) -> LiveRules:
    return LiveRules(desk.database, "main", first=RuleSet.default_rule_set())


def rings(live: LiveRules, situation: dict[str, Any] = JAPAN) -> str:
    return live.current.match(situation).name


async def test_what_is_published_is_swapped_in_and_older_versions_stay_at_hand(desk: Desk) -> None:
    live = live_on(desk)
    await live.refresh()
    assert (live.current.version, rings(live)) == (0, "Default rule")
    await desk.room.rulebook.apply(None, rules(rule("A")), "", 0)
    await live.refresh()
    assert (live.current.version, rings(live)) == (1, "A")
    await desk.room.rulebook.apply(None, rules(rule("B")), "", 1)
    await live.refresh()
    assert rings(live) == "B"
    older = await live.version(1)
    assert (older.version, older.match(JAPAN).name) == (1, "A")
    fresh = live_on(desk)
    await fresh.refresh()
    assert (await fresh.version(1)).match(JAPAN).name == "A"
    assert (await fresh.version(0)).match(JAPAN).name == "Default rule"
    assert (await fresh.version(99)).version == 2


async def test_nothing_new_is_nothing_swapped(desk: Desk) -> None:
    live, changes = live_on(desk), []
    live.on_change = lambda: changes.append(live.current.version)
    await desk.room.rulebook.apply(None, rules(rule("A")), "", 0)
    await live.refresh()
    before = live.current
    await live.refresh()
    assert live.current is before
    assert changes == [1]


async def test_who_joins_a_group_is_in_the_rules_that_name_it(desk: Desk) -> None:
    live, groups = live_on(desk), desk.office.people.groups
    group = await groups.add(desk.ada, "EMEA", [desk.ada.id])
    await desk.room.rulebook.apply(None, rules(rule("A", targets={"groups": [group.id]})), "", 0)
    await live.refresh()
    assert live.current.team(live.current.match(JAPAN)) == frozenset({desk.ada.id})
    await groups.change(desk.ada, group.id, members=[desk.ada.id, desk.ben.id])
    await live.refresh()
    assert live.current.team(live.current.match(JAPAN)) == frozenset({desk.ada.id, desk.ben.id})


async def test_who_joins_a_group_as_a_version_goes_live_is_in_the_one_before_too(
    desk: Desk,
) -> None:
    live, groups = live_on(desk), desk.office.people.groups
    group = await groups.add(desk.ada, "EMEA", [desk.ada.id])
    named = rules(rule("A", targets={"groups": [group.id]}))
    await desk.room.rulebook.apply(None, named, "", 0)
    await live.refresh()
    await groups.change(desk.ada, group.id, members=[desk.ben.id])
    await desk.room.rulebook.apply(None, rules(rule("B")), "", 1)
    await live.refresh()
    older = await live.version(1)
    assert older.team(older.match(JAPAN)) == frozenset({desk.ben.id})


async def test_rules_stay_in_force_when_a_group_of_theirs_is_removed(desk: Desk) -> None:
    live, groups = live_on(desk), desk.office.people.groups
    group = await groups.add(desk.ada, "EMEA", [desk.ada.id])
    await desk.room.rulebook.apply(None, rules(rule("A", targets={"groups": [group.id]})), "", 0)
    await groups.remove(desk.ada, group.id)
    await live.refresh()
    assert rings(live) == "A"
    assert live.current.team(live.current.match(JAPAN)) == frozenset()


async def test_a_new_field_can_be_routed_by_without_a_restart(desk: Desk) -> None:
    live = live_on(desk)
    await live.refresh()
    new = VisitorField("plan", "Plan", "text", (), (), 0)
    await desk.room.fields.add(desk.ada, new)
    when = {"all": [{"field": "field.plan", "op": "is", "value": "Team"}]}
    await desk.room.rulebook.apply(None, rules(rule("A", when=when)), "", 0)
    await live.refresh()
    assert "field.plan" in live.fields
    assert rings(live, {"field.plan": "Team"}) == "A"


async def test_hours_are_at_hand_after_they_were_set(desk: Desk) -> None:
    live, changes = live_on(desk), []
    live.on_change = lambda: changes.append(1)
    week = ((("09:00", "17:00"),), *((),) * 6)
    await desk.room.hours.set(desk.ada, desk.ben.id, HoursRow("Europe/Berlin", week))
    await live.refresh()
    assert live.hours[desk.ben.id].timezone == "Europe/Berlin"
    await desk.room.hours.set(desk.ada, desk.ben.id, None)
    await live.refresh()
    assert live.hours == {}
    assert len(changes) == 2


async def test_it_follows_by_itself_when_told(desk: Desk) -> None:
    live = live_on(desk)
    running = asyncio.create_task(live.run())
    try:
        await desk.room.rulebook.apply(None, rules(rule("A")), "", 0)
        live.soon()
        async with asyncio.timeout(30):
            while rings(live) != "A":
                await asyncio.sleep(0.01)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
