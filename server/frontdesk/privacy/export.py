"""Everything that is stored about a person, as one JSON document, piece by piece (OP-5).

Written for whoever gets it and for programs: a head in words, then plain rows. A conversation is
read when its turn comes, its entries by pages, so that memory doesn't grow with what there is.
"""

from collections.abc import AsyncIterator
from typing import Any

import orjson

from frontdesk.privacy.live import Live
from frontdesk.privacy.store import finding, reading
from frontdesk.privacy.subject import Subject
from frontdesk.storage.engine import Database
from frontdesk.wire.times import stamp

FORMAT = "frontdesk.person.1"
READ_ME = """\
This document holds everything that this Frontdesk stores about the person it was asked for.
`visitors` are the browsers in which they were known: what is known, `sources` by whom it was \
told, and `visit`, the visit that goes on or has just ended, if there is one.
`conversations` are all they had: what was written and happened (`entries`), what they left, how \
it was decided whom to ring (`decisions`) and who was rung (`offers`). `now` is what the running \
server holds of an open one; its last entries may stand in both places.
`owners` are lines of the company's own list that name the address. `undelivered` are records that \
could not be filed.
Times are UTC. Texts are as they were written. Colleagues who answered are named where they took \
part.""".splitlines()
NOT_LIVE = (
    "The server was not running: the visit of this moment and open conversations' newest words are "
    "missing."
)
_TIME = ("at", "_at")
Row = dict[str, Any]


class Export:
    """Makes documents. `live` is None where Redis can't be asked."""

    def __init__(self, database: Database, live: Live | None, desk: str) -> None:
        self._database = database
        self._live = live
        self._desk = desk

    async def document(self, subject: Subject, at: int) -> AsyncIterator[bytes]:
        """The pieces, in order; together they are JSON."""
        visitors = await self.visitors(subject)
        head = {
            "format": FORMAT, "asked_for": subject.text, "made_at": stamp(at), "desk": self._desk,
            "read_me": [*READ_ME, *([] if self._live else [NOT_LIVE])],
        }  # fmt: skip
        yield orjson.dumps(head)[:-1]
        async for piece in _listed("visitors", self._visitors(visitors)):
            yield piece
        async for piece in self._conversations(visitors):
            yield piece
        async with self._database.read() as connection:
            owners = await finding.owners_of(connection, subject)
        yield b',"owners":' + _json([_told(row) for row in owners])
        async for piece in _listed("undelivered", self._undelivered(visitors)):
            yield piece
        yield b"}\n"

    async def visitors(self, subject: Subject) -> list[str]:
        """Whom it is about."""
        async with self._database.read() as connection:
            found = {*await finding.visitors_of(connection, self._desk, subject)}
        if self._live:
            found |= await self._live.visitors_of(subject)
        return sorted(found)

    async def _visitors(self, ids: list[str]) -> AsyncIterator[Row]:
        for id in ids:
            async with self._database.read() as connection:
                row = await reading.visitor_row(connection, id)
            visit = await self._live.visit(id) if self._live else {}
            yield {**_told(row), "id": id, "visit": visit or None}

    async def _conversations(self, visitors: list[str]) -> AsyncIterator[bytes]:
        yield b',"conversations":['
        comma = b""
        for visitor in visitors:
            now = await self._live.open_conversation(visitor) if self._live else {}
            async with self._database.read() as connection:
                ids = await finding.conversations_of(connection, visitor)
            missing = [now["id"]] if now and now["id"] not in ids else []
            for id in [*ids, *missing]:
                is_open = bool(now) and now["id"] == id
                yield comma
                async for piece in self._conversation(id, visitor, now if is_open else None):
                    yield piece
                comma = b","
        yield b"]"

    async def _conversation(self, id: str, visitor: str, now: Row | None) -> AsyncIterator[bytes]:
        async with self._database.read() as connection:
            row = await reading.conversation_row(connection, id)
            decisions = [_told(one) for one in await reading.decisions(connection, id)]
            offers = [_told(one) for one in await reading.offers(connection, id)]
        whole = {
            "visitor_id": visitor, **_told(row), "id": id, "now": now, "decisions": decisions,
            "offers": offers,
        }  # fmt: skip
        yield _json(whole)[:-1]
        async for piece in _listed("entries", self._entries(id)):
            yield piece
        yield b"}"

    async def _entries(self, id: str) -> AsyncIterator[Row]:
        async for row in reading.entries(self._database, id):
            yield _told({name: value for name, value in row.items() if name != "conversation_id"})

    async def _undelivered(self, visitors: list[str]) -> AsyncIterator[Row]:
        for visitor in visitors:
            async with self._database.read() as connection:
                names = [visitor, *await finding.conversations_of(connection, visitor)]
                for name in names:
                    for row in await reading.dead_events(connection, name):
                        yield _told(row)


async def _listed(name: str, rows: AsyncIterator[Row]) -> AsyncIterator[bytes]:
    """A member of the document that is a list."""
    yield b',"%b":[' % name.encode()
    comma = b""
    async for row in rows:
        yield comma + _json(row)
        comma = b","
    yield b"]"


def _told(row: Row) -> Row:
    """With times as people read them."""
    return {
        name: stamp(value) if name.endswith(_TIME) and isinstance(value, int) else value
        for name, value in row.items()
    }


def _json(value: Any) -> bytes:
    return orjson.dumps(value)
