"""What may be asked about a person: who it is, everything stored, erasing it (OP-5)."""

from collections.abc import AsyncIterator

from msgspec import Struct

from frontdesk import ids
from frontdesk.clock import NowMs, now_ms
from frontdesk.errors import FrontdeskError
from frontdesk.people.refusals import forbidden, unknown
from frontdesk.people.rep import RepIdentity
from frontdesk.people.roles import Right
from frontdesk.people.store.audit import SYSTEM, record
from frontdesk.privacy.export import Export
from frontdesk.privacy.live import Live
from frontdesk.privacy.store import erasures as store
from frontdesk.privacy.store import finding
from frontdesk.privacy.store.erasures import Erasure
from frontdesk.privacy.subject import Subject, subject_of
from frontdesk.storage.engine import Database

MOST_WAITING = 100


class FoundVisitor(Struct, frozen=True):
    """`because`: where they gave the address (fields, left, written; now: of this visit), or id."""

    id: str
    because: list[str]
    conversations: int


class Found(Struct, frozen=True):
    """Whom it is about; `owners` are lines of the table of owners."""

    who: str
    visitors: list[FoundVisitor]
    owners: int


class Persons:
    """`live` is None where Redis can't be asked: then only what is in SQL is found and shown."""

    def __init__(
        self, database: Database, desk: str, live: Live | None = None, *, now: NowMs = now_ms
    ) -> None:
        self._database = database
        self._desk = desk
        self._live = live
        self._now = now

    async def find(self, who: RepIdentity | None, text: str) -> Found:
        """Raises bad_request, forbidden."""
        subject = _asked(who, text)
        async with self._database.read() as connection:
            places = await finding.visitors_of(connection, self._desk, subject)
            owners = await finding.owners_of(connection, subject)
        for visitor in await self._live.visitors_of(subject) if self._live else ():
            places.setdefault(visitor, set()).add("now" if subject.is_email else "id")
        visitors = [
            FoundVisitor(visitor, sorted(because), await self._count(visitor))
            for visitor, because in sorted(places.items())
        ]
        return Found(subject.text, visitors, len(owners))

    async def _count(self, visitor: str) -> int:
        async with self._database.read() as connection:
            return len(await finding.conversations_of(connection, visitor))

    async def export(self, who: RepIdentity | None, text: str) -> AsyncIterator[bytes]:
        """The pieces of the document; that it was made is in the audit log, not about whom."""
        subject = _asked(who, text)
        export = Export(self._database, self._live, self._desk)
        visitors = await export.visitors(subject)
        await self._record(who, "person.exported", "person", visitors=len(visitors))
        return export.document(subject, self._now())

    async def erase(self, who: RepIdentity | None, text: str) -> str:
        """Ask for it. → the erasure's id. Raises overloaded if a hundred wait."""
        subject, now, id = _asked(who, text), self._now(), ids.new("era_")
        by = who.id if who else SYSTEM
        async with self._database.write() as connection:
            if len(await store.unfinished(connection, self._desk)) >= MOST_WAITING:
                raise FrontdeskError("overloaded", "Many erasures wait already. Does a worker run?")
            await store.add(connection, self._desk, id, by, subject.text, now)
            await record(connection, now, by, "person.erasure_asked", id)
        return id

    async def erasure(self, who: RepIdentity | None, id: str) -> Erasure:
        """How far it is. Raises not_found."""
        _allowed(who)
        async with self._database.read() as connection:
            found = await store.one(connection, self._desk, id)
        if found is None:
            raise unknown("erasure")
        return found

    async def _record(self, who: RepIdentity | None, what: str, on: str, **details: int) -> None:
        async with self._database.write() as connection:
            by = who.id if who else SYSTEM
            await record(connection, self._now(), by, what, on, **details)


def _asked(who: RepIdentity | None, text: str) -> Subject:
    _allowed(who)
    return subject_of(text)


def _allowed(who: RepIdentity | None) -> None:
    """None: the command line, whose user may do everything."""
    if who is not None and not who.may(Right.PERSONS):
        raise forbidden()
