"""Scenario scripts: what each script of a chat costs Redis, with no server around it.

One Redis, the server's own stores, and the chats of the scenario `chat` step by step: so many
requests, then their claims, and so on, all of a step at once. What Redis uses meanwhile is the cost
of the step, by call, beside a script that does nothing.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import orjson

from frontdesk.claims.store import Claims, Ring
from frontdesk.conversations import entries
from frontdesk.conversations.store import Conversations
from frontdesk.errors import FrontdeskError
from frontdesk.presence.store import Presence
from frontdesk.routing.decisions.decision import Stage
from frontdesk.storage.redis.keys import Keys
from frontdesk.storage.redis.link import Link
from frontdesk.storage.redis.subscription import Subscription
from loadtest.meter import Result
from loadtest.options import Options
from loadtest.redis_cost import Cost, lonely_redis

AT_ONCE = {"time": 250, "instructions": 25}
"""Chats of a round; callgrind is slow, and a link gives up an answer that is 2 s late."""
WAIT, GONE, CAPACITY = 90_000, 300_000, 250
TEXT = "Message: as long as people's messages usually are."
EXTRA = b'{"reason":"First available","text":"","why":"request"}'
FLOOR = b"return {'ok', 1}"


@dataclass(slots=True)
class Node:
    """The verbs as one node calls them."""

    claims: Claims
    conversations: Conversations
    presence: Presence
    inbox: Subscription


@dataclass(slots=True)
class Desk:
    """Nodes that hear their inbox, and reps who are available, spread over them."""

    link: Link
    keys: Keys
    floor: bytes
    nodes: list[Node]
    reps: list[str]

    def node_of(self, rep: int) -> Node:
        return self.nodes[rep % len(self.nodes)]

    async def close(self) -> None:
        for node in self.nodes:
            await node.inbox.close()
        await self.link.close()


@dataclass(slots=True)
class Chat:
    """A conversation on its way. The visitor is on the first node, the winner on any."""

    desk: Desk
    name: str
    winner: int
    fence: int = 0
    said: int = 0
    last: int = 0
    parts: dict[str, Any] = field(default_factory=dict)

    async def nothing(self) -> None:
        """A script that only answers, with keys and words as others have them."""
        keys, link = self.desk.keys, self.desk.link
        c, ring, log = keys.conversation(self.name)
        words = (link.epoch, self.name, "v", f"v-{self.name}", "n-12345678901234")
        await link.command(b"EVALSHA", self.desk.floor, 5, keys.meta, keys.ev, c, ring, log, *words)

    async def request(self) -> None:
        reps = self.desk.reps
        stages = (Stage(kind="targets", reps=tuple(reps)),)
        ring = Ring(stages, WAIT, "0 default", _about(self.name), EXTRA, _decision(reps))
        await self.desk.nodes[0].claims.request(
            self.name, f"v-{self.name}", f"s-{self.name}", ring,
            requested=entries.requested_body("request"), missed=entries.missed_body("nobody"),
            message=b"", client_id="", gone_ms=GONE, why="request",
        )  # fmt: skip

    async def claim(self) -> None:
        won = await self._claimed_by(self.winner)
        self.fence = won.fence
        await self.desk.node_of(self.winner).conversations.newest(self.name, won.offset)

    async def lose(self) -> None:
        """The first claim of another node, which Redis is asked for, too."""
        try:
            await self._claimed_by(self.winner + 1)
        except FrontdeskError as error:
            if error.code != "already_claimed":
                raise

    def _claimed_by(self, rep: int) -> Coroutine[Any, Any, Any]:
        name = self.desk.reps[rep % len(self.desk.reps)]
        start = entries.claimed_start(_person(name))
        return self.desk.node_of(rep).claims.claim(self.name, name, start, GONE)

    async def message(self) -> None:
        """By turns, the visitor first."""
        self.said += 1
        client_id, rep = f"{self.name}-{self.said}", self.desk.reps[self.winner]
        if self.said % 2:
            side, who, node = "v", f"v-{self.name}", self.desk.nodes[0]
            body = entries.message_body("visitor", TEXT, client_id)
        else:
            side, who, node = "r", rep, self.desk.node_of(self.winner)
            body = entries.message_body("rep", TEXT, client_id, _person(rep))
        fence = self.fence if side == "r" else 0
        await node.conversations.message(self.name, side, who, client_id, fence, body)

    async def close(self) -> None:
        rep = self.desk.reps[self.winner]
        ended = await self.desk.node_of(self.winner).conversations.close(
            self.name, "r", rep, fence=self.fence, why="ended",
            body=entries.closed_body("rep", "ended"), holder=rep,
        )  # fmt: skip
        self.last = ended.offset

    async def read(self) -> None:
        await self.desk.nodes[0].conversations.entries(self.name, 1, self.last)

    async def retire(self) -> None:
        await self.desk.nodes[0].conversations.retire(self.name, self.last)


STEPS: dict[str, Callable[[Chat], Coroutine[Any, Any, None]]] = {
    "nothing": Chat.nothing,
    "request": Chat.request,
    "claim, won": Chat.claim,
    "claim, lost": Chat.lose,
    "message": Chat.message,
    "close": Chat.close,
    "log read for the archive": Chat.read,
    "retire": Chat.retire,
}


async def run(options: Options) -> Result:
    """The scenario, on a Redis of its own."""
    async with lonely_redis(durability=options.durability, counts=options.count) as (url, cost):
        desk = await _desk(url, options)
        try:
            rounds = [await _round(desk, cost, options, n) for n in range(options.rounds + 1)]
        finally:
            await desk.close()
    result = Result(
        f"scripts of a chat, {options.nodes} node(s), fsync {options.durability}",
        f"{options.rounds} rounds of {AT_ONCE[options.count]} chats, a step at a time; medians",
        options.shown(),
    )
    _tell(result, rounds[1:], cost.unit, options)
    return result


async def _desk(url: str, options: Options) -> Desk:
    keys = Keys("fd", "main")
    link = await Link.open(url, meta_key=keys.meta, within=60)
    await link.command(b"HSET", keys.meta, b"quiet_until", 0)
    nodes = [await _node(link, keys, f"n-{number:014}") for number in range(options.nodes)]
    desk = Desk(link, keys, await link.command(b"SCRIPT", b"LOAD", FLOOR), nodes, [])
    for number in range(options.reps):
        desk.reps.append(f"r-{number:014}")
        here = desk.node_of(number).presence
        await here.device_up(f"d-{number:014}", desk.reps[-1], "1", CAPACITY)
        await here.availability(desk.reps[-1], "available", "chosen")
    return desk


async def _node(link: Link, keys: Keys, name: str) -> Node:
    up = asyncio.Event()
    inbox = Subscription(
        link.servers, keys.channel(name), on_message=lambda _: None, on_up=up.set, on_down=up.clear
    )
    inbox.open()
    await up.wait()
    return Node(
        Claims(link, keys, name),
        Conversations(link, keys, name),
        Presence(link, keys, name),
        inbox,
    )


async def _round(desk: Desk, cost: Cost, options: Options, number: int) -> dict[str, float]:
    """What a call of each step cost. All messages of a chat are one step, repeated."""
    names = [f"c-{number:05}{one:09}" for one in range(AT_ONCE[options.count])]
    chats = [Chat(desk, name, one % len(desk.reps)) for one, name in enumerate(names)]
    found: dict[str, list[float]] = defaultdict(list)
    for name, step in STEPS.items():
        for _ in range(_calls(name, options) or 1):
            before = cost.now()
            await asyncio.gather(*map(step, chats))
            found[name].append((cost.now() - before) / len(chats))
    return {name: sum(some) / len(some) for name, some in found.items()}


def _calls(name: str, options: Options) -> int:
    """How many of them a chat has."""
    others = {"nothing": 0, "claim, lost": options.nodes - 1, "message": options.messages}
    return others.get(name, 1)


def _tell(result: Result, rounds: list[dict[str, float]], unit: str, options: Options) -> None:
    costs = {name: median(one[name] for one in rounds) for name in STEPS}
    for name, cost in costs.items():
        result.add(name, cost, unit)
    chat = sum(cost * _calls(name, options) for name, cost in costs.items())
    result.add("all of a chat", chat, unit)
    result.add("all of a chat : nothing", chat / costs["nothing"], "×")


# --- words as long as they are in a real chat -----------------------------------------------------


def _person(rep: str) -> dict[str, Any]:
    return {"id": rep, "name": f"Rep {rep[-1]}"}


def _about(name: str) -> bytes:
    page = {"url": "https://www.example.com/prices", "title": "Prices"}
    return orjson.dumps(
        {"id": f"v-{name}", "session": f"s-{name}", "pages_seen": 1, "returning": False,
         "landing_page": page["url"], "page": page, "past_conversations": 3}
    )  # fmt: skip


def _decision(reps: list[str]) -> bytes:
    considered = [
        {"rep": rep, "eligibility": "eligible", "since": 1795866193895, "cause": "chosen",
         "load": 3, "capacity": 50}
        for rep in reps
    ]  # fmt: skip
    stage = {"kind": "targets", "mode": "all", "reps": reps, "of": len(reps), "limit": 1000,
             "always": 0, "over": 0, "ring_ms": 0}  # fmt: skip
    return orjson.dumps(
        {"version": 2, "ruleset": 0, "rule": "default", "name": "Default rule",
         "strategy": "first_available", "why": "request", "at": 1795866207613,
         "considered": considered, "counts": {"eligible": len(reps)}, "stages": [stage],
         "fallback": True, "wait_ms": WAIT, "missed": "meeting_booker",
         "asked_for": "meeting_booker", "book": ["targets"], "situation": {}}
    )  # fmt: skip
