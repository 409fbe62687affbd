"""A master that Sentinels watch over: found by asking all of them, left at once when they switch.

redis-py believes the first Sentinel that answers. One that was cut off still names the old master,
which goes on taking writes for a while that are lost afterwards (R1.9); so we ask every one and
believe the newest switch (`config-epoch`) that the answers tell of.
"""

import asyncio
from collections import Counter
from contextlib import suppress

import structlog

from frontdesk.errors import FrontdeskError, Retry
from frontdesk.storage.redis.address import Address
from frontdesk.storage.redis.errors import Elsewhere, ScriptFailed
from frontdesk.storage.redis.pipeline import Pipeline
from frontdesk.storage.redis.servers import MovedCallback, OneServer, Place, answers
from frontdesk.storage.redis.subscription import Subscription

SELECTED = "+selected-slave"
ABORTED = "-failover-abort-slave-timeout"
SWITCHED = "+switch-master"
SELECTED_SECONDS = 10.0  # so long we wait for the replica that was selected, whatever they say
_log = structlog.get_logger(__name__)


class Sentinels:
    """`name` is what they call the master; `server` says how its servers let us in."""

    def __init__(self, sentinels: list[Address], name: str, server: Address) -> None:
        self.on_moved: list[MovedCallback] = []
        self.addresses = sentinels
        self.name = name
        self._server = server
        self._coming: tuple[Address, float] | None = None
        self._ears = [self._ear(address) for address in sentinels]
        self._looking: asyncio.Task[None] | None = None

    def __str__(self) -> str:
        return f"{self.name} of {', '.join(map(str, self.addresses))}"

    def start(self) -> None:
        """Hears every Sentinel: one alone may be cut off, or dead."""
        for ear in self._ears:
            ear.open()

    async def close(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
        await asyncio.gather(*(ear.close() for ear in self._ears))

    async def place(self) -> Place:
        """By the newest switch that most of them know of, or all that answer within a second."""
        most = len(self.addresses) // 2 + 1
        told, wrong = await answers(map(self._ask, self.addresses), enough=most)
        if not told:
            raise _reason(wrong, self.name)
        if self._coming is not None and asyncio.get_running_loop().time() < self._coming[1]:
            return Place(self._coming[0])
        votes = Counter(told)
        return Place(max(votes, key=lambda one: (one[0], votes[one]))[1])

    def heed(self, answer: Elsewhere, said_by: Address) -> Place:  # noqa: ARG002 - see Servers
        raise answer

    def doubt(self) -> None:
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look(), name="redis sentinels")

    async def _ask(self, sentinel: Address) -> tuple[int, Address]:
        """How new it is, and the master, as one Sentinel sees it."""
        pipeline = await sentinel.connect(Pipeline)
        try:
            for command in sentinel.login():
                await pipeline.ask(*command)
            flat = await pipeline.ask("SENTINEL", "MASTER", self.name)
        finally:
            pipeline.lose("asked")
        said = {flat[i].decode(): flat[i + 1].decode() for i in range(0, len(flat), 2)}
        return int(said["config-epoch"]), self._server.at(said["ip"], int(said["port"]))

    # --- news

    def _ear(self, sentinel: Address) -> Subscription:
        return Subscription(
            OneServer(sentinel),
            SWITCHED,
            SELECTED,
            ABORTED,
            on_message=self._heard,
            on_up=self.doubt,  # a switch may have been said before we listened
            on_down=lambda: None,
        )

    def _heard(self, message: bytes) -> None:
        """SWITCHED: `name old-ip old-port new-ip new-port`. SELECTED: `slave id ip port @ name …`.
        ABORTED: `master name …`.
        """
        words = message.decode().split(" ")
        if words[4:6] == ["@", self.name]:
            self._selected(self._server.at(words[2], int(words[3])))
        elif words[:2] == ["master", self.name] and len(words) < 5:
            self._coming = None
        elif words[0] == self.name:
            _log.warning("sentinel_switched", master=":".join(words[3:]))
            self._coming = None
            self._moved(self._server.at(words[3], int(words[4])))

    def _selected(self, replica: Address) -> None:
        """The failover begins. Where the old master is well, it takes writes until the switch is
        said, seconds later, and other replicas acknowledge what the new master will never have. So
        nobody stays, and nobody comes back.
        """
        _log.warning("sentinel_selected", replica=str(replica))
        self._coming = replica, asyncio.get_running_loop().time() + SELECTED_SECONDS
        self._moved(replica)

    async def _look(self) -> None:
        with suppress(OSError, FrontdeskError):
            self._moved((await self.place()).address)

    def _moved(self, address: Address) -> None:
        for callback in self.on_moved:
            callback(address)


def _reason(wrong: list[Exception], name: str) -> Exception:
    """Why nobody says it: a wrong name or password is a mistake, the rest may pass."""
    for error in wrong:
        if isinstance(error, ScriptFailed):
            return error
    because = "; ".join(dict.fromkeys(str(error) for error in wrong)) or "none answers"
    return Retry(f"No Sentinel can say where {name} is: {because}.")
