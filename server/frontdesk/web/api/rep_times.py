"""When reps work, what their presence was, and setting it for them (PR-1, PR-5, PR-7)."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from frontdesk.errors import FrontdeskError
from frontdesk.people.presence_words import OFF_NOW, presence_words
from frontdesk.people.refusals import forbidden
from frontdesk.people.roles import Right
from frontdesk.people.store import presence as store
from frontdesk.people.store.audit import record
from frontdesk.routing.reps.working_hours import hours_of_row
from frontdesk.routing.store.hours import HoursRow, hours_of
from frontdesk.web.api import routing_answers as answers
from frontdesk.web.api.endpoint import Call, Nothing

MOST_MOMENTS = 2000
DAY_MS = 24 * 60 * 60 * 1000
At = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Time = Annotated[str, Meta(max_length=5)]
Day = Annotated[tuple[tuple[Time, Time], ...], Meta(max_length=20)]


class HoursChange(Struct, frozen=True, forbid_unknown_fields=True):
    """`week`: seven days from Monday on, each with times such as ["09:00", "17:00"], in that time
    zone; `off`: dates.
    """

    timezone: Annotated[str, Meta(max_length=64)]
    week: Annotated[tuple[Day, ...], Meta(max_length=7)]
    off: Annotated[tuple[Annotated[str, Meta(max_length=10)], ...], Meta(max_length=1000)] = ()


class Availability(Struct, frozen=True, forbid_unknown_fields=True):
    """What the rep is to be."""

    state: Literal["available", "away"]


class Span(
    Struct, frozen=True, forbid_unknown_fields=True, rename={"since": "from", "until": "to"}
):
    """From, until (ms since 1970); without, the last day."""

    since: At = 0
    until: At = 0


async def hours(call: Call[Nothing]) -> answers.HoursAnswer:
    return answers.HoursAnswer(await call.services.routing.hours.of(call.me, call.path["id"]))


async def put_hours(call: Call[HoursChange]) -> answers.HoursAnswer:
    wanted = call.input
    row = HoursRow(wanted.timezone, wanted.week, wanted.off)
    kept = await call.services.routing.hours.set(call.me, call.path["id"], row)
    return answers.HoursAnswer(kept)


async def delete_hours(call: Call[Nothing]) -> None:
    await call.services.routing.hours.set(call.me, call.path["id"], None)


async def set_availability(call: Call[Availability]) -> answers.AvailabilityAnswer:
    """A manager sets a rep's availability (PR-5); the rep's console hears of it as of their own."""
    services, rep = call.services, call.path["id"]
    await services.people.accounts.one(rep)  # not_found, in words about a rep
    state = await services.side.set_availability(rep, call.input.state, "manager")
    async with services.database.write() as connection:
        await record(
            connection, services.now(), call.me.id, "rep.availability_set", rep, state=state
        )
    return answers.AvailabilityAnswer(state)


async def presence(call: Call[Span]) -> answers.PresenceAnswer:
    """A rep's presence over time; one's own, or anybody's for a manager."""
    rep, now = call.path["id"], call.services.now()
    if rep != call.me.id and not call.me.may(Right.MANAGE_TEAM):
        raise forbidden()
    until = call.input.until or now + 1
    since = call.input.since or until - DAY_MS
    if since >= until:
        raise FrontdeskError("bad_request", "`from` must be before `to`.")
    async with call.services.database.read() as connection:
        found = await store.history(connection, rep, since=since, until=until, limit=MOST_MOMENTS)
        hours = await hours_of(connection, rep)
    moments = [
        answers.PresenceMoment(one.at, one.state, one.cause, presence_words(one)) for one in found
    ]
    off = hours is not None and not hours_of_row(hours).open_at(now)
    return answers.PresenceAnswer(moments, off, OFF_NOW if off else "")
