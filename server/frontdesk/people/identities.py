"""Who is behind a cookie or a bearer token; asked at every socket and every request.

A good answer is kept for a few seconds in this node. A sign-out is still honoured at once: the
node that does it forgets, and tells the others to (`Notices.signed_out` → `forget` everywhere).
If that notice is lost, the few seconds are the bound; open sockets are asked about with `valid`.
"""

import re
import time
from collections.abc import Awaitable, Callable, Collection

from frontdesk.clock import NowMs
from frontdesk.people.rep import RepIdentity, token_hash
from frontdesk.people.sign_ins import BEARER_PREFIX
from frontdesk.people.store import sign_ins as store
from frontdesk.people.store.sign_ins import Found
from frontdesk.storage.engine import Database

_KEEP_SECONDS = 15.0
_MOST_KEPT = 20_000
_AT_ONCE = 500
_WRITE_USE_AFTER_MS = 5 * 60 * 1000
_TOKEN = re.compile(r"^[A-Za-z0-9_-]{43}$")

Lookup = Callable[[str], Awaitable[Found | None]]


class Identities:
    """Turns tokens into identities, or None for whatever is wrong with them."""

    def __init__(
        self, database: Database, *, now: NowMs, tick: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._now = now
        self._tick = tick
        self._kept: dict[str, tuple[RepIdentity, float]] = {}
        self._forgets = 0

    async def by_cookie(self, token: str) -> RepIdentity | None:
        """Return who is signed in by this value of the sign-in cookie."""
        if not _TOKEN.match(token):
            return None
        return await self._identify(token_hash(token), self._find_sign_in)

    async def by_bearer(self, token: str) -> RepIdentity | None:
        """Return whose bearer token this is."""
        if not token.startswith(BEARER_PREFIX) or not _TOKEN.match(token[len(BEARER_PREFIX) :]):
            return None
        return await self._identify(token_hash(token), self._find_bearer)

    def forget(self, rep_id: str, token_hash: str | None = None) -> None:
        """Drop what is kept of one sign-in, or of all of a rep's."""
        self._forgets += 1
        if token_hash is not None:
            self._kept.pop(token_hash, None)
            return
        theirs = [key for key, (who, _) in self._kept.items() if who.id == rep_id]
        for key in theirs:
            del self._kept[key]

    async def valid(self, digests: Collection[str]) -> set[str]:
        """Return those hashes that still are somebody's sign-in or bearer token; SQL is asked, and
        what is kept of the others is forgotten.
        """
        asked, found = list(digests), set[str]()
        async with self._database.read() as connection:
            for begin in range(0, len(asked), _AT_ONCE):
                some = asked[begin : begin + _AT_ONCE]
                found |= await store.valid_of(connection, some, self._now())
        for digest in set(asked) - found:
            self._kept.pop(digest, None)
        return found

    async def _identify(self, digest: str, find: Lookup) -> RepIdentity | None:
        kept = self._kept.get(digest)
        if kept is not None and kept[1] > self._tick():
            return kept[0]
        found = await self._find(digest, find)
        if found is None:
            self._kept.pop(digest, None)
            return None
        if self._now() - found.used_at > _WRITE_USE_AFTER_MS:
            async with self._database.write() as connection:
                await store.touch(connection, found.identity, self._now())
        return found.identity

    async def _find(self, digest: str, find: Lookup) -> Found | None:
        """Ask SQL, again if anything was forgotten while it answered: the answer may be older."""
        for _ in range(5):
            before = self._forgets
            found = await find(digest)
            if self._forgets == before:
                if found is not None:
                    self._keep(digest, found.identity)
                return found
        return await find(digest)

    def _keep(self, digest: str, identity: RepIdentity) -> None:
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()  # rare; the next requests ask SQL again
        self._kept[digest] = (identity, self._tick() + _KEEP_SECONDS)

    async def _find_sign_in(self, digest: str) -> Found | None:
        async with self._database.read() as connection:
            return await store.find_sign_in(connection, digest, self._now())

    async def _find_bearer(self, digest: str) -> Found | None:
        async with self._database.read() as connection:
            return await store.find_bearer(connection, digest)
