"""What the rest of a running server must hear at once when people change."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from frontdesk.people.rep import Rep


async def _signed_out(rep_id: str, token_hash: str | None) -> None:
    """Nobody listens."""


async def _changed(rep: Rep) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class Notices:
    """Called after the change was committed.

    `signed_out(rep, token_hash)`: the sockets of that sign-in must close (4506) on every node,
    all of the rep's where `token_hash` is None, and every node must forget the cached identity.
    `changed(rep)`: name, role, groups, capacity or `active` is another now.
    """

    signed_out: Callable[[str, str | None], Awaitable[None]] = _signed_out
    changed: Callable[[Rep], Awaitable[None]] = _changed
