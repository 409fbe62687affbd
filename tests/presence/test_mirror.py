"""This node's copy of everyone's presence."""

from frontdesk.presence.mirror import Mirror
from frontdesk.presence.status import RepStatus
from tests.desk import Desk


async def test_it_reports_who_changed_and_only_those(desk: Desk) -> None:
    mirror = Mirror(desk.at().presence)
    told: list[str] = []
    mirror.on_change = lambda rep, _status: told.append(rep)
    await desk.at().comes("ann")
    await desk.at().comes("bob", available=False)
    await mirror.refresh(1)
    assert sorted(told) == ["ann", "bob"]
    await mirror.refresh(2)
    await mirror.refresh_one("zoe")
    assert len(told) == 2
    await desk.at().presence.availability("bob", "available", "chosen")
    await mirror.refresh_one("bob")
    assert told[2:] == ["bob"]
    assert mirror.reps["bob"].eligibility == "eligible"


async def test_who_is_no_longer_known_is_forgotten_and_reported_as_offline(desk: Desk) -> None:
    mirror = Mirror(desk.at().presence)
    await desk.at().comes("ann")
    await mirror.refresh(1)
    told: list[tuple[str, bool]] = []
    mirror.on_change = lambda rep, status: told.append((rep, status.online))
    await desk.link.command(b"HDEL", desk.keys.reps, b"ann")
    await mirror.refresh(2)
    assert mirror.reps == {}
    assert told == [("ann", False)]


async def test_what_a_rep_chose_is_remembered_when_redis_has_lost_it(desk: Desk) -> None:
    mirror = Mirror(desk.at().presence)
    await desk.at().comes("ann")
    await mirror.refresh(1)
    await desk.link.command(b"DEL", desk.keys.reps, desk.keys.dev)
    await mirror.refresh(2)
    await desk.at().comes("ann", available=False)
    await mirror.refresh(3)
    assert mirror.reps["ann"].availability == "away"
    assert mirror.chosen["ann"].availability == "available"


def status(*, devices: bool = True, availability: str = "available", load: int = 0) -> RepStatus:
    return RepStatus(availability, 1, load, 0, "", ("d@n",) if devices else ())


async def test_the_desk_is_available_busy_or_away_by_its_best_rep(desk: Desk) -> None:
    mirror = Mirror(desk.at().presence)
    assert mirror.desk_state() == "away"
    mirror.learn("off", status(devices=False))
    mirror.learn("away", status(availability="away"))
    assert mirror.desk_state() == "away"
    mirror.learn("full", status(load=1))
    assert mirror.desk_state() == "busy"
    mirror.learn("free", status())
    assert mirror.desk_state() == "available"
