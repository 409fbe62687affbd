"""A person's data are erased wherever they are, whatever happens meanwhile (OP-5)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import func, select, update

from frontdesk.conversations.rebuild import Rebuild
from frontdesk.events.stream import event_of
from frontdesk.privacy.erasing import REWRITE_AFTER_MS
from frontdesk.privacy.store import erasures as store
from frontdesk.routing.store import ledger
from frontdesk.storage import erased as marks
from frontdesk.storage.tables import (
    audit,
    conversation,
    entry,
    erased,
    erasure,
    owner,
    routing_simulation,
)
from frontdesk.wire.frames import CloseCode
from tests.privacy.town import ANN, Town
from tests.web.inside import until

FIELDS = {"email": ANN, "name": "Ann Beacon", "plan": "lamp"}


async def test_nothing_is_left_of_a_person_but_ids_that_mean_nobody(town: Town) -> None:
    visitor = await town.chat(fields=FIELDS, says=f"I am {ANN}")
    other = await town.chat(fields={"email": "ben@harbor.example"})
    await town.archived()
    assert await town.where(ANN, "Ann Beacon")
    one = await town.persons.erasure(None, await town.erased("Ann@Lighthouse.example"))
    assert await town.where(ANN, "Ann Beacon") == []
    name = visitor.connection.data.visitor
    kept = await town.where(name)
    assert [place.split(":")[0] for place in kept if "'erased'" not in place] == ["erased"]
    assert len(kept) == 2  # the mark in SQL, and the one in Redis
    assert await town.where("ben@harbor.example", other.connection.data.visitor)
    assert (one.state, one.subject, one.visitors, one.conversations) == ("done", None, 1, 1)


async def test_an_open_conversation_is_closed_first_and_its_visitor_comes_back_a_stranger(
    town: Town,
) -> None:
    visitor = await town.chat(fields=FIELDS, ends=False)
    codes: list[int] = []

    def end(code: int, reason: str) -> None:
        assert reason == "erased"
        codes.append(code)

    visitor.connection._port.end = end  # type: ignore[method-assign]
    token = visitor.of("welcome")[0]["token"]
    await town.erased(ANN)
    await until(lambda: codes)
    assert (visitor.of("closed")[0]["by"], codes) == ("server", [CloseCode.ERASED])
    again = town.inside.visitor_tab()
    welcome = await again.ask("hello", token=token, page={"url": "https://shop.example/"})
    assert welcome["type"] == "welcome"
    assert welcome["visitor"] != visitor.connection.data.visitor
    assert "conversation" not in welcome
    assert await town.where(ANN) == []


async def test_a_tab_that_missed_the_notice_is_sent_away_at_its_next_page(town: Town) -> None:
    visitor = await town.chat(fields=FIELDS)
    town.inside.node.inbox.erased = lambda _visitor: None
    await town.erased(ANN)
    answer = await visitor.ask("page", page={"url": "https://shop.example/next"})
    assert answer["code"] == "unauthorized"
    assert visitor.connection.closed
    assert await town.where(ANN) == []


async def test_a_node_that_missed_notices_looks_for_erased_visitors(town: Town) -> None:
    visitor = await town.chat(fields=FIELDS)
    hear, town.inside.node.inbox.erased = town.inside.node.inbox.erased, lambda _visitor: None
    await town.erased(ANN)
    assert not visitor.connection.closed
    town.inside.node.inbox.erased = hear
    town.inside.node.inbox.attach_again("jump")
    await until(lambda: visitor.connection.closed)


@pytest.mark.parametrize(
    "told",
    [
        {"email": ANN},
        {"manager": ANN},
        {"link": "https://shop.example/?to=ann%40lighthouse.example&x=1"},
    ],
)
async def test_an_address_in_any_field_is_found(town: Town, told: dict[str, str]) -> None:
    visitor = await town.chat(fields=told)
    await town.archived()
    found = await town.persons.find(None, ANN)
    assert [one.id for one in found.visitors] == [visitor.connection.data.visitor]
    assert found.visitors[0].conversations == 1


@pytest.mark.parametrize("text", [f"mail {ANN}!", f"mailto:{ANN}", f"({ANN.upper()})"])
async def test_an_address_that_was_written_is_found(town: Town, text: str) -> None:
    await town.chat(says=text)
    await town.archived()
    (found,) = (await town.persons.find(None, ANN)).visitors
    assert "written" in found.because


@pytest.mark.parametrize("text", [f"jo{ANN}", f"{ANN}.au", f"jo.{ANN}", "lighthouse.example"])
async def test_another_address_is_not_taken_for_it(town: Town, text: str) -> None:
    await town.chat(says=text, fields={"plan": text})
    await town.archived()
    assert (await town.persons.find(None, ANN)).visitors == []


async def test_an_address_left_when_nobody_came_is_found_and_erased(town: Town) -> None:
    visitor = await town.inside.visitor()
    name = (await visitor.ask("request"))["conversation"]["id"]
    await visitor.ask("leave", conversation=name, email=ANN, text="Call me")
    await town.archived()
    (found,) = (await town.persons.find(None, ANN)).visitors
    assert "left" in found.because
    await town.erased(ANN)
    assert await town.where(ANN, "Call me") == []


async def test_one_visitor_is_erased_by_their_id(town: Town) -> None:
    one, other = await town.chat(fields=FIELDS), await town.chat(fields=FIELDS)
    await town.archived()
    await town.erased(one.connection.data.visitor)
    left = (await town.persons.find(None, ANN)).visitors
    assert [visitor.id for visitor in left] == [other.connection.data.visitor]


async def test_sums_of_requests_and_offers_are_what_they_were(town: Town) -> None:
    await town.chat(fields=FIELDS)
    missed = await town.inside.visitor()
    await missed.ask("identify", fields=FIELDS)
    await town.chat()
    name = (await missed.ask("request"))["conversation"]["id"]
    await missed.ask("close", conversation=name)
    await town.archived()
    before = await sums(town)
    assert before[0][0].requests == 3
    await town.erased(ANN)
    assert await sums(town) == before
    async with town.database.read() as connection:
        count = await connection.scalar(select(func.count()).select_from(conversation))
    assert count == 1


async def sums(town: Town) -> tuple[Any, Any]:
    span = {"since": 0, "until": 2**52}
    async with town.database.read() as connection:
        asked = await ledger.outcomes(connection, "main", **span)
        return asked, await ledger.offers(connection, "main", **span)


async def test_owners_simulations_and_audit_lines_that_name_the_address_are_erased(
    town: Town,
) -> None:
    async with town.database.write() as connection:
        await connection.execute(
            owner.insert().values(id="own_1", kind="lead", key=ANN, updated_at=1)
        )
        line = {"id": "a1", "at": 1, "who": "system", "what": "owner.changed", "on": ANN}
        await connection.execute(audit.insert().values(**line, details={"key": ANN}))
        await connection.execute(
            routing_simulation.insert().values(
                id="sim_1", desk="main", by="ann", at=1, updated_at=1, state="done",
                request={"samples": f"email\n{ANN}\n"},
            )
        )  # fmt: skip
    id = await town.erased(ANN)
    assert await town.where(ANN) == []
    async with town.database.read() as connection:
        lines = (await connection.execute(select(audit).order_by(audit.c.at, audit.c.id))).all()
    assert [(line.what, line.on) for line in lines if line.on in (id, "erased")] == [
        ("owner.changed", "erased"), ("person.erasure_asked", id), ("person.erased", id),
    ]  # fmt: skip
    assert lines[-1].details == {"visitors": 0, "conversations": 0, "owners": 1}


async def test_an_archive_that_has_read_the_events_already_writes_nothing_of_them(
    town: Town,
) -> None:
    visitor = await town.chat(fields=FIELDS)
    events = [event_of(raw) for raw in await town.stream.after("0-0")]
    late = await town.archive.prepare(events)
    await town.erased(ANN)
    async with town.database.write() as connection:
        await town.archive.write(connection, events, late)
    assert await town.where(ANN) == []
    async with town.database.read() as connection:
        assert (await connection.execute(select(entry))).all() == []
    assert visitor.connection.data.visitor


async def test_an_archive_in_the_middle_of_a_batch_waits_for_marks_and_sees_them(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = await town.chat(fields=FIELDS)
    await town.relay._position()
    read, usual = asyncio.Event(), town.archive.prepare

    async def prepare(events: Any) -> Any:
        found = await usual(events)
        read.set()
        return found

    monkeypatch.setattr(town.archive, "prepare", prepare)
    async with town.database.write() as connection:
        await store.hold_readers(connection, town.live.stream)
        archiving = asyncio.create_task(town.relay.step())
        await read.wait()
        await asyncio.sleep(0.3)  # long enough to look at the marks, if nothing held it
        name = visitor.connection.data.visitor
        await marks.mark(connection, "visitor", [name], "era_1", 1)
    await archiving
    async with town.database.read() as connection:
        assert (await connection.execute(select(entry))).all() == []


async def test_a_conversation_that_begins_behind_the_erasure_is_erased_as_well(
    town: Town,
) -> None:
    visitor = await town.chat(fields=FIELDS)
    town.inside.node.inbox.erased = lambda _visitor: None
    await town.erased(ANN)
    rep = await town.inside.rep("ann")
    name = await town.talk(visitor, rep, f"still {ANN}", ends=False)
    await town.archived()
    async with town.archiving():
        await town.erasing.work()
    assert await town.where(ANN) == []
    assert await town.inside.node.conversations.open_of(visitor.connection.data.visitor) is None
    assert [place.split(":")[0] for place in await town.where(name)] == ["erased"]


async def test_a_restore_that_read_the_rows_before_brings_nothing_back(town: Town) -> None:
    await town.chat(fields=FIELDS, ends=False)
    await town.archived()
    rebuild: Rebuild = town.inside.node.rebuild
    restore = rebuild._restore

    async def late(row: Any) -> bool:
        await town.erased(ANN)
        return await restore(row)

    rebuild._restore = late  # type: ignore[method-assign]
    lost = await town.link.command(b"KEYS", town.keys.conversation("*").c)
    await town.link.command(b"UNLINK", town.keys.open, town.keys.due, town.keys.held("ann"), *lost)
    assert await rebuild.if_needed() == 1
    assert await town.where(ANN)
    async with town.archiving():
        await town.erasing.work()
    assert await town.where(ANN) == []


async def test_a_redis_that_comes_back_with_what_it_had_is_cleaned_again(town: Town) -> None:
    visitor = await town.chat(fields=FIELDS)
    await town.archived()
    names = await town.link.command(b"KEYS", town.keys.conversation("*").c)
    mine = [*names, town.keys.visitor(visitor.connection.data.visitor).encode()]
    dumps = [(name, await town.link.command(b"DUMP", name)) for name in mine]
    await town.erased(ANN)
    for name, dump in dumps:
        await town.link.command(b"RESTORE", name, 0, dump, b"REPLACE")
    assert await town.where(ANN)
    town.erasing.epoch_changed()
    async with town.archiving():
        await town.erasing.work()
    assert await town.where(ANN) == []


STEPS = ["end", "erase_visit", "erase_conversation", "erase_events"]


@pytest.mark.parametrize("step", STEPS)
async def test_whatever_step_it_dies_in_another_worker_finishes_and_counts_once(
    town: Town, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await town.chat(fields=FIELDS)
    await town.chat(fields=FIELDS, ends=False)
    await town.archived()
    await town.persons.erase(None, ANN)
    before = await sums(town)
    usual: Callable[..., Awaitable[Any]] = getattr(town.live, step)
    calls = 0

    async def dies(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 2 or step == "erase_events":
            raise ConnectionError("killed")
        return await usual(*arguments)

    async with town.archiving():
        with monkeypatch.context() as patch:
            patch.setattr(town.live, step, dies)
            with pytest.raises(ConnectionError):
                await town.erasing.work()
        await town.worker().work()
    assert await town.where(ANN) == []
    assert [one.requests for one in (await sums(town))[0]] == [one.requests for one in before[0]]
    async with town.database.read() as connection:
        (state,) = (await connection.execute(select(erasure.c.state))).scalars()
        left = (await connection.execute(select(erased).where(erased.c.done.is_(False)))).all()
    assert (state, left) == ("done", [])


async def test_two_workers_at_once_count_once(town: Town) -> None:
    await town.chat(fields=FIELDS)
    await town.archived()
    before = await sums(town)
    await town.persons.erase(None, ANN)
    async with town.archiving():
        await asyncio.gather(town.erasing.work(), town.worker().work())
    assert await sums(town) == before
    assert await town.where(ANN) == []


async def test_erasing_again_finds_nothing_and_is_done(town: Town) -> None:
    await town.chat(fields=FIELDS)
    first, second = await town.erased(ANN), await town.erased(ANN)
    assert (await town.persons.erasure(None, first)).visitors == 1
    assert (await town.persons.erasure(None, second))[-2:] == (0, 0)


async def test_while_the_archive_is_behind_erasing_waits_and_says_so(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    await town.chat(fields=FIELDS)
    await town.relay._position()
    monkeypatch.setattr("frontdesk.privacy.erasing.CATCH_UP_SECONDS", 0.1)
    await town.persons.erase(None, ANN)
    with pytest.raises(Exception, match="The archive is behind"):
        await town.erasing.work()
    async with town.archiving():
        monkeypatch.setattr("frontdesk.privacy.erasing.CATCH_UP_SECONDS", 20)
        await town.erasing.work()
    assert await town.where(ANN) == []


async def test_some_minutes_later_the_append_only_file_is_written_anew(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def rewrite() -> None:
        asked.append("rewrite")

    monkeypatch.setattr(town.live, "rewrite_files", rewrite)
    await town.chat(fields=FIELDS)
    await town.erased(ANN)
    await town.erasing.work()
    assert asked == []
    town.clock = REWRITE_AFTER_MS + 1000
    await town.erasing.work()
    await town.erasing.work()
    assert asked == ["rewrite"]


async def test_a_rewrite_that_is_refused_is_asked_for_again(town: Town) -> None:
    await town.erased(ANN)
    town.clock = REWRITE_AFTER_MS + 1000
    await town.erasing.work()  # the real one
    async with town.database.read() as connection:
        (at,) = (await connection.execute(select(erasure.c.rewritten_at))).scalars()
    assert at
    async with town.database.write() as connection:
        await connection.execute(update(erasure).values(rewritten_at=None))
    await town.erasing.work()  # perhaps while one is under way: no error
