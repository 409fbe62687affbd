"""What must hold between a node's answers, its inbox, and sockets that come and go."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import time
from pathlib import Path
from typing import Any

import orjson
import pytest

from frontdesk.app import Node
from frontdesk.bus.rates import Rate, Rates
from frontdesk.claims.store import Claims
from frontdesk.config import Settings
from frontdesk.conversations import entries
from frontdesk.errors import FrontdeskError
from frontdesk.hub.flush import Flush
from frontdesk.routing import router as router_module
from frontdesk.routing.reps.hours import Hours
from frontdesk.routing.reps.view import Candidate
from frontdesk.storage import tables
from frontdesk.storage.engine import Database
from frontdesk.storage.redis.keys import Keys
from frontdesk.storage.redis.link import Link
from frontdesk.web.presence_push import PresencePush
from frontdesk.wire.frames import CloseCode
from tests.database_fixtures import sqlite
from tests.desk import Desk
from tests.web.inside import Ended, Inside, Tab, hire, until
from tests.web.node import SECONDS

__all__ = ["sqlite"]

NINE = 9 * 3_600_000
"""Nine o'clock, UTC, in ms."""


@pytest.fixture
async def inside(
    redis_url: str, prefix: str, link: Link, sqlite: Database, tmp_path: Path, keys: Keys
) -> AsyncIterator[Inside]:
    settings = Settings(
        redis_url=redis_url, redis_prefix=prefix, data=tmp_path, secret_key="k" * 40
    )
    await link.command(b"HSET", keys.meta, b"quiet_until", b"0")
    await hire(sqlite, "ann", "bob")
    node = Node(settings, link, sqlite, index=0)
    async with node.running():
        await until(lambda: node.inbox.up)
        yield Inside(node, Flush(asyncio.get_running_loop()), ["ann", "bob"])


async def devices(inside: Inside, rep: str) -> list[tuple[str, str]]:
    node = inside.node
    flat = await node.link.command(b"HGETALL", node.keys.dev)
    values = [(flat[i].decode(), flat[i + 1].decode()) for i in range(0, len(flat), 2)]
    return [(d, v.split("|")[3]) for d, v in values if v.startswith(rep + "|")]


async def test_a_backslash_and_u0000_in_a_field_stay_what_they_are(inside: Inside) -> None:
    rep = await inside.rep("ann")
    visitor = await inside.visitor()
    await visitor.ask("identify", fields={"name": "\\u0000", "plan": "nul\0"})
    asked = await visitor.ask("request", text="hi", client_id="1")
    assert asked["type"] == "ok", asked
    card = (await until(lambda: rep.of("offer")))[0]
    assert card["visitor"]["name"] == "\\u0000"
    assert card["visitor"]["fields"]["plan"] == "nul"


async def test_a_visitor_who_goes_on_identifying_has_64_fields(inside: Inside) -> None:
    visitor = await inside.visitor()
    for turn in range(3):
        answer = await visitor.ask("identify", fields={f"f{turn}-{n}": n for n in range(40)})
        assert answer["type"] == ("ok" if turn == 0 else "error")
    assert len(visitor.connection.data.about["fields"]) == 40


async def test_a_claim_asked_again_says_nothing_in_the_place_of_a_message(inside: Inside) -> None:
    rep, visitor = await inside.rep("ann"), await inside.visitor()
    name = (await visitor.ask("request"))["conversation"]["id"]
    await until(lambda: rep.of("offer"))
    await rep.ask("claim", conversation=name)
    # As if from another node, whose notice is late: the log has a message more than this room.
    room = inside.node.announcer.rooms.get(name)
    assert room is not None
    node = inside.node
    c, _, log = node.keys.conversation(name)
    said = orjson.dumps({"type": "message", "from": "rep", "text": "late", "client_id": "z"})
    at = room.offset + 1
    await node.link.command(
        b"XADD", log, f"{at}-0", b"h", f"{room.epoch} 1 r:ann z", b"b", said
    )  # fmt: skip
    await node.link.command(b"HSET", c, b"off", at)
    await rep.ask("claim", conversation=name)
    await visitor.ask("ping")
    assert len(visitor.of("claimed")) == 1, visitor.of("claimed")


async def test_a_rep_whose_tab_closes_while_it_is_attached_again_goes_offline(
    inside: Inside,
) -> None:
    first = await inside.rep("ann", "d1")
    second = await inside.rep("ann", "d2")
    attaching = asyncio.create_task(inside.node.keeping.reattach_reps())
    await asyncio.sleep(0)  # the first is under way
    second.breaks()
    await attaching
    await inside.node.link.command(b"PING")
    assert ("d2", "grace") in await devices(inside, "ann")
    first.breaks()


async def test_a_rep_whose_screen_could_not_be_read_is_not_left_online(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: Any) -> Any:
        raise FrontdeskError("retry")

    monkeypatch.setattr(inside.node.sides._reps.desk, "screen", away)
    tab = inside.rep_tab("ann")
    answer = await tab.ask("hello", device="d1")
    assert answer["code"] == "retry"
    tab.breaks()
    async with asyncio.timeout(SECONDS):
        while await devices(inside, "ann") != [("d1", "grace")]:
            await asyncio.sleep(0.01)


async def test_a_visitor_who_leaves_before_the_answer_is_not_in_the_room(inside: Inside) -> None:
    await inside.rep("ann")
    visitor = await inside.visitor()
    visitor.send("request")
    visitor.breaks()
    name = await until(lambda: [room.id for room in inside.node.announcer.rooms.all()])
    await until(lambda: name[0] in inside.node.sides._visitors.leaving._due)
    room = inside.node.announcer.rooms.get(name[0])
    assert room is not None
    assert not room.visitors


async def test_a_rep_who_leaves_before_a_claims_answer_is_not_in_the_room(inside: Inside) -> None:
    rep, visitor = await inside.rep("ann"), await inside.visitor()
    name = (await visitor.ask("request"))["conversation"]["id"]
    await until(lambda: rep.of("offer"))
    rep.send("claim", conversation=name)
    rep.breaks()
    await until(lambda: visitor.of("claimed"))
    room = inside.node.announcer.rooms.get(name)
    assert room is not None
    assert not room.reps


async def test_a_lost_claim_ends_the_ring_on_the_reps_other_tab(inside: Inside) -> None:
    first, second = await inside.rep("ann", "d1"), await inside.rep("ann", "d2")
    await inside.rep("bob")
    visitor, node = await inside.visitor(), inside.node
    name = (await visitor.ask("request"))["conversation"]["id"]
    await until(lambda: first.of("offer") and second.of("offer"))
    elsewhere = Claims(node.link, node.keys, "n-elsewhere")
    await elsewhere.claim(name, "bob", entries.claimed_start({"id": "bob", "name": "Bob"}), 1000)
    assert (await first.ask("claim", conversation=name))["code"] == "already_claimed"
    await until(lambda: second.of("offer_gone"))
    assert [gone["why"] for gone in second.of("offer_gone")] == ["claimed"]


async def test_a_signed_out_rep_who_has_not_said_hello_is_closed(inside: Inside) -> None:
    tab = inside.rep_tab("ann")
    inside.node.keeping.signed_out("ann", "")
    assert tab.connection.closed


async def test_a_rep_who_was_signed_out_is_offline_without_the_grace(inside: Inside) -> None:
    """Nobody can come back by a sign-in that is no more: the others ring on (PR-1, RT-6)."""
    ann, bob = await inside.rep("ann"), await inside.rep("bob")
    visitor, node = await inside.visitor(), inside.node
    name = (await visitor.ask("request"))["conversation"]["id"]
    await until(lambda: ann.of("offer") and bob.of("offer"))
    node.router.waits = replace(node.router.waits, grace=3_600_000)
    node.keeping.signed_out("ann", "")
    await until(lambda: not node.mirror.reps["ann"].online)
    assert not bob.of("offer_gone")
    assert (await bob.ask("claim", conversation=name))["type"] == "ok"


async def test_a_sign_out_whose_notice_was_lost_is_found_when_reps_are_attached_again(
    inside: Inside, sqlite: Database
) -> None:
    ann, bob, waiting = await inside.rep("ann"), await inside.rep("bob"), inside.rep_tab("ann")
    async with sqlite.write() as connection:
        theirs = tables.sign_in.c.rep_id == "ann"
        await connection.execute(tables.sign_in.delete().where(theirs))
    inside.node.inbox.attach_again("jump")
    await until(lambda: ann.connection.closed and waiting.connection.closed)
    assert not bob.connection.closed


async def test_sockets_stay_while_nobody_can_say_who_is_signed_in(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await inside.rep("ann")

    async def away(*_: Any) -> Any:
        raise OSError("SQL is away")

    monkeypatch.setattr(inside.node.keeping, "_valid", away)
    await inside.node.keeping.reattach_reps()
    assert not ann.connection.closed


async def test_when_people_change_only_reps_are_attached_again(
    inside: Inside, sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob, _ = await held_by_ann(inside)
    await until(lambda: not inside.node.inbox._again.is_set())
    read: list[str] = []
    attach = inside.node.conversations.attach

    async def reading(conversation: str, *rest: Any) -> Any:
        read.append(conversation)
        return await attach(conversation, *rest)

    monkeypatch.setattr(inside.node.conversations, "attach", reading)
    async with sqlite.write() as connection:
        bob_now = tables.rep.update().where(tables.rep.c.id == "bob").values(capacity=5)
        await connection.execute(bob_now)
    inside.node.directory.soon()
    await until(lambda: [p["capacity"] for p in ann.of("presence")][-1:] == [5])
    assert not bob.connection.closed
    assert read == []


async def test_who_has_just_joined_is_called_by_their_name(
    inside: Inside, sqlite: Database
) -> None:
    await hire(sqlite, "eve")  # and nobody has told this node
    eve, visitor = await inside.rep("eve"), await inside.visitor()
    asked = await visitor.ask("request")
    await until(lambda: eve.of("offer"))
    await eve.ask("claim", conversation=asked["conversation"]["id"])
    claimed = await until(lambda: visitor.of("claimed"))
    assert claimed[0]["rep"]["name"] == "eve"


async def test_who_is_called_otherwise_from_now_on_speaks_under_the_new_name(
    inside: Inside, sqlite: Database
) -> None:
    ann, _, name = await held_by_ann(inside)
    async with sqlite.write() as connection:
        renamed = tables.rep.update().where(tables.rep.c.id == "ann").values(name="Ann Other")
        await connection.execute(renamed)
    inside.node.directory.soon()
    await until(lambda: ann.connection.data.person["name"] == "Ann Other")
    await ann.ask("message", conversation=name, text="It is still me.", client_id="1", fence=1)
    log = await inside.node.link.command(
        b"XREVRANGE", inside.node.keys.conversation(name).log, b"+", b"-"
    )
    assert orjson.loads(log[0][1][3])["rep"]["name"] == "Ann Other"


async def test_made_up_conversations_leave_no_outbox_each(inside: Inside) -> None:
    rep = await inside.rep("ann")
    for number in range(200):
        rep.connection._spent = 0.0
        name = f"c_{number}"
        answer = await rep.ask("message", conversation=name, text="x", client_id="1", fence=1)
        assert answer["code"] == "not_found"
    assert len(rep.connection.data.outboxes) <= 100


async def test_who_asks_too_often_is_told_when_to_ask_again(inside: Inside) -> None:
    await inside.rep("ann")
    visitor = await inside.visitor()
    answers = []
    for _ in range(inside.node.settings.requests_per_visitor + 1):
        visitor.connection.data.asked_at = 0.0
        answers.append(await visitor.ask("request"))
    assert [answer["type"] for answer in answers] == ["ok"] * (len(answers) - 1) + ["error"]
    assert (answers[-1]["code"], answers[-1]["retry"]) == ("rate_limited", True)
    assert 0 < answers[-1]["retry_after"] <= 10


async def test_who_comes_too_often_is_sent_away_and_may_come_back(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = inside.node
    rates = Rates(node.link, node.keys, {"hello": Rate(visitor=2, address=4)})
    monkeypatch.setattr(node.sides._visitors, "_take", rates.take)
    closed: list[int] = []
    monkeypatch.setattr(Ended, "end", lambda _self, code, _reason: closed.append(code))
    token = (await inside.visitor()).of("welcome")[0]["token"]
    answers = [await inside.visitor_tab().ask("hello", token=token) for _ in range(3)]
    assert [one["type"] for one in answers] == ["welcome", "welcome", "error"]
    assert answers[2]["code"] == "rate_limited"
    await inside.visitor()  # somebody else at this address
    assert (await inside.visitor_tab().ask("hello"))["code"] == "rate_limited"
    assert closed == [CloseCode.RATE, CloseCode.RATE]


async def test_while_memory_is_short_what_makes_it_grow_is_refused(
    inside: Inside, link: Link, keys: Keys
) -> None:
    rep, known = await inside.rep("ann"), await inside.visitor()
    name = (await known.ask("request"))["conversation"]["id"]
    await until(lambda: rep.of("offer"))
    await rep.ask("claim", conversation=name)
    token = known.of("welcome")[0]["token"]

    async def full(percent: int) -> None:
        await link.command(b"HSET", keys.meta, b"pressure", percent)
        await inside.node.keeping.renew()

    await full(75)
    assert (await known.ask("identify", fields={"plan": "pro"}))["code"] == "overloaded"
    tab = inside.visitor_tab()
    assert (await tab.ask("hello", fields={"plan": "pro"}))["type"] == "welcome"
    assert "fields" not in tab.connection.data.about
    assert (await tab.ask("request"))["code"] == "overloaded"
    await full(90)
    stranger = inside.visitor_tab()
    assert (await stranger.ask("hello"))["code"] == "overloaded"
    assert stranger.connection.closed
    assert (await inside.visitor_tab().ask("hello", token=token))["type"] == "welcome"
    said = await known.ask("message", conversation=name, text="still here", client_id="1")
    assert said["type"] == "ok"
    assert (await known.ask("close", conversation=name))["type"] == "ok"


async def test_visitors_hear_of_a_change_while_they_are_told_of_another(inside: Inside) -> None:
    await inside.rep("ann")
    visitor = await inside.visitor()
    push, mirror = inside.node.presence_push, inside.node.mirror
    await until(lambda: mirror.desk_state() == "available" and _idle(push))
    push._told = ""
    push._tell()
    assert not _idle(push)  # visitors are being told "available"
    await asyncio.sleep(0)
    mirror.reps["ann"] = replace(mirror.reps["ann"], availability="away")
    push._tell()
    await until(lambda: [d["desk"]["state"] for d in visitor.of("desk")][-1:] == ["away"])


async def test_consoles_and_visitors_hear_that_a_rep_is_not_known_any_more(inside: Inside) -> None:
    bob, visitor = await inside.rep("bob"), await inside.visitor()
    await inside.rep("ann")
    await inside.node.mirror.refresh(1)
    await until(lambda: bob.of("presence") and _state_of(visitor) == "available")
    await inside.node.link.command(b"DEL", inside.node.keys.reps)
    await inside.node.mirror.refresh(2)
    await until(
        lambda: ("ann", False) in [(p["rep"]["id"], p["online"]) for p in bob.of("presence")]
    )
    await until(lambda: _state_of(visitor) == "away")


async def test_consoles_hear_that_working_hours_ended_and_began_again(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(router_module, "HOURS_EVERY", 0.01)
    node, clock = inside.node, [NINE]
    monkeypatch.setattr(node.deciding, "_now", lambda: clock[0])
    hours = Hours("UTC", (((time(9), time(17)),),) * 7)
    node.deciding.view.replace(
        [Candidate("ann", frozenset(), hours), Candidate("bob", frozenset())]
    )
    ann, bob = await inside.rep("ann"), await inside.rep("bob")
    watching = asyncio.create_task(node.router.watch_hours())
    await asyncio.sleep(0)  # it knows who works before the hour strikes
    await until(lambda: _available(bob) == {"ann", "bob"} and not node.presence_push._changed)
    assert _off(ann) == _off(bob) == set()
    clock[0] = NINE + 8 * 3_600_000
    await until(lambda: _off(ann) == _off(bob) == {"ann"})
    assert node.desk()["state"] == "available"  # by bob
    await bob.ask("availability", state="away")
    await until(lambda: node.desk()["state"] == "away")
    await bob.ask("availability", state="available")
    late = inside.rep_tab("ann")
    fresh = (await late.ask("hello", device="d2"))["snapshot"]
    assert (fresh["availability"], fresh["off_hours"]) == ("available", True)
    assert [one["rep"]["id"] for one in fresh["presence"] if one.get("off_hours")] == ["ann"]
    await until(lambda: not node.presence_push._changed)  # of the tab that came
    clock[0] = NINE + 24 * 3_600_000
    await until(lambda: _off(bob) == set())
    watching.cancel()


def _available(tab: Tab) -> set[str]:
    """Whom it was told to be available."""
    told = [one for one in tab.of("presence") if one["availability"] == "available"]
    return {one["rep"]["id"] for one in told}


def _off(tab: Tab) -> set[str]:
    """Whom it believes to be outside their working hours."""
    newest = {one["rep"]["id"]: one.get("off_hours", False) for one in tab.of("presence")}
    return {rep for rep, off in newest.items() if off}


def _state_of(visitor: Tab) -> str:
    told = [said["desk"]["state"] for said in visitor.said if "desk" in said]
    return str(told[-1])


def _idle(push: PresencePush) -> bool:
    return push._task is None or push._task.done()


async def test_a_node_goes_on_attaching_after_sql_was_away(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    async def broken() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise OSError("SQL is away")

    monkeypatch.setattr(inside.node.inbox, "_restore", broken)
    inside.node.inbox.epoch_changed()
    await until(lambda: len(calls) == 2)


async def test_a_node_goes_on_renewing_and_says_that_it_could_not(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = inside.node

    async def broken(*_: Any) -> Any:
        monkeypatch.undo()
        raise ValueError("an answer that nobody expects")

    assert await node.ready() == []
    monkeypatch.setattr(node.presence, "renew", broken)
    await until(lambda: node.work.failing)
    assert await node.ready() == ["Upkeep fails: keeping."]
    await node.link.command(b"DEL", node.keys.nodes)
    async with asyncio.timeout(SECONDS):
        while not await node.link.command(b"ZSCORE", node.keys.nodes, node.id):
            await asyncio.sleep(0.01)


async def test_reps_ring_although_the_answer_to_a_request_was_lost(
    inside: Inside, redis_url: str, keys: Keys
) -> None:
    rep, visitor = await inside.rep("ann"), await inside.visitor()
    pipeline: Any = inside.node.link._pipeline
    other = await Link.open(redis_url, meta_key=keys.meta)
    visitor.send("request")
    await asyncio.sleep(0)  # it leaves in this turn; the answer is never read
    pipeline._transport.pause_reading()
    async with asyncio.timeout(SECONDS):
        while not await other.command(b"ZCARD", inside.node.keys.queue):
            await asyncio.sleep(0.01)
    await other.close()
    pipeline.lose("cut by the test")
    await until(lambda: rep.of("offer"))
    assert len(visitor.of("ok")) == 1


async def test_a_desk_with_hundreds_waiting_is_read_with_a_few_calls(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = inside.node
    elsewhere = Desk(node.link, node.keys, lawful=False).at("n-elsewhere")
    await elsewhere.comes("ann", capacity=5)
    await asyncio.gather(*(elsewhere.request(f"c{n:03}", "ann") for n in range(250)))
    asked = 0
    submit = node.link._submit

    def counting(*args: Any, **named: Any) -> Any:
        nonlocal asked
        asked += 1
        return submit(*args, **named)

    monkeypatch.setattr(node.link, "_submit", counting)
    cards = await node.sides._reps.desk.offers("ann")
    assert sorted(cards) == [f"c{n:03}" for n in range(250)]
    assert asked <= 10
    tabs = [await inside.rep("ann", device) for device in ("d1", "d2")]
    assert [len(tab.of("welcome")[0]["snapshot"]["offers"]) for tab in tabs] == [250, 250]


async def test_a_console_that_comes_back_shows_everything_in_the_order_it_had(
    inside: Inside,
) -> None:
    """Law 9: an old snapshot with its pushes is the fresh one, order and all."""
    ann = await inside.rep("ann", "d1")
    for other in ("cid", "bob"):
        await inside.rep(other)
    names = []
    for _ in range(3):
        visitor = await inside.visitor()
        names.append((await visitor.ask("request"))["conversation"]["id"])
    await until(lambda: len(ann.of("offer")) == 3)
    for name in reversed(names):
        await ann.ask("claim", conversation=name)
    fresh = (await inside.rep("ann", "d2")).of("welcome")[0]["snapshot"]
    assert [one["id"] for one in fresh["conversations"]] == sorted(names)
    assert [one["rep"]["id"] for one in fresh["presence"]] == ["ann", "bob", "cid"]


async def test_who_starts_a_chat_that_its_visitor_ends_at_once_hears_of_the_end(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end is known here, and told to the visitor, before the answer to the claim is."""
    ann, visitor = await inside.rep("ann"), await inside.visitor()
    name = (await visitor.ask("request"))["conversation"]["id"]
    await until(lambda: ann.of("offer"))
    claim = inside.node.claims.claim

    async def and_at_once_closed(*given: Any) -> Any:
        won = await claim(*given)
        await asyncio.create_task(visitor.ask("close", conversation=name))
        return won

    monkeypatch.setattr(inside.node.claims, "claim", and_at_once_closed)
    number = ann.send("claim", conversation=name)
    assert (await ann.answer(number))["conversation"]["state"] == "active"
    await until(lambda: ann.of("closed") or ann.of("released"))  # as the gap is filled or not


async def test_what_was_waiting_for_the_answer_to_a_claim_reaches_who_claimed(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An entry that came before the one it follows is forwarded together with it."""
    ann, visitor = await inside.rep("ann"), await inside.visitor()
    name = (await visitor.ask("request"))["conversation"]["id"]
    await until(lambda: ann.of("offer"))
    claim = inside.node.claims.claim
    monkeypatch.setattr(inside.node.announcer.rooms, "on_gap", lambda _room: None)

    async def and_at_once_closed(*given: Any) -> Any:
        won = await claim(*given)
        await asyncio.create_task(visitor.ask("close", conversation=name))
        return won

    monkeypatch.setattr(inside.node.claims, "claim", and_at_once_closed)
    number = ann.send("claim", conversation=name)
    await until(lambda: ann.of("closed"))
    answer = next(at for at, one in enumerate(ann.said) if one.get("id") == number)
    assert ann.said.index(ann.of("closed")[0]) > answer


async def test_who_claims_again_what_was_ended_meanwhile_is_told(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first answer was lost, and the second says what was so before the end."""
    ann, visitor = await inside.rep("ann"), await inside.visitor()
    name = (await visitor.ask("request"))["conversation"]["id"]
    await until(lambda: ann.of("offer"))
    claim = inside.node.claims.claim

    async def again_and_closed(*given: Any) -> Any:
        await claim(*given)
        won = await claim(*given)
        assert won.again
        await asyncio.create_task(visitor.ask("close", conversation=name))
        return won

    monkeypatch.setattr(inside.node.claims, "claim", again_and_closed)
    assert (await ann.ask("claim", conversation=name))["conversation"]["state"] == "active"
    await until(lambda: ann.of("closed") or ann.of("released"))  # as the gap is filled or not


async def held_by_ann(inside: Inside) -> tuple[Tab, Tab, str]:
    """Ann talks with a visitor, bob is there. → ann's tab, bob's, the conversation"""
    ann, bob = await inside.rep("ann"), await inside.rep("bob")
    visitor = await inside.visitor()
    name = (await visitor.ask("request"))["conversation"]["id"]
    await until(lambda: ann.of("offer") and bob.of("offer"))
    await ann.ask("claim", conversation=name)
    await until(lambda: bob.of("offer_gone"))
    return ann, bob, name


async def test_a_transfer_rings_although_nothing_can_be_read_after_it(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob, name = await held_by_ann(inside)

    async def away(*_: Any) -> Any:
        raise FrontdeskError("retry")

    claims = inside.node.claims
    release = claims.release

    async def last_that_is_asked(*args: Any, **named: Any) -> Any:
        monkeypatch.setattr(claims, "fields", away)
        return await release(*args, **named)

    monkeypatch.setattr(claims, "release", last_that_is_asked)
    number = ann.send("transfer", conversation=name, fence=1, note="prices")
    assert (await ann.answer(number))["state"] == "requested"
    await until(lambda: len(bob.of("offer")) == 2)
    assert [said["type"] for said in ann.said if said.get("id") == number] == ["ok"]
    assert bob.of("offer")[1]["note"] == "prices"
    assert bob.of("offer")[1]["visitor"]["id"]


async def test_a_transfer_whose_answer_was_lost_is_asked_again_and_lets_go(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob, name = await held_by_ann(inside)
    release = inside.node.claims.release

    async def done_but_unknown(*args: Any, **named: Any) -> Any:
        await release(*args, **named)
        monkeypatch.undo()
        inside.node.inbox.attach_again("answers lost")  # as the link says when it is back
        raise FrontdeskError("retry")

    monkeypatch.setattr(inside.node.claims, "release", done_but_unknown)
    assert (await ann.ask("transfer", conversation=name, fence=1))["code"] == "retry"
    again = await ann.ask("transfer", conversation=name, fence=1)
    assert (again["type"], again["state"]) == ("ok", "requested")
    await until(lambda: ann.of("released") and len(bob.of("offer")) == 2)


@pytest.mark.parametrize("command", ["request", "claim"])
async def test_a_command_that_breaks_leaves_no_room_that_waits_for_ever(
    inside: Inside, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    rep, visitor = await inside.rep("ann"), await inside.visitor()

    async def broken(*_: Any, **__: Any) -> Any:
        raise KeyError("broken on purpose")

    monkeypatch.setattr(inside.node.claims, command, broken)
    asks = rep.ask("claim", conversation="c_1") if command == "claim" else visitor.ask("request")
    answer = await asks
    assert (answer["code"], answer["retry"]) == ("internal", True)
    assert inside.node.announcer.rooms.all() == []


async def test_a_visitor_asks_anew_although_the_node_did_not_hear_of_the_end(
    inside: Inside,
) -> None:
    await inside.rep("ann")
    visitor = await inside.visitor()
    first = (await visitor.ask("request"))["conversation"]["id"]
    await visitor.ask("close", conversation=first)
    seat = visitor.connection.data
    seat.conversation, seat.asked_at = first, 0.0  # as if the notice had been lost
    again = (await visitor.ask("request"))["conversation"]
    assert (again["state"], again["id"] != first) == ("requested", True)


async def test_who_takes_their_last_chat_is_told_that_the_rest_stopped_ringing_and_rung_again(
    inside: Inside,
) -> None:
    """PR-4, PR-6: a rep has three places here."""
    ann, names = await inside.rep("ann"), []
    for number in range(4):
        visitor = await inside.visitor()
        names.append((await visitor.ask("request"))["conversation"]["id"])
        await until(lambda count=number + 1: len(ann.of("offer")) == count)  # type: ignore[misc]
    fences = [(await ann.ask("claim", conversation=name))["fence"] for name in names[:3]]
    await until(lambda: ann.of("offer_gone"))
    assert [(one["conversation"], one["why"]) for one in ann.of("offer_gone")] == [
        (names[3], "full")
    ]
    await ann.ask("close", conversation=names[0], fence=fences[0])
    await until(lambda: len(ann.of("offer")) == 5)
    assert ann.of("offer")[-1]["conversation"] == names[3]


async def test_when_everybody_is_lost_at_once_redis_is_told_a_few_at_a_time(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inside.node.sides._visitors, "_goings", asyncio.Semaphore(5))
    tabs = [await inside.visitor() for _ in range(40)]
    for tab in tabs:
        tab.breaks()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert inside.node.link.in_flight <= 10
    visitors = [tab.connection.data.visitor for tab in tabs]
    store = inside.node.sides._visitors._visitors
    await until(lambda: inside.node.link.in_flight == 0)
    assert [await store.elsewhere(visitor) for visitor in visitors] == [[]] * 40
