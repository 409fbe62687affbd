"""A reader with a position takes each event once, in order, whatever fails."""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import select, text

from frontdesk.errors import Retry
from frontdesk.events.relay import DEAD, EVENTS, TRIES, Relay
from frontdesk.events.stream import Event, EventStream, event_of
from frontdesk.storage.engine import Connection, Database, upsert
from frontdesk.storage.tables import audit, dead_event, reader
from frontdesk.telemetry.figures import REGISTER
from tests.desk import Desk


class Ledger:
    """A taker that writes each event's kind into SQL, and can be told to fail."""

    def __init__(self) -> None:
        self.poison = ""
        self.down = False
        self.done_with: list[str] = []

    async def prepare(self, events: Sequence[Event]) -> list[str]:
        if self.down:
            raise Retry
        return [event.kind for event in events]

    async def write(self, connection: Connection, events: Sequence[Event], prepared: Any) -> None:
        for event, kind in zip(events, prepared, strict=True):
            row = {"id": event.name, "at": event.at, "who": "", "what": kind,
                   "on": event.conversation, "details": {}}  # fmt: skip
            await connection.execute(upsert(connection, audit, row))
            if self.poison and event.conversation == self.poison:
                raise ValueError("this event can't be taken")

    async def done(self, events: Sequence[Event]) -> None:
        self.done_with += [event.kind for event in events]


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def relay(desk: Desk, sqlite: Database, ledger: Ledger) -> Relay:
    return relay_of(desk, sqlite, ledger)


def relay_of(desk: Desk, database: Database, ledger: Ledger) -> Relay:
    return Relay(database, EventStream(desk.link, desk.keys), "ledger", ledger, trims=False)


async def taken(database: Database) -> list[tuple[str, str]]:
    """(kind, conversation) in the order in which they were written."""
    query = select(audit.c.what, audit.c.on).order_by(text("rowid"))
    async with database.read() as connection:
        return [(row.what, row.on) for row in await connection.execute(query)]


async def happen(desk: Desk, *conversations: str) -> None:
    """Each is asked for, in vain, and closed: three events."""
    for conversation in conversations:
        await desk.at().request(conversation)
        await desk.at().close(conversation, "v")


def events_of(*conversations: str) -> list[tuple[str, str]]:
    return [(kind, one) for one in conversations for kind in ("requested", "missed", "closed")]


async def test_every_event_is_taken_once_and_in_order(
    desk: Desk, sqlite: Database, relay: Relay
) -> None:
    await happen(desk, "c1", "c2")
    assert await relay.step() == 6
    assert await relay.step() == 0
    await happen(desk, "c3")
    assert await relay.step() == 3
    assert await taken(sqlite) == events_of("c1", "c2", "c3")


async def test_a_new_reader_goes_on_where_the_last_one_stopped(
    desk: Desk, sqlite: Database, relay: Relay, ledger: Ledger
) -> None:
    await happen(desk, "c1")
    await relay.step()
    await happen(desk, "c2")
    await relay_of(desk, sqlite, ledger).step()
    assert await taken(sqlite) == events_of("c1", "c2")


async def test_two_readers_of_one_purpose_take_each_event_once(
    desk: Desk, sqlite: Database, ledger: Ledger
) -> None:
    readers = [relay_of(desk, sqlite, ledger) for _ in range(2)]
    await readers[0].step()
    for number in range(10):
        await happen(desk, f"c{number}")
        await asyncio.gather(*(one.step() for one in readers))
    while await readers[0].step():
        pass
    assert await taken(sqlite) == events_of(*(f"c{number}" for number in range(10)))


async def test_while_a_source_is_down_nothing_moves_and_nothing_is_lost(
    desk: Desk, sqlite: Database, relay: Relay, ledger: Ledger
) -> None:
    await happen(desk, "c1")
    ledger.down = True
    for _ in range(TRIES + 2):
        with pytest.raises(Retry):
            await relay.step()
    assert await taken(sqlite) == []
    ledger.down = False
    await relay.step()
    assert await taken(sqlite) == events_of("c1")


async def test_an_event_that_always_fails_is_put_aside_with_its_error_and_the_rest_goes_on(
    desk: Desk, sqlite: Database, relay: Relay, ledger: Ledger
) -> None:
    await happen(desk, "c1")
    await desk.at().request("bad")
    await happen(desk, "c2")
    ledger.poison = "bad"
    async with asyncio.timeout(30):
        while await taken(sqlite) != events_of("c1", "c2"):
            try:
                await relay.step()
            except ValueError:
                continue
    async with sqlite.read() as connection:
        dead = (await connection.execute(select(dead_event))).all()
    assert len(dead) == 2  # requested and missed of it
    assert all("can't be taken" in one.error for one in dead)


async def test_a_new_epoch_is_read_from_the_begin_of_the_stream(
    desk: Desk, sqlite: Database, relay: Relay
) -> None:
    """It may have been rolled back; takers write the same again over itself (R1.7)."""
    await happen(desk, "c1")
    await relay.step()
    await desk.link.command(b"DEL", desk.keys.ev)
    await desk.link.command(b"HSET", desk.keys.meta, b"epoch", b"new")
    desk.link.epoch = b"new"
    await happen(desk, "c2")
    while await relay.step():
        pass
    assert await taken(sqlite) == events_of("c1", "c2")
    async with sqlite.read() as connection:
        row = (await connection.execute(select(reader))).one()
    assert row.epoch == "new"


async def test_what_is_done_is_done_after_the_commit(
    desk: Desk, relay: Relay, ledger: Ledger
) -> None:
    await happen(desk, "c1")
    await relay.step()
    assert ledger.done_with == ["requested", "missed", "closed"]


async def test_an_event_says_what_its_script_knew(desk: Desk) -> None:
    await desk.at().request("c1")
    raw = await EventStream(desk.link, desk.keys).after("0-0")
    event = event_of(raw[0])
    assert (event.kind, event.conversation, event.offset) == ("requested", "c1", 1)
    assert event.epoch == desk.link.epoch.decode()
    assert event.name == f"{event.epoch}:{event.id}"
    assert event.fields["visitor"] == "v-c1"


def lag() -> float:
    """What Prometheus would read of this purpose now."""
    samples = dict(REGISTER["frontdesk_event_lag_seconds"]().samples)
    return samples["ledger",][0]


async def test_a_reader_that_gets_nowhere_says_how_far_it_is_behind(
    desk: Desk, relay: Relay, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    await relay.step()
    relay.look()
    assert lag() < 5
    ledger.down = True
    await happen(desk, "c1")
    with pytest.raises(Retry):
        await relay.step()
    later = time.time() + 3600
    monkeypatch.setattr(time, "time", lambda: later)
    relay.look()
    assert lag() >= 3600
    ledger.down = False
    await relay.step()  # taken: what is behind now is what has happened since the last event
    await relay.step()
    relay.look()
    assert lag() < 5


async def test_taken_and_dead_events_are_counted_once(
    desk: Desk, relay: Relay, ledger: Ledger
) -> None:
    before = EVENTS.value("ledger", "requested"), DEAD.value("ledger")
    ledger.poison = "c1"
    await happen(desk, "c1", "c2")
    for _ in range(3 * TRIES):
        with contextlib.suppress(ValueError):
            await relay.step()
    after = EVENTS.value("ledger", "requested"), DEAD.value("ledger")
    assert (after[0] - before[0], after[1] - before[1]) == (1, 3)
