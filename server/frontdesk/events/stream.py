"""The desk's event stream, as a reader sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from frontdesk.storage.redis.keys import Keys
from frontdesk.storage.redis.link import Link

REMOVED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `id` is the stream's; `kind` and the other `fields` as the scripts wrote them.

    `epoch:id` names it for ever (R1.7). `at` is ms since 1970, and never before that of an earlier
    event; `conversation` may be ''; `offset` is that of its entry in the conversation's log, 0 if
    it has none.
    """

    id: str
    kind: str
    epoch: str
    at: int
    conversation: str
    offset: int
    fields: dict[str, str]

    @property
    def name(self) -> str:
        """Its name for ever."""
        return f"{self.epoch}:{self.id}"


def event_of(raw: Any) -> Event:
    """From an element of XRANGE: id, [h, `version kind epoch wall conversation offset`, name,
    value, …]. Raises ValueError on what no script of ours wrote.

    The wall is that of the id where it says 0, as a message does, and where it is behind the id:
    Redis' clock was set back, and ids never go back. Else a ring would begin after it ended.
    """
    _, head, *flat = raw[1]
    _version, kind, epoch, at, conversation, offset = head.decode().split(" ")
    return Event(
        id=raw[0].decode(),
        kind=kind,
        epoch=epoch,
        at=max(int(at), int(raw[0].partition(b"-")[0])),
        conversation="" if conversation == "-" else conversation,
        offset=int(offset),
        fields={flat[i].decode(): flat[i + 1].decode() for i in range(0, len(flat), 2)},
    )


class EventStream:
    """Reads and trims; positions are the reader's business."""

    def __init__(self, link: Link, keys: Keys) -> None:
        self._link = link
        self.name = keys.ev

    @property
    def epoch(self) -> str:
        """Of the incarnation that is connected now."""
        return self._link.epoch.decode()

    async def after(self, position: str, count: int = 500) -> list[Any]:
        """Up to `count` raw events after a stream id."""
        return list(
            await self._link.command(b"XRANGE", self.name, f"({position}", b"+", b"COUNT", count)
        )

    async def newest(self) -> str:
        """The id of the last event, '0-0' if there is none."""
        last = await self._link.command(b"XREVRANGE", self.name, b"+", b"-", b"COUNT", 1)
        return last[0][0].decode() if last else "0-0"

    async def length(self) -> int:
        """Events kept now."""
        return int(await self._link.command(b"XLEN", self.name))

    async def remove(self, ids: Sequence[str]) -> None:
        """Takes these events away (OP-5); readers never see them."""
        for begin in range(0, len(ids), REMOVED_AT_ONCE):
            some = ids[begin : begin + REMOVED_AT_ONCE]
            await self._link.command(b"XDEL", self.name, *some)

    async def trim(self, lowest: str) -> None:
        """Forgets what is before `lowest`; the last five minutes stay (node resync)."""
        await self._link.command(b"XTRIM", self.name, b"MINID", lowest)
