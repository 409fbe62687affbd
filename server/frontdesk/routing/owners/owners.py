"""Who owns a visitor's records: the port, and the desk's own table behind it (RT-7, RT-9).

The table is filled by hand or from a CSV file, and is enough for a team without a CRM.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from msgspec import Struct

from frontdesk import ids
from frontdesk.clock import NowMs, now_ms
from frontdesk.people.refusals import forbidden, unknown
from frontdesk.people.rep import RepIdentity
from frontdesk.people.roles import Right
from frontdesk.people.store.audit import SYSTEM, record
from frontdesk.routing.owners.owner_csv import (
    LineFault,
    OwnerLine,
    Reading,
    checked_line,
    read_owners,
)
from frontdesk.routing.owners.ownership import UNOWNED, Owned, Ownership
from frontdesk.routing.pace import paced
from frontdesk.routing.store import owners as store
from frontdesk.routing.store.owners import OwnerRow, Place, Said
from frontdesk.storage.engine import Connection, Database

DOMAIN_LABELS = 6
"""Of `a.b.example.com` also `b.example.com` and `example.com` may be an account's domain."""


class Owners(Protocol):
    """Says who owns a visitor's records. Asked only where a rule looks at ownership."""

    async def find(self, about: Mapping[str, Any]) -> Ownership:
        """`about` is what is known of the visitor, as the conversation keeps it."""


class Imported(Struct, frozen=True):
    """What an import did, or would do. With faults nothing was written."""

    added: int
    changed: int
    same: int
    faults: list[LineFault]


class OwnerTable:
    """The table of owners."""

    def __init__(self, database: Database, *, now: NowMs = now_ms) -> None:
        self._database = database
        self._now = now

    async def find(self, about: Mapping[str, Any]) -> Ownership:
        return (await self.find_all([about]))[0]

    async def find_all(self, abouts: Sequence[Mapping[str, Any]]) -> list[Ownership]:
        """The same for many visitors at once, in their order: each key is looked up once."""
        named = [_Keys.of(about) for about in abouts]
        keys = {key for one in named for key in one.all if key and "\x00" not in key}
        if not keys:
            return [UNOWNED] * len(named)
        async with self._database.read() as connection:
            rows = {(row.kind, row.key): row for row in await store.named(connection, keys)}
        return [one.ownership(rows) for one in named]

    async def listed(
        self, words: str, *, after: Place | None, limit: int
    ) -> tuple[list[OwnerRow], int]:
        """Return a page by key, and how many there are in all."""
        async with self._database.read() as connection:
            found = await store.listed(connection, words, after=after, limit=limit)
            return found, await store.count(connection, words)

    async def put(self, who: RepIdentity, cells: dict[str, str]) -> OwnerRow:
        """Add an owner or change the one of that kind and key. Raises bad_request."""
        _allowed(who)
        line = checked_line(cells)
        async with self._database.write() as connection:
            await self._write(connection, [line])
            await self._audit(connection, who, "owner.changed", line.key, **line._asdict())
            found = await store.one(connection, line.kind, line.key)
        if found is None:
            raise unknown("owner")
        return found

    async def remove(self, who: RepIdentity, id: str) -> None:
        _allowed(who)
        async with self._database.write() as connection:
            before = await store.by_id(connection, id)
            if before is None:
                raise unknown("owner")
            await store.remove(connection, id)
            await self._audit(connection, who, "owner.removed", before.key, kind=before.kind)

    async def load(self, who: RepIdentity | None, text: str, *, preview: bool) -> Imported:
        """Add and change owners from CSV: all of the file or, if anything is wrong, nothing.

        Who isn't in the file stays. With `preview` it is only said what would happen.
        """
        _allowed(who)
        reading: Reading = await asyncio.to_thread(read_owners, text)
        lines = list(reading.lines.values())
        if preview or reading.faults:
            async with self._database.read() as connection:
                added, changed = await self._compared(connection, lines)
        else:
            async with self._database.write() as connection:
                added, changed = await self._write(connection, lines)
                await self._audit(
                    connection, who, "owners.imported", "owners",
                    added=len(added), changed=len(changed),
                )  # fmt: skip
        same = len(lines) - len(added) - len(changed)
        return Imported(len(added), len(changed), same, reading.faults)

    async def _write(
        self, connection: Connection, lines: list[OwnerLine]
    ) -> tuple[list[OwnerRow], list[OwnerRow]]:
        added, changed = await self._compared(connection, lines)
        await store.put(connection, [*added, *changed])
        return added, changed

    async def _compared(
        self, connection: Connection, lines: list[OwnerLine]
    ) -> tuple[list[OwnerRow], list[OwnerRow]]:
        """What is new, and what is another than it was. In a thread: there may be 200,000."""
        before = await store.said(connection, (line.key for line in lines))
        return await asyncio.to_thread(_compared, lines, before, self._now())

    async def _audit(
        self, connection: Connection, who: RepIdentity | None, what: str, on: str, **details: Any
    ) -> None:
        by = who.id if who else SYSTEM
        await record(connection, self._now(), by, what, on[:64], **details)


def _compared(
    lines: list[OwnerLine], before: Mapping[tuple[str, str], Said], now: int
) -> tuple[list[OwnerRow], list[OwnerRow]]:
    added: list[OwnerRow] = []
    changed: list[OwnerRow] = []
    for line in paced(lines):
        old = before.get((line.kind, line.key))
        if old is not None and old == line[2:]:
            continue
        row = OwnerRow(id=ids.new("own_"), rep_id=None, updated_at=now, **line._asdict())
        (added if old is None else changed).append(row)
    return added, changed


class _Keys(NamedTuple):
    """By what a visitor's records are found."""

    email: str
    domains: tuple[str, ...]

    @classmethod
    def of(cls, about: Mapping[str, Any]) -> "_Keys":
        email = str(about.get("email") or "").strip().casefold()
        domain = str(about.get("domain") or "") or email.rpartition("@")[2]
        return cls(email, tuple(_domains(domain)))

    @property
    def all(self) -> tuple[str, ...]:
        return (self.email, *self.domains)

    def ownership(self, rows: Mapping[tuple[str, str], OwnerRow]) -> Ownership:
        found = (rows.get(("account", domain)) for domain in self.domains)
        account = next((row for row in found if row is not None), None)

        def person(kind: str) -> Owned | None:
            return _owned(rows.get((kind, self.email)))

        return Ownership(
            contact=person("contact"),
            lead=person("lead"),
            account=_owned(account),
            outreach_sender=person("outreach_sender"),
            outreach_owner=person("outreach_owner"),
        )


def _owned(row: OwnerRow | None) -> Owned | None:
    if row is None:
        return None
    rep = row.rep_id if row.active else None
    return Owned(rep, row.name or row.key, row.record, row.system)


def _domains(text: str) -> list[str]:
    """The domain and those above it, but for the last label alone."""
    labels = text.strip().casefold().rstrip(".").split(".")[-DOMAIN_LABELS:]
    return [".".join(labels[start:]) for start in range(len(labels) - 1)]


def _allowed(who: RepIdentity | None) -> None:
    if who is not None and not who.may(Right.ROUTING):
        raise forbidden()
