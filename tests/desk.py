"""A desk in a real Redis, spoken to by its verbs; its laws are checked after every one of them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import orjson

from frontdesk.bus.timers import PEEK, SETTLE
from frontdesk.claims.store import Claims, Ring, Rung, Won
from frontdesk.conversations import entries
from frontdesk.conversations.entries import Entry, entries_of
from frontdesk.conversations.store import Conversations
from frontdesk.conversations.watchdog import Watchdog
from frontdesk.events.stream import event_of
from frontdesk.presence.status import RepStatus
from frontdesk.presence.store import Presence
from frontdesk.routing.decisions.decision import Mode, Stage
from frontdesk.storage.redis.batch import Head
from frontdesk.storage.redis.keys import Keys
from frontdesk.storage.redis.link import Link
from frontdesk.storage.redis.script import Script

Fields = dict[str, str]
OWN_TIMERS = ("wait", "quiet", "lost")
"""The kinds of which every conversation that isn't final has exactly one (R3.2)."""
WAIT = 90_000
RING = 30_000
UNANSWERED = 2
SILENT = 600_000
GRACE = 10_000
LOST = 30_000
IDLE = 3_600_000
GONE = 300_000


class LawfulLink:
    """A link that looks at the whole desk after every verb, while nothing else is under way."""

    def __init__(self, link: Link, laws: "Laws") -> None:
        self._link = link
        self._laws = laws
        self.on_epoch = link.on_epoch
        self.calls = 0

    @property
    def epoch(self) -> bytes:
        return self._link.epoch

    async def call(
        self, script: Script, keys: Sequence[bytes | str | int] = (),
        args: Sequence[bytes | str | int] = (),
    ) -> Any:  # fmt: skip
        self.calls += 1
        reply = await self._link.call(script, keys, args)
        self.calls -= 1
        if not self.calls:
            await self._laws.hold(after=script.name)
        return reply

    async def together(
        self, head: Head, keys: Sequence[bytes | str | int], args: Sequence[bytes | str | int]
    ) -> Any:
        self.calls += 1
        reply = await self._link.together(head, keys, args)
        self.calls -= 1
        if not self.calls:
            await self._laws.hold(after=head[0].name)
        return reply

    async def command(self, *parts: bytes | str | int) -> Any:
        return await self._link.command(*parts)


class Laws:
    """What holds on a desk at any moment, whoever did what."""

    def __init__(self, link: Link, keys: Keys) -> None:
        self._link = link
        self._keys = keys
        self._about = keys.conversation("").c

    async def hold(self, *, after: str = "") -> None:
        """Fails with the law that is broken, and the verb after which it was."""
        everything = await self._all()
        for conversation, fields in everything.items():
            where = f"after {after}: {conversation} {fields}"
            await self._one(conversation, fields, where)
        await self._sets(everything, after)

    async def _all(self) -> dict[str, Fields]:
        names = await self._link.command(b"KEYS", _literal(self._about) + "*")
        found = {}
        for name in names:
            flat = await self._link.command(b"HGETALL", name)
            found[name.decode()[len(self._about) :]] = _fields(flat)
        return found

    async def _one(self, conversation: str, fields: Fields, where: str) -> None:
        timers = [
            kind
            for kind in OWN_TIMERS
            if await self._link.command(b"ZSCORE", self._keys.due, f"{kind}:{conversation}")
        ]
        expected = {
            "requested": ["wait"], "missed": ["quiet"], "closed": [],
            "active": [fields.get("timer", "?")],
        }[fields["state"]]  # fmt: skip
        assert timers == expected, f"R3.2: the timers are {timers}, {where}"
        assert fields.get("timer", "") == "".join(expected), f"R3.2: timer field, {where}"
        rings = await self._link.command(b"ZSCORE", self._keys.due, f"ring:{conversation}")
        assert not rings or fields["state"] == "requested", f"R3.2: ring timer, {where}"
        assert (fields["state"] == "active") <= bool(fields["rep"]), f"active without rep, {where}"
        assert fields["state"] in ("active", "closed") or not fields["rep"], f"holder, {where}"
        await self._log(conversation, fields, where)

    async def _log(self, conversation: str, fields: Fields, where: str) -> None:
        names = self._keys.conversation(conversation)
        log = entries_of(conversation, await self._link.command(b"XRANGE", names.log, b"-", b"+"))
        offsets = [entry.offset for entry in log]
        last = int(fields["off"])
        assert offsets == list(range(last - len(log) + 1, last + 1)), f"a gap: {offsets} {where}"
        said = [who for entry in log if (who := _said_by(entry))]
        assert len(said) == len(set(said)), f"CH-3: said twice: {said}, {where}"
        remembered = {key: at for key, at in fields.items() if key.startswith(("v:", "r:"))}
        assert len(remembered) >= min(len(said), 1000), f"not remembered, {where}"
        at = {entry.offset: entry for entry in log}
        for position in remembered.values():
            offset, wall, epoch = position.split(" ")
            entry = at.get(int(offset))
            if entry:
                assert entry.kind in ("message", "left"), f"said at {position}, {where}"
                assert (str(entry.wall), entry.epoch) == (wall, epoch), f"said {position}, {where}"

    async def _sets(self, everything: dict[str, Fields], after: str) -> None:
        is_open = _fields(await self._link.command(b"HGETALL", self._keys.open))
        alive = {c: f for c, f in everything.items() if f["state"] != "closed"}
        assert is_open == {f["visitor"]: c for c, f in alive.items()}, f"CH-1: open, after {after}"
        queue = await self._link.command(b"ZRANGE", self._keys.queue, 0, -1)
        waiting = {c for c, f in alive.items() if f["state"] == "requested"}
        assert {c.decode() for c in queue} == waiting, f"the queue, after {after}"
        for rep, status in _fields(await self._link.command(b"HGETALL", self._keys.reps)).items():
            raw = await self._link.command(b"SMEMBERS", self._keys.held(rep))
            held = {one.decode() for one in raw}
            given = _fields(await self._link.command(b"HGETALL", self._keys.silent))
            back = {c for c, holder in given.items() if holder == rep}
            assert not held & back, f"PR-4: both held and given back, after {after}"
            assert given.keys() <= alive.keys(), f"PR-4: given back by what is over, after {after}"
            active = {c for c, f in alive.items() if f["state"] == "active" and f["rep"] == rep}
            assert held | back == active, f"R3.1: held of {rep}, after {after}"
            assert int(status.split("|")[2]) == len(held), f"R3.1: load of {rep}, after {after}"


class Desk:
    """One desk, by its verbs. Every verb may be asked of any node: `at("n2")`."""

    def __init__(self, link: Link, keys: Keys, *, lawful: bool = True) -> None:
        self.link = link
        self.keys = keys
        self.laws = Laws(link, keys)
        # A LawfulLink has what the stores use of a Link.
        self._lawful: Any = LawfulLink(link, self.laws) if lawful else link
        self._nodes: dict[str, Node] = {}
        self.watchdog = Watchdog(link, keys)

    def at(self, node: str = "n1") -> "Node":
        """The verbs as this node calls them."""
        if node not in self._nodes:
            self._nodes[node] = Node(self, self._lawful, node)
        return self._nodes[node]

    # --- the clock

    async def settle_down(self) -> None:
        """The quiet time after a new incarnation is over."""
        await self.link.command(b"HSET", self.keys.meta, b"quiet_until", 0)

    async def pass_time(self, ms: int) -> None:
        """The desk clock goes on."""
        await self.link.command(b"HINCRBY", self.keys.meta, b"now", ms)

    async def now(self) -> int:
        """Desk ms."""
        return (await self.peek())[1]

    async def peek(self, most: int = 100) -> tuple[dict[str, str], int, int, list[str]]:
        """Due items with their deadlines, now, the next deadline, the dead nodes."""
        k = self.keys
        reply = await self._lawful.call(PEEK, (k.due, k.nodes), (most,))
        _ok, flat, upcoming, now, dead = reply
        return _fields(flat), now, upcoming, [node.decode() for node in dead]

    async def settle(self, item: str, deadline: str) -> bool:
        reply = await self._lawful.call(SETTLE, (self.keys.due,), (item, deadline))
        return bool(reply[0] == b"ok")

    async def deadline(self, item: str) -> str:
        """As ZSCORE gives it; '' if there is no such item."""
        raw = await self.link.command(b"ZSCORE", self.keys.due, item)
        return raw.decode() if raw else ""

    # --- looking

    async def of(self, conversation: str) -> Fields:
        """The conversation's fields."""
        raw = await self.link.command(b"HGETALL", self.keys.conversation(conversation).c)
        return _fields(raw)

    async def state(self, conversation: str) -> str:
        return (await self.of(conversation)).get("state", "")

    async def ring(self, conversation: str) -> Fields:
        """Rep → offered, seen, declined, expired, claimed."""
        raw = await self.link.command(b"HGETALL", self.keys.conversation(conversation).ring)
        return _fields(raw)

    async def rep(self, rep: str) -> RepStatus:
        status = await self.at().presence.one(rep)
        assert status is not None
        return status

    async def kinds(self, conversation: str) -> list[str]:
        """What its log says, in order."""
        return [one.kind for one in await self.at().conversations.entries(conversation, 1, 10**9)]

    async def events(self, conversation: str = "") -> list[tuple[str, Fields]]:
        """(kind, fields) of the stream, of one conversation or of all; `o` is the offset."""
        raw = await self.link.command(b"XRANGE", self.keys.ev, b"-", b"+")
        return [
            (one.kind, {**one.fields, "o": str(one.offset)})
            for one in map(event_of, raw)
            if not conversation or one.conversation == conversation
        ]

    @asynccontextmanager
    async def heard(self, client: Any) -> AsyncIterator["Heard"]:
        """What is published to the nodes while this is open."""
        pubsub = client.pubsub()
        await pubsub.psubscribe(_literal(self.keys.inbox) + ":*")
        await pubsub.get_message(timeout=10)
        yield Heard(pubsub, self.keys)
        await pubsub.aclose()


class Heard:
    """Notices of all nodes, in the order in which they were published."""

    def __init__(self, pubsub: Any, keys: Keys) -> None:
        self._pubsub = pubsub
        self._inbox = keys.inbox
        self.all: list[tuple[str, int, list[str], str]] = []

    async def until(self, count: int) -> list[tuple[str, str]]:
        """Waits for so many; → (node, first words)."""
        async with asyncio.timeout(20):
            while len(self.all) < count:
                message = await self._pubsub.get_message(timeout=1)
                if message:
                    self._take(message)
        return [(node, " ".join(words)) for node, _, words, _ in self.all]

    def _take(self, message: Any) -> None:
        node = message["channel"].decode()[len(self._inbox) + 1 :]
        head, _, body = message["data"].decode().partition("\n")
        sequence, *words = head.split(" ")
        self.all.append((node, int(sequence), words, body))


class Node:
    """The verbs of one node, with short words for what tests don't look at."""

    def __init__(self, desk: Desk, link: Any, name: str) -> None:
        self.name = name
        self._link, self._keys = link, desk.keys
        self.claims = Claims(link, desk.keys, name)
        self.conversations = Conversations(link, desk.keys, name)
        self.presence = Presence(link, desk.keys, name)

    # --- presence

    async def comes(
        self, rep: str, *, capacity: int = 3, available: bool = True, device: str = "",
        nonce: str = "1",
    ) -> RepStatus:  # fmt: skip
        """A rep's tab connects here, and they are available."""
        status = await self.presence.device_up(device or f"d-{rep}", rep, nonce, capacity)
        if available:
            status = await self.presence.availability(rep, "available", "chosen")
        return status

    async def goes(self, rep: str, *, device: str = "", nonce: str = "1") -> bool:
        """The tab's connection ends; the grace begins."""
        return await self.presence.device_down(device or f"d-{rep}", nonce, GRACE)

    # --- conversations

    async def request(
        self, conversation: str, *asked: str | Stage, visitor: str = "", text: str = "",
        client_id: str = "", limit: int = 1000, wait: int = 0,
    ) -> Rung:  # fmt: skip
        """The conversation's visitor (`v-<conversation>`) asks; these reps, or reps of stages, are
        decided for.
        """
        visitor = visitor or f"v-{conversation}"
        message = entries.message_body("visitor", text, client_id) if text else b""
        return await self.claims.request(
            conversation, visitor, f"s-{conversation}", ring_of(*asked, limit=limit, wait=wait),
            requested=entries.requested_body("request"), missed=entries.missed_body(),
            message=message, client_id=client_id, gone_ms=GONE, why="request",
        )  # fmt: skip

    async def offer(
        self, conversation: str, *asked: str | Stage, more: int = 0, ends: bool = False
    ) -> Any:
        return await self.claims.offer(
            conversation, stages_of(*asked), more_ms=more, route="2 again", ends=ends
        )

    async def pass_over(self, conversation: str, deadline: str, *asked: str | Stage) -> Any:
        """The ring time is over; `asked` as the decision made again says."""
        return await self.claims.pass_over(conversation, deadline, stages_of(*asked), UNANSWERED)

    async def claim(self, conversation: str, rep: str) -> Won:
        start = entries.claimed_start(person(rep))
        return await self.claims.claim(conversation, rep, start, IDLE, SILENT)

    async def look_silent(self, conversation: str, holder: str, *, after: int = SILENT) -> bool:
        """When it is due."""
        item = f"silent:{conversation}"
        raw = await self._link.command(b"ZSCORE", self._keys.due, item)
        return await self.conversations.look_silent(
            conversation, raw.decode() if raw else "", holder, after
        )

    async def says(
        self, conversation: str, who: str, client_id: str, *, fence: int = 0, text: str = "hi"
    ) -> Any:
        """`who` is a rep, or 'v' for the conversation's visitor."""
        if who == "v":
            body = entries.message_body("visitor", text, client_id)
            return await self.conversations.message(
                conversation, "v", f"v-{conversation}", client_id, 0, body
            )
        body = entries.message_body("rep", text, client_id, person(who))
        return await self.conversations.message(conversation, "r", who, client_id, fence, body)

    async def release(
        self,
        conversation: str,
        holder: str,
        fence: int,
        *asked: str | Stage,
        why: str = "transfer",
    ) -> Rung:
        return await self.claims.release(
            conversation, holder, fence, ring_of(*asked),
            requested=entries.requested_body(why, person(holder)),
            missed=entries.missed_body(), gone_ms=GONE, why=why, local=True,
        )  # fmt: skip

    async def close(self, conversation: str, who: str, *, fence: int = 0, holder: str = "") -> Any:
        """`who` is a rep, 'v' for the visitor, 's' for the server."""
        by = {"v": "visitor", "s": "server"}.get(who, "rep")
        side = who if who in ("v", "s") else "r"
        name = {"v": f"v-{conversation}", "s": ""}.get(who, who)
        return await self.conversations.close(
            conversation, side, name, fence=fence, why="ended",
            body=entries.closed_body(by, "ended"), holder=holder,
        )  # fmt: skip

    async def expire_wait(self, conversation: str, deadline: str) -> bool:
        body = entries.missed_start()
        return await self.claims.expire_wait(conversation, deadline, body, GONE, UNANSWERED)

    async def lost_or_returned(self, conversation: str, rep: str) -> str | None:
        lost = entries.participant_body(person(rep), "lost")
        returned = entries.participant_body(person(rep), "returned")
        return await self.conversations.lost_or_returned(
            conversation, rep, lost, returned, LOST, IDLE
        )

    async def leave(self, conversation: str, client_id: str, *, visitor: str = "") -> Any:
        visitor = visitor or f"v-{conversation}"
        body = entries.left_body("a@example.com", "call me")
        return await self.conversations.leave(
            conversation, visitor, client_id, body, "a@example.com"
        )


def ring_of(*asked: str | Stage, limit: int = 1000, wait: int = 0) -> Ring:
    """First available for the whole wait, or in stages."""
    return Ring(
        stages=stages_of(*asked, limit=limit), wait_ms=wait or WAIT, route="1 default",
        about=b'{"id":"v"}', extra=b'{"reason":"All"}', decision=b"{}",
    )  # fmt: skip


def stages_of(*asked: str | Stage, limit: int = 1000) -> tuple[Stage, ...]:
    """Reps by themselves are one stage that rings all at once."""
    stages = tuple(one for one in asked if isinstance(one, Stage))
    reps = tuple(one for one in asked if isinstance(one, str))
    return (*stages, Stage(kind="targets", reps=reps, limit=limit)) if reps else stages


def in_turn(*reps: str, mode: Mode = "rotation", weights: tuple[float, ...] = ()) -> Stage:
    """A round robin of these."""
    return Stage(
        kind="targets", mode=mode, reps=reps, limit=1, ring_ms=RING, pool="rul_1", weights=weights
    )


def owner(rep: str, *, over: int = 0) -> Stage:
    """The owner alone, for the ring time."""
    return Stage(kind="owner", reps=(rep,), limit=1, ring_ms=RING, over=over, always=1)


def person(rep: str) -> dict[str, Any]:
    """As others see a rep."""
    return {"id": rep, "name": rep.title()}


def _said_by(entry: Entry) -> tuple[str, ...] | None:
    """Who said it, and their id for it; None if nobody said anything."""
    body = orjson.loads(entry.body)
    if entry.kind != "message" or not body["client_id"]:
        return None
    return body["from"], body.get("rep", {}).get("id", ""), body["client_id"]


def _fields(flat: Sequence[bytes]) -> Fields:
    return {flat[i].decode(): flat[i + 1].decode() for i in range(0, len(flat), 2)}


def _literal(pattern: str) -> str:
    """Nothing in it is a wildcard."""
    return "".join(f"\\{char}" if char in "*?[]" else char for char in pattern)
