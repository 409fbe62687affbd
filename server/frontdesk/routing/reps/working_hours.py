"""Setting reps' working hours (PR-1). What they mean is `hours`."""

import re
from collections.abc import Iterator
from datetime import date, time
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from frontdesk.clock import NowMs
from frontdesk.people.refusals import forbidden, invalid, unknown
from frontdesk.people.rep import RepIdentity
from frontdesk.people.roles import Right
from frontdesk.people.store.audit import record
from frontdesk.people.store.reps import rep_by_id
from frontdesk.routing.reps.hours import Hours
from frontdesk.routing.store import hours as store
from frontdesk.routing.store.hours import HoursRow
from frontdesk.routing.told import Told
from frontdesk.storage.engine import Connection, Database

MOST_SHIFTS = 10
MOST_OFF = 400
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00", re.ASCII)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def hours_of_row(row: HoursRow) -> Hours:
    """Stored hours, ready to be asked."""
    week = tuple(tuple((_time(begin), _time(end)) for begin, end in day) for day in row.week)
    return Hours(row.timezone, week, frozenset(date.fromisoformat(day) for day in row.off))


class WorkingHours:
    """Everybody's hours. One's own may be read; a manager may change them."""

    def __init__(self, database: Database, *, now: NowMs, told: Told) -> None:
        self._database = database
        self._now = now
        self._told = told

    async def of(self, who: RepIdentity, rep: str) -> HoursRow | None:
        """Return a rep's hours; None: always."""
        _allowed(who, rep, changes=False)
        async with self._database.read() as connection:
            await _known(connection, rep)
            return await store.hours_of(connection, rep)

    async def set(self, who: RepIdentity, rep: str, hours: HoursRow | None) -> HoursRow | None:
        """Set or (None) remove a rep's hours. Raises bad_request, not_found."""
        _allowed(who, rep, changes=True)
        clean = None if hours is None else _clean(hours)
        async with self._database.write() as connection:
            await _known(connection, rep)
            before = await store.hours_of(connection, rep)
            if clean is None:
                await store.delete_hours(connection, rep)
            else:
                await store.put_hours(connection, rep, clean)
            await record(
                connection, self._now(), who.id, "hours.changed", rep, before=_said(before),
                after=_said(clean),
            )  # fmt: skip
        await self._told()
        return clean


def _clean(hours: HoursRow) -> HoursRow:
    if len(hours.week) != 7:
        raise invalid(week="Seven days, from Monday on.")
    for name, day in zip(_DAYS, hours.week, strict=True):
        for problem in _problems(day):
            raise invalid(week=f"{name}: {problem}")
    if len(hours.off) > MOST_OFF:
        raise invalid(off=f"At most {MOST_OFF} days.")
    week = tuple(tuple(sorted(day)) for day in hours.week)
    return HoursRow(_zone(hours.timezone), week, tuple(sorted({_date(day) for day in hours.off})))


def _problems(day: tuple[tuple[str, str], ...]) -> Iterator[str]:
    if len(day) > MOST_SHIFTS:
        yield f"at most {MOST_SHIFTS} times."
    for begin, end in day:
        if not _TIME.fullmatch(begin) or not _TIME.fullmatch(end) or begin == "24:00":
            yield f"{begin[:10]}–{end[:10]} isn't like 09:00–17:00."
            return
    # One that ends on the next day can only be the last.
    spans = sorted(day)
    for (_, end), (begin, _) in pairwise(spans):
        if end > begin:
            yield f"the time from {begin} begins before the one until {end} is over."
    for begin, end in spans[:-1]:
        if end <= begin:
            yield f"{begin}–{end} goes on into the night, so nothing can come after it."


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise invalid(timezone="Such as Europe/Berlin.") from None


def _date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise invalid(off=f"{text[:20]!r} is no date like 2026-12-24.") from None


def _time(text: str) -> time:
    return time() if text == "24:00" else time.fromisoformat(text)


def _said(hours: HoursRow | None) -> dict[str, Any] | None:
    return None if hours is None else {"timezone": hours.timezone, "week": hours.week}


async def _known(connection: Connection, rep: str) -> None:
    if await rep_by_id(connection, rep) is None:
        raise unknown("rep")


def _allowed(who: RepIdentity, rep: str, *, changes: bool) -> None:
    mine = who.id == rep and not changes
    if not mine and not who.may(Right.MANAGE_TEAM):
        raise forbidden()
