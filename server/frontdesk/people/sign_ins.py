"""Signing in and out: passwords, links, bearer tokens; throttled, with equal work for everybody."""

from dataclasses import dataclass

from frontdesk.clock import NowMs
from frontdesk.errors import FrontdeskError
from frontdesk.people.notices import Notices
from frontdesk.people.passwords import Passwords, check_new
from frontdesk.people.refusals import forbidden, invalid, throttled, unknown, wrong_sign_in
from frontdesk.people.rep import Rep, RepIdentity, clean_name, fresh_token, token_hash
from frontdesk.people.roles import Right
from frontdesk.people.store import reps
from frontdesk.people.store import sign_ins as store
from frontdesk.people.store import throttle as counts
from frontdesk.people.store.audit import SYSTEM, record
from frontdesk.people.throttle import counters
from frontdesk.storage.engine import Connection, Database

BEARER_PREFIX = "fdb_"
LINK_PREFIX = "fdl_"
_DAY_MS = 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh sign-in: `token` goes into the cookie and nowhere else."""

    token: str
    expires_at: int
    rep: Rep


@dataclass(frozen=True, slots=True)
class From:
    """Where a request comes from: kept with the sign-in, so that a rep can recognise it."""

    address: str = ""
    browser: str = ""


class SignIns:
    """The three ways in, and the way out."""

    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        notices: Notices,
        *,
        now: NowMs,
        hours: float,
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._notices = notices
        self._now = now
        self._lifetime_ms = round(hours * 60 * 60 * 1000)

    async def by_password(self, email: str, password: str, source: From) -> SignedIn:
        """Sign in. Raises unauthorized for every reason alike, rate_limited, overloaded."""
        address = email.strip().lower()
        rep_id, stored = await self._check(address, password, source)
        better = None
        if self._passwords.outdated(stored):
            better = await self._passwords.hash(password)
        async with self._database.write() as connection:
            if await reps.password_of(connection, address) != (rep_id, stored):
                raise wrong_sign_in()  # changed or deactivated while we were checking
            if better is not None:
                await reps.change_rep(connection, rep_id, {"password_hash": better})
            return await self.start(connection, rep_id, source)

    async def change_password(
        self, who: RepIdentity, current: str, new: str, source: From
    ) -> SignedIn:
        """Set a new password, sign out everywhere, and return a fresh sign-in for this browser."""
        check_new(new, email=who.email, name=who.name)
        try:
            await self._check(who.email, current, source)
        except FrontdeskError as error:
            if error.code != "unauthorized":
                raise
            raise invalid(current="This is not your password.") from None
        hashed = await self._passwords.hash(new)
        async with self._database.write() as connection:
            await reps.change_rep(connection, who.id, {"password_hash": hashed})
            await self._void(connection, who.id, by=who.id, what="rep.password_changed")
            fresh = await self.start(connection, who.id, source)
        await self._notices.signed_out(who.id, None)
        return fresh

    async def by_link(self, token: str, source: From) -> SignedIn:
        """Sign in by a link; it is used up, unless it is one of the demo's."""
        async with self._database.write() as connection:
            rep_id = await store.use_link(connection, token_hash(token), self._now())
            if rep_id is None:
                raise unknown("sign-in link, or it was used already")
            return await self.start(connection, rep_id, source)

    async def start(self, connection: Connection, rep_id: str, source: From) -> SignedIn:
        """Sign a rep in, in the caller's transaction, and drop what has expired."""
        now = self._now()
        rep = await reps.rep_by_id(connection, rep_id, lock=True)
        if rep is None or not rep.active:
            raise wrong_sign_in()
        token, expires_at = fresh_token(), now + self._lifetime_ms
        await store.add_sign_in(
            connection,
            digest=token_hash(token),
            rep_id=rep_id,
            now=now,
            expires_at=expires_at,
            address=source.address,
            browser=source.browser,
        )
        await store.delete_expired(connection, now)
        await counts.delete_old(connection, now - _DAY_MS)
        return SignedIn(token, expires_at, rep)

    async def out(self, who: RepIdentity) -> None:
        """Sign out this browser."""
        async with self._database.write() as connection:
            await store.delete_sign_in(connection, who.token_hash)
        await self._notices.signed_out(who.id, who.token_hash)

    async def everywhere(self, who: RepIdentity, rep_id: str) -> None:
        """Void every sign-in and bearer token of oneself, or as an admin of another."""
        if who.id != rep_id and not who.may(Right.MANAGE_PEOPLE):
            raise forbidden()
        async with self._database.write() as connection:
            await self._void(connection, rep_id, by=who.id, what="rep.signed_out_everywhere")
        await self._notices.signed_out(rep_id, None)

    async def new_bearer(self, rep_id: str, name: str, *, by: str = SYSTEM) -> str:
        """Return a new bearer token for scripts; it is shown once and stored as a hash."""
        token, now = fresh_token(BEARER_PREFIX), self._now()
        label = clean_name(name)
        async with self._database.write() as connection:
            if await reps.rep_by_id(connection, rep_id) is None:
                raise unknown("rep")
            await store.add_bearer(
                connection, digest=token_hash(token), rep_id=rep_id, name=label, now=now
            )
            await record(connection, now, by, "bearer.added", rep_id, name=label)
        return token

    async def put_link(self, rep_id: str, token: str, *, hours: int, many: bool) -> None:
        """Make `token` a sign-in link of a rep for some hours; `many` only for the demo."""
        now = self._now()
        async with self._database.write() as connection:
            await store.put_link(
                connection,
                digest=token_hash(token),
                rep_id=rep_id,
                now=now,
                expires_at=now + hours * 60 * 60 * 1000,
                many=many,
            )
            await record(connection, now, SYSTEM, "sign_in_link.added", rep_id, many=many)

    async def _void(self, connection: Connection, rep_id: str, *, by: str, what: str) -> None:
        now = self._now()
        await store.delete_all(connection, rep_id)
        await reps.change_rep(connection, rep_id, {"signed_out_at": now})
        await record(connection, now, by, what, rep_id)

    async def _check(self, email: str, password: str, source: From) -> tuple[str, str]:
        """Return (rep id, stored hash) if the password is right; count the attempt before."""
        limits = counters(source.address, email)
        async with self._database.write() as connection:
            wait = await counts.attempt(connection, limits, self._now())
        if wait:
            raise throttled(wait)
        async with self._database.read() as connection:
            found = await reps.password_of(connection, email)
        rep_id, stored = found or ("", None)
        if not await self._passwords.verify(stored, password) or stored is None:
            raise wrong_sign_in()
        async with self._database.write() as connection:
            await counts.succeed(connection, limits)
        return rep_id, stored
