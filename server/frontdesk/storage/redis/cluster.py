"""A Redis Cluster: who has which slot (R6.8).

Nodes are asked for the whole map, the given ones and those it named; the first answer counts, for
what is wrong in it is corrected by the node that we come to (MOVED).
"""

import asyncio
from collections.abc import Iterable
from contextlib import suppress

from redis.crc import key_slot

from frontdesk.errors import FrontdeskError, Retry
from frontdesk.storage.redis.address import Address
from frontdesk.storage.redis.errors import Elsewhere, ScriptFailed
from frontdesk.storage.redis.pipeline import Answer, Pipeline
from frontdesk.storage.redis.servers import MovedCallback, Place, answers

Range = tuple[int, int, Address]
"""The first and the last slot, and the master."""


class Cluster:
    """The map, and the place of the desk whose keys share the slot of `key`."""

    def __init__(self, seeds: list[Address], key: str) -> None:
        self.on_moved: list[MovedCallback] = []
        self.slot = key_slot(key.encode())
        self._seeds = seeds
        self._nodes: list[Address] = []  # that the map named, replicas too
        self._owners: dict[int, Address] = {}
        self._refreshing: asyncio.Task[None] | None = None

    def __str__(self) -> str:
        return f"cluster of {', '.join(map(str, self._seeds))}"

    def start(self) -> None:
        """Nodes say that a slot moved when they are asked for it, not before."""

    async def close(self) -> None:
        if self._refreshing is not None:
            self._refreshing.cancel()

    def owner(self, slot: int) -> Address | None:
        """The master of a slot, as far as we know."""
        return self._owners.get(slot)

    def slot_of_each(self) -> list[int]:
        """A slot of every master that has any."""
        return list({owner: slot for slot, owner in self._owners.items()}.values())

    async def place(self) -> Place:
        await self.refresh()
        address = self.owner(self.slot)
        if address is None:
            raise Retry(f"No node of the cluster has slot {self.slot}, where the desk is.")
        return Place(address)

    def heed(self, answer: Elsewhere, said_by: Address) -> Place:
        address = said_by.at(answer.host or said_by.host, answer.port)
        if not answer.asking:
            self._owners[answer.slot] = address
        return Place(address, answer.asking)

    def doubt(self) -> None:
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = asyncio.create_task(self._refreshed(), name="redis cluster map")

    async def refresh(self) -> None:
        """Reads the map anew. Raises Retry if no node gives one."""
        known = dict.fromkeys([*self._nodes, *self._seeds])
        told, wrong = await answers(map(_map_of, known), enough=1)
        if not told:
            because = "; ".join(dict.fromkeys(map(str, wrong))) or "none answers"
            raise _reason(wrong, f"No node of the cluster says who has what: {because}.")
        self._learn(told[0])

    async def _refreshed(self) -> None:
        with suppress(OSError, FrontdeskError):
            await self.refresh()
        desk = self.owner(self.slot)
        if desk is not None:
            for callback in self.on_moved:
                callback(desk)

    def _learn(self, ranges: Iterable[tuple[Range, list[Address]]]) -> None:
        self._owners, self._nodes = {}, []
        for (first, last, master), replicas in ranges:
            self._owners |= dict.fromkeys(range(first, last + 1), master)
            self._nodes += [master, *replicas]


def _reason(wrong: list[Exception], words: str) -> Exception:
    """A wrong password is a mistake; the rest may pass."""
    return next((error for error in wrong if isinstance(error, ScriptFailed)), Retry(words))


async def _map_of(node: Address) -> list[tuple[Range, list[Address]]]:
    """CLUSTER SLOTS, which Redis 6.2, 7 and Valkey answer alike."""
    pipeline = await node.connect(Pipeline)
    try:
        for command in node.login():
            await pipeline.ask(*command)
        answer = await pipeline.ask("CLUSTER", "SLOTS")
    finally:
        pipeline.lose("asked")
    if not answer:
        raise Retry(f"{node} has no slots")
    return [_range(node, one) for one in answer]


def _range(node: Address, answer: Answer) -> tuple[Range, list[Address]]:
    """A node that doesn't know its own name is the one that we asked."""
    first, last, *nodes = answer
    master, *replicas = [node.at((one[0] or b"").decode() or node.host, one[1]) for one in nodes]
    return (first, last, master), replicas
