"""The verbs of presence, one script each."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from frontdesk.errors import FrontdeskError
from frontdesk.presence.status import RepStatus, parse_status
from frontdesk.storage.redis.keys import Keys
from frontdesk.storage.redis.link import Link
from frontdesk.storage.redis.script import load

_LUA = Path(__file__).parent / "lua"
DEVICE_UP = load(_LUA / "device_up.lua")
DEVICE_DOWN = load(_LUA / "device_down.lua")
EXPIRE_DEVICE = load(_LUA / "expire_device.lua")
AVAILABILITY = load(_LUA / "availability.lua")
ACTIVITY = load(_LUA / "activity.lua")
NODE_RENEW = load(_LUA / "node_renew.lua")
FORGET_NODE = load(_LUA / "forget_node.lua")


@dataclass(frozen=True, slots=True)
class Renewal:
    """`known` is False when the node was given up meanwhile: it attaches everything again."""

    known: bool
    sequence: int
    revision: int
    now: int


@dataclass(frozen=True, slots=True)
class Device:
    """A rep's tab, and the node and connection (nonce) that have it."""

    id: str
    rep: str
    node: str
    nonce: str


class Presence:
    """Devices and availability of reps, leases of nodes. `node` is this node's id."""

    def __init__(self, link: Link, keys: Keys, node: str) -> None:
        self._link = link
        self._keys = keys
        self._node = node
        self.pressure = 0
        """How full Redis' memory was when this node last renewed its lease, in percent."""

    async def device_up(
        self, device: str, rep: str, nonce: str, capacity: int, *, again: bool = False,
        wanted: Callable[[], bool] = lambda: True,
    ) -> RepStatus:  # fmt: skip
        """A tab connected here. Raises forbidden if the device belongs to another rep (PR-2), or,
        when this node only attaches it `again`, if it is connected elsewhere by now. What another
        connection has is taken over while `wanted`, and else it raises gone: the command may have
        been under way so long that the tab is back where it was.
        """
        k = self._keys
        taken_from = b""
        while True:
            reply = await self._link.call(
                DEVICE_UP,
                (k.ev, k.inbox, k.reps, k.dev, k.due, k.nodes, k.queue, k.held(rep)),
                (device, rep, self._node, nonce, capacity, int(again), taken_from),
            )
            if reply[0] == b"ok":
                return parse_status(reply[1])
            if reply[0] != b"elsewhere":
                raise FrontdeskError("forbidden", "This tab's device belongs to somebody else.")
            if not wanted():
                raise FrontdeskError("gone", "This connection is over.")
            taken_from = reply[1]

    async def device_down(self, device: str, nonce: str, grace_ms: int) -> bool:
        """A tab's connection ended; the grace begins (PR-3). False if it is back elsewhere."""
        reply = await self._link.call(
            DEVICE_DOWN, (self._keys.dev, self._keys.due), (device, nonce, grace_ms)
        )
        return bool(reply[0] == b"ok")

    async def expire_device(self, device: str, deadline: str) -> None:
        """The grace of a device is over."""
        k = self._keys
        await self._link.call(
            EXPIRE_DEVICE,
            (k.ev, k.inbox, k.reps, k.dev, k.due, k.nodes),
            (device, deadline, ""),
        )

    async def availability(self, rep: str, state: str, cause: str) -> RepStatus:
        """What a rep (or somebody for them) chose: available or away."""
        k = self._keys
        reply = await self._link.call(
            AVAILABILITY,
            (k.ev, k.inbox, k.reps, k.due, k.nodes, k.queue),
            (rep, state, cause, ""),
        )
        if reply[0] != b"ok":
            raise FrontdeskError("not_found", "This rep has never been connected.")
        return parse_status(reply[1])

    async def activity(self, device: str, nonce: str, *, idle: bool) -> RepStatus | None:
        """Nobody touched a tab for a while, or somebody is back (PR-1). None: it is connected
        elsewhere by now.
        """
        k = self._keys
        reply = await self._link.call(
            ACTIVITY,
            (k.ev, k.inbox, k.reps, k.dev, k.due, k.nodes, k.queue),
            (device, nonce, int(idle), ""),
        )
        return parse_status(reply[1]) if reply[0] == b"ok" else None

    async def renew(self, lease_ms: int) -> Renewal:
        """This node lives on."""
        k = self._keys
        reply = await self._link.call(NODE_RENEW, (k.nodes, k.inbox), (self._node, lease_ms))
        self.pressure = reply[4]
        return Renewal(reply[0] == b"ok", reply[1], reply[2], reply[3])

    async def forget_node(self, node: str, *, force: bool = False) -> None:
        """A node is gone and everything of it taken over."""
        k = self._keys
        await self._link.call(FORGET_NODE, (k.nodes, k.inbox), (node, int(force)))

    async def strangers(self) -> list[str]:
        """Nodes that have an inbox but no lease: something still named them when they died."""
        named = set(await self._link.command(b"HKEYS", self._keys.inbox))
        living = set(await self._link.command(b"ZRANGE", self._keys.nodes, 0, -1))
        return [node.decode() for node in named - living]

    async def devices_of(self, node: str) -> list[Device]:
        """Every device that a node had: what has to be taken over when it died (R3.4)."""
        flat = await self._link.command(b"HGETALL", self._keys.dev)
        devices = []
        for i in range(0, len(flat), 2):
            rep, at, nonce, _ = flat[i + 1].decode().split("|")
            if at == node:
                devices.append(Device(flat[i].decode(), rep, at, nonce))
        return devices

    async def everyone(self) -> dict[str, RepStatus]:
        """The status of every rep who was ever connected."""
        flat = await self._link.command(b"HGETALL", self._keys.reps)
        return {flat[i].decode(): parse_status(flat[i + 1]) for i in range(0, len(flat), 2)}

    async def one(self, rep: str) -> RepStatus | None:
        """The status of one rep."""
        raw = await self._link.command(b"HGET", self._keys.reps, rep)
        return parse_status(raw) if raw else None

    async def held(self, rep: str) -> list[str]:
        """The conversations that a rep holds, also those that gave their place back (PR-4)."""
        taken = await self._link.command(b"SMEMBERS", self._keys.held(rep))
        flat = await self._link.command(b"HGETALL", self._keys.silent)
        given = (flat[i] for i in range(0, len(flat), 2) if flat[i + 1] == rep.encode())
        return [conversation.decode() for conversation in {*taken, *given}]
