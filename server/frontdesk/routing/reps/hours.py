"""Working hours of a rep: on the clock of their time zone, whatever it does twice a year (PR-1)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

Shift = tuple[time, time]
"""From, until. An end at or before the start is on the next day; 00:00–00:00 is a whole day."""

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Span = tuple[int, int]
"""Milliseconds since 1970: from, until (without it)."""


@dataclass(frozen=True, slots=True)
class Hours:
    """When a rep works. `week`: seven days' shifts, Monday first. On days `off` none begins; one
    that began the evening before goes on until its end.
    """

    timezone: str
    week: tuple[tuple[Shift, ...], ...]
    off: frozenset[date] = frozenset()

    def open_at(self, now_ms: int) -> bool:
        """Whether the rep works at this instant."""
        today = _day_of(self.timezone, now_ms)
        return any(begin <= now_ms < end for begin, end in _touching(self, today))

    def next_change(self, now_ms: int) -> int | None:
        """The next instant, in ms, at which that changes; None: never. Who works around the clock
        but for days off long ahead is looked at again before those.
        """
        if not any(self.week):
            return None
        until, today = now_ms, _day_of(self.timezone, now_ms)
        for ahead in range(-1, 9 + len(self.off)):  # some day of these isn't off
            for begin, end in _begun_on(self, today + ahead * DAY):
                if begin > until:
                    return until if until > now_ms else begin
                until = max(until, end)
        return until if until > now_ms and self.off else None


def _touching(hours: Hours, day: date) -> tuple[Span, ...]:
    return (*_begun_on(hours, day - DAY), *_begun_on(hours, day))


@lru_cache(maxsize=8192)
def _begun_on(hours: Hours, day: date) -> tuple[Span, ...]:
    """The shifts that begin on a day, in order. Clocks may skip one altogether."""
    if day in hours.off:
        return ()
    zone = ZoneInfo(hours.timezone)
    spans = (
        (_instant(zone, day, begin), _instant(zone, day if end > begin else day + DAY, end))
        for begin, end in hours.week[day.weekday()]
    )
    return tuple(sorted(span for span in spans if span[0] < span[1]))


def _day_of(timezone: str, now_ms: int) -> date:
    return (_EPOCH + timedelta(milliseconds=now_ms)).astimezone(ZoneInfo(timezone)).date()


def _instant(zone: ZoneInfo, day: date, at: time) -> int:
    """Milliseconds since 1970 when clocks there show this; the first time if they do so twice, and
    the moment of the jump if they skip it.
    """
    local = datetime.combine(day, at, zone)
    late, early = local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)
    if late.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        late = _jump_between(zone, early, late)
    return (late - _EPOCH) // timedelta(milliseconds=1)


def _jump_between(zone: ZoneInfo, early: datetime, late: datetime) -> datetime:
    """When the clocks of a zone jumped between two instants, to the second."""
    before = early.astimezone(zone).utcoffset()
    while late - early > SECOND:
        middle = early + (late - early) // 2
        early, late = (
            (middle, late) if middle.astimezone(zone).utcoffset() == before else (early, middle)
        )
    return late.replace(microsecond=0)
