"""Writes conversations to SQL behind the live state (docs/architecture.md).

Events say where, the log says what: bodies are read from the logs, a batch at a time.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

import orjson
from sqlalchemy import Table, Update, bindparam, update

from frontdesk.conversations.entries import Entry
from frontdesk.conversations.store import Conversations
from frontdesk.events.stream import Event
from frontdesk.presence.status import parse_status
from frontdesk.storage import erased
from frontdesk.storage.engine import Connection, upsert
from frontdesk.storage.tables import (
    conversation,
    decision,
    entry,
    offer_record,
    presence_record,
    visitor,
)
from frontdesk.telemetry import Counter

REQUESTS = Counter(
    "requests",
    "What became of requests (AN-1): requested, claimed, missed, closed; transfer and rep_lost.",
    "outcome",
)
Logs = dict[str, dict[int, Entry]]
OUTCOMES = ("requested", "claimed", "missed", "closed")
for _one in OUTCOMES:
    REQUESTS.add(_one, by=0)
RING_ENDS = ("declined", "away", "offline", "full")


class Archive:
    """A `Taker` (events/relay.py): rows of conversations, entries, visitors, decisions, offers and
    presence.
    """

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
        """All rows of a batch; the same again changes nothing, and of who was erased nothing is
        written.
        """
        batch = _Batch(self._desk)
        for event in await _of_the_known(connection, events):
            batch.add(event, prepared.get(event.conversation, {}).get(event.offset))
        await batch.write(connection)

    async def done(self, events: Sequence[Event]) -> None:
        """What is archived may leave Redis: closed ones soon, long logs but for their end."""
        archived: dict[str, int] = {}
        for event in events:
            if event.kind in OUTCOMES:
                REQUESTS.add(_outcome(event))
            if event.kind == "closed" or (event.offset and event.offset % 100 == 0):
                archived[event.conversation] = event.offset
        await asyncio.gather(*(self._conversations.retire(*one) for one in archived.items()))


def _outcome(event: Event) -> str:
    """A conversation is also requested anew when it is passed on, or its rep is lost."""
    why = event.fields.get("why") if event.kind == "requested" else None
    return why if why in ("transfer", "rep_lost") else event.kind


async def _of_the_known(connection: Connection, events: Sequence[Event]) -> list[Event]:
    """Without those of visitors and conversations that were erased (OP-5). One that began behind
    the erasure, on a socket that had not heard of it, is to be erased as well.
    """
    begun = {e.conversation: e.fields["visitor"] for e in events if "visitor" in e.fields}
    names = {e.conversation for e in events if e.conversation}
    visitors = await erased.among(connection, "visitor", set(begun.values()))
    for name, who in begun.items():
        if who in visitors:
            by, at = visitors[who], events[-1].at
            await erased.mark(connection, "conversation", [name], by, at)
    gone = await erased.among(connection, "conversation", names)
    return [event for event in events if event.conversation not in gone]


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
        self.ring_ends: list[dict[str, Any]] = []
        self.presence: dict[tuple[str, int, int], dict[str, Any]] = {}

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
        self._decided(event)
        self.rung(event)

    def _decided(self, event: Event) -> None:
        self.decisions.append(
            {
                "id": event.name[:64],
                "conversation_id": event.conversation,
                "at": event.at,
                "version": "1",
                "body": {
                    **orjson.loads(event.fields.get("decision") or "{}"),
                    "outcomes": _outcomes(event.fields.get("outcomes", "")),
                },
            }
        )

    def rerouted(self, event: Event) -> None:
        """Another decision took the place of the one before (RT-10)."""
        self._decided(event)
        for rep in filter(None, event.fields.get("reps", "").split(",")):
            self._end(event, rep, "rerouted")

    def expired(self, event: Event) -> None:
        """The ring time of these was over, and the next ones ring (RT-6)."""
        for rep in event.fields["reps"].split(","):
            self._end(event, rep, "expired")

    def present(self, event: Event) -> None:
        """A rep's presence is another now (PR-7). Of one millisecond the stream's own order."""
        raw = event.fields.get("status")
        if raw is None:
            return  # written before presence was kept
        rep, status = event.fields["rep"], parse_status(raw.encode())
        number = int(event.name.rpartition("-")[2])
        self.presence[(rep, event.at, number)] = {
            "rep_id": rep,
            "at": event.at,
            "seq": number,
            "state": status.eligibility,
            "cause": event.fields.get("cause", "")[:64],
            "availability": status.availability,
            "capacity": status.capacity,
            "load": status.load,
            "devices": [one.partition("@")[0] for one in status.devices],
        }

    def _visitor(self, name: str, about: dict[str, Any], at: int) -> None:
        self.visitors[name] = {
            "id": name,
            "first_seen_at": at,
            "last_seen_at": at,
            "email": about.get("email"),
            "name": about.get("name"),
            "fields": about.get("fields", {}),
        }

    def about(self, event: Event) -> None:
        """More is known of the visitor, or they are elsewhere."""
        about = orjson.loads(event.fields["about"])
        self._visitor(event.fields["visitor"], about, event.at)
        self.changes[event.conversation].update(about=about)

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
        self._end(event, rep, "claimed")
        self._end(event, "", "lost")

    def missed(self, event: Event) -> None:
        self.changes[event.conversation].update(state="missed")
        self._end(event, "", "expired")

    def left(self, event: Event) -> None:
        self.changes[event.conversation].update(email=event.fields.get("email"))

    def closed(self, event: Event) -> None:
        side = {"v": "visitor", "r": "rep"}
        by = self.entries.get((event.conversation, event.offset, event.epoch))
        who = by["body"]["by"] if by else side.get(event.fields.get("side", ""), "server")
        self.changes[event.conversation].update(
            state="closed", ended_at=event.at, closed_by=who, why=event.fields.get("why", "")
        )
        self._end(event, "", "cancelled")

    def ring_end(self, event: Event) -> None:
        self._end(event, event.fields["rep"], event.kind)

    def seen(self, event: Event) -> None:
        self._end(event, event.fields["rep"], "")

    def _end(self, event: Event, rep: str, outcome: str) -> None:
        """One rep's ring ended, or ('') everybody's; with '' for an outcome: it was seen."""
        self.ring_ends.append(
            {
                "which": event.conversation,
                "who": rep,
                "new_outcome": outcome,
                "until": event.at,
            }
        )

    async def write(self, connection: Connection) -> None:
        """Rows in the order in which they refer to each other; one statement a table and shape."""
        about = ("last_seen_at", "email", "name", "fields")
        await _insert(connection, visitor, list(self.visitors.values()), update=about)
        await _insert(connection, conversation, list(self.requests.values()))
        await self._write_changes(connection)
        await _insert(connection, entry, list(self.entries.values()))
        await _insert(connection, decision, self.decisions)
        await _insert(connection, offer_record, list(self.offers.values()))
        await _insert(connection, presence_record, list(self.presence.values()))
        await self._write_ring_ends(connection)

    async def _write_changes(self, connection: Connection) -> None:
        shapes: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
        for name, change in self.changes.items():
            change.pop("id", None)
            if change:
                row = {f"new_{column}": value for column, value in change.items()}
                shapes[tuple(sorted(change))].append({**row, "which": name})
        for columns, rows in shapes.items():
            values: dict[str, Any] = {column: bindparam(f"new_{column}") for column in columns}
            change_one = update(conversation).where(conversation.c.id == bindparam("which"))
            await connection.execute(change_one.values(values), rows)

    async def _write_ring_ends(self, connection: Connection) -> None:
        """A conversation's in their order, the first of each, then the second …: the first end of
        a ring is the one that counts, and one statement still does many conversations.
        """
        by_conversation: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for end in self.ring_ends:
            by_conversation[end["which"]].append(end)
        for wave in zip_longest(*by_conversation.values()):
            shapes: dict[Update, list[dict[str, Any]]] = defaultdict(list)
            for end in filter(None, wave):
                shapes[_statement_of(end)].append(end)
            for statement, rows in shapes.items():
                await connection.execute(statement, rows)


_RINGING = (
    offer_record.c.conversation_id == bindparam("which"),
    offer_record.c.outcome.is_(None),
    offer_record.c.at <= bindparam("until"),
)
_ONE = offer_record.c.rep_id == bindparam("who")
_ENDED_ALL = (
    update(offer_record)
    .where(*_RINGING)
    .values(outcome=bindparam("new_outcome"), ended_at=bindparam("until"))
)
_ENDED = _ENDED_ALL.where(_ONE)
_SEEN = update(offer_record).where(*_RINGING, _ONE).values(seen_at=bindparam("until"))


def _statement_of(end: dict[str, Any]) -> Update:
    if not end["new_outcome"]:
        return _SEEN
    return _ENDED if end["who"] else _ENDED_ALL


async def _insert(
    connection: Connection, table: Table, rows: list[dict[str, Any]], *, update: Sequence[str] = ()
) -> None:
    if rows:
        await connection.execute(upsert(connection, table, update=update), rows)


def _outcomes(flat: str) -> dict[str, str]:
    words = flat.split(",") if flat else []
    return dict(zip(words[::2], words[1::2], strict=False))


_HANDLERS = {
    "requested": _Batch.requested,
    "about": _Batch.about,
    "offered": _Batch.rung,
    "claimed": _Batch.claimed,
    "missed": _Batch.missed,
    "left": _Batch.left,
    "closed": _Batch.closed,
    **dict.fromkeys(RING_ENDS, _Batch.ring_end),
    "seen": _Batch.seen,
    "expired": _Batch.expired,
    "rerouted": _Batch.rerouted,
    **dict.fromkeys(
        ("rep_online", "rep_offline", "rep_available", "rep_away", "rep_idle"), _Batch.present
    ),
}
