"""Rule documents at hand as they are written: read, and looked through, once (RT-16).

A version never changes, and each change of the draft has a new revision. So whoever asks again gets
the same bytes, and nothing is decoded on the event loop: thousands of rules would stop it.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from msgspec import Struct, json

from frontdesk.routing.references import NOBODY, References
from frontdesk.routing.store import versions as store
from frontdesk.routing.store.versions import DraftHeading, Heading
from frontdesk.storage.engine import Connection

KEPT: Final = 2
"""Of each kind: what is in use, and what was."""


class KeptVersion(Struct, frozen=True):
    """A version: its document as it is written, and whom it names."""

    heading: Heading
    text: bytes
    named: References


class KeptDraft(Struct, frozen=True):
    """The draft, or (without a text) that there is none."""

    heading: DraftHeading
    text: bytes | None
    named: References


K = TypeVar("K", KeptVersion, KeptDraft)


class Shelf:
    """The live version and the draft of a desk. `first` is what is live before anything was."""

    def __init__(self, desk: str, first: bytes) -> None:
        self._desk = desk
        nobody = KeptVersion(Heading(0, "", 0, ""), first, NOBODY)
        self._first = nobody
        self._versions: OrderedDict[int, KeptVersion] = OrderedDict()
        self._drafts: OrderedDict[int, KeptDraft] = OrderedDict()

    async def live(self, connection: Connection) -> KeptVersion:
        """The live version."""
        number = await store.live_number(connection, self._desk)
        if not number:
            return self._first
        return await _kept(self._versions, number, lambda: self._version(connection, number))

    async def draft(self, connection: Connection) -> KeptDraft:
        """The draft."""
        revision = await store.revision(connection, self._desk)
        return await _kept(self._drafts, revision, lambda: self._draft(connection))

    async def _version(self, connection: Connection, number: int) -> KeptVersion:
        heading, text = await store.version_text(connection, self._desk, number)
        return KeptVersion(heading, text, await _named(text))

    async def _draft(self, connection: Connection) -> KeptDraft:
        heading, text = await store.draft_text(connection, self._desk)
        return KeptDraft(heading, text, NOBODY if text is None else await _named(text))


async def _kept(shelf: OrderedDict[int, K], number: int, read: Callable[[], Awaitable[K]]) -> K:
    """What is read is kept under its own number: another draft may have come meanwhile."""
    if number in shelf:
        shelf.move_to_end(number)
        return shelf[number]
    found = await read()
    shelf[found.heading.number] = found
    while len(shelf) > KEPT:
        shelf.popitem(last=False)
    return found


class _Targets(Struct, frozen=True, gc=False):
    reps: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


class _Plan(Struct, frozen=True, gc=False):
    """All that counts here of a stored rule; the rest is skipped."""

    targets: _Targets = _Targets()
    weights: dict[str, float] = {}


class _Document(Struct, frozen=True):
    rules: tuple[_Plan, ...]
    default: _Plan


async def _named(text: bytes) -> References:
    return await asyncio.to_thread(_names, text)


def _names(text: bytes) -> References:
    """As `references` has it, of a document that was sound when it was stored."""
    found = json.decode(text, type=_Document)
    plans = (*found.rules, found.default)
    reps = (rep for plan in plans for rep in (*plan.targets.reps, *plan.weights))
    groups = (group for plan in plans for group in plan.targets.groups)
    return References(frozenset(reps), frozenset(groups))
