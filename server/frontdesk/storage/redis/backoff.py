"""How long to wait before the next attempt to connect."""

import random
from collections.abc import Iterator

FIRST = 0.02  # s; the embedded server is back in less than one
MOST = 0.5  # s; more would add to an outage that is over
_random = random.SystemRandom()


def pauses() -> Iterator[float]:
    """Endless pauses in seconds, growing from FIRST to MOST, spread so that nodes don't march."""
    longest = FIRST
    while True:
        yield _random.uniform(0, longest)
        longest = min(MOST, longest * 2)
