"""What a rep enters of a visitor (VS-3)."""

from typing import Any

from msgspec import Struct

from frontdesk.web.api.answers import VisitorAnswer
from frontdesk.web.api.endpoint import Call
from frontdesk.wire.frames import Fields


class VisitorPatch(Struct, frozen=True, forbid_unknown_fields=True):
    """`fields` by name: name, email, company, phone, domain, industry, employees, or the desk's
    own. A blank one is taken away.
    """

    fields: Fields


async def change_visitor(call: Call[VisitorPatch]) -> VisitorAnswer:
    about: dict[str, Any] = await call.services.side.edit_visitor(
        call.me, call.path["id"], call.input.fields
    )
    return VisitorAnswer(about)
