"""Whatever is sent to the HTTP interface, only documented answers come back."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from frontdesk.people.roles import Role
from frontdesk.storage.engine import Database
from frontdesk.web.api.answers import Refusal
from frontdesk.web.api.endpoint import STATUS, Endpoint
from frontdesk.web.api.routes import ENDPOINTS
from tests.database_fixtures import database, empty_url, postgres
from tests.web.site import Site, site_on

__all__ = ["database", "empty_url", "postgres"]

SCALARS = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text()
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)
WORDS = st.text(max_size=40) | st.sampled_from(["", "%", "a@b.example", "\x00", "../..", "é" * 70])


@pytest.fixture
async def site(database: Database, tmp_path: Path) -> AsyncIterator[Site]:
    async with site_on(database, tmp_path) as made:
        await made.hire("Boss", Role.ADMIN)
        yield made


def bodies(endpoint: Endpoint) -> st.SearchStrategy[Any]:
    """Often nearly right: the endpoint's own names, with good and bad values."""
    fields = {field.name: field.type for field in msgspec.structs.fields(endpoint.input)}
    good = {name: st.one_of(VALUES, WORDS, st.lists(WORDS), st.booleans()) for name in fields}
    return st.fixed_dictionaries({}, optional=good) | VALUES


@given(data=st.data())
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_only_documented_answers_come_back(site: Site, data: st.DataObject) -> None:
    boss = (await site.people.accounts.all())[0]
    token = await site.people.sign_ins.new_bearer(boss.id, "fuzz")
    endpoint = data.draw(st.sampled_from(ENDPOINTS))
    path = endpoint.path
    for name in ("id", "token"):
        word = data.draw(WORDS | st.just(boss.id))
        path = path.replace(f"{{{name}}}", quote(word, safe=""))
    request: dict[str, Any] = {}
    if endpoint.has_body:
        body = data.draw(bodies(endpoint).map(msgspec.json.encode) | st.binary(max_size=200))
        request = {"content": body, "headers": {"Content-Type": "application/json"}}
    elif endpoint.method == "GET":
        names = st.sampled_from(["q", "state", "rep", "cursor", "limit", "before", "what"])
        request = {"params": data.draw(st.dictionaries(names, WORDS, max_size=3))}
    browser = site.browser(headers={"Authorization": f"Bearer {token}"})
    answer = await browser.request(endpoint.method, path, **request)
    assert answer.status_code not in {500, 503}, answer.text
    if answer.status_code >= 400 and "html" not in answer.headers.get("content-type", ""):
        refusal = msgspec.json.decode(answer.content, type=Refusal)
        assert refusal.code in STATUS
        assert refusal.message
