"""Owners, custom fields, working hours and presence over HTTP (VS-3, PR-1, PR-5, PR-7)."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import insert

from frontdesk.people.rep import Rep
from frontdesk.people.roles import Role
from frontdesk.people.store.audit import newest
from frontdesk.storage.engine import Database
from frontdesk.storage.tables import presence_record
from tests.routing.store.conftest import rule, rules
from tests.web.site import Site, site_on

WEEK = [[["09:00", "12:00"], ["13:00", "17:00"]], *([[]] * 4), [["22:00", "02:00"]], []]
HOURS = {"timezone": "Europe/Berlin", "week": WEEK, "off": ["2026-12-24"]}


async def manager(site: Site) -> httpx.AsyncClient:
    return await site.enter(await site.hire("Mia", Role.MANAGER))


# --- owners ---------------------------------------------------------------------------------------


async def test_owners_are_listed_by_page_searched_changed_and_removed(site: Site) -> None:
    mia, ana = await manager(site), await site.hire("Ana")
    for number in range(5):
        body = {"kind": "contact", "key": f"v{number}@acme.example", "rep_email": ana.email}
        answer = await mia.put("/v1/owners", json=body)
        assert answer.status_code == 200, answer.text
        assert answer.json()["rep_id"] == ana.id
    page = (await mia.get("/v1/owners?limit=3")).json()
    rest = (await mia.get(f"/v1/owners?limit=3&cursor={page['cursor']}")).json()
    keys = [one["key"] for one in page["owners"] + rest["owners"]]
    assert keys == [f"v{number}@acme.example" for number in range(5)]
    assert (page["total"], rest["cursor"]) == (5, None)
    (found,) = (await mia.get("/v1/owners", params={"q": "v3 ana"})).json()["owners"]
    assert (await mia.delete(f"/v1/owners/{found['id']}")).status_code == 204
    assert (await mia.delete(f"/v1/owners/{found['id']}")).status_code == 404
    assert (await mia.get("/v1/owners?cursor=%21")).status_code == 400
    wrong = await mia.put("/v1/owners", json={"kind": "account", "key": "no domain"})
    assert (wrong.status_code, "no domain" in wrong.json()["message"]) == (400, True)


async def test_owners_are_imported_after_a_preview(site: Site) -> None:
    mia = await manager(site)
    csv = "kind,email,rep\ncontact,bo@acme.example,mia@harbor.example\n"
    preview = (await mia.post("/v1/owners/import?preview=1", json={"csv": csv})).json()
    assert preview == {"added": 1, "changed": 0, "same": 0, "faults": []}
    assert (await mia.get("/v1/owners")).json()["total"] == 0
    await mia.post("/v1/owners/import", json={"csv": csv})
    assert (await mia.get("/v1/owners")).json()["total"] == 1
    wrong = (await mia.post("/v1/owners/import", json={"csv": csv + "x,y,z\n"})).json()
    assert [fault["line"] for fault in wrong["faults"]] == [3]


# --- custom fields --------------------------------------------------------------------------------


async def test_a_custom_field_is_added_changed_and_removed(site: Site) -> None:
    mia = await manager(site)
    new = {
        "name": "plan",
        "label": "Plan",
        "type": "text",
        "sources": ["page_api", "signed_identity"],
    }
    assert (await mia.post("/v1/visitor-fields", json=new)).status_code == 201
    assert (await mia.post("/v1/visitor-fields", json=new)).status_code == 409
    changed = await mia.patch("/v1/visitor-fields/plan", json={"label": "Their plan"})
    assert (changed.json()["label"], changed.json()["sources"]) == ("Their plan", new["sources"])
    (found,) = (await mia.get("/v1/visitor-fields")).json()["fields"]
    assert found == changed.json()
    assert (await mia.delete("/v1/visitor-fields/plan")).status_code == 204
    assert (await mia.patch("/v1/visitor-fields/plan", json={})).status_code == 404


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"name": "Plan B"}, "name"),
        ({"name": ""}, "name"),
        ({"label": " "}, "label"),
        ({"type": "money"}, "type"),
        ({"values": ["x"]}, "values"),
        ({"type": "picklist"}, "values"),
        ({"type": "picklist", "values": ["a", "A"]}, "values"),
        ({"sources": ["gossip"]}, "sources"),
        ({"sources": ["rep", "rep"]}, "sources"),
    ],
)
async def test_a_field_that_can_not_be_is_refused_by_the_name_of_what_is_wrong(
    site: Site, change: dict[str, Any], named: str
) -> None:
    mia = await manager(site)
    new = {"name": "plan", "label": "Plan", "type": "text", **change}
    answer = await mia.post("/v1/visitor-fields", json=new)
    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == {named}


async def test_a_field_that_a_live_rule_tests_is_kept(site: Site) -> None:
    mia = await manager(site)
    new = {"name": "plan", "label": "Plan", "type": "text"}
    await mia.post("/v1/visitor-fields", json=new)
    when = {"not": {"all": [{"field": "field.plan", "op": "is_blank"}]}}
    saved = await mia.put(
        "/v1/routing/draft", json={"revision": 0, "rules": rules(rule("Plan", when=when))}
    )
    assert saved.status_code == 200, saved.text
    refused = await mia.delete("/v1/visitor-fields/plan")
    assert (refused.status_code, "'Plan' tests" in refused.json()["message"]) == (409, True)


# --- working hours --------------------------------------------------------------------------------


async def test_hours_are_set_read_and_removed_and_the_change_is_in_the_audit_log(
    site: Site,
) -> None:
    mia, ana = await manager(site), await site.hire("Ana")
    path = f"/v1/reps/{ana.id}/hours"
    assert (await mia.get(path)).json() == {"hours": None}
    assert (await mia.put(path, json=HOURS)).json() == {"hours": HOURS}
    own = await site.enter(ana)
    assert (await own.get(path)).json() == {"hours": HOURS}
    assert (await own.put(path, json=HOURS)).status_code == 403
    assert (await mia.delete(path)).status_code == 204
    assert (await own.get(path)).json() == {"hours": None}
    async with site.database.read() as connection:
        lines = [one for one in await newest(connection) if one.what == "hours.changed"]
    assert [one.on for one in lines] == [ana.id] * 2


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"week": [[]] * 6}, "week"),
        ({"week": [[["9:00", "17:00"]], *([[]] * 6)]}, "week"),
        ({"week": [[["09:00", "25:00"]], *([[]] * 6)]}, "week"),
        ({"week": [[["09:00", "12:00"], ["11:00", "13:00"]], *([[]] * 6)]}, "week"),
        ({"week": [[["20:00", "02:00"], ["21:00", "22:00"]], *([[]] * 6)]}, "week"),
        ({"off": ["24.12.2026"]}, "off"),
    ],
)
async def test_hours_that_can_not_be_are_refused(
    site: Site, change: dict[str, Any], named: str
) -> None:
    mia, ana = await manager(site), await site.hire("Ana")
    answer = await mia.put(f"/v1/reps/{ana.id}/hours", json={**HOURS, **change})
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {named})
    assert (await mia.put("/v1/reps/r_none/hours", json=HOURS)).status_code == 404


# --- presence -------------------------------------------------------------------------------------


async def told(site: Site, rep: Rep, at: int, state: str, cause: str = "chosen") -> None:
    row = {
        "rep_id": rep.id, "at": at, "seq": 0, "state": state, "cause": cause,
        "availability": "available", "capacity": 3, "load": 3, "devices": [],
    }  # fmt: skip
    async with site.database.write() as connection:
        await connection.execute(insert(presence_record).values(row))


async def test_presence_is_told_with_its_cause_and_what_held_before(site: Site) -> None:
    mia, ana = await manager(site), await site.hire("Ana")
    await told(site, ana, 5, "offline", "new")
    await told(site, ana, 10, "eligible")
    await told(site, ana, 20, "full", "")
    await told(site, ana, 30, "away", "manager")
    await told(site, ana, 99, "idle", "idle")
    found = (await mia.get(f"/v1/reps/{ana.id}/presence?from=15&to=50")).json()["presence"]
    assert [(one["at"], one["words"]) for one in found] == [
        (10, "Available: chosen by themselves"),
        (20, "At capacity: 3 of 3 conversations"),
        (30, "Away: set by a manager"),
    ]
    own = await site.enter(ana)
    assert (await own.get(f"/v1/reps/{ana.id}/presence?from=1&to=200")).status_code == 200
    other = await site.enter(await site.hire("Ben"))
    assert (await other.get(f"/v1/reps/{ana.id}/presence")).status_code == 403
    assert (await mia.get(f"/v1/reps/{ana.id}/presence?from=9&to=3")).status_code == 400


async def test_presence_says_that_it_is_outside_working_hours(site: Site) -> None:
    mia, ana = await manager(site), await site.hire("Ana")
    path = f"/v1/reps/{ana.id}"
    await told(site, ana, 10, "eligible")
    without = (await mia.get(f"{path}/presence")).json()
    assert (without["off_hours"], without["words"]) == (False, "")
    await mia.put(f"{path}/hours", json={"timezone": "UTC", "week": [[]] * 7, "off": []})
    off = (await mia.get(f"{path}/presence")).json()
    assert off["off_hours"] is True
    assert off["words"] == "Outside working hours now: nothing rings until they begin."


async def test_only_a_manager_sets_another_s_availability_and_it_is_in_the_audit_log(
    sqlite: Database, tmp_path: Path
) -> None:
    set_to: list[tuple[str, str, str]] = []

    async def set_availability(rep: str, state: str, cause: str) -> str:
        set_to.append((rep, state, cause))
        return state

    async with site_on(sqlite, tmp_path, set_availability=set_availability) as site:
        mia, ana = await manager(site), await site.hire("Ana")
        path = f"/v1/reps/{ana.id}/availability"
        assert (await mia.post(path, json={"state": "away"})).json() == {"state": "away"}
        assert set_to == [(ana.id, "away", "manager")]
        assert (await mia.post(path, json={"state": "asleep"})).status_code == 400
        none = await mia.post("/v1/reps/r_none/availability", json={"state": "away"})
        assert none.status_code == 404
        own = await site.enter(ana)
        assert (await own.post(path, json={"state": "available"})).status_code == 403
        async with sqlite.read() as connection:
            lines = [one for one in await newest(connection) if "availability" in one.what]
        assert [(one.on, one.details) for one in lines] == [(ana.id, {"state": "away"})]
