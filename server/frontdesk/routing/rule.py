"""Routing rules as typed values (RT-1 … RT-9). `rules` reads, checks and writes their document.

A draft, a published version and the command line's YAML are the same document.
"""

from enum import StrEnum
from typing import Annotated, Any

from msgspec import Meta, Struct

DEFAULT_ID = "default"
DEFAULT_NAME = "Default rule"
MOST_RULES = 5000
EVERYBODY: dict[str, Any] = {"all": []}
"""The filter that matches every visitor."""


class Strategy(StrEnum):
    """Who of the targets rings: all at once (RT-4), or one at a time, chosen so (RT-5)."""

    FIRST_AVAILABLE = "first_available"
    ROTATION = "rotation"
    RANDOM = "random"
    LEAST_BUSY = "least_busy"

    @property
    def round_robin(self) -> bool:
        """One at a time."""
        return self is not Strategy.FIRST_AVAILABLE


class Missed(StrEnum):
    """What a visitor is offered when nobody came (RT-6)."""

    MEETING_BOOKER = "meeting_booker"
    FORM = "form"


class Look(StrEnum):
    """A kind of record whose owner counts (RT-7)."""

    CONTACT = "contact"
    LEAD = "lead"
    ACCOUNT = "account"


class OwnerRing(StrEnum):
    """The owner alone before the targets, or both at once (RT-7)."""

    OWNER_FIRST = "owner_first"
    OWNER_AND_REPS = "owner_and_reps"


class OutreachRing(StrEnum):
    """The email's sender, the prospect's owner, or both (RT-9)."""

    SENDER = "sender"
    OWNER = "owner"
    BOTH = "both"


class OutreachBook(StrEnum):
    """With whom a visitor from Outreach may book a meeting (RT-9)."""

    SENDER = "sender"
    OWNER = "owner"
    TARGETS = "targets"
    NOBODY = "nobody"


Id = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9_-]{1,40}\Z", description="an id of up to 40 letters, digits, - or _"
    ),
]
Name = Annotated[
    str, Meta(pattern=r"^\S(.{0,78}\S)?\Z", description="a name of 1 to 80 characters on one line")
]
RingSeconds = Annotated[float, Meta(ge=5, le=600, description="a number of seconds from 5 to 600")]
WaitSeconds = Annotated[
    float, Meta(ge=5, le=3600, description="a number of seconds from 5 to 3,600")
]
Weight = Annotated[float, Meta(ge=0.1, le=100, description="a number from 0.1 to 100")]


class Targets(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom a rule names: all reps, or these reps and these groups' members (RT-3)."""

    everyone: bool = False
    reps: tuple[Id, ...] = ()
    groups: tuple[Id, ...] = ()

    @property
    def nobody(self) -> bool:
        """Nothing is named."""
        return not (self.everyone or self.reps or self.groups)


class OwnerBlock(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Route to the record's owner. The first record found in the order of `look` decides (RT-7)."""

    on: bool = False
    look: tuple[Look, ...] = (Look.CONTACT, Look.LEAD, Look.ACCOUNT)
    ring: OwnerRing = OwnerRing.OWNER_FIRST


class OutreachBlock(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Route visitors of a sequence email. `fallback`: then the owner and the targets (RT-9)."""

    on: bool = False
    ring: OutreachRing = OutreachRing.SENDER
    fallback: bool = True
    book: OutreachBook = OutreachBook.SENDER


class Booking(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """With whom a meeting may be booked when nobody came (RT-7)."""

    targets: bool = True
    owner: bool = False


class Plan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a rule does with who matches. `weights`: rep id → share; a rep without one has 1.
    Without `fallback` the targets are never rung (RT-8).
    """

    targets: Targets = Targets()
    strategy: Strategy = Strategy.FIRST_AVAILABLE
    weights: dict[Id, Weight] = {}
    ring_seconds: RingSeconds = 30
    wait_seconds: WaitSeconds = 90
    owner: OwnerBlock = OwnerBlock()
    outreach: OutreachBlock = OutreachBlock()
    fallback: bool = True
    missed: Missed = Missed.MEETING_BOOKER
    book: Booking = Booking()


class Rule(Plan, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A routing rule. `when` is the stored form of its filter."""

    id: Id
    name: Name
    on: bool = True
    when: dict[str, Any]

    @property
    def looks_at_ownership(self) -> bool:
        """Whether who owns the visitor's record has to be asked for (RT-7, RT-9)."""
        return self.on and (self.owner.on or self.outreach.on)


class RuleSet(Struct, frozen=True, kw_only=True):
    """All rules in their order; the default rule is always last and matches everybody (RT-1)."""

    rules: tuple[Rule, ...] = ()
    default: Rule

    @classmethod
    def default_rule_set(cls, ring_seconds: float = 30, wait_seconds: float = 90) -> "RuleSet":
        """What a desk without rules has: all reps, first available, the settings' waits."""
        return cls(
            default=default_rule(
                targets=Targets(everyone=True),
                ring_seconds=min(ring_seconds, wait_seconds),
                wait_seconds=wait_seconds,
            )
        )

    @property
    def every(self) -> tuple[Rule, ...]:
        """The rules and the default rule."""
        return (*self.rules, self.default)


def default_rule(**plan: Any) -> Rule:
    """The default rule with this plan (the fields of `Plan`)."""
    return Rule(id=DEFAULT_ID, name=DEFAULT_NAME, on=True, when=EVERYBODY, **plan)
