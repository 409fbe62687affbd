"""What is stored about a person, over HTTP (OP-5): find, export, erase.

The address stands in the body, never in a path or a query, which proxies write into their logs.
"""

from typing import Annotated

from msgspec import Meta, Struct
from starlette.responses import Response, StreamingResponse

from frontdesk.privacy.persons import Found
from frontdesk.privacy.store.erasures import Erasure
from frontdesk.web.api.answers import ErasureAnswer
from frontdesk.web.api.endpoint import Call, Nothing


class Who(Struct, frozen=True, forbid_unknown_fields=True):
    """`who` is an email address (everybody who gave it) or a visitor's id."""

    who: Annotated[str, Meta(min_length=1, max_length=254)]


async def find_person(call: Call[Who]) -> Found:
    return await call.services.persons.find(call.me, call.input.who)


async def export_person(call: Call[Who]) -> Response:
    pieces = await call.services.persons.export(call.me, call.input.who)
    headers = {"Content-Disposition": 'attachment; filename="person.json"'}
    return StreamingResponse(pieces, media_type="application/json", headers=headers)


async def erase_person(call: Call[Who]) -> ErasureAnswer:
    persons = call.services.persons
    id = await persons.erase(call.me, call.input.who)
    return _answer(await persons.erasure(call.me, id))


async def erasure(call: Call[Nothing]) -> ErasureAnswer:
    return _answer(await call.services.persons.erasure(call.me, call.path["id"]))


def _answer(one: Erasure) -> ErasureAnswer:
    return ErasureAnswer(
        one.id, one.state, one.at, one.done_at, one.visitors, one.conversations
    )  # fmt: skip
