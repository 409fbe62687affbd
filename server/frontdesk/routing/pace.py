"""Long work in a thread of a node that carries chats: it lets go now and then.

Python runs one thread at a time. One that counts for long gives way only when it is asked to, after
5 ms; so each time the event loop wakes up, it would wait for that long. Work that pauses by itself
after each millisecond makes it wait for one.
"""

from collections.abc import Iterable, Iterator
from time import perf_counter, sleep
from typing import Final, TypeVar

T = TypeVar("T")

STRETCH: Final = 0.001
"""Seconds of work between two pauses."""
PAUSE: Final = 0.000_02
"""Seconds: long enough for a waiting thread to take over, and nothing where none waits."""


def paced(items: Iterable[T]) -> Iterator[T]:
    """The same items; between two of them the thread pauses when it is time to."""
    until = perf_counter() + STRETCH
    for item in items:
        yield item
        if perf_counter() >= until:
            sleep(PAUSE)
            until = perf_counter() + STRETCH
