"""Finding, exporting and erasing a person over HTTP (OP-5, US-3)."""

from typing import Any

import pytest
from sqlalchemy import insert

from frontdesk.people.roles import Role
from frontdesk.people.store.audit import newest
from frontdesk.storage.tables import conversation, visitor
from tests.web.site import Site

ANN = "ann@lighthouse.example"
DOORS = ["/v1/persons/find", "/v1/persons/export", "/v1/persons/erase"]


async def put_ann(site: Site) -> None:
    seen: dict[str, Any] = {"first_seen_at": 1, "last_seen_at": 2, "fields": {}}
    talk = {"desk": "main", "state": "closed", "epoch": "e", "about": {"email": ANN}}
    async with site.database.write() as connection:
        await connection.execute(insert(visitor).values(id="v1", email=ANN, **seen))
        await connection.execute(
            insert(conversation).values(id="c1", visitor_id="v1", requested_at=1, **talk)
        )


@pytest.mark.parametrize("role", [Role.MANAGER, Role.REP, Role.MEETINGS_ONLY])
@pytest.mark.parametrize("door", DOORS)
async def test_only_admins_may(site: Site, role: Role, door: str) -> None:
    browser = await site.enter(await site.hire("Mia", role))
    assert (await browser.post(door, json={"who": ANN})).status_code == 403
    assert (await browser.get("/v1/erasures/era_1")).status_code == 403


@pytest.mark.parametrize("door", DOORS)
async def test_what_is_no_address_and_no_id_is_refused_by_its_field(site: Site, door: str) -> None:
    ada = await site.enter(await site.hire("Ada", Role.ADMIN))
    answer = await ada.post(door, json={"who": "ann@"})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["who"])


async def test_an_admin_finds_a_person(site: Site) -> None:
    await put_ann(site)
    ada = await site.enter(await site.hire("Ada", Role.ADMIN))
    found = (await ada.post("/v1/persons/find", json={"who": ANN})).json()
    mine = {"id": "v1", "because": ["fields"], "conversations": 1}
    assert found == {"who": ANN, "visitors": [mine], "owners": 0}


async def test_an_admin_gets_everything_as_a_file_and_the_audit_log_says_so_without_the_address(
    site: Site,
) -> None:
    await put_ann(site)
    ada = await site.hire("Ada", Role.ADMIN)
    answer = await (await site.enter(ada)).post("/v1/persons/export", json={"who": ANN})
    assert answer.headers["content-disposition"] == 'attachment; filename="person.json"'
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert [one["id"] for one in answer.json()["conversations"]] == ["c1"]
    async with site.database.read() as connection:
        line = next(x for x in await newest(connection) if x.what == "person.exported")
    assert (line.who, line.on, line.details) == (ada.id, "person", {"visitors": 1})


async def test_an_erasure_is_accepted_and_waits_for_the_worker(site: Site) -> None:
    await put_ann(site)
    ada = await site.enter(await site.hire("Ada", Role.ADMIN))
    answer = await ada.post("/v1/persons/erase", json={"who": ANN})
    assert (answer.status_code, answer.json()["state"]) == (202, "waiting")
    again = (await ada.get(f"/v1/erasures/{answer.json()['id']}")).json()
    assert again == answer.json()
    assert ANN not in str(again)
    assert (await ada.get("/v1/erasures/era_0")).status_code == 404


async def test_the_interface_describes_the_document_as_json(site: Site) -> None:
    described = (await site.browser().get("/v1/openapi.json")).json()["paths"]
    good = described["/v1/persons/export"]["post"]["responses"]["200"]
    assert list(good["content"]) == ["application/json"]
    assert "202" in described["/v1/persons/erase"]["post"]["responses"]
