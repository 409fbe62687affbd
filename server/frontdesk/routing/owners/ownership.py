"""Who owns a visitor's records, and who wrote to them: what the ports tell (RT-7, RT-9)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Owned:
    """A record that was found, and its owner. `rep` is None if the owner is nobody of ours: a
    queue, somebody without an account here, or one who left. `name` is the record's.
    """

    rep: str | None
    name: str = ""
    record: str = ""
    system: str = ""


@dataclass(frozen=True, slots=True)
class Ownership:
    """What was found for a visitor; None: no such record."""

    contact: Owned | None = None
    lead: Owned | None = None
    account: Owned | None = None
    outreach_sender: Owned | None = None
    outreach_owner: Owned | None = None
    unknown: bool = False
    """The look-up failed or took too long: who owns them couldn't be found out."""


UNOWNED = Ownership()
UNKNOWN = Ownership(unknown=True)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a decision is made on: the visitor's values by field, and who owns their records."""

    situation: Mapping[str, Any] = field(default_factory=dict)
    ownership: Ownership = UNOWNED
