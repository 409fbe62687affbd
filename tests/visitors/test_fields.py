"""Whose word counts, and what fits (VS-3)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.errors import FrontdeskError
from frontdesk.visitors.fields import (
    KEPT,
    MOST_FIELDS,
    Declared,
    Scalar,
    Typed,
    email_in,
    kept_of,
    take,
)
from frontdesk.visitors.sources import ORDER, Source, rank

names = st.sampled_from(["name", "email", "company", "employees", "plan", "seats", "since"])
values = st.one_of(st.none(), st.text(max_size=20), st.integers(-5, 5000), st.booleans())


def test_a_better_source_wins_whoever_comes_first() -> None:
    first, second = {}, {}  # type: dict[str, Any], dict[str, Any]
    told: list[tuple[Source, dict[str, Scalar]]] = [
        (Source.PAGE, {"email": "page@acme.example", "plan": "free"}),
        (Source.FORM, {"email": "form@acme.example"}),
        (Source.ENRICHMENT, {"plan": "guess", "industry": "Retail"}),
    ]
    for source, fields in told:
        take(first, fields, source)
    for source, fields in reversed(told):
        take(second, fields, source)
    assert first == second
    assert first["email"] == "form@acme.example"
    assert first["fields"] == {"plan": "free"}
    assert first["sources"] == {
        "visitor.email": "form", "field.plan": "page_api", "visitor.industry": "enrichment",
        "visitor.domain": "email",
    }  # fmt: skip


def test_a_source_corrects_itself_and_takes_back_what_it_said() -> None:
    about: dict[str, Any] = {}
    take(about, {"name": "Ann", "plan": "free"}, Source.PAGE)
    assert take(about, {"name": "Anna", "plan": None}, Source.PAGE)
    assert about == {"name": "Anna", "sources": {"visitor.name": "page_api"}}
    assert not take(about, {"name": ""}, Source.URL)
    assert about["name"] == "Anna"


def test_a_field_may_have_an_order_of_its_own() -> None:
    declared: dict[str, Declared] = {"plan": Typed("text", sources=("page_api", "rep"))}
    about: dict[str, Any] = {}
    take(about, {"plan": "pro"}, Source.PAGE, declared)
    take(about, {"plan": "other"}, Source.REP, declared)
    assert about["fields"] == {"plan": "pro"}
    assert rank("salesforce", ("page_api",)) > rank("page_api", ("page_api",))
    assert rank("rep", ()) == 0 < rank("never heard of", ())


@pytest.mark.parametrize(
    ("type", "given_", "taken"),
    [
        ("number", "1200", 1200),
        ("number", 2.5, 2.5),
        ("boolean", "yes", True),
        ("boolean", 0, False),
        ("date", "2026-11-22T23:30:00Z", "2026-11-22"),
        ("picklist", "GOLD", "Gold"),
        ("email", " Ann.Lee@Acme.Example ", "ann.lee@acme.example"),
        ("text", 12, "12"),
        ("text", "x" * 300, "x" * 256),
    ],
)
def test_a_declared_field_has_values_of_its_type(type: str, given_: Scalar, taken: Scalar) -> None:
    about: dict[str, Any] = {}
    take(about, {"it": given_}, Source.PAGE, {"it": Typed(type, values=("Gold", "Silver"))})
    assert about["fields"] == {"it": taken}


@pytest.mark.parametrize(
    ("type", "given_"),
    [
        ("number", "many"), ("number", True), ("boolean", "perhaps"), ("date", "tomorrow"),
        ("picklist", "Bronze"), ("email", "nobody"), ("email", 5),
    ],
)  # fmt: skip
def test_what_does_not_fit_refuses_all_of_it_and_is_named(type: str, given_: Scalar) -> None:
    about: dict[str, Any] = {"fields": {"old": 1}}
    declared: dict[str, Declared] = {"it": Typed(type, values=("Gold",))}
    with pytest.raises(FrontdeskError, match="'it' must be") as caught:
        take(about, {"name": "Ann", "it": given_}, Source.PAGE, declared)
    assert caught.value.code == "bad_request"
    assert about == {"fields": {"old": 1}}
    take(about, {"name": "Ann", "it": given_}, Source.CHAT, declared, strict=False)
    assert about["name"] == "Ann"
    assert "it" not in about["fields"]


def test_a_company_address_tells_the_domain_and_a_personal_one_none() -> None:
    about: dict[str, Any] = {}
    take(about, {"email": "ann@acme.example"}, Source.PAGE)
    assert about["domain"] == "acme.example"
    take(about, {"email": "ann@gmail.com"}, Source.PAGE)
    assert "domain" not in about
    take(about, {"domain": "acme.example"}, Source.ENRICHMENT)
    take(about, {"email": "ann@other.example"}, Source.FORM)
    assert about["domain"] == "acme.example"


def test_a_visitor_has_64_fields_of_the_customers_and_not_one_more() -> None:
    about: dict[str, Any] = {}
    take(about, {f"f{n}": n for n in range(MOST_FIELDS)}, Source.PAGE)
    with pytest.raises(FrontdeskError, match="64"):
        take(about, {"one more": 1}, Source.PAGE)
    left_out: list[str] = []
    more: dict[str, Any] = {"f1": "new", "one more": 1, "email": "ann@acme.example"}
    take(about, more, Source.PAGE, strict=False, left_out=left_out)
    assert len(about["fields"]) == MOST_FIELDS
    assert (about["fields"]["f1"], about["email"]) == ("new", "ann@acme.example")
    assert ["64" in said and "one more" in said for said in left_out] == [True]
    take(about, {"another": 1, "f0": None}, Source.PAGE)
    assert len(about["fields"]) == MOST_FIELDS


def test_an_address_is_found_in_a_sentence() -> None:
    assert email_in("Write to <ann.lee@acme.example>, please.") == "ann.lee@acme.example"
    assert email_in("mailto:ann@acme.example") == "ann@acme.example"
    assert email_in("see you @ five, @ann, a@b") == ""
    assert email_in("@" * 4000) == ""


@given(st.lists(st.tuples(st.sampled_from(Source), st.dictionaries(names, values, max_size=4))))
def test_no_source_ever_overwrites_one_that_is_believed_more(
    told: list[tuple[Source, dict[str, Scalar]]],
) -> None:
    about: dict[str, Any] = {"id": "v1", "page": {"url": "/"}}
    for source, fields in told:
        before = {**about.get("sources", {})}
        take(about, fields, source, strict=False)
        for key, who in about.get("sources", {}).items():
            if key in before:
                assert rank(who) <= rank(before[key])
            kind, _, name = key.partition(".")
            assert name in (about if kind == "visitor" else about["fields"])
        assert set(about) <= {"id", "page", *KEPT}
        assert set(kept_of(about)) <= set(KEPT)


def test_every_source_has_its_place_in_the_order() -> None:
    assert [rank(source) for source in Source] == list(range(len(ORDER)))
