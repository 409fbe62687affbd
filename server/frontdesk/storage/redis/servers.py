"""The servers behind a URL: which of them has the desk now, and the news that it is another.

One server (`redis://`…) is `OneServer`; `sentinels` and `cluster` ask theirs. A `Link` goes where
`place` says; whoever stands in `on_moved` is told where the desk is whenever that was found out,
and leaves at once if they are elsewhere.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from typing import Any, NamedTuple, Protocol, TypeVar

from frontdesk.storage.redis.address import Address
from frontdesk.storage.redis.errors import Elsewhere

ASK_SECONDS = 1.0  # as long as one Sentinel or node may take to say what it knows

_Answer = TypeVar("_Answer")

MovedCallback = Callable[[Address], None]


class Place(NamedTuple):
    """A server, and whether the desk's keys are still on their way to it (a slot that moves)."""

    address: Address
    asking: bool = False


class Servers(Protocol):
    """What a Link and a Subscription ask."""

    on_moved: list[MovedCallback]

    def start(self) -> None:
        """Begins to listen for news, in the background."""

    async def close(self) -> None:
        """No more news."""

    async def place(self) -> Place:
        """Where the desk is. Raises OSError, TimeoutError or Retry if nobody can say."""

    def heed(self, answer: Elsewhere, said_by: Address) -> Place:
        """Where an answer of the server `said_by` sends us."""

    def doubt(self) -> None:
        """Something is odd there: look anew, in the background."""


async def answers(
    questions: Iterable[Coroutine[Any, Any, _Answer]], *, enough: int
) -> tuple[list[_Answer], list[Exception]]:
    """Asks all at once; what the first `enough` say within a second, and what went wrong till then.

    Who is dead or cut off must not keep us from asking the others.
    """
    asked = {asyncio.ensure_future(question) for question in questions}
    left = set(asked)
    told: list[_Answer] = []
    wrong: list[Exception] = []
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(ASK_SECONDS):
                while left and len(told) < enough:
                    done, left = await asyncio.wait(left, return_when=asyncio.FIRST_COMPLETED)
                    for one in done:
                        try:
                            told.append(one.result())
                        except Exception as error:  # noqa: BLE001 - told to the caller
                            wrong.append(error)
    finally:
        for one in left:
            one.cancel()
        await asyncio.gather(*left, return_exceptions=True)
    return told, wrong


class OneServer:
    """It is where it is."""

    def __init__(self, address: Address) -> None:
        self.on_moved: list[MovedCallback] = []
        self._address = address

    def __str__(self) -> str:
        return str(self._address)

    def start(self) -> None:
        """There is no news."""

    async def close(self) -> None:
        """The same."""

    async def place(self) -> Place:
        return Place(self._address)

    def heed(self, answer: Elsewhere, said_by: Address) -> Place:  # noqa: ARG002 - see Servers
        raise answer

    def doubt(self) -> None:
        """There is nobody else to ask."""
