"""How often something may be done on the whole desk, whichever nodes it is done on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from frontdesk.errors import FrontdeskError
from frontdesk.storage.redis.keys import Keys
from frontdesk.storage.redis.link import Link
from frontdesk.storage.redis.script import load

RATE = load(Path(__file__).parent / "lua" / "rate.lua")
MINUTE = 60_000


@dataclass(frozen=True, slots=True)
class Rate:
    """So many a minute, all of them at once if need be; 0: no limit."""

    visitor: int = 0
    address: int = 0


class Rates:
    """Takes from a visitor's bucket and from that of their address, in one call. `rates` are by
    what is done.
    """

    def __init__(self, link: Link, keys: Keys, rates: Mapping[str, Rate]) -> None:
        self._link = link
        self._keys = keys
        self._rates = rates

    async def take(self, what: str, visitor: str, address: str) -> None:
        """One more. `visitor` may be '': nobody knows them yet. Raises rate_limited with
        `retry_after` in seconds; then nothing was taken.
        """
        rate = self._rates[what]
        limits = ((rate.visitor, "v", visitor), (rate.address, "a", address))
        buckets = [(most, f"{what}:{kind}:{who}") for most, kind, who in limits if most and who]
        if not buckets:
            return
        keys = [self._keys.rate(name) for _, name in buckets]
        reply = await self._link.call(RATE, keys, _arguments([most for most, _ in buckets]))
        if reply[0] == b"wait":
            seconds = reply[1] / 1000
            raise FrontdeskError("rate_limited", retry_after=max(0.1, round(seconds, 1)))


def _arguments(limits: Sequence[int]) -> list[int]:
    return [number for most in limits for number in (max(1, MINUTE // most), most)]
