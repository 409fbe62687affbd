"""A rep enters what they know of the visitor they talk with (VS-3)."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from sqlalchemy import insert

from frontdesk.app import Node
from frontdesk.config import Settings
from frontdesk.errors import FrontdeskError
from frontdesk.hub.flush import Flush
from frontdesk.people.rep import RepIdentity
from frontdesk.people.roles import Role
from frontdesk.storage.engine import Database
from frontdesk.storage.redis.keys import Keys
from frontdesk.storage.redis.link import Link
from frontdesk.storage.tables import visitor_field
from tests.database_fixtures import sqlite
from tests.web.inside import Inside, Tab, hire, identity, until

__all__ = ["sqlite"]

ANN, BOB = identity("ann"), identity("bob")
MANAGER = structs.replace(BOB, role=Role.MANAGER)
FIELDS = [
    {"name": "seats", "label": "Seats", "type": "number", "values": []},
    {"name": "plan", "label": "Plan", "type": "picklist", "values": ["Free", "Gold"]},
    {"name": "tier", "label": "Tier", "type": "text", "values": [], "sources": ["page_api"]},
]


@pytest.fixture
async def nodes(
    redis_url: str, prefix: str, link: Link, sqlite: Database, tmp_path: Path, keys: Keys
) -> AsyncIterator[tuple[Inside, Inside]]:
    """Two nodes of a desk that has fields of its own."""
    settings = Settings(
        redis_url=redis_url, redis_prefix=prefix, data=tmp_path, secret_key="k" * 40
    )
    await hire(sqlite, "ann", "bob")
    async with sqlite.write() as connection:
        for field in FIELDS:
            row = {"sources": [], "created_at": 1, **field}
            await connection.execute(insert(visitor_field).values(**row))
    await link.command(b"HSET", keys.meta, b"quiet_until", b"0")
    one, two = (Node(settings, link, sqlite, index=index) for index in range(2))
    async with one.running(), two.running():
        await until(lambda: one.inbox.up and two.inbox.up)
        flush = Flush(asyncio.get_running_loop())
        yield Inside(one, flush, ["ann", "bob"]), Inside(two, flush, ["ann", "bob"])


async def talking(inside: Inside) -> tuple[Tab, Tab, str]:
    """Ann, a visitor, and the conversation that they have."""
    rep, tab = await inside.rep("ann"), await inside.visitor()
    name = (await tab.ask("request"))["conversation"]["id"]
    await until(lambda: rep.of("offer"))
    claimed = await rep.ask("claim", conversation=name)
    assert claimed["type"] == "ok", claimed
    return rep, tab, name


def about(tab: Tab) -> dict[str, Any]:
    found: dict[str, Any] = tab.connection.data.about
    return found


def naming(rep: Tab, company: str) -> list[Any]:
    """What the rep was told of a visitor of this company."""
    return [m for m in rep.of("visitor") if m.get("visitor", {}).get("company") == company]


async def edit(inside: Inside, who: RepIdentity, name: str, **fields: Any) -> dict[str, Any]:
    return await inside.node.side.edit_visitor(who, name, fields)


async def test_what_the_holder_enters_says_who_and_when_and_outranks_the_page(
    nodes: tuple[Inside, Inside],
) -> None:
    here, elsewhere = nodes
    rep, tab, name = await talking(here)
    await tab.ask("identify", fields={"plan": "free", "company": "acme"})
    known = await edit(elsewhere, ANN, name, plan="GOLD", seats="40", company="Acme Ltd")
    assert known["fields"] == {"plan": "Gold", "seats": 40}
    assert known["page"]["url"] == "https://shop.example/"
    assert known["sources"]["field.plan"] == known["sources"]["visitor.company"] == "rep"
    entered = known["edited"]["field.plan"]
    assert entered["rep"] == {"id": "ann", "name": "ann"}
    assert entered["at"].startswith("20")
    await until(lambda: rep.of("visitor")[-1]["visitor"].get("company") == "Acme Ltd")
    await until(lambda: about(tab).get("company") == "Acme Ltd")
    await tab.ask("identify", fields={"plan": "free", "company": "acme"})
    assert (about(tab)["fields"]["plan"], about(tab)["company"]) == ("Gold", "Acme Ltd")
    assert about(tab)["edited"] == known["edited"]


async def test_entering_the_same_again_leaves_who_entered_it_first(
    nodes: tuple[Inside, Inside],
) -> None:
    here, _ = nodes
    _, _, name = await talking(here)
    first = await edit(here, ANN, name, company="Acme")
    assert (await edit(here, MANAGER, name, company="Acme"))["edited"] == first["edited"]
    changed = await edit(here, MANAGER, name, company="Acme Ltd")
    assert changed["edited"]["visitor.company"]["rep"]["id"] == "bob"


async def test_a_blank_takes_the_value_away_and_the_page_may_say_it_again(
    nodes: tuple[Inside, Inside],
) -> None:
    here, _ = nodes
    _, tab, name = await talking(here)
    await edit(here, ANN, name, company="Acme", seats=3)
    known = await edit(here, ANN, name, company=" ", seats=None)
    assert [known.get(key) for key in ("company", "fields", "sources", "edited")] == [None] * 4
    await tab.ask("identify", fields={"company": "Acme Ltd"})
    assert about(tab)["sources"]["visitor.company"] == "page_api"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"seats": "many"}, {"seats": "This must be a number."}),
        ({"email": "nobody"}, {"email": "This must be an email address."}),
        ({"plan": "Lead", "seats": "x"}, {
            "plan": "This must be one of Free, Gold.", "seats": "This must be a number."}),
        ({"shoe": "42"}, {"shoe": "There is no such field."}),
        ({"tier": "b"}, {"tier": "What the page says counts before an entry of a rep."}),
    ],
)  # fmt: skip
async def test_what_does_not_fit_is_refused_by_field_and_nothing_is_taken(
    nodes: tuple[Inside, Inside], fields: dict[str, Any], said: dict[str, str]
) -> None:
    here, _ = nodes
    _, tab, name = await talking(here)
    await tab.ask("identify", fields={"tier": "a"})
    with pytest.raises(FrontdeskError) as refused:
        await edit(here, ANN, name, company="Acme", **fields)
    assert refused.value.code == "bad_request"
    assert refused.value.fields["fields"] == said
    assert "company" not in about(tab)


async def test_a_visitor_who_left_does_not_seem_to_be_back(nodes: tuple[Inside, Inside]) -> None:
    here, elsewhere = nodes
    rep, tab, name = await talking(here)
    tab.breaks()
    here.node._nobody_here(name)  # what happens five seconds later
    await until(lambda: rep.of("visitor") and not rep.of("visitor")[-1]["here"])
    await edit(here, ANN, name, company="Acme")
    await edit(elsewhere, ANN, name, company="Acme Ltd")
    told = await until(lambda: naming(rep, "Acme") and naming(rep, "Acme Ltd"))
    assert [told[-1]["here"], naming(rep, "Acme")[-1]["here"]] == [False, False]


async def test_only_the_holder_and_who_sees_all_may(nodes: tuple[Inside, Inside]) -> None:
    here, _ = nodes
    rep, _, name = await talking(here)

    async def refused(who: RepIdentity, conversation: str) -> str:
        with pytest.raises(FrontdeskError) as error:
            await edit(here, who, conversation, company="Acme")
        return error.value.code

    assert await refused(BOB, name) == "forbidden"
    assert await refused(ANN, "c_nobody") == "not_found"
    assert (await edit(here, MANAGER, name, company="Acme"))["company"] == "Acme"
    await rep.ask("close", conversation=name, fence=1)
    assert await refused(MANAGER, name) == "gone"


async def test_a_waiting_request_is_routed_anew(nodes: tuple[Inside, Inside]) -> None:
    here, elsewhere = nodes
    acme = {
        "id": "rul_gold", "name": "Gold",
        "when": {"field": "field.plan", "op": "is", "value": "Gold"},
        "targets": {"reps": ["bob"]},
    }  # fmt: skip
    document = {"rules": [acme], "default": {"targets": {"reps": ["ann"]}}}
    await here.node.routing.room.rulebook.apply(None, document, "", 0)
    await asyncio.gather(*(inside.node.routing.live.refresh() for inside in nodes))
    ann, bob = await here.rep("ann"), await here.rep("bob")
    tab = await here.visitor()
    name = (await tab.ask("request"))["conversation"]["id"]
    await until(lambda: ann.of("offer"))
    await edit(elsewhere, MANAGER, name, plan="gold")
    assert (await until(lambda: bob.of("offer")))[0]["conversation"] == name
    assert (await until(lambda: ann.of("offer_gone")))[0]["why"] == "rerouted"


async def test_what_was_entered_outlasts_the_visit(
    nodes: tuple[Inside, Inside], link: Link, keys: Keys
) -> None:
    here, elsewhere = nodes
    _, tab, name = await talking(here)
    known = await edit(elsewhere, ANN, name, company="Acme")
    await link.command(b"HSET", keys.visitor(known["id"]), b"last", b"1")
    again = elsewhere.visitor_tab()
    token = tab.of("welcome")[0]["token"]
    await again.ask("hello", page={"url": "https://shop.example/"}, token=token)
    assert about(again)["edited"] == known["edited"]


async def test_entering_and_identifying_at_once_forgets_neither(
    nodes: tuple[Inside, Inside],
) -> None:
    here, elsewhere = nodes
    _, tab, name = await talking(here)
    await asyncio.gather(
        *(
            edit(inside, ANN, name, **{field: "7"})
            for inside in nodes
            for field in ("phone", "seats")
        ),
        *(tab.ask("identify", fields={f"f{i}": i}) for i in range(5)),
    )
    known = await edit(elsewhere, ANN, name, industry="Retail")
    assert {*known["fields"]} == {"seats", *(f"f{i}" for i in range(5))}
    assert (known["phone"], known["industry"]) == ("7", "Retail")
