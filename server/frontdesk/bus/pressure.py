"""Memory is bounded by levels, never by running into `maxmemory`."""

import asyncio
from pathlib import Path

import structlog

from frontdesk.errors import FrontdeskError
from frontdesk.storage.redis.link import Link
from frontdesk.storage.redis.script import load

PRESS = load(Path(__file__).parent / "lua" / "press.lua")
EVERY = 1.0
log = structlog.get_logger("pressure")


class Pressure:
    """Looks at Redis' memory each second and writes the level that scripts go by."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self.percent = 0

    async def run(self) -> None:
        """For ever."""
        while True:
            try:
                await self.look()
            except FrontdeskError as error:
                log.warning("looking waits", code=error.code)
            await asyncio.sleep(EVERY)

    async def look(self) -> int:
        """Once. → percent of `maxmemory` used; 0 where there is no limit."""
        info = _parse(await self._link.command(b"INFO", b"memory"))
        limit = int(info.get("maxmemory", "0"))
        percent = round(100 * int(info["used_memory"]) / limit) if limit else 0
        if percent // 5 > self.percent // 5 and percent >= 60:
            log.warning("redis memory fills", percent=percent)
        self.percent = percent
        await self._link.call(PRESS, (), (percent,))
        return percent


def _parse(info: bytes) -> dict[str, str]:
    lines = (line.partition(":") for line in info.decode().splitlines())
    return {name: value for name, _, value in lines if value}
