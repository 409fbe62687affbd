"""Everything that is stored about a person, as one document (OP-5)."""

from typing import Any

import orjson
import pytest

from frontdesk.privacy.export import FORMAT, NOT_LIVE
from frontdesk.privacy.persons import Persons
from frontdesk.storage.tables import dead_event, owner
from tests.privacy.town import ANN, Town


async def export(persons: Persons, who: str) -> Any:
    pieces = [piece async for piece in await persons.export(None, who)]
    return orjson.loads(b"".join(pieces))


@pytest.fixture
async def document(town: Town) -> Any:
    visitor = await town.chat(fields={"email": ANN, "plan": "lamp"}, says="What does it cost?")
    await town.archived()
    rep = await town.inside.rep("ann")
    await town.talk(visitor, rep, "And who pays?", ends=False)
    await town.chat(fields={"email": "ben@harbor.example"}, says="Not hers")
    async with town.database.write() as connection:
        mine = {"kind": "lead", "key": ANN, "name": "Ann Beacon", "updated_at": 1000}
        await connection.execute(owner.insert().values(id="own_1", **mine))
        body = {"h": "1 odd e 1 c 0", "visitor": visitor.connection.data.visitor}
        await connection.execute(
            dead_event.insert().values(
                id="x1", stream="ev", event_id="e:1-0", error="odd", body=body, at=1000
            )
        )
    return await export(town.persons, ANN.upper())


async def test_it_begins_by_saying_what_it_is(document: Any) -> None:
    assert list(document)[:3] == ["format", "asked_for", "made_at"]
    assert (document["format"], document["asked_for"]) == (FORMAT, ANN)
    assert document["made_at"].endswith("Z")
    assert document["read_me"][0].startswith("This document holds everything")


async def test_it_has_the_visitor_with_the_sources_and_the_visit_of_this_moment(
    document: Any,
) -> None:
    (visitor,) = document["visitors"]
    assert visitor["email"] == ANN
    assert visitor["visit"]["about"]["sources"] == {
        "field.plan": "page_api", "visitor.domain": "email", "visitor.email": "page_api",
    }  # fmt: skip
    assert visitor["visit"]["page"]["url"] == "https://shop.example/"
    assert visitor["first_seen_at"].endswith("Z")


async def test_it_has_every_conversation_whole_and_nobody_elses(document: Any) -> None:
    over, now = document["conversations"]
    assert [e["body"]["text"] for e in over["entries"] if e["type"] == "message"] == [
        "What does it cost?", "Yes?",
    ]  # fmt: skip
    assert over["state"] == "closed"
    assert over["about"]["email"] == ANN
    assert over["decisions"][0]["body"]["considered"][0]["rep"] == "ann"
    assert [offer["rep_id"] for offer in over["offers"]] == ["ann"]
    assert over["now"] is None
    said = [e["text"] for e in now["now"]["entries"] if e["type"] == "message"]
    assert said == ["And who pays?", "Yes?"]  # nothing of it is archived yet
    assert "Not hers" not in str(document)


async def test_it_has_lines_of_owners_and_what_could_not_be_filed(document: Any) -> None:
    assert [line["name"] for line in document["owners"]] == ["Ann Beacon"]
    assert [one["error"] for one in document["undelivered"]] == ["odd"]


async def test_entries_come_by_pages_and_all_of_them(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("frontdesk.privacy.store.reading.PAGE", 2)
    await town.chat(fields={"email": ANN})
    await town.archived()
    (one,) = (await export(town.persons, ANN))["conversations"]
    assert [entry["offset"] for entry in one["entries"]] == [1, 2, 3, 4, 5]


async def test_without_redis_it_has_what_is_in_sql_and_says_so(town: Town) -> None:
    await town.chat(fields={"email": ANN})
    await town.archived()
    alone = await export(Persons(town.database, "main"), ANN)
    assert NOT_LIVE in alone["read_me"]
    assert (len(alone["visitors"]), alone["visitors"][0]["visit"]) == (1, None)


async def test_of_nobody_it_is_a_document_all_the_same(town: Town) -> None:
    nobody = await export(town.persons, "nobody@lighthouse.example")
    assert [nobody[part] for part in ("visitors", "conversations", "owners", "undelivered")] == (
        [[]] * 4
    )
