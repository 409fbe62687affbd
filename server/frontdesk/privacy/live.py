"""What is known of visitors in Redis: found, shown, taken away (OP-5)."""

import asyncio
from collections.abc import AsyncIterator, Collection
from typing import Any

import orjson

from frontdesk.conversations.entries import closed_body
from frontdesk.conversations.store import Conversations
from frontdesk.events.stream import EventStream, event_of
from frontdesk.privacy.subject import Subject
from frontdesk.storage.redis.keys import Keys
from frontdesk.storage.redis.link import Link
from frontdesk.visitors.store import Visitors
from frontdesk.wire.times import stamp

PAGE = 500
LIMITED = ("hello", "request")
"""What is counted of a visitor (bus/rates.py)."""
_JSON = frozenset({"about", "page", "landing", "campaign", "extra"})
_TIMES = frozenset({"last", "gone", "began", "at", "ended", "claimed"})

Document = dict[str, Any]


class Live:
    """The live side of people's data. What it does is done as no node, so that every node hears."""

    def __init__(self, link: Link, keys: Keys) -> None:
        self._link = link
        self._keys = keys
        self._conversations = Conversations(link, keys, "")
        self._visitors = Visitors(link, keys, "", idle_ms=0, gone_ms=0)  # erases, never visits
        self._stream = EventStream(link, keys)

    # --- finding

    async def visitors_of(self, subject: Subject) -> set[str]:
        """Who gave this address in a field of the visit or an open conversation, or has its id."""
        if not subject.is_email:
            visit = await self.visit(subject.text)
            talks = await self._conversations.open_of(subject.text)
            return {subject.text} if visit or talks else set()
        found = {visitor async for visitor, told in self._visits() if subject.is_in(told)}
        for visitor, conversation in (await self._conversations.all_open()).items():
            if subject.is_in(_theirs(await self._conversation(conversation))):
                found.add(visitor)
        return found

    async def _visits(self) -> AsyncIterator[tuple[str, list[str]]]:
        """Every visitor with a visit, and the texts of it."""
        async for names in self._link.names(self._keys.all_visitors, PAGE):
            those = [(self._keys.visitor_of(name.decode()), name) for name in names]
            those = [(visitor, name) for visitor, name in those if visitor]
            told = await asyncio.gather(
                *(self._link.command(b"HMGET", name, *sorted(_JSON)) for _, name in those)
            )
            for (visitor, _), texts in zip(those, told, strict=True):
                yield visitor, [text.decode() for text in texts if text]

    # --- showing

    async def visit(self, visitor: str) -> Document:
        """Their session as it is kept now; {} if there is none."""
        found = await self._hash(self._keys.visitor(visitor))
        return {} if "erased" in found else found

    async def open_conversation(self, visitor: str) -> Document:
        """The conversation that isn't closed, with what its log still has; {} if there is none."""
        conversation = await self._conversations.open_of(visitor)
        return await self._conversation(conversation) if conversation else {}

    async def _conversation(self, id: str) -> Document:
        found = await self._hash(self._keys.conversation(id).c)
        if not found:
            return {}
        entries = await self._conversations.entries(id, 0, 2**53)
        kept = {name: value for name, value in found.items() if " " not in name}
        return {"id": id, **kept, "entries": [orjson.loads(entry.json()) for entry in entries]}

    async def _hash(self, key: str) -> Document:
        flat = await self._link.command(b"HGETALL", key)
        texts = {flat[i].decode(): flat[i + 1].decode() for i in range(0, len(flat), 2)}
        return {name: _value(name, text) for name, text in texts.items() if text}

    # --- taking away

    async def end(self, visitor: str) -> None:
        """What they have open is closed, and whoever takes part in it is told."""
        while conversation := await self._conversations.open_of(visitor):
            await self.close(conversation)

    async def close(self, conversation: str) -> None:
        """By the server."""
        body = closed_body("server", "ended")
        await self._conversations.close(
            conversation, "s", "", fence=0, why="ended", body=body, holder="", local=False
        )

    async def erase_visit(self, visitor: str) -> None:
        """Their token is a stranger's from now on; how often they asked isn't known any more."""
        await self._visitors.erase(visitor)
        for what in LIMITED:
            await self._link.command(b"UNLINK", self._keys.rate(f"{what}:v:{visitor}"))

    async def erase_conversation(self, id: str) -> bool:
        """False: it is open again; it came back by a restore."""
        return await self._conversations.erase(id)

    async def erase_events(self, visitors: Collection[str], conversations: Collection[str]) -> None:
        """Events of these leave the stream; a look at all of it, from five minutes to hours."""
        position = "0-0"
        while raws := await self._stream.after(position, PAGE):
            events = [event_of(raw) for raw in raws]
            gone = [
                event.id
                for event in events
                if event.conversation in conversations or event.fields.get("visitor") in visitors
            ]
            await self._stream.remove(gone)
            position = events[-1].id

    async def put_marks(self, visitors: Collection[str]) -> None:
        """Redis came back without them, perhaps with what they stand against."""
        for visitor in visitors:
            await self._visitors.erase(visitor)

    async def rewrite_files(self) -> None:
        """The append-only file forgets what was deleted. Raises ScriptFailed if it can't now."""
        await self._link.command(b"BGREWRITEAOF")

    # --- where the stream is

    async def newest(self) -> tuple[str, str]:
        """Epoch and id of the last event."""
        return self._stream.epoch, await self._stream.newest()

    @property
    def stream(self) -> str:
        """Its name, as readers know it."""
        return self._stream.name


def _theirs(conversation: Document) -> list[Any]:
    """What the visitor told in it."""
    said = [
        entry
        for entry in conversation.get("entries", ())
        if entry.get("from") == "visitor" or entry["type"] == "left"
    ]
    return [conversation.get("about"), conversation.get("email"), said]


def _value(name: str, text: str) -> Any:
    if name in _JSON:
        return orjson.loads(text)
    if name in _TIMES and text.isdigit() and int(text) > 10**12:
        return stamp(int(text))
    return text
