"""Routing rules over HTTP (RT-12 … RT-16)."""

import gzip
from typing import Any

import httpx
import pytest
from sqlalchemy import insert

from frontdesk.people.roles import Role
from frontdesk.storage.tables import conversation, decision, offer_record
from tests.routing.store.conftest import rule, rules
from tests.web.site import Site

READ = (
    "/v1/routing", "/v1/routing/versions", "/v1/routing/versions/0", "/v1/routing/fields",
    "/v1/routing/diff?from=0&to=draft", "/v1/owners", "/v1/routing/fairness?from=0&to=1",
)  # fmt: skip


async def manager(site: Site, name: str = "Mia") -> httpx.AsyncClient:
    return await site.enter(await site.hire(name, Role.MANAGER))


async def published(browser: httpx.AsyncClient, document: dict[str, Any]) -> int:
    revision = (await browser.get("/v1/routing")).json()["revision"]
    saved = await browser.put("/v1/routing/draft", json={"revision": revision, "rules": document})
    assert saved.status_code == 200, saved.text
    body = {"revision": saved.json()["revision"], "note": "because"}
    answer = await browser.post("/v1/routing/publish", json=body)
    assert answer.status_code == 200, answer.text
    return int(answer.json()["number"])


async def test_a_draft_is_written_published_and_rolled_back(site: Site) -> None:
    mia = await manager(site)
    assert await published(mia, rules(rule("A"))) == 1
    assert await published(mia, rules(rule("B"))) == 2
    body = {"number": 1, "live": 1, "note": "B was wrong"}
    late = await mia.post("/v1/routing/rollback", json=body)
    assert (late.status_code, late.json()["code"], late.json()["number"]) == (409, "behind", 2)
    assert late.json()["by"]["name"] == "Mia"
    back = await mia.post("/v1/routing/rollback", json={**body, "live": 2})
    assert back.json() == {"number": 3}
    now = (await mia.get("/v1/routing")).json()
    assert (now["live"]["number"], now["live"]["by"]["name"], now["draft"]) == (3, "Mia", None)
    assert [one["name"] for one in now["live"]["rules"]["rules"]] == ["A"]
    found = (await mia.get("/v1/routing/versions")).json()
    assert [(one["number"], one["note"]) for one in found["versions"]] == [
        (3, "B was wrong"), (2, "because"), (1, "because"),
    ]  # fmt: skip
    assert found["more"] is False
    older = (await mia.get("/v1/routing/versions?before=2")).json()["versions"]
    assert [one["number"] for one in older] == [1]


async def test_a_second_editor_gets_409_with_who_when_and_their_draft(site: Site) -> None:
    mia, tom = await manager(site), await manager(site, "Tom")
    first, answer = [
        await who.put("/v1/routing/draft", json={"revision": 0, "rules": rules(rule(name))})
        for who, name in ((mia, "A"), (tom, "B"))
    ]
    assert (first.status_code, answer.status_code) == (200, 409)
    body = answer.json()
    assert (body["code"], body["by"]["name"]) == ("changed", "Mia")
    assert body["at"] == body["draft"]["at"]
    assert body["draft"]["rules"]["rules"][0]["name"] == "A"
    again = {"revision": body["draft"]["revision"], "rules": rules(rule("B"))}
    assert (await tom.put("/v1/routing/draft", json=again)).status_code == 200
    gone = await mia.request("DELETE", "/v1/routing/draft", json={"revision": 1})
    assert gone.status_code == 409


async def test_a_malformed_document_gets_422_with_every_fault(site: Site) -> None:
    mia = await manager(site)
    broken = {"rules": [{"id": "!", "name": "", "when": {"all": 1}}], "surplus": 1}
    answer = await mia.put("/v1/routing/draft", json={"revision": 0, "rules": broken})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    places = {fault["place"] for fault in answer.json()["faults"]}
    assert {"/surplus", "/default", "/rules/0/id", "/rules/0/name"} <= places
    checked = (await mia.post("/v1/routing/check", json={"rules": broken})).json()
    assert {fault["place"] for fault in checked["faults"]} == places
    assert (await mia.get("/v1/routing")).json()["draft"] is None


@pytest.mark.parametrize("odd", [None, 1, "x", [], [[]], {"rules": {}}, {"default": []}])
async def test_whatever_stands_for_rules_is_answered_in_words(site: Site, odd: Any) -> None:
    mia = await manager(site)
    checked = await mia.post("/v1/routing/check", json={"rules": odd})
    assert checked.status_code == 200
    assert checked.json()["faults"]
    deep: Any = []
    for _ in range(900):
        deep = {"not": deep}
    document = rules(rule("A", when=deep))
    answer = await mia.post("/v1/routing/check", json={"rules": document})
    assert answer.status_code in (200, 400)


async def test_lint_is_in_the_answer_of_a_check(site: Site) -> None:
    mia = await manager(site)
    document = rules(rule("All", when={"all": []}), rule("B"))
    found = (await mia.post("/v1/routing/check", json={"rules": document})).json()
    assert found["faults"] == []
    assert ("unreachable", "rul_b", "error") in [
        (one["code"], one["rule"], one["severity"]) for one in found["lint"]
    ]


async def test_only_managers_and_admins_have_to_do_with_rules(site: Site) -> None:
    rep = await site.enter(await site.hire("Ana"))
    for path in READ:
        assert (await rep.get(path)).status_code == 403, path
        assert (await site.browser().get(path)).status_code == 401, path
    answer = await rep.post("/v1/routing/publish", json={"revision": 1, "note": ""})
    assert answer.status_code == 403
    admin = await site.enter(await site.hire("Root", Role.ADMIN))
    for path in READ:
        assert (await admin.get(path)).status_code == 200, path


async def test_a_change_from_a_foreign_page_is_refused(site: Site) -> None:
    mia = await manager(site)
    for method, path in (
        ("PUT", "/v1/routing/draft"), ("POST", "/v1/routing/publish"), ("PUT", "/v1/owners"),
        ("POST", "/v1/routing/rollback"), ("DELETE", "/v1/routing/draft"),
    ):  # fmt: skip
        foreign = {"Origin": "https://evil.example"}
        assert (await mia.request(method, path, json={}, headers=foreign)).status_code == 403
        plain = {"X-Frontdesk": ""}
        assert (await mia.request(method, path, json={}, headers=plain)).status_code == 403


async def test_a_body_beyond_its_limit_is_refused(site: Site) -> None:
    mia = await manager(site)
    large = b'{"rules":"' + b"x" * (6 * 1024 * 1024) + b'"}'
    headers = {"Content-Type": "application/json"}
    answer = await mia.post("/v1/routing/check", content=large, headers=headers)
    assert answer.status_code == 413
    answer = await mia.post("/v1/owners/import", content=large + large, headers=headers)
    assert answer.status_code == 413


async def test_what_is_unchanged_is_not_sent_again_and_what_is_large_is_packed(
    site: Site,
) -> None:
    mia = await manager(site)
    await published(mia, rules(*(rule(f"R{i}") for i in range(200))))
    first = await mia.get("/v1/routing", headers={"Accept-Encoding": "gzip"})
    assert first.headers["content-encoding"] == "gzip"
    assert len(first.json()["live"]["rules"]["rules"]) == 200
    assert int(first.headers["content-length"]) < len(gzip.compress(first.content)) * 3
    same = await mia.get("/v1/routing", headers={"If-None-Match": first.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    await published(mia, rules(rule("A")))
    other = await mia.get("/v1/routing", headers={"If-None-Match": first.headers["etag"]})
    assert other.status_code == 200


async def test_who_edits_is_told_to_each_other(site: Site) -> None:
    mia, tom = await manager(site), await manager(site, "Tom")
    await mia.post("/v1/routing/editing")
    answer = (await tom.post("/v1/routing/editing")).json()
    assert [one["name"] for one in answer["editors"]] == ["Mia", "Tom"]
    assert [one["name"] for one in (await mia.get("/v1/routing")).json()["editors"]] == [
        "Mia", "Tom",
    ]  # fmt: skip


async def test_the_difference_of_versions_and_the_draft_names_rules_and_values(
    site: Site,
) -> None:
    mia = await manager(site)
    await published(mia, rules(rule("A")))
    changed = rules(rule("B"), rule("A", ring_seconds=45))
    await mia.put("/v1/routing/draft", json={"revision": 2, "rules": changed})
    found = (await mia.get("/v1/routing/diff?from=1&to=draft")).json()["changes"]
    assert [(one["name"], one["change"]) for one in found] == [("B", "added"), ("A", "changed")]
    assert found[1]["fields"] == [{"path": "ring_seconds", "before": 30.0, "after": 45.0}]
    assert (await mia.get("/v1/routing/diff?from=9&to=draft")).status_code == 404
    assert (await mia.get("/v1/routing/diff?from=x&to=draft")).status_code == 400


async def test_fields_come_with_their_operators_and_custom_ones_among_them(site: Site) -> None:
    mia = await manager(site)
    new = {"name": "plan", "label": "Plan", "type": "picklist", "values": ["Free", "Team"]}
    assert (await mia.post("/v1/visitor-fields", json=new)).status_code == 201
    fields = {one["key"]: one for one in (await mia.get("/v1/routing/fields")).json()["fields"]}
    plan = fields["field.plan"]
    assert (plan["label"], plan["values"], plan["source"]) == ("Plan", ["Free", "Team"], "custom")
    takes = {one["op"]: one["value"] for one in fields["visitor.employees"]["operators"]}
    assert (takes["is_set"], takes["greater"], takes["between"], takes["one_of"]) == (
        "none", "one", "two", "list",
    )  # fmt: skip


async def test_one_visitor_is_tried_on_the_draft_and_on_what_is_live(site: Site) -> None:
    mia = await manager(site)
    await published(mia, rules(rule("Japan")))
    about = {"location": {"country": "JP"}}
    document = rules(rule("Nippon", when={"all": []}))
    body = {"about": about, "rules": document}
    found = (await mia.post("/v1/routing/try", json=body)).json()
    assert found["live"]["record"]["name"] == "Japan"
    assert found["draft"]["record"]["name"] == "Nippon"
    assert found["live"]["record"]["ruleset"] == 1
    assert any("Japan" in sentence for sentence in found["live"]["words"])
    neither = await mia.post("/v1/routing/try", json={"rules": document})
    assert neither.status_code == 400
    unknown = await mia.post("/v1/routing/try", json={"conversation": "c_none"})
    assert unknown.status_code == 404


async def test_who_is_tried_is_described_by_fields_and_nothing_of_it_is_left_out(
    site: Site,
) -> None:
    mia = await manager(site)
    await published(mia, rules(rule("Japan")))

    async def tried(**about: Any) -> Any:
        return (await mia.post("/v1/routing/try", json={"about": about})).json()

    found = await tried(**{"location.country": "JP", "visitor.employees": 9})
    assert found["live"]["record"]["name"] == "Japan"
    wrong = await tried(**{"visitor.employees": "many", "colour": "red", "page.path": "/a"})
    assert wrong["message"] == (
        "visitor.employees: 'many' can't be read as a number. 'colour' is no field. Fields are "
        "called as in location.country. page.path is made from page.url: give that one."
    )


async def recorded(site: Site, number: int, country: str) -> str:
    id = f"c_{number}"
    row = {
        "id": id, "desk": "main", "visitor_id": f"v_{number}", "session_id": f"s_{number}",
        "state": "requested", "epoch": "e", "requested_at": site_now() - number,
        "about": {"id": f"v_{number}", "location": {"country": country}},
    }  # fmt: skip
    async with site.database.write() as connection:
        await connection.execute(insert(conversation).values(row))
    return id


def site_now() -> int:
    from frontdesk.clock import now_ms  # noqa: PLC0415 - the site's own clock

    return now_ms()


async def test_who_matches_now_is_counted_by_rule(site: Site) -> None:
    mia = await manager(site)
    for number, country in enumerate(("JP", "JP", "KR")):
        await recorded(site, number, country)
    found = (await mia.post("/v1/routing/matches", json={"rules": rules(rule("A"))})).json()
    assert found == {"rules": {"rul_a": 2}, "default": 1, "of": 3}


async def test_a_conversation_is_tried_and_shows_its_decisions_in_words(site: Site) -> None:
    mia = await manager(site)
    rep = await site.hire("Ana")
    id = await recorded(site, 1, "JP")
    await published(mia, rules(rule("Japan")))
    tried = (await mia.post("/v1/routing/try", json={"conversation": id})).json()
    assert tried["draft"]["record"]["name"] == "Japan"
    old = {"version": 1, "rule": "default", "strategy": "first_available", "why": "request"}
    stored = {**tried["live"]["record"], "situation": {"location.country": "JP"}}
    del stored["tried"], stored["tried_more"]
    rows = [
        {"id": f"d{at}", "conversation_id": id, "at": at, "version": "1", "body": body}
        for at, body in ((10, {**old, "considered": []}), (20, stored))
    ]
    ring = {"conversation_id": id, "rep_id": rep.id, "at": 20, "outcome": "claimed"}
    async with site.database.write() as connection:
        await connection.execute(insert(decision), rows)
        await connection.execute(insert(offer_record).values({**ring, "ended_at": 30}))
    shown = (await mia.get(f"/v1/conversations/{id}")).json()
    assert [one["at"] for one in shown["decisions"]] == [10, 20]
    assert all(one["words"] for one in shown["decisions"])
    assert [len(one["offers"]) for one in shown["decisions"]] == [0, 1]
    assert "Ana" in " ".join(shown["decisions"][1]["words"])
    assert shown["decision"]["name"] == "Japan"
    assert shown["decision"]["tried"] == tried["live"]["record"]["tried"]


async def test_a_simulation_waits_for_the_worker(site: Site) -> None:
    mia = await manager(site)
    body = {"days": 7, "rules": rules(rule("A"))}
    answer = await mia.post("/v1/routing/simulate", json=body)
    assert answer.status_code == 202
    found = (await mia.get(f"/v1/routing/simulations/{answer.json()['id']}")).json()
    assert (found["state"], found["done"]) == ("running", 0)
    assert (await mia.get("/v1/routing/simulations/sim_none")).status_code == 404
    both = await mia.post("/v1/routing/simulate", json={"days": 7, "samples": "x"})
    assert both.status_code == 400


async def test_the_fairness_ledger_is_of_a_time_of_at_most_92_days(site: Site) -> None:
    mia, cleo = await manager(site), await site.hire("Cleo")
    async with site.database.write() as connection:
        await connection.execute(insert(conversation).values(
            id="c_1", desk="main", visitor_id="v", state="closed", epoch="e", requested_at=1000,
            claimed_at=2000, about={"location": {"country": "JP"}},
        ))  # fmt: skip
        await connection.execute(insert(decision).values(
            id="d_1", conversation_id="c_1", at=1000, version="1",
            body={"rule": "default", "name": "Default rule"},
        ))  # fmt: skip
        await connection.execute(insert(offer_record).values(
            conversation_id="c_1", rep_id=cleo.id, at=1000, seen_at=1500, outcome="claimed",
        ))  # fmt: skip
    found = (await mia.get("/v1/routing/fairness?from=500&to=5000")).json()
    assert found == {
        "reps": [
            {"rep": cleo.id, "available_hours": 0.0, "offered": 1, "shown": 1, "declined": 0,
             "expired": 0, "claimed": 1, "per_hour": 0.0},
        ],
        "rules": [
            {"rule": "default", "name": "Default rule", "day": "1970-01-01", "region": "JP",
             "requests": 1, "claimed": 1, "missed": 0},
        ],
        "drift": [],
    }  # fmt: skip
    for wrong in ("from=5&to=5", "from=0&to=7948800001", "from=0", "from=a&to=b", "from=-1&to=2"):
        assert (await mia.get(f"/v1/routing/fairness?{wrong}")).status_code == 400
