"""Custom visitor fields: adding, changing, removing them; the registry that filters use (VS-3)."""

import re
from collections.abc import Iterable
from functools import lru_cache

from msgspec import UNSET, Struct, UnsetType, structs

from frontdesk.clock import NowMs
from frontdesk.filters import Field, FieldType, Registry
from frontdesk.people.refusals import conflict, forbidden, invalid, unknown
from frontdesk.people.rep import RepIdentity, clean_name
from frontdesk.people.roles import Right
from frontdesk.people.store.audit import record
from frontdesk.routing.references import fields_of, plans
from frontdesk.routing.store import fields as store
from frontdesk.routing.store import versions
from frontdesk.routing.store.fields import VisitorField
from frontdesk.routing.told import Told
from frontdesk.storage.engine import Connection, Database
from frontdesk.visitors.sources import Source

TYPES = ("text", "email", "number", "boolean", "date", "picklist")
SOURCES = tuple(source.value for source in Source if source is not Source.EMAIL)
"""In the usual order: the first that says something is believed (VS-3). From an address only the
company's domain is concluded, which is no custom field.
"""
MOST_FIELDS = 500
MOST_VALUES = 1000
LONGEST_VALUE = 200
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
_EXAMPLES: dict[str, str | int | bool] = {
    "text": "text",
    "email": "ada@example.com",
    "number": 10,
    "boolean": True,
    "date": "2026-01-31",
}


class FieldChanges(Struct, frozen=True):
    """What may be changed of a field; its name and type are what rules and values rest on."""

    label: str | UnsetType = UNSET
    values: tuple[str, ...] | UnsetType = UNSET
    sources: tuple[str, ...] | UnsetType = UNSET


def registry_of(fields: Iterable[VisitorField]) -> Registry:
    """All fields that filters know: the built-in ones and these. The same for the same fields."""
    return _registry_of(tuple(fields))


@lru_cache(maxsize=8)
def _registry_of(fields: tuple[VisitorField, ...]) -> Registry:
    return Registry.builtin().with_fields(_filter_field(field) for field in fields)


def _filter_field(field: VisitorField) -> Field:
    example = field.values[0] if field.values else _EXAMPLES.get(field.type, "")
    return Field.custom(
        field.name, field.label, FieldType(field.type), example=example, values=field.values
    )


class VisitorFields:
    """The desk's custom fields. Changing one needs the right to change routing."""

    def __init__(self, database: Database, desk: str, *, now: NowMs, told: Told) -> None:
        self._database = database
        self._desk = desk
        self._now = now
        self._told = told

    async def all(self) -> list[VisitorField]:
        async with self._database.read() as connection:
            return await store.all_fields(connection)

    async def registry(self) -> Registry:
        return registry_of(await self.all())

    async def add(self, who: RepIdentity, new: VisitorField) -> VisitorField:
        """Raises bad_request, conflict."""
        _allowed(who)
        field = structs.replace(_clean(new), created_at=self._now())
        async with self._database.write() as connection:
            if len(await store.all_fields(connection)) >= MOST_FIELDS:
                raise conflict(f"There can be at most {MOST_FIELDS} fields.")
            await store.add_field(connection, field)
            await self._audit(connection, who, "visitor_field.added", field)
        await self._told()
        return field

    async def change(self, who: RepIdentity, name: str, changes: FieldChanges) -> VisitorField:
        """Raises bad_request, not_found."""
        _allowed(who)
        given = {key: value for key, value in structs.asdict(changes).items() if value is not UNSET}
        async with self._database.write() as connection:
            before = await self._one(connection, name)
            after = _clean(structs.replace(before, **given))
            await store.change_field(connection, after)
            await self._audit(connection, who, "visitor_field.changed", after)
        await self._told()
        return after

    async def remove(self, who: RepIdentity, name: str) -> None:
        """Raises conflict while rules that are live, or the draft, test it."""
        _allowed(who)
        async with self._database.write() as connection:
            before = await self._one(connection, name)
            await self._check_unused(connection, f"field.{name}")
            await store.delete_field(connection, name)
            await self._audit(connection, who, "visitor_field.removed", before)
        await self._told()

    async def _one(self, connection: Connection, name: str) -> VisitorField:
        for field in await store.all_fields(connection):
            if field.name == name:
                return field
        raise unknown("field")

    async def _check_unused(self, connection: Connection, key: str) -> None:
        number = await versions.live_number(connection, self._desk)
        live = await versions.version(connection, self._desk, number)
        draft = await versions.draft(connection, self._desk)
        for document in (live and live.document, draft.document):
            for rule in plans(document):
                if key in fields_of({"rules": [rule]}):
                    raise conflict(f"The rule {rule.get('name')!r} tests this field.")

    async def _audit(
        self, connection: Connection, who: RepIdentity, what: str, field: VisitorField
    ) -> None:
        details = {key: value for key, value in structs.asdict(field).items() if key != "name"}
        await record(connection, self._now(), who.id, what, field.name, **details)


def _clean(field: VisitorField) -> VisitorField:
    if not _NAME.fullmatch(field.name):
        raise invalid(name="Small letters, digits and _, beginning with a letter; at most 64.")
    if field.type not in TYPES:
        raise invalid(type=f"One of {', '.join(TYPES)}.")
    return structs.replace(
        field,
        label=clean_name(field.label, field="label"),
        values=_values(field),
        sources=_sources(field.sources),
    )


def _values(field: VisitorField) -> tuple[str, ...]:
    values = tuple(clean_name(one, longest=LONGEST_VALUE, field="values") for one in field.values)
    if field.type != "picklist" and values:
        raise invalid(values="Only a picklist has values.")
    if field.type == "picklist" and not values:
        raise invalid(values="A picklist needs at least one value.")
    if len(values) > MOST_VALUES:
        raise invalid(values=f"At most {MOST_VALUES} values.")
    if len({one.casefold() for one in values}) != len(values):
        raise invalid(values="A value is there twice.")
    return values


def _sources(sources: tuple[str, ...]) -> tuple[str, ...]:
    if unknown_ones := [one for one in sources if one not in SOURCES]:
        raise invalid(sources=f"{unknown_ones[0]!r} is no source. They are {', '.join(SOURCES)}.")
    if len(set(sources)) != len(sources):
        raise invalid(sources="A source is there twice.")
    return sources


def _allowed(who: RepIdentity) -> None:
    if not who.may(Right.ROUTING):
        raise forbidden()
