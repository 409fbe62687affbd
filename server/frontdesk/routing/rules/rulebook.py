"""The desk's rule sets: one draft, versions, roll back; nobody overwrites anybody (RT-16).

Documents come in as they are and are refused whole, with every fault. What changes is written
with its line of the audit log in one transaction; the nodes are told after it was committed.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

import msgspec
import orjson
from msgspec import Raw

from frontdesk.clock import NowMs
from frontdesk.errors import FrontdeskError
from frontdesk.people.refusals import forbidden, unknown
from frontdesk.people.rep import Person, RepIdentity
from frontdesk.people.roles import Right
from frontdesk.people.store.audit import SYSTEM, record
from frontdesk.routing.faults import Fault, RuleFaults
from frontdesk.routing.references import NOBODY, References
from frontdesk.routing.rules.checking import Checked, World, check, parse, world
from frontdesk.routing.rules.differences import RuleChange, differences
from frontdesk.routing.rules.read_rule import Readers
from frontdesk.routing.rules.rules import RuleSet, dump_rules, read_stored, write_rules
from frontdesk.routing.rules.shelf import Shelf
from frontdesk.routing.rules.standing import Page, Shown, Standing
from frontdesk.routing.store import versions as store
from frontdesk.routing.store.versions import (
    Document,
    Draft,
    Editing,
    Version,
    Written,
)
from frontdesk.routing.told import Told
from frontdesk.routing.visitors.samples import Samples
from frontdesk.storage.engine import Connection, Database

EDITING_MS = 45_000
"""Who hasn't said for so long that they edit has gone."""
KEPT = 4
"""Documents whose check is remembered."""
Which = int | Literal["draft"]


class Rulebook:
    """All rule sets of a desk. `first` is what is in force before anything was published."""

    def __init__(
        self,
        database: Database,
        desk: str,
        *,
        first: RuleSet,
        samples: Samples,
        readers: Readers,
        now: NowMs,
        told: Told,
    ) -> None:
        self._database = database
        self._desk = desk
        self._samples = samples
        self._one_at_a_time = asyncio.Lock()
        self._checked: deque[tuple[bytes, World, Checked]] = deque(maxlen=KEPT)
        self._first = Version(0, "", 0, "", dump_rules(first))
        self._shelf = Shelf(desk, write_rules(first))
        self._readers = readers
        self._in_force: tuple[int, RuleSet] | None = None
        self._now = now
        self._told = told

    # --- reading

    async def standing(self) -> Standing:
        async with self._database.read() as connection:
            live = await self._live(connection)
            draft = await store.draft(connection, self._desk)
            editors = await store.editing(connection, self._desk, self._now() - EDITING_MS)
            names = await store.names(connection, [live.by, draft.by])
        return Standing(live, draft, editors, names)

    async def shown(self) -> Shown:
        """The same with rules as they are written, for those who only hand them on."""
        async with self._database.read() as connection:
            live = await self._shelf.live(connection)
            draft = await self._shelf.draft(connection)
            editors = await store.editing(connection, self._desk, self._now() - EDITING_MS)
            by = [live.heading.by, draft.heading.by]
            names = await store.names(connection, by)
        return Shown(live, draft, editors, names)

    async def live(self) -> tuple[int, RuleSet]:
        """The live version's number and rules."""
        async with self._database.read() as connection:
            kept = await self._shelf.live(connection)
        if self._in_force is None or self._in_force[0] != kept.heading.number:
            ruleset = await asyncio.to_thread(read_stored, kept.text)
            self._in_force = kept.heading.number, ruleset
        return self._in_force

    async def draft_text(self) -> Raw:
        """The draft's rules as they are written; without a draft, what is live."""
        async with self._database.read() as connection:
            text = (await self._shelf.draft(connection)).text
            return Raw(text or (await self._shelf.live(connection)).text)

    async def stamp(self) -> str:
        """Another text whenever `standing` would be another, without reading any rules."""
        async with self._database.read() as connection:
            number = await store.live_number(connection, self._desk)
            revision = await store.revision(connection, self._desk)
            editors = await store.editing(connection, self._desk, self._now() - EDITING_MS)
        return f"{number}.{revision}." + ".".join(f"{one.id}:{one.at}" for one in editors)

    async def versions(self, *, before: int, limit: int) -> Page:
        async with self._database.read() as connection:
            found = await store.headings(connection, self._desk, before=before, limit=limit + 1)
            names = await store.names(connection, [one.by for one in found])
        return Page(found[:limit], names, len(found) > limit)

    async def version(self, number: int) -> tuple[Version, Person | None]:
        """Return a version and who published it; 0: what there was before. Raises not_found."""
        async with self._database.read() as connection:
            found = await self._version(connection, number)
            names = await store.names(connection, [found.by])
        return found, Person(found.by, names[found.by]) if found.by in names else None

    async def document(self, which: Which) -> Document:
        """Return a version's rules or the draft's; without a draft, what is live."""
        async with self._database.read() as connection:
            if which != "draft":
                return (await self._version(connection, which)).document
            draft = await store.draft(connection, self._desk)
            return draft.document or (await self._live(connection)).document

    async def differences(self, before: Which, after: Which) -> list[RuleChange]:
        old, new = await self.document(before), await self.document(after)
        return await asyncio.to_thread(differences, old, new)

    async def check(self, document: object, *, besides: References = NOBODY) -> Checked:
        """Return everything that is wrong with a document, and what looks wrong (RT-14). Who is
        named `besides` those that there are is not said to be unknown.
        """
        found = await self._world(besides)
        seen = await self._samples.visitors(found.registry)
        found = replace(found, observed=seen.observed)
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._check, document, found)

    def _check(self, document: object, found: World) -> Checked:
        """An editor checks what they then save: that is done once."""
        written = bytes(document) if isinstance(document, Raw) else msgspec.json.encode(document)
        for seen, among, checked in self._checked:
            if seen == written and among == found:
                return checked
        checked = check(document, found, self._readers.reader(found.registry))
        self._checked.append((written, found, checked))
        return checked

    async def parsed(self, document: object) -> RuleSet:
        """Raises invalid, with every fault. Without lint, which takes longer."""
        found = await self._world()
        try:
            reader = self._readers.reader(found.registry)
            return await asyncio.to_thread(parse, document, found, reader)
        except RuleFaults as error:
            raise invalid_rules(error.faults, error.more) from None

    # --- the draft

    async def save(self, who: RepIdentity, revision: int, document: object) -> tuple[int, Checked]:
        """Replace the draft of this revision. Returns the new revision, and what lint says.

        Raises invalid (with every fault), changed (with the newer draft): nothing is written.
        """
        _allowed(who)
        checked = await self.check(document)
        kept, at = await self._written(_sound(checked)), self._now()
        async with self._database.write() as connection:
            base = await store.live_number(connection, self._desk)
            fresh = await store.save_draft(
                connection, self._desk, revision, kept, base=base, by=who.id, at=at
            )
            if fresh is None:
                raise await self._changed(connection)
            await self._audit(connection, who, "routing.draft_changed", revision=fresh)
        return fresh, checked

    async def discard(self, who: RepIdentity, revision: int) -> None:
        """Remove the draft of this revision. Raises changed."""
        _allowed(who)
        async with self._database.write() as connection:
            await self._remove_draft(connection, who, revision)
            await self._audit(connection, who, "routing.draft_discarded", revision=revision)

    async def say_editing(self, who: RepIdentity) -> tuple[Sequence[Editing], int]:
        """Return who edits now, this rep included, and the draft's revision."""
        _allowed(who)
        now = self._now()
        async with self._database.write() as connection:
            await store.forget_editing(connection, self._desk, now - EDITING_MS)
            await store.say_editing(connection, self._desk, who.id, now)
            editors = await store.editing(connection, self._desk, now - EDITING_MS)
            return editors, await store.revision(connection, self._desk)

    # --- publishing

    async def publish(
        self, who: RepIdentity, revision: int, note: str, *, over: int | None = None
    ) -> int:
        """Make the draft of this revision the next version, live at once; returns its number.

        Raises changed if it is another draft by now; behind if another version went live since the
        draft began and isn't `over`, the version that its author has seen and means to replace.
        """
        _allowed(who)
        async with self._database.read() as connection:
            draft = await store.draft(connection, self._desk)
            if draft.document is None or draft.revision != revision:
                raise await self._changed(connection)
        kept = await self._written(await self.parsed(draft.document))
        async with self._database.write() as connection:
            await self._remove_draft(connection, who, revision)
            number = await self._publish(
                connection, who, kept, note, (draft.base, over), draft=revision
            )
        await self._told()
        return number

    async def roll_back(self, who: RepIdentity, number: int, note: str, *, live: int) -> int:
        """Publish an old version's rules again, as the next version; returns its number.

        Raises behind if another version than `live`, which is undone, went live meanwhile.
        """
        _allowed(who)
        old, _ = await self.version(number)
        kept = await self._written(await self.parsed(old.document))
        async with self._database.write() as connection:
            fresh = await self._publish(connection, who, kept, note, (live,), again=number)
        await self._told()
        return fresh

    async def apply(self, who: RepIdentity | None, document: object, note: str, base: int) -> int:
        """Publish a document as one version, if `base` is still live; returns its number.

        For configuration as code (OP-3); `who` is None for the command line. Raises behind.
        """
        _allowed(who)
        kept = await self._written(await self.parsed(document))
        async with self._database.write() as connection:
            number = await self._publish(connection, who, kept, note, (base,))
        await self._told()
        return number

    # --- inside

    async def _live(self, connection: Connection) -> Version:
        return await self._version(connection, await store.live_number(connection, self._desk))

    async def _version(self, connection: Connection, number: int) -> Version:
        found = await store.version(connection, self._desk, number) if number else self._first
        if found is None:
            raise unknown("version")
        return found

    async def _written(self, ruleset: RuleSet) -> Written:
        text = await asyncio.to_thread(write_rules, ruleset, self._readers.last)
        return orjson.Fragment(text)

    async def _world(self, besides: References = NOBODY) -> World:
        async with self._database.read() as connection:
            live = (await self._shelf.live(connection)).named
            draft = (await self._shelf.draft(connection)).named
            named = References(
                live.reps | draft.reps | besides.reps, live.groups | draft.groups | besides.groups
            )
            return await world(connection, named)

    async def _remove_draft(self, connection: Connection, who: RepIdentity, revision: int) -> None:
        if not await store.discard_draft(
            connection, self._desk, revision, by=who.id, at=self._now()
        ):
            raise await self._changed(connection)

    async def _publish(
        self,
        connection: Connection,
        who: RepIdentity | None,
        document: Written,
        note: str,
        replaces: tuple[int | None, ...],
        **details: Any,
    ) -> int:
        number = await store.add_version(
            connection, self._desk, document, note=note, by=_id(who), at=self._now()
        )
        if number - 1 not in replaces:
            raise await self._behind(connection, number - 1)
        await self._audit(connection, who, "routing.published", number=number, note=note, **details)
        return number

    async def _audit(
        self, connection: Connection, who: RepIdentity | None, what: str, **details: Any
    ) -> None:
        await record(connection, self._now(), _id(who), what, self._desk, **details)

    async def _changed(self, connection: Connection) -> FrontdeskError:
        """What stands against an old revision: who was quicker, when, and their draft."""
        draft = await store.draft(connection, self._desk)
        by = await _person(connection, draft.by)
        name = by.name if by else "Somebody"
        what = "changed the draft" if draft.document else "published or discarded the draft"
        if not draft.revision:
            what = "removed the draft"
        return FrontdeskError(
            "changed",
            f"{name} {what} meanwhile. Nothing of yours was written.",
            by=by,
            at=draft.at,
            draft=_told(draft, by),
        )

    async def _behind(self, connection: Connection, number: int) -> FrontdeskError:
        live = await self._version(connection, number)
        by = await _person(connection, live.by)
        name = by.name if by else "Somebody"
        return FrontdeskError(
            "behind",
            f"{name} published version {number} meanwhile, which this would undo. "
            "Look at the difference first.",
            by=by,
            at=live.at,
            number=number,
        )


async def _person(connection: Connection, id: str) -> Person | None:
    names = await store.names(connection, [id])
    return Person(id, names[id]) if id in names else None


def _told(draft: Draft, by: Person | None) -> dict[str, Any] | None:
    """The draft as the HTTP interface shows it."""
    if draft.document is None:
        return None
    return {
        "revision": draft.revision,
        "base": draft.base,
        "at": draft.at,
        "by": by,
        "rules": draft.document,
    }


def _sound(checked: Checked) -> RuleSet:
    if checked.ruleset is None:
        raise invalid_rules(checked.faults, checked.more)
    return checked.ruleset


def invalid_rules(faults: Sequence[Fault], more: int) -> FrontdeskError:
    """A document was refused whole. The sentence has the first fault, `faults` all of them but for
    `more`.
    """
    first, others = faults[0], len(faults) - 1 + more
    rest = f" And {others:,} more." if others else ""
    message = f"{first.place or 'The document'}: {first.message.rstrip('.')}.{rest}"
    return FrontdeskError("invalid", message, faults=tuple(faults), more=more)


def _id(who: RepIdentity | None) -> str:
    return who.id if who else SYSTEM


def _allowed(who: RepIdentity | None) -> None:
    if who is not None and not who.may(Right.ROUTING):
        raise forbidden()
