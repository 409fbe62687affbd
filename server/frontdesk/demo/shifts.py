"""When the reps of the demo company were there in the last week, and what they did. Pure."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

ZONES = {
    "ana": "Europe/Rome",
    "ben": "America/New_York",
    "chiyo": "Asia/Tokyo",
    "dag": "Europe/Oslo",
    "elif": "Europe/Istanbul",
    "farid": "Asia/Tokyo",
    "greta": "America/New_York",
    "hugo": "America/Los_Angeles",
}
_MINUTE = timedelta(minutes=1)
_SATURDAY = 5


class Step(NamedTuple):
    """What a rep's presence became by their own doing; `at` in ms."""

    at: int
    state: str
    cause: str


def shifts(zone: str, since: int, until: int, rng: random.Random) -> list[Step]:
    """Every step of a rep between two instants, in order."""
    first = _day(zone, since)
    days = (_day(zone, until) - first).days + 1
    steps = [step for n in range(days) for step in _of_day(zone, first + timedelta(n), rng)]
    return [step for step in steps if since <= step.at < until]


def _of_day(zone: str, day: date, rng: random.Random) -> Iterator[Step]:
    weekend = day.weekday() >= _SATURDAY
    if rng.random() < (0.8 if weekend else 0.04):
        return
    there = ZoneInfo(zone)
    begin = datetime.combine(day, time(8, 20), there) + rng.randrange(50) * _MINUTE
    end = datetime.combine(day, time(17, 0), there) + rng.randrange(60) * _MINUTE
    lunch = datetime.combine(day, time(12, 0), there) + rng.randrange(40) * _MINUTE
    yield _step(begin, "eligible", "chosen")
    if rng.random() < 0.3:
        pause = begin + rng.randrange(40, 120) * _MINUTE
        yield _step(pause, "idle", "idle")
        yield _step(pause + rng.randrange(6, 20) * _MINUTE, "eligible", "chosen")
    yield _step(lunch, "away", "chosen")
    yield _step(lunch + rng.randrange(30, 55) * _MINUTE, "eligible", "chosen")
    if rng.random() < 0.15:
        lost = lunch + rng.randrange(70, 150) * _MINUTE
        yield _step(lost, "offline", "lost")
        yield _step(lost + rng.randrange(1, 6) * _MINUTE, "eligible", "chosen")
    yield _step(end, "offline", "signed_out")


def _step(at: datetime, state: str, cause: str) -> Step:
    return Step(int(at.astimezone(UTC).timestamp() * 1000), state, cause)


def _day(zone: str, ms: int) -> date:
    return datetime.fromtimestamp(ms / 1000, ZoneInfo(zone)).date()
