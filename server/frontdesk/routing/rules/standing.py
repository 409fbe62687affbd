"""What stands: the live rules, the draft, the versions there were, and who did it (RT-16)."""

from collections.abc import Sequence

from msgspec import Struct

from frontdesk.people.rep import Person
from frontdesk.routing.rules.shelf import KeptDraft, KeptVersion
from frontdesk.routing.store.versions import Draft, Editing, Heading, Version


class Standing(Struct, frozen=True):
    """What is live, the draft, who edits; `names` of everybody who is named as `by`."""

    live: Version
    draft: Draft
    editors: Sequence[Editing]
    names: dict[str, str]

    def person(self, id: str) -> Person | None:
        """Who did it; None: the command line, or nobody yet."""
        return Person(id, self.names[id]) if id in self.names else None


class Shown(Struct, frozen=True):
    """`Standing`, with the rules as they are written."""

    live: KeptVersion
    draft: KeptDraft
    editors: Sequence[Editing]
    names: dict[str, str]

    def person(self, id: str) -> Person | None:
        """Who did it; None: the command line, or nobody yet."""
        return Person(id, self.names[id]) if id in self.names else None


class Page(Struct, frozen=True):
    """Versions, newest first; `more`: earlier ones exist."""

    versions: list[Heading]
    names: dict[str, str]
    more: bool
