"""What is known of a visitor, and how a node comes to know it (VS-2, VS-3, VS-4)."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from sqlalchemy import insert

from frontdesk.app import Node
from frontdesk.config import Settings
from frontdesk.hub.flush import Flush
from frontdesk.storage.engine import Database
from frontdesk.storage.redis.keys import Keys
from frontdesk.storage.redis.link import Link
from frontdesk.storage.tables import conversation, visitor_field
from frontdesk.visitors.fields import Typed
from frontdesk.web.learning import Learning
from tests.database_fixtures import sqlite
from tests.visitors.places import TOKYO, write_places
from tests.web.inside import Inside, Tab, hire, until

__all__ = ["sqlite"]

SECRET = "s" * 40
PHONE = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0"
    " Mobile Safari/537.36"
)
SHOP = "https://shop.example"


class Starts:
    """Nodes of one desk, on the same Redis and SQL."""

    def __init__(self, settings: Settings, link: Link, database: Database) -> None:
        self._settings = settings
        self._link = link
        self._database = database

    @asynccontextmanager
    async def node(self) -> AsyncIterator[Inside]:
        node = Node(self._settings, self._link, self._database, index=0)
        async with node.running():
            await until(lambda: node.inbox.up)
            yield Inside(node, Flush(asyncio.get_running_loop()), ["ann", "bob"])


@pytest.fixture
async def starts(
    redis_url: str, prefix: str, link: Link, sqlite: Database, tmp_path: Path, keys: Keys
) -> Starts:
    settings = Settings(
        redis_url=redis_url, redis_prefix=prefix, data=tmp_path, secret_key="k" * 40,
        identity_secret=SECRET, geoip_file=write_places(tmp_path / "places.mmdb"),
    )  # fmt: skip
    await hire(sqlite, "ann", "bob")
    await link.command(b"HSET", keys.meta, b"quiet_until", b"0")
    return Starts(settings, link, sqlite)


@pytest.fixture
async def inside(starts: Starts) -> AsyncIterator[Inside]:
    async with starts.node() as inside:
        yield inside


def learning(inside: Inside) -> Learning:
    return inside.node.sides._visitors._learning


def about(tab: Tab) -> dict[str, Any]:
    found: dict[str, Any] = tab.connection.data.about
    return found


async def here(inside: Inside, url: str, referrer: str = "", **more: Any) -> Tab:
    """A visitor on a page."""
    tab = inside.visitor_tab(**{k: more.pop(k) for k in ("address", "user_agent") if k in more})
    welcome = await tab.ask("hello", page={"url": url, "referrer": referrer}, **more)
    assert welcome["type"] == "welcome", welcome
    return tab


def token_of(tab: Tab) -> str:
    return str(tab.of("welcome")[0]["token"])


async def test_a_card_says_where_the_visitor_came_from_and_with_what(inside: Inside) -> None:
    rep = await inside.rep("ann")
    tab = await here(
        inside, f"{SHOP}/?utm_source=news&gclid=G1", "https://search.example/", locale="ja-JP",
        timezone="Europe/Berlin", address=TOKYO, user_agent=PHONE,
    )  # fmt: skip
    await tab.ask("page", page={"url": f"{SHOP}/prices"})
    await tab.ask("request")
    card = (await until(lambda: rep.of("offer")))[0]["visitor"]
    assert card["landing_page"] == f"{SHOP}/?utm_source=news&gclid=G1"
    assert card["referrer"] == "https://search.example/"
    assert card["utm"] == {"source": "news"}
    assert card["gclid"] == "G1"
    assert card["page"]["url"] == f"{SHOP}/prices"
    assert card["pages_seen"] == 2
    assert card["device"] == {"type": "mobile", "browser": "Chrome Mobile", "os": "Android"}
    assert card["location"] == {
        "country": "JP", "region": "Tokyo", "city": "Tokyo", "source": "ip",
    }  # fmt: skip
    assert "past_conversations" not in card
    assert TOKYO not in str(card)
    assert tab.connection.user_agent == ""


async def test_without_an_address_in_the_file_the_time_zone_tells_the_country(
    inside: Inside,
) -> None:
    tab = await here(inside, SHOP, timezone="Asia/Calcutta", address="10.0.0.7")
    assert about(tab)["location"] == {"country": "IN", "source": "timezone"}


async def test_a_later_campaign_of_the_session_counts_and_the_landing_page_stays(
    inside: Inside,
) -> None:
    first = await here(inside, f"{SHOP}/?utm_source=news&utm_medium=mail", "https://a.example/")
    second = await here(inside, f"{SHOP}/blog", "https://b.example/", token=token_of(first))
    assert about(second)["utm"] == {"source": "news", "medium": "mail"}
    await second.ask("page", page={"url": f"{SHOP}/?utm_source=ads"})
    await first.ask("page", page={"url": f"{SHOP}/end"})
    for tab in (first, second):
        assert about(tab)["utm"] == {"source": "ads"}
        assert about(tab)["landing_page"].endswith("?utm_source=news&utm_medium=mail")
        assert about(tab)["referrer"] == "https://a.example/"


async def test_a_new_session_begins_anew_and_the_person_is_the_same(
    inside: Inside, link: Link, keys: Keys
) -> None:
    tab = await here(inside, f"{SHOP}/?utm_source=news")
    await tab.ask("identify", fields={"email": "kim@acme.example"})
    visitor = about(tab)["id"]
    await link.command(b"HSET", keys.visitor(visitor), b"last", b"1")
    await tab.ask("page", page={"url": f"{SHOP}/back", "referrer": "https://c.example/"})
    assert "utm" not in about(tab)
    assert about(tab)["landing_page"] == f"{SHOP}/back"
    assert about(tab)["referrer"] == "https://c.example/"
    assert about(tab)["returning"] is True
    assert about(tab)["session"] == tab.connection.data.session
    assert about(tab)["email"] == "kim@acme.example"


async def test_the_holder_sees_the_source_of_every_value(inside: Inside) -> None:
    rep, tab = await inside.rep("ann"), await here(inside, SHOP)
    name = (await tab.ask("request"))["conversation"]["id"]
    await until(lambda: rep.of("offer"))
    await rep.ask("claim", conversation=name)
    jwt_ = jwt.encode(
        {"alg": "HS256"}, {"sub": "17", "email": "kim@acme.example", "exp": time.time() + 60},
        OctKey.import_key(SECRET),
    )  # fmt: skip
    said = await tab.ask(
        "identify", fields={"email": "x@y.example", "plan": "pro", "employees": "1200"}, jwt=jwt_
    )
    assert said["type"] == "ok", said
    shown = (await until(lambda: rep.of("visitor")))[-1]["visitor"]
    assert shown["email"] == "kim@acme.example"
    assert shown["employees"] == 1200
    assert shown["fields"] == {"plan": "pro", "user_id": "17"}
    assert shown["sources"] == {
        "visitor.email": "signed_identity", "field.user_id": "signed_identity",
        "field.plan": "page_api", "visitor.employees": "page_api", "visitor.domain": "email",
    }  # fmt: skip


async def test_a_bad_token_refuses_the_fields_with_it_and_is_not_logged(
    inside: Inside, capsys: pytest.CaptureFixture[str]
) -> None:
    tab = await here(inside, SHOP)
    forged = jwt.encode(
        {"alg": "HS256"}, {"email": "kim@acme.example", "exp": time.time() + 60},
        OctKey.import_key("x" * 40),
    )  # fmt: skip
    answer = await tab.ask("identify", fields={"name": "Kim"}, jwt=forged)
    assert answer["code"] == "bad_identity"
    assert "retry" not in answer
    assert "name" not in about(tab)
    printed = capsys.readouterr()
    assert "signed identity refused" in printed.out + printed.err
    assert forged not in printed.out + printed.err


async def test_a_value_that_does_not_fit_is_named_and_nothing_is_taken(inside: Inside) -> None:
    learning(inside).declared = lambda: {"plan": Typed("picklist", ("Free", "Pro"))}
    tab = await here(inside, SHOP)
    answer = await tab.ask("identify", fields={"plan": "gold", "name": "Kim"})
    assert answer["code"] == "bad_request"
    assert "'plan' must be one of Free, Pro." in answer["message"]
    assert "name" not in about(tab)
    await tab.ask("identify", fields={"plan": "PRO"})
    assert about(tab)["fields"] == {"plan": "Pro"}


async def test_a_hello_with_a_field_that_does_not_fit_is_welcome(inside: Inside) -> None:
    tab = await here(inside, SHOP, fields={"email": "nobody", "name": "Kim"})
    assert about(tab)["name"] == "Kim"
    assert "email" not in about(tab)


async def test_an_address_typed_in_the_chat_is_the_visitors_until_a_form_says_otherwise(
    inside: Inside,
) -> None:
    rep, tab = await inside.rep("ann"), await here(inside, SHOP)
    name = (await tab.ask("request", text="I am kim@acme.example"))["conversation"]["id"]
    await until(lambda: about(tab).get("email") == "kim@acme.example")
    await until(lambda: rep.of("offer"))
    await rep.ask("claim", conversation=name)
    await tab.ask("message", conversation=name, client_id="1", text="or kim@home.example, or")
    await until(lambda: about(tab)["email"] == "kim@home.example")
    await until(lambda: [v for v in rep.of("visitor") if "home" in v["visitor"].get("email", "")])
    assert about(tab)["sources"]["visitor.email"] == "chat"
    await tab.ask("identify", fields={"email": "site@acme.example"})
    assert about(tab)["email"] == "kim@home.example"


async def test_the_address_of_a_form_is_known_to_all_tabs(inside: Inside) -> None:
    tab = await here(inside, SHOP)
    other = await here(inside, SHOP, token=token_of(tab))
    name = (await tab.ask("request"))["conversation"]["id"]
    await tab.ask("leave", conversation=name, email="Kim@Acme.Example", text="Call me.")
    await until(lambda: about(other).get("email") == "kim@acme.example")
    assert about(other)["sources"]["visitor.email"] == "form"


async def test_two_nodes_that_learn_at_the_same_time_forget_nothing(starts: Starts) -> None:
    async with starts.node() as one, starts.node() as two:
        first = await here(one, SHOP)
        second = await here(two, SHOP, token=token_of(first))
        numbers = [
            (tab, tab.send("identify", fields={f"{who}{n}": n}))
            for n in range(10)
            for who, tab in (("a", first), ("b", second))
        ]
        for tab, number in numbers:
            assert (await tab.answer(number))["type"] == "ok"
        third = await here(one, SHOP, token=token_of(first))
        assert len(about(third)["fields"]) == 20, about(third)["fields"]


async def test_what_is_learned_while_a_page_is_under_way_stays(inside: Inside) -> None:
    tab = await here(inside, SHOP)
    page = tab.send("page", page={"url": f"{SHOP}/next"})
    said = tab.send("identify", fields={"name": "Kim"})
    await tab.answer(page)
    await tab.answer(said)
    assert about(tab)["name"] == "Kim"
    assert about(tab)["page"]["url"] == f"{SHOP}/next"


async def test_an_earlier_conversation_counts_and_the_open_one_does_not(inside: Inside) -> None:
    rep, tab = await inside.rep("ann"), await here(inside, SHOP)
    name = (await tab.ask("request"))["conversation"]["id"]
    again = await here(inside, SHOP, token=token_of(tab))
    assert "past_conversations" not in about(again)
    await tab.ask("close", conversation=name)
    tab.connection.data.asked_at = 0.0
    await tab.ask("request")
    card = (await until(lambda: rep.of("offer")[1:]))[0]
    assert card["visitor"]["past_conversations"] == 1
    later = await here(inside, SHOP, token=token_of(tab))
    assert about(later)["past_conversations"] == 1


async def test_who_comes_back_long_after_is_recalled_from_their_conversations(
    inside: Inside, sqlite: Database, link: Link, keys: Keys
) -> None:
    tab = await here(inside, SHOP)
    visitor = about(tab)["id"]
    known = {
        "id": visitor, "email": "kim@acme.example", "domain": "acme.example", "name": "Kim",
        "sources": {"visitor.email": "form", "visitor.name": "page_api"}, "page": {"url": "/old"},
    }  # fmt: skip
    async with sqlite.write() as connection:
        for number in (1, 2):
            await connection.execute(
                insert(conversation).values(
                    id=f"c{number}", desk="main", visitor_id=visitor, state="closed", epoch="e",
                    requested_at=number, about=known if number == 2 else {},
                )
            )  # fmt: skip
    tab.breaks()
    await until(lambda: visitor not in inside.node.announcer.visitors)
    await link.command(b"DEL", keys.visitor(visitor))
    back = await here(inside, f"{SHOP}/new", token=token_of(tab), fields={"name": "Kimberly"})
    assert about(back)["returning"] is True
    await until(lambda: about(back).get("past_conversations") == 2)
    assert about(back)["email"] == "kim@acme.example"
    assert about(back)["name"] == "Kimberly"
    assert about(back)["page"]["url"] == f"{SHOP}/new"
    next_tab = await here(inside, SHOP, token=token_of(tab))
    assert about(next_tab)["email"] == "kim@acme.example"
    assert about(next_tab)["past_conversations"] == 2


async def test_a_visitor_with_64_fields_is_welcome_with_one_more(inside: Inside) -> None:
    tab = await here(inside, SHOP, fields={f"f{n}": n for n in range(64)})
    again = await here(inside, SHOP, token=token_of(tab), fields={"f0": "new", "more": 1})
    await until(lambda: again.of("error"))
    told = again.of("error")[0]
    assert (told["code"], "id" in told) == ("bad_request", False)
    assert "more" in told["message"]
    assert again.said.index(again.of("welcome")[0]) < again.said.index(told)
    assert (len(about(again)["fields"]), about(again)["fields"]["f0"]) == (64, "new")


async def test_a_first_visit_is_not_a_return(inside: Inside) -> None:
    tab = await here(inside, SHOP)
    again = await here(inside, SHOP, token=token_of(tab))
    assert about(tab)["returning"] is False
    assert about(again)["returning"] is False


async def test_who_waits_is_routed_anew_once_for_what_changes_within_a_second(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[tuple[str, Any]] = []
    decide = inside.node.deciding.decide

    async def counted(about: Any, why: str, **more: Any) -> Any:
        if why == "reroute":
            looked.append((about["page"]["url"], about.get("fields")))
        return await decide(about, why, **more)

    async def can_change(_route: str) -> bool:
        return True

    monkeypatch.setattr(inside.node.deciding, "decide", counted)
    monkeypatch.setattr(inside.node.deciding, "can_change", can_change)
    rep, tab = await inside.rep("ann"), await here(inside, SHOP)
    await tab.ask("identify", fields={"name": "Kim"})
    name = (await tab.ask("request"))["conversation"]["id"]
    await tab.ask("identify", fields={"plan": "pro"})
    for number in range(20):
        await tab.ask("page", page={"url": f"{SHOP}/{number}"})
    await until(lambda: looked)
    assert looked == [(f"{SHOP}/19", {"plan": "pro"})]
    await until(lambda: rep.of("offer"))
    await rep.ask("claim", conversation=name)
    await tab.ask("page", page={"url": f"{SHOP}/end"})
    assert len(looked) == 1


async def test_the_rule_that_sees_a_visitor_is_kept_with_the_visit(
    inside: Inside, link: Link, keys: Keys
) -> None:
    asked: list[str] = []

    def routed(about: Any) -> str:
        asked.append(about["page"]["url"])
        return "3 rul_apac"

    learning(inside).routed = routed
    tab = await here(inside, SHOP)
    key = keys.visitor(about(tab)["id"])
    assert await link.command(b"HGET", key, b"rule") == b"3 rul_apac"
    await tab.ask("page", page={"url": f"{SHOP}/prices"})
    assert asked == [SHOP]
    learning(inside).routed = lambda _about: ""
    await link.command(b"HSET", key, b"last", b"1")
    await tab.ask("page", page={"url": f"{SHOP}/back"})
    assert await link.command(b"HGET", key, b"rule") == b""


async def test_the_live_rules_say_who_sees_a_visitor_and_say_it_again_when_more_is_known(
    inside: Inside, link: Link, keys: Keys
) -> None:
    when = {"field": "visitor.email_domain", "op": "is", "value": "acme.com"}
    acme = {"id": "rul_acme", "name": "Acme", "when": when}
    rulebook, live = inside.node.routing.room.rulebook, inside.node.routing.live
    tab = await here(inside, SHOP)
    key = keys.visitor(about(tab)["id"])
    assert await link.command(b"HGET", key, b"rule") == b""
    await rulebook.apply(None, {"rules": [acme], "default": {"targets": {"everyone": True}}}, "", 0)
    await live.refresh()
    await tab.ask("identify", fields={"name": "Kim"})
    assert await link.command(b"HGET", key, b"rule") == b"1 default"
    await tab.ask("identify", fields={"email": "kim@acme.com"})
    assert await link.command(b"HGET", key, b"rule") == b"1 rul_acme"


async def test_a_session_begins_with_past_conversations_counted(
    inside: Inside, link: Link, keys: Keys
) -> None:
    """A rule for who talked with us before sees them from the first page on."""
    first = await here(inside, SHOP)
    key = keys.visitor(about(first)["id"])
    await link.command(b"HSET", key, b"conversations", b"2", b"last", b"1")
    seen: list[Any] = []

    def routed(told: Any) -> str:
        seen.append(told.get("past_conversations"))
        return "3 r"

    learning(inside).routed = routed
    await here(inside, SHOP, token=token_of(first))
    assert seen == [2]
    assert await link.command(b"HGET", key, b"rule") == b"3 r"


async def test_a_visit_that_no_rule_was_found_for_gets_one_on_the_next_page(
    inside: Inside, link: Link, keys: Keys
) -> None:
    """Its first tab was closed before it was routed, or there were no rules."""
    tab = await here(inside, SHOP)
    key = keys.visitor(about(tab)["id"])
    learning(inside).routed = lambda _about: "3 r"
    await tab.ask("page", page={"url": f"{SHOP}/prices"})
    assert await link.command(b"HGET", key, b"rule") == b"3 r"


async def test_all_tabs_of_a_visitor_know_by_which_rule_they_are_seen(
    inside: Inside, link: Link, keys: Keys
) -> None:
    one = await here(inside, SHOP)
    two = await here(inside, SHOP, token=token_of(one))
    key = keys.visitor(about(one)["id"])
    learning(inside).routed = lambda told: str(told["fields"]["plan"])
    await two.ask("identify", fields={"plan": "free"})
    await one.ask("identify", fields={"plan": "pro"})
    assert await link.command(b"HGET", key, b"rule") == b"pro"
    await two.ask("identify", fields={"plan": "free"})
    assert await link.command(b"HGET", key, b"rule") == b"free"


async def test_where_only_the_default_rule_is_left_a_visit_has_no_other(
    inside: Inside, link: Link, keys: Keys
) -> None:
    learning(inside).routed = lambda _about: "3 r"
    tab = await here(inside, SHOP)
    key = keys.visitor(about(tab)["id"])
    assert await link.command(b"HGET", key, b"rule") == b"3 r"
    learning(inside).routed = lambda _about: ""
    await tab.ask("identify", fields={"plan": "pro"})
    assert await link.command(b"HGET", key, b"rule") == b""


async def test_a_field_that_the_desk_declares_gets_its_type(
    inside: Inside, sqlite: Database
) -> None:
    async with sqlite.write() as connection:
        await connection.execute(
            insert(visitor_field).values(
                name="seats", label="Seats", type="number", values=[], sources=[], created_at=1
            )
        )
    await inside.node.routing.live.refresh()
    tab = await here(inside, SHOP)
    await tab.ask("identify", fields={"seats": "12", "plan": "12"})
    assert about(tab)["fields"] == {"seats": 12, "plan": "12"}
