"""A week as rows of the archive (`conversations/archive.py` writes the like from events). Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from frontdesk import ids
from frontdesk.conversations import entries
from frontdesk.demo.talk import LEFT, Said, talk_for
from frontdesk.demo.week import MINUTE, SECOND, Moment, Past, Week
from frontdesk.people.rep import Rep

EPOCH = "demo"
Row = dict[str, Any]


@dataclass
class Rows:
    """By table."""

    visitors: dict[str, Row] = field(default_factory=dict)
    conversations: list[Row] = field(default_factory=list)
    entries: list[Row] = field(default_factory=list)
    decisions: list[Row] = field(default_factory=list)
    offers: list[Row] = field(default_factory=list)
    presence: list[Row] = field(default_factory=list)


def rows_of(week: Week, reps: dict[str, Rep], desk: str) -> Rows:
    """Everything that is kept of a week."""
    rows = Rows()
    for past in week.conversations:
        _Told(week, reps, past, desk).into(rows)
    rows.presence = [_presence(n, one, reps[one.rep]) for n, one in enumerate(week.presence)]
    return rows


def _presence(n: int, one: Moment, rep: Rep) -> Row:
    there = one.state != "offline"
    return {
        "rep_id": one.rep,
        "at": one.at,
        "seq": n,
        "state": one.state,
        "cause": one.cause,
        "availability": "available" if one.state in ("eligible", "full", "idle") else "away",
        "capacity": rep.capacity,
        "load": one.load,
        "devices": ["laptop"] if there else [],
    }


def _why_missed(past: Past) -> str:
    """As expire_wait.lua says it."""
    if not past.rings:
        return "nobody"
    return "declined" if all(ring.outcome == "declined" for ring in past.rings) else "timeout"


class _Told:
    """One conversation with its entries."""

    def __init__(self, week: Week, reps: dict[str, Rep], past: Past, desk: str) -> None:
        self._rng = week.rng
        self._past = past
        self._rep = reps.get(past.rep)
        self._desk = desk
        self._id = ids.new("c")
        about = past.request.about
        self._talk: Said = self._rng.choice(talk_for(about))
        self._email = about.get("email")
        self._left = not past.rep and not past.cancelled and self._rng.random() < 0.5

    def into(self, rows: Rows) -> None:
        past, about, at = self._past, self._past.request.about, self._past.request.at
        before = rows.visitors.get(about["id"], {"first_seen_at": at - 2 * MINUTE})
        rows.visitors[about["id"]] = {
            "id": about["id"],
            "first_seen_at": before["first_seen_at"],
            "last_seen_at": past.ended_at,
            "email": self._email,
            "name": about.get("name"),
            "fields": about.get("fields", {}),
        }
        written = [self._entry(n, one) for n, one in enumerate(self._entries(), 1)]
        rows.entries += written
        rows.conversations.append(self._conversation(len(written)))
        rows.decisions.append(self._decision())
        rows.offers += self._offers()

    def _conversation(self, last: int) -> Row:
        past = self._past
        by, why = self._end()
        return {
            "id": self._id,
            "desk": self._desk,
            "visitor_id": past.request.about["id"],
            "session_id": past.request.about["session"],
            "state": "closed",
            "rep_id": past.rep or None,
            "fence": int(bool(past.rep)),
            "epoch": EPOCH,
            "last_offset": last,
            "rev": last,
            "requested_at": past.request.at,
            "claimed_at": past.answered_at if past.rep else None,
            "ended_at": past.ended_at,
            "closed_by": by,
            "why": why,
            "email": (self._email or "visitor@mail.example") if self._left else None,
            "about": past.request.about,
        }

    def _end(self) -> tuple[str, str]:
        """Who closed it, and why."""
        if self._past.cancelled:
            return "visitor", "cancelled"
        return ("rep", "ended") if self._past.rep else ("server", "session_end")

    def _decision(self) -> Row:
        past = self._past
        outcomes = {ring.rep: "rung" for ring in past.rings}
        return {
            "id": f"{EPOCH}:{self._id}",
            "conversation_id": self._id,
            "at": past.request.at,
            "version": "1",
            "body": {**orjson.loads(past.decision.record()), "outcomes": outcomes},
        }

    def _offers(self) -> list[Row]:
        return [
            {
                "conversation_id": self._id,
                "rep_id": ring.rep,
                "at": ring.at,
                "seen_at": ring.seen_at,
                "outcome": ring.outcome,
                "ended_at": ring.ended_at,
            }
            for ring in self._past.rings
        ]

    # --- what was said

    def _entry(self, offset: int, said: tuple[int, bytes]) -> Row:
        at, raw = said
        body = orjson.loads(raw)
        rep = body.get("rep") or {}
        return {
            "conversation_id": self._id,
            "offset": offset,
            "epoch": EPOCH,
            "type": body["type"],
            "at": at,
            "sender": body.get("from"),
            "rep_id": rep.get("id"),
            "client_id": body.get("client_id"),
            "body": body,
        }

    def _entries(self) -> Iterator[tuple[int, bytes]]:
        past, at = self._past, self._past.request.at
        yield at, entries.requested_body("request")
        yield at, self._message("v", self._talk[0][1], 0)
        if self._rep:
            person = {"id": self._rep.id, "name": self._rep.name}
            yield past.answered_at, entries.claimed_start(person) + b',"fence":1}'
            yield from self._conversed(person)
        elif not past.cancelled:
            yield past.answered_at, entries.missed_body(_why_missed(past))
            if self._left:
                email = self._email or "visitor@mail.example"
                yield (
                    past.answered_at + 40 * SECOND,
                    entries.left_body(email, self._rng.choice(LEFT)),
                )
        yield past.ended_at, entries.closed_body(*self._end())

    def _conversed(self, person: dict[str, str]) -> Iterator[tuple[int, bytes]]:
        """The rest of it, at an even pace until it ended."""
        rest, past = self._talk[1:], self._past
        pace = (past.ended_at - past.answered_at) // (len(rest) + 1)
        for n, (who, text) in enumerate(rest, 1):
            yield past.answered_at + n * pace, self._message(who, text, n, person)

    def _message(self, who: str, text: str, n: int, person: dict[str, str] | None = None) -> bytes:
        if who == "v":
            return entries.message_body("visitor", text, f"demo-{n}")
        return entries.message_body("rep", text, f"demo-{n}", person)
