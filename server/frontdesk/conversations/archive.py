"""Writes conversations to SQL behind the live state (live-state.md, section 5).

Events say where, the log says what: bodies are read from the logs, a batch at a time.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import update

from frontdesk.conversations.entries import Entry
from frontdesk.conversations.store import Conversations
from frontdesk.events.stream import Event
from frontdesk.storage.engine import Connection, upsert
from frontdesk.storage.tables import conversation, decision, entry, offer_record, visitor

Logs = dict[str, dict[int, Entry]]
RING_ENDS = {"declined": "declined", "away": "away", "offline": "offline"}


class Archive:
    """A `Taker` (events/relay.py): conversation, entry, visitor, decision and offer rows."""

    def __init__(self, conversations: Conversations, desk: str) -> None:
        self._conversations = conversations
        self._desk = desk

    async def prepare(self, events: Sequence[Event]) -> Logs:
        """The entries that these events speak of: one XRANGE per conversation."""
        spans: dict[str, tuple[int, int]] = {}
        for event in events:
            if event.offset:
                first, last = spans.get(event.conversation, (event.offset, event.offset))
                spans[event.conversation] = (min(first, event.offset), max(last, event.offset))
        pending = [
            (name, self._conversations.entries(name, first, last))
            for name, (first, last) in spans.items()
        ]
        return {name: {one.offset: one for one in await entries} for name, entries in pending}

    async def write(self, connection: Connection, events: Sequence[Event], prepared: Logs) -> None:
        """All rows of a batch; the same again changes nothing."""
        batch = _Batch(self._desk)
        for event in events:
            batch.add(event, prepared.get(event.conversation, {}).get(event.offset))
        await batch.write(connection)

    async def done(self, events: Sequence[Event]) -> None:
        """What is archived may leave Redis: closed ones soon, long logs but for their end."""
        archived: dict[str, int] = {}
        for event in events:
            if event.kind == "closed" or (event.offset and event.offset % 100 == 0):
                archived[event.conversation] = event.offset
        for name, offset in archived.items():
            await self._conversations.retire(name, offset)


class _Batch:
    """Collects rows, so that each table is written with few statements."""

    def __init__(self, desk: str) -> None:
        self._desk = desk
        self.visitors: dict[str, dict[str, Any]] = {}
        self.requests: dict[str, dict[str, Any]] = {}
        self.changes: dict[str, dict[str, Any]] = defaultdict(dict)
        self.entries: dict[tuple[str, int, str], dict[str, Any]] = {}
        self.decisions: list[dict[str, Any]] = []
        self.offers: dict[tuple[str, str, int], dict[str, Any]] = {}
        self.ring_ends: list[tuple[Event, str | None, str]] = []

    def add(self, event: Event, written: Entry | None) -> None:
        """One event, and its entry of the log if it has one that still stands."""
        if event.offset:
            self.changes[event.conversation].update(
                epoch=event.epoch, last_offset=event.offset, id=event.conversation
            )
            if written is not None and written.epoch == event.epoch:
                self._entry(event, written)
        handler = _HANDLERS.get(event.kind)
        if handler is not None:
            handler(self, event)

    def _entry(self, event: Event, written: Entry) -> None:
        body = orjson.loads(written.body)
        rep = body.get("rep") or {}
        self.entries[(written.conversation, written.offset, written.epoch)] = {
            "conversation_id": written.conversation,
            "offset": written.offset,
            "epoch": written.epoch,
            "type": written.kind,
            "at": written.wall,
            "sender": body.get("from"),
            "rep_id": rep.get("id") or event.fields.get("rep"),
            "client_id": body.get("client_id"),
            "body": body,
        }

    def requested(self, event: Event) -> None:
        fields = event.fields
        about = orjson.loads(fields.get("about") or "{}")
        if about:
            self._visitor(fields["visitor"], about, event.at)
        self.requests.setdefault(
            event.conversation,
            {
                "id": event.conversation,
                "desk": self._desk,
                "visitor_id": fields["visitor"],
                "session_id": fields.get("session", ""),
                "state": "requested",
                "epoch": event.epoch,
                "last_offset": event.offset,
                "requested_at": event.at,
                "about": about,
            },
        )
        self.changes[event.conversation].update(state="requested", why=fields.get("why", ""))
        self.decisions.append(
            {
                "id": event.name[:64],
                "conversation_id": event.conversation,
                "at": event.at,
                "version": "1",
                "body": {
                    **orjson.loads(fields.get("decision") or "{}"),
                    "outcomes": _outcomes(fields.get("outcomes", "")),
                },
            }
        )
        self.rung(event)

    def _visitor(self, name: str, about: dict[str, Any], at: int) -> None:
        self.visitors[name] = {
            "id": name,
            "first_seen_at": at,
            "last_seen_at": at,
            "email": about.get("email"),
            "name": about.get("name"),
            "fields": about.get("fields", {}),
        }

    def rung(self, event: Event) -> None:
        for rep, outcome in _outcomes(event.fields.get("outcomes", "")).items():
            if outcome == "rung":
                self.offers[(event.conversation, rep, event.at)] = {
                    "conversation_id": event.conversation,
                    "rep_id": rep,
                    "at": event.at,
                }

    def claimed(self, event: Event) -> None:
        rep = event.fields["rep"]
        self.changes[event.conversation].update(
            state="active", rep_id=rep, fence=int(event.fields["fence"]), claimed_at=event.at
        )
        self.ring_ends.append((event, rep, "claimed"))
        self.ring_ends.append((event, None, "lost"))

    def missed(self, event: Event) -> None:
        self.changes[event.conversation].update(state="missed")
        self.ring_ends.append((event, None, "expired"))

    def left(self, event: Event) -> None:
        self.changes[event.conversation].update(email=event.fields.get("email"))

    def closed(self, event: Event) -> None:
        side = {"v": "visitor", "r": "rep"}
        by = self.entries.get((event.conversation, event.offset, event.epoch))
        who = by["body"]["by"] if by else side.get(event.fields.get("side", ""), "server")
        self.changes[event.conversation].update(
            state="closed", ended_at=event.at, closed_by=who, why=event.fields.get("why", "")
        )
        self.ring_ends.append((event, None, "cancelled"))

    def ring_end(self, event: Event) -> None:
        self.ring_ends.append((event, event.fields["rep"], RING_ENDS[event.kind]))

    def seen(self, event: Event) -> None:
        self.ring_ends.append((event, event.fields["rep"], ""))

    async def write(self, connection: Connection) -> None:
        """Rows in the order in which they refer to each other."""
        if self.visitors:
            changes = ("last_seen_at", "email", "name", "fields")
            rows = list(self.visitors.values())
            await connection.execute(upsert(connection, visitor, rows, update=changes))
        if self.requests:
            await connection.execute(upsert(connection, conversation, list(self.requests.values())))
        for name, change in self.changes.items():
            await connection.execute(
                update(conversation).where(conversation.c.id == name).values(change)
            )
        for rows_of, table in (
            (list(self.entries.values()), entry),
            (self.decisions, decision),
            (list(self.offers.values()), offer_record),
        ):
            if rows_of:
                await connection.execute(upsert(connection, table, rows_of))
        for event, rep, outcome in self.ring_ends:
            await self._write_ring_end(connection, event, rep, outcome)

    async def _write_ring_end(
        self, connection: Connection, event: Event, rep: str | None, outcome: str
    ) -> None:
        change = update(offer_record).where(
            offer_record.c.conversation_id == event.conversation,
            offer_record.c.outcome.is_(None),
            offer_record.c.at <= event.at,
        )
        if rep is not None:
            change = change.where(offer_record.c.rep_id == rep)
        values = {"outcome": outcome, "ended_at": event.at} if outcome else {"seen_at": event.at}
        await connection.execute(change.values(values))


def _outcomes(flat: str) -> dict[str, str]:
    words = flat.split(",") if flat else []
    return dict(zip(words[::2], words[1::2], strict=False))


_HANDLERS = {
    "requested": _Batch.requested,
    "offered": _Batch.rung,
    "claimed": _Batch.claimed,
    "missed": _Batch.missed,
    "left": _Batch.left,
    "closed": _Batch.closed,
    "declined": _Batch.ring_end,
    "away": _Batch.ring_end,
    "offline": _Batch.ring_end,
    "seen": _Batch.seen,
}
