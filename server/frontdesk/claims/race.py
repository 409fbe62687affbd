"""Claims of one conversation on one node, one at a time.

Ten reps click at once; Redis is asked for the first of them, and what it answers tells the others
that they lost: nine script calls less for each chat. The script alone says who won (CH-2).
"""

import asyncio
from collections.abc import Awaitable, Callable

from frontdesk.claims.rings import Rings
from frontdesk.claims.store import Won
from frontdesk.errors import FrontdeskError


class Races:
    """`rings` remembers who won what rang here."""

    def __init__(self, rings: Rings) -> None:
        self._rings = rings
        self._running: dict[str, asyncio.Future[None]] = {}

    async def winner(self, conversation: str, rep: str) -> tuple[str, int] | None:
        """Who was quicker, and when, once no claim of it is under way here. None: nobody yet."""
        while running := self._running.get(conversation):
            await running
        return self._rings.winner(conversation, rep)

    async def claim(self, conversation: str, rep: str, ask: Callable[[], Awaitable[Won]]) -> Won:
        """What `ask` answers, unless another rep of this node was quicker. Raises as it does."""
        if winner := await self.winner(conversation, rep):
            raise already_claimed(*winner)
        done = self._running[conversation] = asyncio.get_running_loop().create_future()
        try:
            won = await ask()
            self._rings.won(conversation, rep, won.wall)
        except FrontdeskError as error:
            if error.code == "already_claimed":
                self._rings.won(conversation, error.fields["by"], error.fields["at"])
            raise
        else:
            return won
        finally:
            del self._running[conversation]
            done.set_result(None)


def already_claimed(by: str, at: int) -> FrontdeskError:
    """`by` is the winner's id, `at` when, in ms since 1970."""
    return FrontdeskError("already_claimed", by=by, at=at)
