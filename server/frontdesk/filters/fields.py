"""What can be filtered on: a field with its stable key, type, source and example (RT-2, VS-3)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class FieldType(StrEnum):
    """Decides which operators a field has and what its values are."""

    TEXT = "text"
    EMAIL = "email"
    URL = "url"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    PICKLIST = "picklist"
    TEXTS = "texts"
    """Several texts at a time, such as the pages seen: it matches if any of them does."""


class Source(StrEnum):
    """Where a field's value comes from."""

    PAGE = "page"
    SESSION = "session"
    DEVICE = "device"
    ADDRESS = "address"
    """By the visitor's IP address."""
    IDENTITY = "identity"
    """What `identify`, a form, a typed email or a signed token brought."""
    ENRICHMENT = "enrichment"
    HISTORY = "history"
    OWNERSHIP = "ownership"
    CUSTOM = "custom"


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `values` are a picklist's, in the order shown; empty means they aren't known."""

    key: str
    label: str
    type: FieldType
    source: Source
    example: str | int | bool
    values: tuple[str, ...] = ()

    @classmethod
    def custom(
        cls,
        name: str,
        label: str,
        type: FieldType,
        *,
        example: str | int | bool = "",
        values: tuple[str, ...] = (),
    ) -> Self:
        """A visitor field of the customer's own, under the key `field.<name>`."""
        return cls(f"field.{name}", label, type, Source.CUSTOM, example, values)
