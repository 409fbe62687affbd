"""Slowing down whoever guesses passwords; pure, the counters are kept in SQL for all nodes.

An attempt is counted *before* the password is looked at, so that a hundred parallel ones don't
all pass; a success takes the count back. Three counters: the pair of address and email stops one
guesser early; the address alone stops one guesser with many emails; the email alone stops many
addresses, but never for longer than a minute, or anybody could lock a rep out.
"""

import hashlib
import ipaddress
from dataclasses import dataclass

_FORGET_MS = 60 * 60 * 1000
_FIRST_WAIT_MS = 2_000


@dataclass(frozen=True, slots=True)
class Limit:
    """`free` attempts in a row cost nothing; then the wait doubles up to `longest_ms`."""

    free: int
    longest_ms: int


PAIR = Limit(free=5, longest_ms=15 * 60 * 1000)
ADDRESS = Limit(free=50, longest_ms=15 * 60 * 1000)
EMAIL = Limit(free=30, longest_ms=60 * 1000)


@dataclass(frozen=True, slots=True)
class Count:
    """Attempts without success so far; `since` is the time of the newest one."""

    failures: int = 0
    since: int = 0
    blocked_until: int = 0

    def wait_ms(self, now: int, limit: Limit) -> int:
        """Return how long the next attempt must wait; a clock that jumped never blocks for ever."""
        return min(max(0, self.blocked_until - now), limit.longest_ms)

    def attempted(self, now: int, limit: Limit) -> "Count":
        """Return the count after an attempt that was let through."""
        failures = (0 if now - self.since > _FORGET_MS else self.failures) + 1
        if failures < limit.free:
            return Count(failures, now, 0)
        doublings = min(failures - limit.free, 20)
        return Count(failures, now, now + min(limit.longest_ms, _FIRST_WAIT_MS << doublings))


def counters(address: str, email: str) -> dict[str, Limit]:
    """Return the counters of an attempt, by key, in the order in which they are locked."""
    source = _source(address)
    keys = {
        _key("pair", f"{source} {email}"): PAIR,
        _key("address", source): ADDRESS,
        _key("email", email): EMAIL,
    }
    return dict(sorted(keys.items()))


def _source(address: str) -> str:
    """An IPv6 customer has a whole /64: count it as one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 6:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def _key(kind: str, text: str) -> str:
    """Hashed: the table is no list of who tried to sign in from where."""
    return f"{kind}:{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:40]}"
