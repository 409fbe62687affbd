"""Empty a node before it stops: everybody is told to go elsewhere, a few at a time (R7.4)."""

import asyncio
from collections.abc import Iterable
from math import ceil
from random import Random

from frontdesk.hub.connection import Connection
from frontdesk.wire.codec import Outgoing
from frontdesk.wire.frames import CloseCode, Reconnect

STEP_SECONDS = 0.05
LEAST = 10
"""Told in each step at least: 200 a second storm nobody, and a small node stops at once."""
AFTER_MS = 500
"""Each client waits a random part of this before it connects again: no two steps line up."""


async def drain(
    connections: Iterable[Connection],
    seconds: float,
    *,
    grace: float = 5.0,
    random: Random | None = None,
) -> int:
    """Tell every connection `reconnect` and close it 4001, spread over up to `seconds`.

    Those whose turn has not come yet are served as before. Returns when all are gone, or `grace`
    seconds after the last was told; the result is how many were still there then (they are cut
    off). The listener must be closed and the door draining before, or new ones come in.
    """
    random = random or Random()  # noqa: S311 - spreads load, guards nothing
    waiting = [connection for connection in connections if not connection.gone]
    random.shuffle(waiting)
    told = list(waiting)
    steps = max(1, round(seconds / STEP_SECONDS))
    share = max(LEAST, ceil(len(waiting) / steps))
    while waiting:
        for connection in waiting[:share]:
            _send_away(connection, random)
        del waiting[:share]
        if waiting:
            await asyncio.sleep(STEP_SECONDS)
    return await _gone(told, grace)


def _send_away(connection: Connection, random: Random) -> None:
    connection.push(Outgoing.of(Reconnect(after_ms=random.randrange(AFTER_MS))))
    connection.close(CloseCode.DRAIN, "drain")


async def _gone(told: list[Connection], grace: float) -> int:
    """Wait until the last has read its close frame; cut off who doesn't."""
    loop = asyncio.get_running_loop()
    until = loop.time() + grace
    left = told
    while left and loop.time() < until:
        await asyncio.sleep(STEP_SECONDS)  # thousands go: no event for each
        left = [connection for connection in left if not connection.gone]
    for connection in left:
        connection.abort()
    return len(left)
