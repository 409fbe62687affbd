"""Whom it is about, and which texts name them."""

import pytest

from frontdesk.errors import FrontdeskError
from frontdesk.privacy.subject import Subject, subject_of


@pytest.mark.parametrize("text", ["ann", "v-1", "v0123456789abcdef", "Ann@Lighthouse.example "])
def test_an_address_or_an_id_is_somebody(text: str) -> None:
    assert subject_of(text).text in ("ann", "v-1", "v0123456789abcdef", "ann@lighthouse.example")


@pytest.mark.parametrize("text", ["", "a b", "@", "ann@", "v/1", "x" * 65, "%", "ann@@b.example"])
def test_anything_else_is_refused_in_words(text: str) -> None:
    with pytest.raises(FrontdeskError) as refused:
        subject_of(text)
    assert refused.value.code == "bad_request"
    assert "who" in refused.value.fields["fields"]


@pytest.mark.parametrize(
    "document",
    [
        "ann@lighthouse.example", "<ANN@lighthouse.example>", "mailto:ann@lighthouse.example",
        "x\nann@lighthouse.example.", {"a": ["b", {"c": "to ann@lighthouse.example, ben"}]},
        {"ann@lighthouse.example": 1}, "?e=ann%40lighthouse.example&x",
    ],
)  # fmt: skip
def test_a_text_that_names_the_address(document: object) -> None:
    assert Subject("ann@lighthouse.example").is_in(document)


@pytest.mark.parametrize(
    "document",
    [
        "joann@lighthouse.example", "jo.ann@lighthouse.example", "ann@lighthouse.example.au",
        "ann@lighthouse.examples", "ann@lighthouse", None, 7, {"a": 1},
    ],
)  # fmt: skip
def test_a_text_that_names_another_or_nobody(document: object) -> None:
    assert not Subject("ann@lighthouse.example").is_in(document)


def test_an_address_is_found_in_both_spellings_of_its_domain() -> None:
    subject = subject_of("ann@leuchtürme.example")
    assert subject.is_in("ann@xn--leuchtrme-v9a.example")
    assert subject.is_in("Ann@Leuchtürme.example")
