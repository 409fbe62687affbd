"""Working hours: what a clock on the rep's wall would say, whatever it does twice a year (PR-1)."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings

from frontdesk.routing.reps.hours import Hours
from tests.routing.reference import Rep, works
from tests.routing.test_equals_reference import hours_of
from tests.routing.worlds import moments, teams

BERLIN = "Europe/Berlin"
MINUTE = 60_000
HOUR = 60 * MINUTE


def at(local: str, zone: str = BERLIN, fold: int = 0) -> int:
    moment = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone), fold=fold)
    return int(moment.timestamp() * 1000)


def hours(
    *shifts: str, zone: str = BERLIN, days: str = "1111111", off: tuple[str, ...] = ()
) -> Hours:
    """These shifts ("09:00-17:00") on the days of a week, Monday first."""
    day = tuple((time.fromisoformat(one[:5]), time.fromisoformat(one[6:])) for one in shifts)
    week = tuple(day if on == "1" else () for on in days)
    return Hours(zone, week, frozenset(map(date.fromisoformat, off)))


def test_open_from_the_first_minute_until_the_last_without_it() -> None:
    office = hours("09:00-17:00", days="1111100")
    assert not office.open_at(at("2026-06-01 08:59:59"))
    assert office.open_at(at("2026-06-01 09:00"))
    assert office.open_at(at("2026-06-01 16:59:59"))
    assert not office.open_at(at("2026-06-01 17:00"))
    assert not office.open_at(at("2026-06-06 12:00"))
    assert office.next_change(at("2026-06-01 08:00")) == at("2026-06-01 09:00")
    assert office.next_change(at("2026-06-01 09:00")) == at("2026-06-01 17:00")
    assert office.next_change(at("2026-06-05 17:00")) == at("2026-06-08 09:00")


def test_a_shift_past_midnight_belongs_to_the_day_it_begins() -> None:
    night = hours("22:00-06:00", days="0000100", off=("2026-06-06",))
    assert night.open_at(at("2026-06-06 05:59"))  # a day off, but the shift began on Friday
    assert not night.open_at(at("2026-06-06 22:30"))
    assert not night.open_at(at("2026-06-05 05:00"))
    assert night.next_change(at("2026-06-05 22:00")) == at("2026-06-06 06:00")


def test_days_off_are_skipped() -> None:
    office = hours("09:00-17:00", off=("2026-06-02", "2026-06-03"))
    assert not office.open_at(at("2026-06-02 12:00"))
    assert office.next_change(at("2026-06-01 17:00")) == at("2026-06-04 09:00")


def test_the_day_that_is_an_hour_short_has_its_shift_on_the_clock() -> None:
    early = hours("00:30-04:00")
    assert early.next_change(at("2026-03-29 00:30")) == at("2026-03-29 04:00")
    assert at("2026-03-29 04:00") - at("2026-03-29 00:30") == 2.5 * HOUR


def test_a_shift_that_begins_in_the_hour_that_is_skipped_begins_at_the_jump() -> None:
    early = hours("02:30-05:00")
    assert early.next_change(at("2026-03-29 00:00")) == at("2026-03-29 03:00")
    assert early.open_at(at("2026-03-29 03:00"))
    assert hours("02:10-02:50").next_change(at("2026-03-29 00:00")) == at("2026-03-30 02:10")


def test_an_hour_that_comes_twice_is_worked_through() -> None:
    late = hours("01:30-03:30")
    begin = at("2026-10-25 01:30")
    assert late.next_change(begin) == at("2026-10-25 03:30")
    assert at("2026-10-25 03:30") - begin == 3 * HOUR
    assert late.open_at(at("2026-10-25 02:30", fold=0))
    assert late.open_at(at("2026-10-25 02:30", fold=1))


def test_a_zone_that_skipped_a_whole_day_goes_on_the_day_after() -> None:
    office = hours("09:00-17:00", zone="Pacific/Apia")
    before = at("2011-12-29 17:00", "Pacific/Apia")
    assert office.next_change(before) == at("2011-12-31 09:00", "Pacific/Apia")


def test_who_never_works_and_who_always_works_never_change() -> None:
    assert hours().next_change(0) is None
    assert not hours().open_at(0)
    always = hours("00:00-00:00")
    assert always.open_at(at("2026-03-29 02:59"))
    assert always.next_change(at("2026-03-28 12:00")) is None


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Asia/Kolkata"])
def test_shifts_that_touch_are_one(zone: str) -> None:
    split = hours("08:00-12:00", "12:00-13:00", "12:30-18:00", zone=zone)
    assert split.next_change(at("2026-06-01 08:00", zone)) == at("2026-06-01 18:00", zone)


@settings(max_examples=150, deadline=None)
@given(teams(), moments)
def test_it_is_what_the_wall_clock_says_but_where_the_clock_jumps(
    reps: list[Rep], now_ms: int
) -> None:
    for rep in reps:
        found = hours_of(rep)
        if found and rep.hours:
            assert found.open_at(now_ms) == works(rep, now_ms)


@settings(max_examples=60, deadline=None)
@given(teams(), moments)
def test_nothing_changes_before_the_next_change_and_then_it_does(
    reps: list[Rep], now_ms: int
) -> None:
    for found in filter(None, map(hours_of, reps)):
        now, change = found.open_at(now_ms), found.next_change(now_ms)
        if change is None:
            assert all(found.open_at(now_ms + n * HOUR) == now for n in range(0, 24 * 16, 7))
            continue
        assert found.open_at(change) is not now
        assert found.open_at(change - 1) is now
        step = max(1, (change - now_ms) // 50)
        assert all(found.open_at(ms) is now for ms in range(now_ms, change, step))
