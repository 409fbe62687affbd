"""The verbs of ringing and claiming, one script each."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from frontdesk.claims.stages import Stage, packed
from frontdesk.errors import FrontdeskError
from frontdesk.storage.redis.keys import Keys, RawKeys
from frontdesk.storage.redis.link import Link
from frontdesk.storage.redis.script import load

_LUA = Path(__file__).parent / "lua"
REQUEST = load(_LUA / "request.lua")
OFFER = load(_LUA / "offer.lua")
CLAIM = load(_LUA / "claim.lua")
DECLINE = load(_LUA / "decline.lua")
RELEASE = load(_LUA / "release.lua")
EXPIRE_WAIT = load(_LUA / "expire_wait.lua")
PASS_OVER = load(_LUA / "pass_over.lua")
REROUTE = load(_LUA / "reroute.lua")
RINGING = load(_LUA / "ringing.lua")

PAGE = 1000
"""Waiting conversations that are read at once."""
BATCH = 100
"""Waiting conversations that one script looks at: about 0.1 ms of Redis."""


@dataclass(frozen=True, slots=True)
class Ring:
    """What to ring with: the stages in their order, for how long in all.

    `about` and `extra` are JSON: the visitor, and the offer's other fields (reason, text, why…).
    `route` is what the decision came from: the rule set's version, the rule, people it found.
    """

    stages: Sequence[Stage]
    wait_ms: int
    route: str
    about: bytes
    extra: bytes
    decision: bytes


@dataclass(frozen=True, slots=True)
class Rung:
    """What came of it. `outcomes`: rep → rung, offline, away, idle, full, later. `first` is the
    offset of the `requested` entry, `offset` that of the last entry written. The wait ends at
    `expires`, the cards of now at `until`. `about` and `extra` are what a release rings with;
    `again`: it had been released so before, and nothing was done now.
    """

    state: str
    first: int
    offset: int
    wall: int
    expires: int
    outcomes: dict[str, str]
    until: int
    about: bytes = b""
    extra: bytes = b""
    again: bool = False

    @property
    def rung(self) -> list[str]:
        """The reps who ring because of this."""
        return [rep for rep, outcome in self.outcomes.items() if outcome == "rung"]


class Won(NamedTuple):
    """The claim succeeded: the fence to write with, where the entry stands, and the conversation's
    fields as `attach` returns them. `filled`: it took the rep's last place, and what else rings for
    them is to end now.
    """

    fence: int
    offset: int
    wall: int
    again: bool
    fields: list[Any]
    filled: bool = False


class Offered(NamedTuple):
    """A waiting request after more reps were rung, and who rings no more because of it."""

    outcomes: dict[str, str]
    ringing: int
    ended: tuple[str, ...] = ()


class Ringing(NamedTuple):
    """A request that rings for a rep: asked for and over at these ms, with an offer's JSON."""

    conversation: str
    requested: int
    expires: int
    about: bytes
    extra: bytes


class Moved(Exception):
    """The visitor's open conversation is another one; nothing was done."""

    def __init__(self, conversation: str) -> None:
        self.conversation = conversation
        super().__init__(conversation)


class AlreadyOpen(Exception):
    """The conversation waits or goes on already; nothing was done."""


class Stale(Exception):
    """What it was decided on isn't so any more; nothing was done."""


def pairs(flat: bytes) -> dict[str, str]:
    """A script's names and values in turn, parted by commas."""
    words = flat.decode().split(",") if flat else []
    return dict(zip(words[::2], words[1::2], strict=True))


class Claims:
    """Requests, offers and claims of a desk. `node` is this node's id."""

    def __init__(self, link: Link, keys: Keys, node: str) -> None:
        self._link = link
        self._keys = keys
        self._raw = RawKeys(keys)
        self._node = node

    async def request(  # noqa: PLR0913 - a script's arguments, each by name
        self,
        conversation: str,
        visitor: str,
        session: str,
        ring: Ring,
        *,
        requested: bytes,
        missed: bytes,
        message: bytes,
        client_id: str,
        gone_ms: int,
        why: str,
    ) -> Rung:
        """A visitor asks for a person and the reps ring (RT-4). Raises Moved, AlreadyOpen, and
        overloaded, forbidden as FrontdeskError.
        """
        k = self._raw
        c, ring_key, log = k.conversation(conversation)
        reply = await self._link.call(
            REQUEST,
            (k.ev, k.inbox, k.open, c, k.queue, k.due, ring_key, log, k.reps, k.rot),
            (conversation, visitor, session, self._node, ring.wait_ms, ring.route, ring.about,
             ring.extra, requested, missed, ring.decision, message, client_id, gone_ms, why,
             *packed(ring.stages)),
        )  # fmt: skip
        if reply[0] == b"ok":
            last = reply[2]
            first = last - bool(message) - (reply[1] == b"missed")
            return Rung(
                reply[1].decode(), first, last, reply[3], reply[4], pairs(reply[5]), reply[6],
                extra=ring.extra,
            )  # fmt: skip
        if reply[0] == b"moved":
            raise Moved(reply[1].decode())
        if reply[0] == b"open":
            raise AlreadyOpen
        raise FrontdeskError(reply[0].decode())

    async def offer(
        self,
        conversation: str,
        stages: Sequence[Stage],
        *,
        more_ms: int = 0,
        route: str = "",
        ends: bool = False,
    ) -> Offered | None:
        """Rings who is next of a waiting request; None if it waits no more. `more_ms` begins the
        wait anew, by `route`; `ends`: these are all there are, so with nobody to wait for it is
        over.
        """
        k = self._raw
        c, ring, _ = k.conversation(conversation)
        reply = await self._link.call(
            OFFER,
            (k.ev, k.inbox, c, ring, k.reps, k.due, k.rot),
            (conversation, "", route, more_ms, int(ends), *packed(stages)),
        )
        return Offered(pairs(reply[1]), reply[2]) if reply[0] == b"ok" else None

    async def pass_over(
        self, conversation: str, deadline: str, stages: Sequence[Stage], unanswered: int
    ) -> Offered | None:
        """The ring time is over (RT-6). None: not so (any more). `unanswered` in a row make a rep
        away; 0: never (PR-8).
        """
        k = self._raw
        c, ring, _ = k.conversation(conversation)
        reply = await self._link.call(
            PASS_OVER,
            (k.ev, k.inbox, c, ring, k.reps, k.due, k.rot, k.nodes),
            (conversation, deadline, "", unanswered, *packed(stages)),
        )
        return _offered(reply)

    async def reroute(
        self,
        conversation: str,
        stages: Sequence[Stage],
        *,
        route: str,
        before: str,
        about: bytes,
        extra: bytes,
        decision: bytes,
    ) -> Offered | None:
        """Another decision takes the place of `before` (RT-10). None: it waits no more, or that is
        the decision already. Raises Stale: `about` or `before` isn't so any more.
        """
        k = self._raw
        c, ring, _ = k.conversation(conversation)
        reply = await self._link.call(
            REROUTE,
            (k.ev, k.inbox, c, ring, k.reps, k.due, k.rot),
            (conversation, "", route, before, about, extra, decision, *packed(stages)),
        )
        if reply[0] == b"stale":
            raise Stale
        return _offered(reply)

    async def claim(
        self, conversation: str, rep: str, body: bytes, gone_ms: int, silent_ms: int = 0
    ) -> Won:
        """Start the conversation (CH-2). The visitor's silence is looked at after `silent_ms`; 0:
        when `gone_ms` are over (PR-4). Raises already_claimed (by: rep id, at: ms), at_capacity,
        not_offered, gone.
        """
        k = self._raw
        c, ring, log = k.conversation(conversation)
        reply = await self._link.call(
            CLAIM,
            (k.ev, k.inbox, c, ring, k.held(rep), k.reps, k.queue, k.due, log),
            (conversation, rep, self._node, body, gone_ms, silent_ms),
        )
        if reply[0] == b"ok":
            fence, offset, wall, again, fields, filled = reply[1:]
            return Won(fence, offset, wall, bool(again), fields, bool(filled))
        if reply[0] == b"already_claimed":
            raise FrontdeskError("already_claimed", by=reply[1].decode(), at=reply[2])
        raise FrontdeskError(reply[0].decode())

    async def ring_ended(self, conversation: str, rep: str, outcome: str, *, local: bool) -> bool:
        """seen, declined, away, offline, full. False: it rings no more, or isn't so. `local` as for
        `close`.
        """
        k = self._raw
        c, ring, _ = k.conversation(conversation)
        reply = await self._link.call(
            DECLINE,
            (k.ev, k.inbox, c, ring, k.due, k.reps),
            (conversation, rep, self._node if local else "", outcome),
        )
        return bool(reply[0] == b"ok")

    async def release(  # noqa: PLR0913 - a script's arguments, each by name
        self,
        conversation: str,
        holder: str,
        fence: int,
        ring: Ring,
        *,
        requested: bytes,
        missed: bytes,
        gone_ms: int,
        why: str,
        local: bool,
    ) -> Rung:
        """The holder gives it up, or was lost; others ring. Asked again with the same `ring.extra`
        it is `again`. Raises fence, nobody, gone.
        """
        k = self._raw
        c, ring_key, log = k.conversation(conversation)
        reply = await self._link.call(
            RELEASE,
            (k.ev, k.inbox, c, ring_key, k.held(holder), k.reps, k.queue, k.due, log, k.rot,
             k.silent),
            (conversation, holder, fence, self._node if local else "", ring.wait_ms, ring.route,
             ring.extra, requested, missed, ring.decision, why, gone_ms, *packed(ring.stages)),
        )  # fmt: skip
        if reply[0] != b"ok":
            raise FrontdeskError(reply[0].decode())
        _, state, last, wall, expires, outcomes, first, about, again, until = reply
        return Rung(
            state.decode(), first, last, wall, expires, pairs(outcomes), until, about, ring.extra,
            again=bool(again),
        )  # fmt: skip

    async def expire_wait(
        self, conversation: str, deadline: str, missed: bytes, gone_ms: int, unanswered: int = 0
    ) -> bool:
        """The total wait is over (RT-6). False: not so (any more). `unanswered` as for
        `pass_over`.
        """
        k = self._raw
        c, ring, log = k.conversation(conversation)
        reply = await self._link.call(
            EXPIRE_WAIT,
            (k.ev, k.inbox, c, ring, k.queue, k.due, log, k.reps, k.nodes),
            (conversation, deadline, "", missed, gone_ms, unanswered),
        )
        return bool(reply[0] == b"ok")

    async def waiting(self) -> list[str]:
        """The conversations that wait for a rep, oldest first (PR-6): all of them, page by page."""
        found: dict[bytes, bytes] = {}
        since, most = b"-inf", PAGE
        while True:
            flat = await self._link.command(
                b"ZRANGEBYSCORE", self._keys.queue, since, b"+inf", b"WITHSCORES", b"LIMIT", 0, most
            )
            found.update(zip(flat[::2], flat[1::2], strict=True))
            if len(flat) < 2 * most:
                return [name.decode() for name in found]
            # Those of the last millisecond come again; that they all fit lets the next page go on.
            since = flat[-1]
            most = PAGE + sum(score == since for score in found.values())

    async def ringing(self, rep: str, *, shown: bool = True) -> list[Ringing]:
        """What rings for a rep now, oldest first. `shown`: on this node, which hears from now on
        how it ends.
        """
        names = await self.waiting()
        batches = [names[begin : begin + BATCH] for begin in range(0, len(names), BATCH)]
        node = self._node if shown else ""
        found = await asyncio.gather(*(self._ringing_of(rep, batch, node) for batch in batches))
        return [one for batch in found for one in batch]

    async def _ringing_of(self, rep: str, names: list[str], node: str) -> list[Ringing]:
        keys = (self._raw.conversation(name) for name in names)
        both = [key for c, ring, _ in keys for key in (ring, c)]
        _, flat = await self._link.call(RINGING, both, (rep, node))
        return [
            Ringing(
                names[flat[i] - 1], int(flat[i + 1]), int(flat[i + 2]), flat[i + 3], flat[i + 4]
            )
            for i in range(0, len(flat), 5)
        ]

    async def fields(self, conversation: str, *names: str) -> list[str]:
        """Fields of the conversation, '' where there is none."""
        c = self._raw.c(conversation)
        found = await self._link.command(b"HMGET", c, *names)
        return [value.decode() if value else "" for value in found]


def _offered(reply: list[Any]) -> Offered | None:
    if reply[0] != b"ok":
        return None
    ended = reply[3].decode()
    return Offered(pairs(reply[1]), reply[2], tuple(ended.split(",")) if ended else ())
