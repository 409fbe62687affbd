"""Custom visitor fields over HTTP (VS-3)."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from frontdesk.routing.store.fields import VisitorField
from frontdesk.routing.visitors.fields import FieldChanges
from frontdesk.web.api import routing_answers as answers
from frontdesk.web.api.endpoint import Call, Nothing

Name = Annotated[str, Meta(max_length=64)]
Label = Annotated[str, Meta(max_length=200)]
Values = Annotated[tuple[Annotated[str, Meta(max_length=300)], ...], Meta(max_length=2000)]
Sources = Annotated[tuple[Annotated[str, Meta(max_length=32)], ...], Meta(max_length=32)]


class NewField(Struct, frozen=True, forbid_unknown_fields=True):
    """A field. `type`: text, email, number, boolean, date, picklist (with `values`). `sources`:
    which is believed first; empty: the usual order.
    """

    name: Name
    label: Label
    type: Annotated[str, Meta(max_length=16)]
    values: Values = ()
    sources: Sources = ()
    created_at: int = 0


class FieldPatch(Struct, frozen=True, forbid_unknown_fields=True):
    """What to change of a field; what is left out stays."""

    label: Label | UnsetType = UNSET
    values: Values | UnsetType = UNSET
    sources: Sources | UnsetType = UNSET


async def visitor_fields(call: Call[Nothing]) -> answers.VisitorFieldsAnswer:
    return answers.VisitorFieldsAnswer(await call.services.routing.fields.all())


async def add_visitor_field(call: Call[NewField]) -> VisitorField:
    new = call.input
    field = VisitorField(new.name, new.label, new.type, new.values, new.sources, 0)
    return await call.services.routing.fields.add(call.me, field)


async def change_visitor_field(call: Call[FieldPatch]) -> VisitorField:
    wanted = call.input
    changes = FieldChanges(wanted.label, wanted.values, wanted.sources)
    return await call.services.routing.fields.change(call.me, call.path["name"], changes)


async def delete_visitor_field(call: Call[Nothing]) -> None:
    await call.services.routing.fields.remove(call.me, call.path["name"])
