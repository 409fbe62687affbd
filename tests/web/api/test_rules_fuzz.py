"""Malformed rule documents: only documented answers come back, and nothing half is stored."""

import json
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from frontdesk.people.roles import Role
from frontdesk.web.api.answers import Refusal
from frontdesk.web.api.endpoint import STATUS
from tests.routing.worlds import rule_documents
from tests.web.site import Site

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(allow_nan=False),
    st.text(max_size=8), st.sampled_from(["\x00", "x" * 5000, "everyone", "rul_0"]),
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=6,
)
Place = tuple[str | int, ...]


def places(value: object, at: Place = ()) -> list[Place]:
    """Every place in a document, but for the whole."""
    inside: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        inside = list(value.items())
    elif isinstance(value, list):
        inside = list(enumerate(value))
    return [place for key, one in inside for place in ((*at, key), *places(one, (*at, key)))]


@st.composite
def broken(draw: st.DrawFn) -> Any:
    """A good document with a few places removed, replaced or added to."""
    document: Any = json.loads(json.dumps(draw(rule_documents())))
    for _ in range(draw(st.integers(1, 3))):
        *way, last = draw(st.sampled_from(places(document)))
        inside = document
        for key in way:
            inside = inside[key]
        if draw(st.booleans()):
            inside[last] = draw(VALUES)
        elif isinstance(inside, dict) and draw(st.booleans()):
            inside[draw(st.text(max_size=5))] = draw(VALUES)
        elif len(document) > 1:
            del inside[last]
    return document if draw(st.integers(0, 9)) else draw(VALUES)


@given(document=broken(), where=st.sampled_from(["draft", "draft", "check", "try", "matches"]))
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
async def test_rules_are_taken_whole_or_refused_whole(
    site: Site, document: Any, where: str
) -> None:
    everyone = await site.people.accounts.all()
    boss = everyone[0] if everyone else await site.hire("Boss", Role.ADMIN)
    token = await site.people.sign_ins.new_bearer(boss.id, "fuzz")
    browser = site.browser(headers={"Authorization": f"Bearer {token}"})
    before = (await browser.get("/v1/routing")).json()
    body = {"rules": document}
    if where == "draft":
        body["revision"] = (before["draft"] or {}).get("revision", 0)
    answer = await browser.request(
        "PUT" if where == "draft" else "POST", f"/v1/routing/{where}", json=body
    )
    after = (await browser.get("/v1/routing")).json()
    if answer.status_code == 200:
        stored = where == "draft"
        assert (after["draft"] != before["draft"]) <= stored
    else:
        refusal = msgspec.json.decode(answer.content, type=Refusal)
        assert refusal.code in STATUS
        assert refusal.code != "internal"
        assert refusal.message
        assert after == before
    assert after["live"] == before["live"]
