"""The registry of all fields there are; it types what comes from outside (RT-2, VS-3)."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, Self, TypeAlias

from frontdesk.filters.builtin import BUILTIN
from frontdesk.filters.fields import Field, FieldType
from frontdesk.filters.values import Value, as_boolean, as_date, as_number, as_text, as_texts, fold

Situation: TypeAlias = Mapping[str, Value | None]
"""Field key → value as `Registry.coerce` types it. Missing, None, "" and () are blank."""

KEY: Final = re.compile(r"[a-z][a-z0-9_]*\.[A-Za-z0-9][A-Za-z0-9_.-]*", re.ASCII)
LONGEST_KEY: Final = 100

_READERS: Final[dict[FieldType, Callable[[object], Value | None]]] = {
    FieldType.NUMBER: as_number,
    FieldType.BOOLEAN: as_boolean,
    FieldType.DATE: as_date,
    FieldType.TEXTS: as_texts,
}


class Registry:
    """All fields there are; immutable. Iterates over the fields in their order."""

    __slots__ = ("_fields", "_spellings")

    def __init__(self, fields: Iterable[Field]) -> None:
        found: dict[str, Field] = {}
        for field in fields:
            _check_key(field.key, found)
            found[field.key] = field
        self._fields = found
        self._spellings = {
            key: {fold(value): value for value in field.values} for key, field in found.items()
        }

    @classmethod
    def builtin(cls) -> Self:
        """The fields that every desk has from its first day."""
        return cls(BUILTIN)

    def with_fields(self, fields: Iterable[Field]) -> "Registry":
        """This one and more. Raises ValueError for a key that exists or can't be one."""
        return Registry([*self, *fields])

    def get(self, key: str) -> Field | None:
        return self._fields.get(key)

    def __getitem__(self, key: str) -> Field:
        return self._fields[key]

    def __contains__(self, key: object) -> bool:
        return key in self._fields

    def __iter__(self) -> Iterator[Field]:
        return iter(self._fields.values())

    def __len__(self) -> int:
        return len(self._fields)

    def spelled(self, key: str, text: str) -> str | None:
        """A picklist's value as the picklist spells it; None if it isn't one of its values."""
        return self._spellings[key].get(fold(text))

    def coerce(self, key: str, raw: object) -> Value | None:
        """What came from outside, typed; None if it is blank, of no known field, or unreadable.

        Never raises: a visitor with odd data is still routed.
        """
        field = self._fields.get(key)
        if field is None or raw is None:
            return None
        if (read := _READERS.get(field.type)) is not None:
            return read(raw)
        text = as_text(raw)
        if text is None or field.type is not FieldType.PICKLIST:
            return text
        return self.spelled(key, text) or text

    def situation(self, raw: Mapping[str, object]) -> dict[str, Value]:
        """All of `raw` that isn't blank, typed; keys of no known field are left out."""
        typed = ((key, self.coerce(key, value)) for key, value in raw.items())
        return {key: value for key, value in typed if value is not None}


def _check_key(key: str, known: Mapping[str, Field]) -> None:
    if len(key) > LONGEST_KEY or not KEY.fullmatch(key):
        raise ValueError(f"{key!r} can't be a field's key: it looks like 'page.url'")
    if key in known:
        raise ValueError(f"there are two fields {key!r}")
