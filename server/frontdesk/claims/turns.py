"""Whose turn it is in each rotation, as the scripts keep it: to look through, and to forget."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from frontdesk.storage.redis.keys import Keys, RawKeys
from frontdesk.storage.redis.link import Link
from frontdesk.storage.redis.script import load

FORGET_TURNS = load(Path(__file__).parent / "lua" / "forget_turns.lua")
PAGE = 400
"""Fields that are read, and forgotten, at once."""


class Turns:
    """The hash `rot`: `<rule>` and `<rule> <rep>`, each with its value."""

    def __init__(self, link: Link, keys: Keys) -> None:
        self._link = link
        self._rot = keys.rot
        self._raw = RawKeys(keys)

    async def all(self) -> AsyncIterator[dict[str, str]]:
        """Every field with its value, so many at a time; of one that changes some value of it."""
        cursor = b"0"
        while True:
            cursor, flat = await self._link.command(b"HSCAN", self._rot, cursor, b"COUNT", PAGE)
            words = [word.decode() for word in flat]
            yield dict(zip(words[::2], words[1::2], strict=True))
            if cursor == b"0":
                return

    async def forget(self, fields: Mapping[str, str]) -> int:
        """Removes those that still have this value. → how many."""
        flat = [word for field in fields.items() for word in field]
        forgotten = 0
        for begin in range(0, len(flat), 2 * PAGE):
            part = flat[begin : begin + 2 * PAGE]
            reply = await self._link.call(FORGET_TURNS, (self._raw.rot,), part)
            forgotten += reply[1]
        return forgotten
