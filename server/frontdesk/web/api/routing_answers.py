"""What the endpoints of routing answer, as types. Rules are the stored document, as it is."""

from typing import Any

import msgspec
from msgspec import Struct

from frontdesk.people.rep import Person
from frontdesk.routing.faults import Fault
from frontdesk.routing.ledger.drift import Drift
from frontdesk.routing.ledger.fairness import FairRep, FairRule
from frontdesk.routing.owners.owner_csv import LineFault
from frontdesk.routing.rules.differences import RuleChange
from frontdesk.routing.rules.standing import Page, Shown
from frontdesk.routing.store.fields import VisitorField
from frontdesk.routing.store.hours import HoursRow
from frontdesk.routing.store.versions import Editing, Version

Rules = dict[str, Any]
"""A rule document: `rules`, a list, and `default`."""


class LiveAnswer(Struct, frozen=True):
    """A version. `by` is null: published on the command line; number 0: nothing was yet."""

    number: int
    at: int
    by: Person | None
    note: str
    rules: Rules

    @classmethod
    def of(cls, version: Version, by: Person | None) -> "LiveAnswer":
        return cls(version.number, version.at, by, version.note, version.document)


class DraftAnswer(Struct, frozen=True):
    """The draft; `base` is the version that was live when it began."""

    revision: int
    base: int
    at: int
    by: Person | None
    rules: Rules


class RoutingAnswer(Struct, frozen=True):
    """What is live, and the draft. `revision` is what the next change has to name: the draft's,
    and also where there is none.
    """

    live: LiveAnswer
    draft: DraftAnswer | None
    revision: int
    editors: list[Editing]

    @classmethod
    def of(cls, shown: Shown) -> "RoutingAnswer":
        live, draft, found = shown.live.heading, shown.draft.heading, None
        if shown.draft.text is not None:
            by, rules = shown.person(draft.by), _as_written(shown.draft.text)
            found = DraftAnswer(draft.number, draft.base, draft.at, by, rules)
        rules = _as_written(shown.live.text)
        return cls(
            LiveAnswer(live.number, live.at, shown.person(live.by), live.note, rules),
            found,
            draft.number,
            list(shown.editors),
        )


def _as_written(text: bytes) -> Any:
    """Rules that go out as they were stored, and aren't decoded to be encoded again."""
    return msgspec.Raw(text)


class LintAnswer(Struct, frozen=True):
    """Something that looks wrong in the rules, and doesn't keep them from being published."""

    code: str
    rule: str
    place: str
    message: str
    severity: str


class CheckAnswer(Struct, frozen=True):
    """Everything that is wrong, and how many `more` faults beyond those; of sound rules, what looks
    wrong (RT-14).
    """

    faults: list[Fault]
    lint: list[LintAnswer]
    more: int = 0


class SavedAnswer(Struct, frozen=True):
    """The draft was written, and is of this revision now."""

    revision: int
    faults: list[Fault]
    lint: list[LintAnswer]


class EditorsAnswer(Struct, frozen=True):
    """Who has the editor open now, oneself included, and the draft's revision."""

    editors: list[Editing]
    revision: int


class NumberAnswer(Struct, frozen=True):
    """The version that is live now."""

    number: int


class HeadingAnswer(Struct, frozen=True):
    """A version without its rules."""

    number: int
    note: str
    by: Person | None
    at: int


class VersionsAnswer(Struct, frozen=True):
    """Versions, newest first; `more`: ask for those `before` the last one."""

    versions: list[HeadingAnswer]
    more: bool

    @classmethod
    def of(cls, page: Page) -> "VersionsAnswer":
        return cls([_heading(one, page) for one in page.versions], page.more)


def _heading(one: Any, page: Page) -> HeadingAnswer:
    by = Person(one.by, page.names[one.by]) if one.by in page.names else None
    return HeadingAnswer(one.number, one.note, by, one.at)


class DiffAnswer(Struct, frozen=True):
    """Every change of every rule."""

    changes: list[RuleChange]


class OperatorAnswer(Struct, frozen=True):
    """An operator of a field; `value`: how many stand beside it."""

    op: str
    label: str
    value: str


class FieldAnswer(Struct, frozen=True):
    """A field that filters can test."""

    key: str
    label: str
    type: str
    source: str
    example: Any
    values: list[str]
    operators: list[OperatorAnswer]


class FieldsAnswer(Struct, frozen=True):
    """All fields, in the order in which they are shown."""

    fields: list[FieldAnswer]


class ToldAnswer(Struct, frozen=True):
    """A decision as it is recorded, and in words (RT-12)."""

    record: dict[str, Any]
    words: list[str]


class TriedAnswer(Struct, frozen=True):
    """What the draft and what the live rules would do with one visitor now (RT-13)."""

    draft: ToldAnswer
    live: ToldAnswer


class MatchesAnswer(Struct, frozen=True):
    """How many of `of` visitors each rule takes, by its id."""

    rules: dict[str, int]
    default: int
    of: int


class StartedAnswer(Struct, frozen=True):
    """The simulation to ask for."""

    id: str


class SimulationAnswer(Struct, frozen=True, omit_defaults=True):
    """How far a simulation is: running, done, failed (`message` says why)."""

    state: str
    done: int
    of: int
    message: str = ""
    result: dict[str, Any] | None = None


class FairnessAnswer(Struct, frozen=True):
    """Offers by rep, outcomes by rule, day and country, and what drifts, in words (RT-15)."""

    reps: list[FairRep]
    rules: list[FairRule]
    drift: list[Drift]


class OwnerAnswer(Struct, frozen=True):
    """Who owns a person (`key` is an email address) or a company (a domain)."""

    id: str
    kind: str
    key: str
    rep_id: str | None
    rep_email: str
    name: str
    record: str
    system: str
    updated_at: int


class OwnersAnswer(Struct, frozen=True):
    """One page by key; `total` is how many there are in all."""

    owners: list[OwnerAnswer]
    cursor: str | None
    total: int


class ImportedAnswer(Struct, frozen=True):
    """What an import did. With faults, or in a preview, nothing was written."""

    added: int
    changed: int
    same: int
    faults: list[LineFault]


class VisitorFieldsAnswer(Struct, frozen=True):
    """The custom visitor fields, by name."""

    fields: list[VisitorField]


class HoursAnswer(Struct, frozen=True):
    """A rep's working hours; null: always."""

    hours: HoursRow | None


class PresenceMoment(Struct, frozen=True):
    """A change of presence, and why, in words (PR-7)."""

    at: int
    state: str
    cause: str
    words: str


class PresenceAnswer(Struct, frozen=True):
    """A rep's presence over time, oldest first; the first is what held when the time began.
    `off_hours`: at this moment it is outside their working hours, whatever presence is; `words`
    then says so.
    """

    presence: list[PresenceMoment]
    off_hours: bool
    words: str


class AvailabilityAnswer(Struct, frozen=True):
    """What the rep's availability is now."""

    state: str
