"""restore, mend, watch: what was lost comes back, and what can't be is named (CH-7)."""

from typing import Any

import orjson
import pytest

from frontdesk.conversations import entries
from frontdesk.conversations.rebuild import MEND, RESTORE, Rebuild
from frontdesk.routing.router import Waits
from frontdesk.storage.engine import Database
from frontdesk.storage.tables import conversation, entry
from tests.database_fixtures import sqlite
from tests.desk import GONE, GRACE, IDLE, LOST, WAIT, Desk

__all__ = ["sqlite"]

ENTRIES = [
    (1, "old", "server", "", entries.requested_body("request")),
    (2, "old", "v:v-c1", "m1", entries.message_body("visitor", "hi", "m1")),
    (3, "old", "r:ann", "", b'{"type":"claimed","rep":{"id":"ann"},"fence":4}'),
]


async def restore(desk: Desk, state: str, rep: str = "") -> bytes:
    k = desk.keys
    names = k.conversation("c1")
    fields: list[Any] = ["session", "s1", "fence", 4, "off", 3, "rev", 5, "at", 1, "about", b"{}",
              "extra", b"{}", "why", "request", "claimed", 9]  # fmt: skip
    flat: list[Any] = []
    for offset, epoch, sender, client_id, body in ENTRIES:
        flat += [offset, epoch, 1000 + offset, sender, client_id, body]
    reply = await desk.link.call(
        RESTORE,
        (names.c, names.log, k.open, k.due, k.held(rep), k.queue, k.reps),
        ("c1", "v-c1", state, rep, LOST, WAIT, GONE, len(fields), *fields, *flat),
    )
    return bytes(reply[0])


@pytest.mark.parametrize(
    ("state", "rep", "timer"),
    [("active", "ann", "lost"), ("requested", "", "wait"), ("missed", "", "quiet")],
)
async def test_a_restored_conversation_is_lawful_and_only_restored_once(
    desk: Desk, state: str, rep: str, timer: str
) -> None:
    assert await restore(desk, state, rep) == b"ok"
    await desk.laws.hold(after="restore")
    assert (await desk.of("c1"))["timer"] == timer
    assert await restore(desk, state, rep) == b"there"


@pytest.mark.parametrize(
    ("state", "timer", "ms"),
    [("active", "lost", LOST), ("requested", "wait", WAIT), ("missed", "quiet", GONE)],
)
async def test_a_restored_conversation_has_the_time_that_its_state_gives(
    desk: Desk, sqlite: Database, state: str, timer: str, ms: int
) -> None:
    row = {"id": "c1", "desk": "main", "visitor_id": "v-c1", "state": state, "epoch": "old",
           "requested_at": 1, "about": {}, "rep_id": "ann"}  # fmt: skip
    async with sqlite.write() as connection:
        await connection.execute(conversation.insert().values(**row))
    waits = Waits(total=WAIT, lost=LOST, idle=IDLE, gone=GONE, grace=GRACE)
    before = await desk.now()
    assert await Rebuild(sqlite, desk.link, desk.keys, waits).if_needed() == 1
    deadline = float(await desk.deadline(f"{timer}:c1"))
    assert before + ms <= deadline <= await desk.now() + ms


async def test_what_is_over_stays_so_while_the_archive_reads_again(
    desk: Desk, sqlite: Database
) -> None:
    """It has come to the claim for the second time; the entries say that there was an end."""
    row = {"id": "c1", "desk": "main", "visitor_id": "v-c1", "state": "active", "epoch": "old",
           "requested_at": 1, "about": {}, "rep_id": "ann", "last_offset": 1}  # fmt: skip
    both = [
        {"conversation_id": "c1", "offset": 1, "epoch": "old", "type": "claimed", "at": 1},
        {"conversation_id": "c1", "offset": 2, "epoch": "old", "type": "closed", "at": 2},
    ]
    async with sqlite.write() as connection:
        await connection.execute(conversation.insert().values(**row))
        for one in both:
            body = {"type": one["type"]}
            await connection.execute(entry.insert().values(**one, body=body))
    waits = Waits(total=WAIT, lost=LOST, idle=IDLE, gone=GONE, grace=GRACE)
    assert await Rebuild(sqlite, desk.link, desk.keys, waits).if_needed() == 0
    assert not await desk.of("c1")


async def test_what_the_log_lost_is_appended_though_the_archive_reads_again(
    desk: Desk, sqlite: Database
) -> None:
    """Its row says what was so at offset 2 for the second time; an entry beyond the log stays."""
    await restore(desk, "active", "ann")
    row = {"id": "c1", "desk": "main", "visitor_id": "v-c1", "state": "active", "epoch": "old",
           "requested_at": 1, "about": {}, "rep_id": "ann", "last_offset": 2}  # fmt: skip
    body = orjson.loads(entries.message_body("visitor", "lost", "m9"))
    lost = {"conversation_id": "c1", "offset": 4, "epoch": "old", "type": "message", "at": 4,
            "sender": "visitor", "client_id": "m9", "body": body}  # fmt: skip
    async with sqlite.write() as connection:
        await connection.execute(conversation.insert().values(**row))
        await connection.execute(entry.insert().values(**lost))
    waits = Waits(total=WAIT, lost=LOST, idle=IDLE, gone=GONE, grace=GRACE)
    assert await Rebuild(sqlite, desk.link, desk.keys, waits).if_needed() == 0
    assert (await desk.of("c1"))["off"] == "4"


async def test_positions_of_before_the_loss_stay_valid(desk: Desk) -> None:
    await restore(desk, "active", "ann")
    snapshot = await desk.at().conversations.attach("c1", "v", "old", 2)
    assert snapshot is not None
    assert snapshot.recovered
    assert [one.offset for one in snapshot.entries] == [3]


async def test_the_holder_goes_on_with_the_same_fence_and_retries_are_known(desk: Desk) -> None:
    await restore(desk, "active", "ann")
    await desk.at().comes("ann")
    assert await desk.at().lost_or_returned("c1", "ann") == "returned"
    assert (await desk.at().says("c1", "ann", "a1", fence=4)).offset == 5
    known = await desk.at().says("c1", "v", "m1")
    assert (known.offset, known.epoch, known.wall) == (2, "old", 1002)
    assert (await desk.rep("ann")).load == 1


async def test_the_load_of_a_rep_who_was_quicker_than_the_restoring_is_right(desk: Desk) -> None:
    await desk.at().comes("ann")
    await restore(desk, "active", "ann")
    await desk.at().lost_or_returned("c1", "ann")
    assert (await desk.rep("ann")).load == 1


async def test_a_restored_request_is_offered_to_whom_comes(desk: Desk) -> None:
    await restore(desk, "requested")
    await desk.at().comes("bob")
    due, *_ = await desk.peek()
    assert "drain:bob" in due
    await desk.at().offer("c1", "bob")
    assert (await desk.at().claim("c1", "bob")).fence == 5


async def mend(desk: Desk, client_id: str, conversation: str = "c1") -> Any:
    k = desk.keys
    names = k.conversation(conversation)
    body = entries.message_body("visitor", "lost", client_id)
    return await desk.link.call(
        MEND,
        (k.ev, k.inbox, names.c, names.log),
        (conversation, f"v:v-{conversation}", client_id, body),
    )


async def test_a_message_that_the_log_lost_is_said_again_once_whoever_is_quicker(
    desk: Desk,
) -> None:
    await restore(desk, "active", "ann")
    await desk.at().comes("ann")
    await desk.at().lost_or_returned("c1", "ann")
    assert await mend(desk, "m7") == [b"ok", 5]
    assert await mend(desk, "m7") == [b"there"]
    assert (await desk.at().says("c1", "v", "m7")).offset == 5
    await desk.at().says("c1", "v", "m8")
    assert await mend(desk, "m8") == [b"there"]


async def test_what_is_over_is_not_mended(desk: Desk) -> None:
    await desk.at().request("c1")
    await desk.at().close("c1", "v")
    assert await mend(desk, "m7") == [b"gone"]
    assert await mend(desk, "m7", "c9") == [b"gone"]


# --- the watchdog


@pytest.fixture
async def busy(desk: Desk) -> Desk:
    """One conversation of each state."""
    await desk.at().comes("ann")
    await desk.at().request("c-active", "ann")
    await desk.at().claim("c-active", "ann")
    await desk.at().request("c-requested", "ann")
    await desk.at().request("c-missed")
    await desk.at().request("c-closed")
    await desk.at().close("c-closed", "v")
    return desk


async def test_where_all_is_well_nothing_is_touched(busy: Desk) -> None:
    before = len(await busy.events())
    assert await busy.watchdog.look() == {}
    assert len(await busy.events()) == before


@pytest.mark.parametrize(
    ("conversation", "item"),
    [("c-active", "quiet"), ("c-requested", "wait"), ("c-missed", "quiet")],
)
async def test_a_conversation_for_which_nothing_would_happen_is_named_and_gets_its_timer(
    busy: Desk, conversation: str, item: str
) -> None:
    await busy.link.command(b"ZREM", busy.keys.due, f"{item}:{conversation}")
    assert await busy.watchdog.look() == {conversation: "no timer"}
    await busy.laws.hold(after="watch")
    assert await busy.watchdog.look() == {}
    assert (await busy.events(conversation))[-1][0] == "mended"


async def test_a_request_that_nobody_would_be_offered_is_named_and_queued(busy: Desk) -> None:
    await busy.link.command(b"ZREM", busy.keys.queue, b"c-requested")
    assert await busy.watchdog.look() == {"c-requested": "not in the queue"}
    await busy.laws.hold(after="watch")


async def test_a_chat_missing_among_its_holders_is_named_and_counted_again(busy: Desk) -> None:
    await busy.link.command(b"SREM", busy.keys.held("ann"), b"c-active")
    assert await busy.watchdog.look() == {"c-active": "held by nobody"}
    await busy.laws.hold(after="watch")


async def test_a_pointer_to_nothing_is_named_and_removed(busy: Desk) -> None:
    await busy.link.command(b"HSET", busy.keys.open, b"v-ghost", b"c-ghost")
    await busy.link.command(b"HSET", busy.keys.open, b"v-late", b"c-closed")
    found = await busy.watchdog.look()
    assert set(found) == {"c-ghost", "c-closed"}
    await busy.laws.hold(after="watch")


def test_bodies_say_their_type_first() -> None:
    for *_, body in ENTRIES:
        assert entries.kind_of(body) == orjson.loads(body)["type"]
