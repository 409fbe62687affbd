"""The AsyncAPI document follows the frames."""

import json
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from frontdesk.wire import asyncapi, frames


def references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for one in value.values():
            yield from references(one)
    if isinstance(value, list):
        for one in value:
            yield from references(one)


def found(document: dict[str, Any], reference: str) -> Any:
    place: Any = document
    for step in reference.removeprefix("#/").split("/"):
        place = place[step]
    return place


def test_the_committed_document_is_the_one_that_the_frames_give() -> None:
    committed = asyncapi.TARGET.read_text(encoding="utf-8")
    assert committed == asyncapi.generate(), "stale: run python -m frontdesk.wire.asyncapi"


def test_every_reference_leads_somewhere() -> None:
    document = json.loads(asyncapi.generate())
    for reference in set(references(document)):
        assert found(document, reference)


@pytest.mark.parametrize(
    ("side", "union"),
    [
        ("visitor", frames.VisitorMessage),
        ("rep", frames.RepMessage),
    ],
)
def test_every_message_of_a_client_is_an_operation(side: str, union: Any) -> None:
    operations = asyncapi.document()["operations"]
    for kind in get_args(union):
        operation = operations[f"{side}.{kind.__struct_config__.tag}"]
        assert operation["action"] == "receive"


def test_requests_have_answers_and_hints_have_none() -> None:
    operations = asyncapi.document()["operations"]
    claim = operations["rep.claim"]["reply"]["messages"]
    assert [one["$ref"].rsplit("/", 1)[1] for one in claim] == ["Ok", "Error"]
    hello = operations["visitor.hello"]["reply"]["messages"]
    assert hello[0]["$ref"].endswith("/VisitorWelcome")
    assert "reply" not in operations["rep.typing"]


def test_every_push_can_be_sent_to_its_side() -> None:
    pushes = asyncapi.document()["operations"]["rep.push"]["messages"]
    names = {one["$ref"].rsplit("/", 1)[1] for one in pushes}
    assert {"Offer", "OfferGone", "Message", "Conversation", "PresencePush"} <= names
    assert "Ok" not in names
