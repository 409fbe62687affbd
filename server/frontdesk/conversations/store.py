"""The verbs of a conversation, one script each. Refusals are raised as `FrontdeskError`."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

from frontdesk.conversations.entries import Entry, entries_of
from frontdesk.conversations.snapshot import Snapshot, snapshot_of
from frontdesk.errors import FrontdeskError
from frontdesk.storage.redis.keys import Keys, RawKeys, glob_of
from frontdesk.storage.redis.link import Link
from frontdesk.storage.redis.script import load

_LUA = Path(__file__).parent / "lua"
MESSAGE = load(_LUA / "message.lua")
CLOSE = load(_LUA / "close.lua")
READ = load(_LUA / "read.lua")
ABOUT = load(_LUA / "about.lua")
LEAVE = load(_LUA / "leave.lua")
ATTACH = load(_LUA / "attach.lua")
DETACH = load(_LUA / "detach.lua")
EXPIRE_QUIET = load(_LUA / "expire_quiet.lua")
SILENT = load(_LUA / "silent.lua")
LOST = load(_LUA / "lost.lua")
RETIRE = load(_LUA / "retire.lua")
ERASE = load(_LUA / "erase_conversation.lua")

SILENT_LOOK = 3000
"""Ms: how soon a visitor who writes again takes up their place."""
REROUTE_MS = 1000
"""Facts of a waiting visitor that come within it are one reason to route anew (RT-10)."""
NEWEST = 200
"""Entries in a fresh snapshot; earlier ones come from SQL over HTTP."""


class Placed(NamedTuple):
    """Where an entry stands: its offset, time (ms) and the epoch it was written under."""

    offset: int
    wall: int
    epoch: str


class Ended(NamedTuple):
    """`again`: it was closed already. `unrung`: the reps whose ring this ended. `drain`: a place
    is free and somebody waits.
    """

    offset: int
    wall: int
    again: bool
    unrung: list[str]
    drain: bool
    why: str
    body: bytes


def refuse(code: bytes) -> FrontdeskError:
    """The error of a script's refusal."""
    return FrontdeskError(code.decode())


class Conversations:
    """What is said in conversations, and how they end. `node` is this node's id."""

    def __init__(self, link: Link, keys: Keys, node: str) -> None:
        self._link = link
        self._keys = keys
        self._raw = RawKeys(keys)
        self._node = node
        raw = self._raw
        self._messages = (MESSAGE, (raw.ev, raw.inbox), (node,))

    async def message(
        self, conversation: str, side: str, who: str, client_id: str, fence: int, body: bytes
    ) -> Placed:
        """One more message (CH-3). `side` is v or r; a rep needs the fence. Raises fence, closed,
        forbidden, not_found, illegal_move; asked again: where it stands already.
        """
        k = self._raw
        c, _, log = k.conversation(conversation)
        said, epoch = f"{side}:{who} {client_id}", self._link.epoch
        words = (conversation, who, said, fence if side == "r" else b"", body)
        reply = await self._link.together(self._messages, (c, log), words)
        if reply.__class__ is bytes:
            offset, wall = reply.split()
            return Placed(int(offset), int(wall), epoch.decode())
        if reply[0] == b"said":
            return Placed(int(reply[1]), int(reply[2]), reply[3].decode())
        raise refuse(reply[0])

    async def close(  # noqa: PLR0913 - a script's arguments, each by name
        self,
        conversation: str,
        side: str,
        who: str,
        *,
        fence: int,
        why: str,
        body: bytes,
        holder: str,
        waiting: tuple[str, bytes] | None = None,
        local: bool = True,
    ) -> Ended:
        """The end (CH-1). `holder` is the rep believed to hold it ('' = none); the script verifies.
        `waiting`: other why and body, if it still waited for a rep. `local` False: this node, too,
        learns of it by its inbox.
        """
        k = self._raw
        c, ring, log = k.conversation(conversation)
        reply: list[Any] = [b"moved", b""]
        for _attempt in range(5):
            reply = await self._link.call(
                CLOSE,
                (
                    k.ev,
                    k.inbox,
                    c,
                    log,
                    k.held(holder),
                    k.open,
                    k.queue,
                    k.due,
                    ring,
                    k.reps,
                    k.silent,
                ),
                (
                    conversation,
                    side,
                    who,
                    self._node if local else "",
                    fence,
                    why,
                    body,
                    holder,
                    *(waiting or ()),
                ),
            )
            if reply[0] != b"moved":
                break
            holder = reply[1].decode()
        if reply[0] != b"ok":
            raise refuse(b"retry" if reply[0] == b"moved" else reply[0])
        _, offset, wall, again, unrung, drain, said, written = reply
        names = [rep.decode() for rep in unrung]
        return Ended(offset, wall, bool(again), names, bool(drain), said.decode(), written)

    async def read(self, conversation: str, side: str, who: str, offset: int) -> int:
        """How far a side has read; never backwards. → the offset that holds now."""
        return await self._mark(conversation, side, who, "read", offset)

    async def typing(self, conversation: str, side: str, who: str, *, on: bool) -> None:
        """Tells the other nodes; kept nowhere."""
        await self._mark(conversation, side, who, "typing", int(on))

    async def _mark(self, conversation: str, side: str, who: str, what: str, value: int) -> int:
        k = self._raw
        reply = await self._link.call(
            READ,
            (k.inbox, k.c(conversation)),
            (conversation, side, who, self._node, what, value),
        )
        if reply[0] != b"ok":
            raise refuse(reply[0])
        return int(reply[1])

    async def about(self, conversation: str, visitor: str, about: bytes) -> None:
        """What is known of the visitor of an open conversation (JSON), with the page they are on;
        who waits is routed anew by it soon (`reroute:`). Of a conversation that is over, or another
        visitor's, nothing changes.
        """
        await self._about(conversation, visitor, about, 0, b"", "")

    async def about_edited(
        self, conversation: str, visitor: str, about: bytes, *, before: bytes, holder: str
    ) -> bool | None:
        """The same, only over `before`; None: something else is known meanwhile. → whether the
        visitor is here. Raises forbidden if it is over, or isn't `holder`'s ('' = whoever's) any
        more.
        """
        reply = await self._about(conversation, visitor, about, 1, before, holder)
        if reply[0] == b"changed":
            return None
        if reply[0] != b"ok":
            raise refuse(reply[0])
        return bool(reply[1])

    async def _about(
        self, conversation: str, visitor: str, about: bytes, only: int, before: bytes, holder: str
    ) -> list[Any]:
        k = self._raw
        keys = (k.ev, k.inbox, k.c(conversation), k.due)
        words = (conversation, visitor, self._node, about, only, before, holder, REROUTE_MS)
        reply: list[Any] = await self._link.call(ABOUT, keys, words)
        return reply

    async def leave(
        self, conversation: str, visitor: str, client_id: str, body: bytes, email: str
    ) -> Placed:
        """An address and a message in a missed conversation (RT-6)."""
        k = self._raw
        c, _, log = k.conversation(conversation)
        reply = await self._link.call(
            LEAVE,
            (k.ev, k.inbox, c, log),
            (conversation, visitor, self._node, client_id, body, email),
        )
        if reply[0] != b"ok":
            raise refuse(reply[0])
        return Placed(reply[1], reply[2], self._link.epoch.decode())

    async def attach(
        self, conversation: str, side: str, epoch: str = "", offset: int = 0
    ) -> Snapshot | None:
        """This node hears of the conversation from now on; what came after (epoch, offset) (R8.2).
        `side`: v registers a visitor here, r and - only the node. None if there is none.
        """
        k = self._raw
        c, _, log = k.conversation(conversation)
        reply = await self._link.call(
            ATTACH, (k.inbox, c, log), (conversation, self._node, side, epoch, offset, NEWEST)
        )
        if reply[0] != b"ok":
            return None
        entries = entries_of(conversation, reply[3])
        return snapshot_of(
            conversation,
            reply[2],
            entries,
            epoch or self._link.epoch.decode(),
            recovered=bool(reply[1]),
        )

    async def detach(self, conversation: str, side: str, gone_ms: int, node: str = "") -> bool:
        """The last visitor's socket (v), or the last of all (-), left this node or a dead one.
        → whether the visitor is still here.
        """
        k = self._raw
        reply = await self._link.call(
            DETACH,
            (k.ev, k.inbox, k.c(conversation), k.due),
            (conversation, node or self._node, side, gone_ms),
        )
        return reply[0] == b"ok" and bool(reply[1])

    async def expire_quiet(
        self, conversation: str, deadline: str, idle_ms: int, gone_ms: int, silent_ms: int = 0
    ) -> str | None:
        """None: not yet over (or not ours). Otherwise the holder ('' = nobody): close it now. With
        `silent_ms` the visitor's silence is looked at from now on (PR-4).
        """
        k = self._raw
        reply = await self._link.call(
            EXPIRE_QUIET,
            (k.c(conversation), k.due),
            (conversation, deadline, idle_ms, gone_ms, silent_ms),
        )
        return reply[1].decode() if reply[0] == b"over" else None

    async def look_silent(
        self, conversation: str, deadline: str, holder: str, silent_ms: int
    ) -> bool:
        """Whether the visitor is silent for so long that the chat takes no place (PR-4)."""
        k = self._raw
        c, _, log = k.conversation(conversation)
        reply = await self._link.call(
            SILENT,
            (c, log, k.held(holder), k.silent, k.due, k.reps, k.queue),
            (conversation, deadline, holder, silent_ms, SILENT_LOOK),
        )
        return bool(reply[0] == b"ok" and reply[1])

    async def lost_or_returned(
        self, conversation: str, rep: str, lost: bytes, returned: bytes, lost_ms: int, gone_ms: int
    ) -> str | None:
        """By the rep's devices as they are now (CH-5). → lost, returned, or None: as before."""
        k = self._raw
        c, _, log = k.conversation(conversation)
        reply = await self._link.call(
            LOST,
            (k.ev, k.inbox, c, log, k.due, k.reps),
            (conversation, rep, "", lost, returned, lost_ms, gone_ms),
        )
        return reply[3].decode() if reply[0] == b"ok" else None

    async def retire(self, conversation: str, archived: int, *, seconds: int = 600) -> None:
        """SQL has it up to `archived`: what is over and archived goes, what is long is trimmed."""
        c, ring, log = self._raw.conversation(conversation)
        await self._link.together((RETIRE, (), (seconds, NEWEST)), (c, log, ring), (archived,))

    async def erase(self, conversation: str) -> bool:
        """Nothing of it stays in Redis (OP-5). False: it is open, and must be closed first."""
        c, ring, log = self._raw.conversation(conversation)
        reply = await self._link.call(ERASE, (c, log, ring))
        return bool(reply[0] == b"ok")

    async def open_of(self, visitor: str) -> str | None:
        """The visitor's open conversation (CH-1: at most one)."""
        found = await self._link.command(b"HGET", self._keys.open, visitor)
        return found.decode() if found else None

    async def all_open(self) -> dict[str, str]:
        """Visitor → conversation, of every one that isn't final."""
        flat: list[Any] = await self._link.command(b"HGETALL", self._keys.open)
        return {flat[i].decode(): flat[i + 1].decode() for i in range(0, len(flat), 2)}

    async def without_expiry(self, page: int) -> AsyncIterator[list[str]]:
        """Ids of conversations whose keys stay until somebody retires them, so many at a time."""
        prefix = self._keys.conversation("").c
        cursor = b"0"
        while True:
            cursor, names = await self._link.command(
                b"SCAN", cursor, b"MATCH", glob_of(prefix) + "*", b"COUNT", page
            )
            ttls = await asyncio.gather(*(self._link.command(b"TTL", name) for name in names))
            found = [
                name.decode()[len(prefix) :]
                for name, ttl in zip(names, ttls, strict=True)
                if ttl == -1
            ]
            if found:
                yield found
            if cursor == b"0":
                return

    async def nodes_of(self, conversation: str) -> tuple[list[str], list[str]]:
        """The nodes that hear of it, and those with a socket of its visitor."""
        c = self._raw.c(conversation)
        nodes, vnodes = await self._link.command(b"HMGET", c, b"nodes", b"vnodes")
        return (nodes or b"").decode().split(), (vnodes or b"").decode().split()

    async def newest(self, conversation: str, last: int) -> list[Entry]:
        """The entries of a fresh snapshot, up to this offset."""
        return await self.entries(conversation, max(1, last - NEWEST + 1), last)

    async def entries(self, conversation: str, first: int, last: int) -> list[Entry]:
        """A part of the log, both ends included."""
        log = self._raw.conversation(conversation)[2]
        raw = await self._link.command(b"XRANGE", log, f"{first}-0", f"{last}-0")
        return entries_of(conversation, raw)
