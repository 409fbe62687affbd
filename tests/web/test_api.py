"""The HTTP interface on a real database: signing in, the team, archived conversations, refusals."""

import http.cookies
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import insert

from frontdesk.people.roles import Role
from frontdesk.storage import tables
from frontdesk.storage.engine import Database
from tests.database_fixtures import database, empty_url, postgres, sqlite
from tests.people.conftest import PASSWORD
from tests.web.site import OURS, Site, site_on

__all__ = ["database", "empty_url", "postgres", "sqlite"]


@pytest.fixture
async def site(sqlite: Database, tmp_path: Path) -> AsyncIterator[Site]:
    async with site_on(sqlite, tmp_path) as made:
        yield made


def refusal(answer: httpx.Response) -> tuple[int, str]:
    body = answer.json()
    assert set(body) <= {"code", "message", "fields"}
    assert body["message"]
    return answer.status_code, body["code"]


# --- signing in -----------------------------------------------------------------------------------


async def test_a_rep_signs_in_sees_themselves_and_signs_out(site: Site) -> None:
    ana = await site.hire("Ana")
    browser = await site.enter(ana)
    me = (await browser.get("/v1/me")).json()
    assert (me["id"], me["role"], me["rights"]) == (ana.id, "rep", ["take_chats"])
    assert (await browser.post("/v1/sign-out")).status_code == 204
    assert refusal(await browser.get("/v1/me")) == (401, "unauthorized")


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_hosts(site: Site) -> None:
    ana = await site.hire("Ana")
    body = {"email": ana.email, "password": PASSWORD}
    for base, name in [
        ("http://desk.example", "fd_sign_in"),
        ("https://desk.example", "__Host-fd_sign_in"),
    ]:
        answer = await site.browser(base).post("/v1/sign-in", json=body)
        cookie = http.cookies.SimpleCookie(answer.headers["set-cookie"])[name]
        assert cookie["httponly"] is True
        assert (cookie["samesite"], cookie["path"], cookie["domain"]) == ("lax", "/", "")
        assert bool(cookie["secure"]) == base.startswith("https")


async def test_over_tls_a_cookie_that_a_neighbour_could_plant_is_ignored(site: Site) -> None:
    ana = await site.hire("Ana")
    plain = await site.enter(ana)
    planted = {"Cookie": f"fd_sign_in={plain.cookies['fd_sign_in']}", **OURS}
    browser = site.browser("https://desk.example", planted)
    assert refusal(await browser.get("/v1/me")) == (401, "unauthorized")


async def test_several_reps_are_signed_in_side_by_side_under_host_names_of_their_own(
    site: Site,
) -> None:
    links = {}
    for name in ("Ana", "Ben"):
        rep = await site.hire(name)
        links[name] = f"http://{name.lower()}.localhost:8000/sign-in/fdl_{name}"
        await site.people.sign_ins.put_link(rep.id, f"fdl_{name}", hours=1, many=True)
    browser = site.browser()
    for link in links.values():
        answer = await browser.get(link)
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/")
    for name in links:
        host = f"http://{name.lower()}.localhost:8000"
        assert (await browser.get(f"{host}/v1/me")).json()["name"] == name
        changed = await browser.patch(
            f"{host}/v1/me", json={"name": name}, headers={"Origin": host}
        )
        assert changed.status_code == 200


async def test_looking_at_a_link_does_not_use_it_up(site: Site) -> None:
    ana = await site.hire("Ana")
    await site.people.sign_ins.put_link(ana.id, "fdl_once", hours=1, many=False)
    browser = site.browser()
    assert (await browser.head("/sign-in/fdl_once")).status_code == 204
    assert (await browser.get("/sign-in/fdl_once")).status_code == 303
    void = await browser.get("/sign-in/fdl_once")
    assert (void.status_code, void.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert void.headers["referrer-policy"] == "no-referrer"


async def test_guessing_is_slowed_down_and_the_answer_says_for_how_long(site: Site) -> None:
    ana = await site.hire("Ana")
    browser = site.browser()
    body = {"email": ana.email, "password": "wrong"}
    answers = [await browser.post("/v1/sign-in", json=body) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 2


async def test_a_bearer_token_works_without_cookie_header_or_origin(site: Site) -> None:
    ana = await site.hire("Ana")
    token = await site.people.sign_ins.new_bearer(ana.id, "export")
    script = site.browser(headers={"Authorization": f"Bearer {token}"})
    assert (await script.patch("/v1/me", json={"name": "Ana B"})).json()["name"] == "Ana B"
    wrong = site.browser(headers={"Authorization": f"Bearer {token}x"})
    assert refusal(await wrong.get("/v1/me")) == (401, "unauthorized")


async def test_signing_out_everywhere_ends_other_browsers_and_tells_the_sockets(
    site: Site,
) -> None:
    ana = await site.hire("Ana")
    here, there = await site.enter(ana), await site.enter(ana)
    assert (await here.post("/v1/sign-out-everywhere")).status_code == 204
    assert refusal(await there.get("/v1/me")) == (401, "unauthorized")
    assert site.signed_out == [(ana.id, None)]


async def test_a_new_password_keeps_this_browser_and_ends_the_others(site: Site) -> None:
    ana = await site.hire("Ana")
    here, there = await site.enter(ana), await site.enter(ana)
    wrong = await here.post("/v1/me/password", json={"current": "no", "new": "long enough now"})
    assert refusal(wrong) == (400, "bad_request")
    assert set(wrong.json()["fields"]) == {"current"}
    body = {"current": PASSWORD, "new": "long enough now"}
    assert (await here.post("/v1/me/password", json=body)).status_code == 200
    assert (await here.get("/v1/me")).status_code == 200
    assert (await there.get("/v1/me")).status_code == 401


# --- foreign requests -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Frontdesk": "1", "Origin": "https://evil.example"},
        {"X-Frontdesk": "1", "Origin": "null"},
        {"X-Frontdesk": "1", "Origin": "http://desk.example:81"},
        {"X-Frontdesk": "1", "Origin": "http://desk.example.evil.example"},
        {"X-Frontdesk": "1", "Origin": "http://[broken"},
        {"X-Frontdesk": "1", "Sec-Fetch-Site": "cross-site"},
        {"X-Frontdesk": "1", "Sec-Fetch-Site": "same-site"},
        {"Origin": "http://desk.example"},
    ],
)
async def test_a_change_that_no_page_of_ours_sent_is_refused(
    site: Site, headers: dict[str, str]
) -> None:
    ana = await site.hire("Ana")
    signed_in = await site.enter(ana)
    browser = site.browser(headers=headers)
    browser.cookies.update(signed_in.cookies)
    answer = await browser.patch("/v1/me", json={"name": "Changed"})
    assert refusal(answer) == (403, "forbidden")
    assert (await signed_in.get("/v1/me")).json()["name"] == "Ana"


async def test_with_a_public_address_only_its_origin_may_change_things(
    sqlite: Database, tmp_path: Path
) -> None:
    async with site_on(sqlite, tmp_path, public_url="https://chat.example") as site:
        ana = await site.hire("Ana")
        body = {"email": ana.email, "password": PASSWORD}
        for origin, status in [("https://chat.example", 200), ("http://inside:8000", 403)]:
            headers = {"Origin": origin, **OURS}
            answer = await site.browser("http://inside:8000", headers).post(
                "/v1/sign-in", json=body
            )
            assert answer.status_code == status
            assert "max-age" in answer.headers["strict-transport-security"]


# --- input ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b"", set()),
        (b"{", set()),
        (b"[" * 10_000, set()),
        (b'"\xff"', set()),
        (b'{"email":"\xff","password":"x"}', set()),
        (b'{"email":"a@b.example\\u0000","password":"x"}', set()),
        (b'{"email":"a@b.example"}', {"password"}),
        (b'{"email":1,"password":"x"}', {"email"}),
        (b'{"email":"a@b.example","password":"x","admin":true}', {"admin"}),
    ],
)
async def test_a_broken_body_is_refused_with_the_names_of_the_fields(
    site: Site, body: bytes, fields: set[str]
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await site.browser().post("/v1/sign-in", content=body, headers=headers)
    assert refusal(answer) == (400, "bad_request")
    assert set(answer.json().get("fields", {})) == fields


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "The body is not valid JSON, it ends too early."),
        (b'{"email":nul}', "The body is not valid JSON, near byte 13."),
        (b'{"email":"\xff","password":"x"}', "The body is not UTF-8."),
        (b"[" * 10_000, "The body must be an object, not a list."),
        (b'{"email":1,"password":"x"}', "`email` must be a text, not a whole number."),
        (b'{"email":"a@b.example"}', "`password` is missing."),
    ],
)
async def test_a_broken_body_is_refused_in_plain_words(
    site: Site, body: bytes, message: str
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await site.browser().post("/v1/sign-in", content=body, headers=headers)
    assert answer.json()["message"] == message


async def test_a_wrong_query_is_refused_in_plain_words(both: Site) -> None:
    browser = await both.enter(await both.hire("Ana"))
    for query, message in [
        ("state=opened", "`state` must be requested, active, closed or missed."),
        ("limit=many", "`limit` must be a whole number, not a text."),
        ("limit=0", "`limit` must be a whole number of at least 1."),
        ("word=x", "There is no field `word`: leave it out."),
    ]:
        answer = await browser.get(f"/v1/conversations?{query}")
        assert refusal(answer) == (400, "bad_request")
        assert answer.json()["message"] == message


async def test_a_long_body_and_one_that_is_no_json_are_refused(site: Site) -> None:
    browser = site.browser()
    long = {"email": "a" * 20_000, "password": "x"}
    assert refusal(await browser.post("/v1/sign-in", json=long)) == (413, "too_big")
    form = await browser.post("/v1/sign-in", data={"email": "a", "password": "x"})
    assert refusal(form) == (415, "unsupported")


async def test_what_is_not_there_and_the_wrong_method_are_refused_in_our_shape(
    site: Site,
) -> None:
    browser = site.browser()
    assert refusal(await browser.get("/v1/nothing")) == (404, "not_found")
    wrong = await browser.put("/v1/me")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")
    assert wrong.json()["message"].startswith("PUT is not possible here, only ")
    assert wrong.headers["allow"]


# --- the team -------------------------------------------------------------------------------------


async def test_an_invited_person_opens_the_link_and_is_a_rep(site: Site) -> None:
    boss = await site.enter(await site.hire("Boss", Role.ADMIN))
    group = (await boss.post("/v1/groups", json={"name": "Asia"})).json()
    body = {"email": "kai@harbor.example", "role": "rep", "groups": [group["id"]]}
    made = (await boss.post("/v1/invitations", json=body)).json()
    assert made["link"].startswith("http://desk.example/console/#/invitation/")
    token = made["link"].rpartition("/")[2]
    guest = site.browser()
    seen = (await guest.get(f"/v1/invitations/by-token/{token}")).json()
    assert (seen["email"], seen["role"], seen["invited_by"]) == (
        "kai@harbor.example",
        "rep",
        "Boss",
    )
    accepted = {"token": token, "name": "Kai", "password": PASSWORD}
    assert (await guest.post("/v1/invitations/accept", json=accepted)).status_code == 200
    assert (await guest.get("/v1/me")).json()["groups"] == [group["id"]]
    assert (await boss.get("/v1/invitations")).json() == {"invitations": []}
    assert refusal(await guest.post("/v1/invitations/accept", json=accepted)) == (410, "gone")


async def test_listed_invitations_have_no_link_and_can_be_resent_and_revoked(site: Site) -> None:
    boss = await site.enter(await site.hire("Boss", Role.ADMIN))
    made = await boss.post("/v1/invitations", json={"email": "k@harbor.example", "role": "rep"})
    [listed] = (await boss.get("/v1/invitations")).json()["invitations"]
    assert "link" not in listed
    again = (await boss.post(f"/v1/invitations/{listed['id']}/resend")).json()
    assert again["link"] != made.json()["link"]
    assert (await boss.delete(f"/v1/invitations/{listed['id']}")).status_code == 204
    assert (await boss.get("/v1/invitations")).json() == {"invitations": []}


async def test_a_rep_may_not_do_what_managers_and_admins_do(site: Site) -> None:
    ana = await site.hire("Ana")
    browser = await site.enter(ana)
    attempts = [
        browser.get("/v1/invitations"),
        browser.post("/v1/invitations", json={"email": "x@harbor.example", "role": "admin"}),
        browser.post("/v1/groups", json={"name": "Mine"}),
        browser.patch(f"/v1/reps/{ana.id}", json={"role": "admin"}),
        browser.post(f"/v1/reps/{ana.id}/sign-out-everywhere"),
    ]
    for attempt in attempts:
        assert refusal(await attempt) == (403, "forbidden")


async def test_an_admin_changes_a_rep_and_everybody_sees_it(site: Site) -> None:
    ana = await site.hire("Ana")
    boss = await site.enter(await site.hire("Boss", Role.ADMIN))
    changes = {"role": "manager", "capacity": 5}
    changed = (await boss.patch(f"/v1/reps/{ana.id}", json=changes)).json()
    assert (changed["role"], changed["capacity"]) == ("manager", 5)
    browser = await site.enter(ana)
    assert changed in (await browser.get("/v1/reps")).json()["reps"]
    assert refusal(await boss.patch("/v1/reps/r0", json=changes)) == (404, "not_found")
    bad = await boss.patch(f"/v1/reps/{ana.id}", json={"capacity": 99})
    assert refusal(bad) == (400, "bad_request")
    assert set(bad.json()["fields"]) == {"capacity"}


# --- archived conversations -----------------------------------------------------------------------


async def archive(site: Site, id: str, rep_id: str | None, at: int, *texts: str) -> None:
    """Write a conversation as the archiver would: asked for, claimed, some words, closed."""
    row = {"id": id, "desk": "main", "visitor_id": f"v-{id}", "state": "closed", "rep_id": rep_id}
    more = {
        "epoch": "e1",
        "requested_at": at,
        "about": {"name": f"Visitor {id}", "company": "Acme"},
    }
    bodies = [
        ("message", {"from": "visitor", "text": text, "client_id": str(number)})
        for number, text in enumerate(texts)
    ]
    entries = [
        ("requested", {"why": "request"}),
        *bodies,
        ("closed", {"by": "rep", "why": "ended"}),
    ]
    async with site.database.write() as connection:
        await connection.execute(insert(tables.conversation).values(**row, **more))
        for offset, (kind, body) in enumerate(entries, 1):
            values = {"conversation_id": id, "offset": offset, "epoch": "e1", "type": kind}
            await connection.execute(
                insert(tables.entry).values(**values, at=at + offset, body=body)
            )


async def ids_of(answer: httpx.Response) -> list[str]:
    return [found["id"] for found in answer.json()["conversations"]]


@pytest.fixture
async def both(database: Database, tmp_path: Path) -> AsyncIterator[Site]:
    """A site on each kind of database: these queries differ between them."""
    async with site_on(database, tmp_path) as made:
        yield made


async def test_a_rep_sees_their_own_conversations_and_a_manager_all(both: Site) -> None:
    ana, ben = await both.hire("Ana"), await both.hire("Ben")
    await archive(both, "c1", ana.id, 1_000, "hello")
    await archive(both, "c2", ben.id, 2_000, "good morning")
    await archive(both, "c3", None, 3_000)
    browser, manager = await both.enter(ana), await both.enter(await both.hire("M", Role.MANAGER))
    assert await ids_of(await browser.get("/v1/conversations")) == ["c1"]
    assert await ids_of(await browser.get(f"/v1/conversations?rep={ben.id}")) == ["c1"]
    assert await ids_of(await manager.get("/v1/conversations")) == ["c3", "c2", "c1"]
    assert await ids_of(await manager.get(f"/v1/conversations?rep={ben.id}")) == ["c2"]
    for path in ("/v1/conversations/c2", "/v1/conversations/c2/transcript", "/v1/conversations/c9"):
        assert refusal(await browser.get(path)) == (404, "not_found")


async def test_search_finds_words_of_the_visitor_and_of_what_was_said(both: Site) -> None:
    ana = await both.hire("Ana")
    await archive(both, "c1", ana.id, 1_000, "Do you deliver to Osaka?", "by 100% certainty")
    await archive(both, "c2", ana.id, 2_000, "Price of the big one")
    browser = await both.enter(ana)
    for words, expected in [
        ("osaka", ["c1"]),
        ("deliver ACME", ["c1"]),
        ("acme", ["c2", "c1"]),
        ("100%", ["c1"]),
        ("1_0%", []),
        ("from", []),
        ("visitor c2", ["c2"]),
    ]:
        answer = await browser.get("/v1/conversations", params={"q": words})
        assert await ids_of(answer) == expected, words


async def test_pages_follow_each_other_without_gap_or_repeat(both: Site) -> None:
    ana = await both.hire("Ana")
    expected: list[str] = []
    for number in range(7):
        await archive(both, f"c{number}", ana.id, 1_000 + number // 3, f"text {number}")
        expected.insert(0, f"c{number}")
    browser = await both.enter(ana)
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        params = {"limit": "2", "cursor": cursor}
        answer = await browser.get("/v1/conversations", params=params)
        seen += await ids_of(answer)
        cursor = answer.json()["cursor"]
    assert seen == expected


@pytest.mark.parametrize(
    "query", ["cursor=x", "cursor=_w", "limit=0", "limit=many", "state=open", "what=1", "q=%00"]
)
async def test_a_search_that_makes_no_sense_is_refused(site: Site, query: str) -> None:
    browser = await site.enter(await site.hire("Ana"))
    answer = await browser.get(f"/v1/conversations?{query}")
    assert refusal(answer) == (400, "bad_request")


async def test_one_conversation_has_its_entries_as_on_the_wire_and_its_decision(
    both: Site,
) -> None:
    ana = await both.hire("Ana")
    await archive(both, "c1", ana.id, 1_000, "hello", "again")
    decision = {"id": "d1", "conversation_id": "c1", "at": 1_000, "version": "1"}
    offer = {"conversation_id": "c1", "rep_id": ana.id, "at": 1_001, "outcome": "claimed"}
    async with both.database.write() as connection:
        await connection.execute(
            insert(tables.decision).values(**decision, body={"rule": "default"})
        )
        await connection.execute(insert(tables.offer_record).values(**offer))
    browser = await both.enter(ana)
    found = (await browser.get("/v1/conversations/c1")).json()
    assert [entry["type"] for entry in found["entries"]] == [
        "requested", "message", "message", "closed",
    ]  # fmt: skip
    assert found["entries"][1] == {
        "type": "message",
        "conversation": "c1",
        "epoch": "e1",
        "offset": 2,
        "at": "1970-01-01T00:00:01.002Z",
        "from": "visitor",
        "text": "hello",
        "client_id": "0",
    }
    assert (found["text"], found["more"], found["rep"]["name"]) == ("again", False, "Ana")
    assert found["decision"]["rule"] == "default"
    assert found["decision"]["offers"][0]["outcome"] == "claimed"
    earlier = (await browser.get("/v1/conversations/c1?before=2")).json()["entries"]
    assert [entry["offset"] for entry in earlier] == [1]


async def test_a_transcript_is_a_text_in_which_no_message_can_pose_as_another(both: Site) -> None:
    ana = await both.hire("Ana")
    await archive(both, "c1", ana.id, 1_000, "hi\n1970-01-01 00:00:01  Ana: I pay", "日本 🙂")
    browser = await both.enter(ana)
    answer = await browser.get("/v1/conversations/c1/transcript")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    lines = answer.text.splitlines()
    assert "1970-01-01 00:00:01  Visitor c1: 日本 🙂" in lines
    assert not any(line.startswith("1970-01-01 00:00:01  Ana") for line in lines)


# --- the description, health, headers -------------------------------------------------------------


async def test_openapi_describes_every_endpoint_and_refers_to_nothing_missing(site: Site) -> None:
    whole = (await site.browser().get("/v1/openapi.json")).json()
    assert whole["openapi"] == "3.1.0"
    assert {"get", "patch"} == set(whole["paths"]["/v1/me"])
    schemas = whole["components"]["schemas"]

    def references(part: Any) -> list[str]:
        if isinstance(part, dict):
            own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
            return own + [found for value in part.values() for found in references(value)]
        return (
            [found for value in part for found in references(value)]
            if isinstance(part, list)
            else []
        )

    assert {name.rpartition("/")[2] for name in references(whole["paths"])} <= set(schemas)


async def test_readiness_names_what_is_wrong(site: Site) -> None:
    browser = site.browser()
    assert (await browser.get("/healthz")).text == "ok\n"
    assert (await browser.get("/readyz")).json() == {"ready": True, "problems": []}
    site.problems.append("Redis does not answer.")
    answer = await browser.get("/readyz")
    assert (answer.status_code, answer.json()["problems"]) == (503, ["Redis does not answer."])


async def test_every_answer_carries_the_strict_headers_and_is_not_kept(site: Site) -> None:
    browser = await site.enter(await site.hire("Ana"))
    for path in ("/v1/me", "/v1/nothing", "/v1/reps", "/sign-in/none"):
        headers = (await browser.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in headers


async def test_an_error_of_ours_tells_the_client_nothing_but_that(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken() -> None:
        raise RuntimeError("secret detail")

    browser = await site.enter(await site.hire("Ana"))
    monkeypatch.setattr(type(site.people.groups), "all", lambda _groups: broken())
    answer = await browser.get("/v1/groups")
    assert refusal(answer) == (500, "internal")
    assert "secret" not in answer.text
