"""Passwords: argon2id in threads of its own, so that neither the loop nor the pool of SQL waits.

2 passes over 32 MiB on one lane: above OWASP's least (2 × 19 MiB), about 60 ms on the machine
this was built on. One lane, because a node has one core and a sign-in shall not take four.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from frontdesk.errors import Overloaded
from frontdesk.people.refusals import invalid

Result = TypeVar("Result")

SHORTEST = 10
LONGEST = 256
_AT_ONCE = 2
_MOST_WAITING = 32


class Passwords:
    """Hashes and checks. Raises `Overloaded` when too many wait already."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher(time_cost=2, memory_cost=32 * 1024, parallelism=1)
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="argon2")
        self._waiting = 0
        self._nobody = ""

    async def hash(self, password: str) -> str:
        return await self._run(partial(self._hasher.hash, password))

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password is right. Without a stored hash: the same work, then False."""
        right = await self._run(partial(self._matches, stored, password))
        return right and stored is not None

    def outdated(self, stored: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[[], Result]) -> Result:
        if self._waiting >= _MOST_WAITING:
            raise Overloaded
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1

    def _matches(self, stored: str | None, password: str) -> bool:
        if not self._nobody:
            self._nobody = self._hasher.hash("nobody has this password")
        try:
            return self._hasher.verify(stored or self._nobody, password)
        except (VerificationError, InvalidHashError):
            return False


def check_new(password: str, *, email: str, name: str = "") -> None:
    """Refuse a password that is too short, too long, or made of what everybody knows."""
    if len(password) < SHORTEST:
        raise invalid(password=f"At least {SHORTEST} characters.")
    if len(password) > LONGEST:
        raise invalid(password=f"At most {LONGEST} characters.")
    known = {email.lower(), email.partition("@")[0].lower(), name.lower()} - {""}
    if len(set(password)) < 4 or password.lower() in known:
        raise invalid(password="Too easy to guess.")  # noqa: S106  # a sentence, not a password
