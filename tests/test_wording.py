"""Every form in which msgspec refuses a value, and what we say of it."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta, Struct

from frontdesk.wording import Wrong, wrong


class Role(StrEnum):
    ADMIN = "admin"
    REP = "rep"


class Inner(Struct, forbid_unknown_fields=True):
    role: Role
    op: Literal["is", "is_not"] = "is"


class Whole(Struct, forbid_unknown_fields=True):
    name: Annotated[str, Meta(max_length=3, min_length=1)] = "x"
    count: Annotated[int, Meta(ge=1, le=9)] | None = None
    share: Annotated[float, Meta(gt=0, lt=0.5)] = 0.1
    on: bool = False
    ids: Annotated[list[str], Meta(max_length=2)] = []
    inner: Inner | None = None
    many: list[Inner] = []
    named: dict[Annotated[str, Meta(max_length=2)], str | int] = {}
    at: datetime | None = None
    word: Annotated[str, Meta(pattern="^a$")] = "a"
    email: str = msgspec.field(name="Email", default="")


class Needs(Struct):
    email: str


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        ([], "", "The body must be an object, not a list."),
        ({"name": 7}, "name", "`name` must be a text, not a whole number."),
        ({"name": "four"}, "name", "`name` must be a text of at most 3 characters."),
        ({"name": ""}, "name", "`name` must be a text of at least 1 character."),
        ({"count": "x"}, "count", "`count` must be a whole number or null, not a text."),
        ({"count": 0}, "count", "`count` must be a whole number of at least 1."),
        ({"share": 0.0}, "share", "`share` must be a number of more than 0."),
        ({"share": 1.5}, "share", "`share` must be a number of less than 0.5."),
        ({"on": "yes"}, "on", "`on` must be true or false, not a text."),
        ({"ids": ["a", "b", "c"]}, "ids", "`ids` must be a list of at most 2 entries."),
        ({"ids": ["a", 1]}, "ids", "Each entry of `ids` must be a text, not a whole number."),
        ({"inner": {}}, "inner", "`inner.role` is missing."),
        ({"inner": {"role": "x"}}, "inner", "`inner.role` must be admin or rep."),
        ({"many": [{"role": "rep", "op": "ix"}]}, "many", "`many.op` must be is or is_not."),
        ({"many": [{"rol": 1}]}, "many", "There is no field `many.rol`: leave it out."),
        (
            {"named": {"abc": 1}}, "named",
            "Each name in `named` must be a text of at most 2 characters.",
        ),
        (
            {"named": {"a": None}}, "named",
            "Each entry of `named` must be a whole number or a text, not null.",
        ),
        ({"at": "now"}, "at", "`at` must be a time such as 2026-03-01T09:30:00Z."),
        ({"word": "b"}, "word", "`word` must be a text of another form."),
        ({"wrod": "b"}, "wrod", "There is no field `wrod`: leave it out."),
        ({"Email": 1}, "Email", "`Email` must be a text, not a whole number."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_words_with_its_place(
    given: Any, field: str, sentence: str
) -> None:
    found = refused(given, Whole)
    assert (found.field, found.sentence) == (field, sentence)


def test_a_field_that_is_missing_is_named() -> None:
    assert refused({}, Needs) == Wrong("email", "", "`email` is missing.")


def refused(given: Any, of: Any) -> Wrong:
    with pytest.raises(msgspec.ValidationError) as refusal:
        msgspec.json.decode(msgspec.json.encode(given), type=of)
    return wrong(refusal.value, of, "The body")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 20) | st.floats(-2, 2) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
NAMES = st.sampled_from([*Whole.__struct_fields__, "Email", "x"])


@given(st.dictionaries(NAMES, JSON, max_size=2))
def test_nothing_of_the_decoder_s_own_words_comes_through(given: dict[str, Any]) -> None:
    try:
        msgspec.convert(given, Whole)
    except msgspec.ValidationError as refusal:
        said = wrong(refusal, Whole).sentence
        assert "Expected" not in said
        assert "`$" not in said
        assert "got `" not in said
        assert said.endswith(".")
