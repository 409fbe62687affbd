"""A desk's HTTP side for tests: the real application on a real database, called over ASGI."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from frontdesk.config import Settings
from frontdesk.people.notices import Notices
from frontdesk.people.passwords import Passwords
from frontdesk.people.people import People
from frontdesk.people.rep import Rep
from frontdesk.people.roles import Role
from frontdesk.storage.engine import Database
from frontdesk.web.application import application
from frontdesk.web.services import LiveSide
from tests.people.conftest import PASSWORD, cheap_hasher

OURS = {"X-Frontdesk": "1"}


@dataclass
class Site:
    """The desk as browsers see it. Each `browser` has its own cookies."""

    people: People
    database: Database
    app: Any
    signed_out: list[tuple[str, str | None]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def browser(
        self, base_url: str = "http://desk.example", headers: Mapping[str, str] = OURS
    ) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app, client=("192.0.2.7", 1234))
        return httpx.AsyncClient(transport=transport, base_url=base_url, headers=headers)

    async def hire(self, name: str, role: Role = Role.REP) -> Rep:
        email = f"{name.lower()}@harbor.example"
        return await self.people.accounts.add(email, name, role, password=PASSWORD)

    async def enter(self, rep: Rep) -> httpx.AsyncClient:
        """A browser in which the rep is signed in."""
        browser = self.browser()
        answer = await browser.post("/v1/sign-in", json={"email": rep.email, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        return browser


@asynccontextmanager
async def site_on(
    database: Database,
    static: Path,
    *,
    set_availability: Callable[[str, str, str], Awaitable[str]] | None = None,
    **settings: Any,
) -> AsyncIterator[Site]:
    """The application with these settings on this database, without a live desk."""
    signed_out: list[tuple[str, str | None]] = []
    problems: list[str] = []

    async def hear(rep_id: str, token_hash: str | None) -> None:
        signed_out.append((rep_id, token_hash))

    async def ready() -> list[str]:
        return problems

    people = People.of(
        database, notices=Notices(signed_out=hear), passwords=Passwords(cheap_hasher())
    )
    app = application(
        settings=Settings(**settings), people=people, database=database, ready=ready, static=static,
        side=LiveSide(set_availability) if set_availability else None,
    )  # fmt: skip
    yield Site(people, database, app, signed_out, problems)
    people.close()
