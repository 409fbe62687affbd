from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from argon2 import PasswordHasher

from frontdesk.people.notices import Notices
from frontdesk.people.passwords import Passwords
from frontdesk.people.people import People
from frontdesk.people.rep import Rep, RepIdentity
from frontdesk.people.roles import Role
from frontdesk.people.sign_ins import From
from frontdesk.storage.engine import Database
from tests.database_fixtures import database, empty_url, postgres, sqlite

__all__ = ["database", "empty_url", "postgres", "sqlite"]

PASSWORD = "correct horse battery"


def cheap_hasher() -> PasswordHasher:
    """The least argon2 takes: tests hash often."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass
class Office:
    """A desk's people, with a clock that is set by hand and the notices they caused."""

    people: People
    now: int = 1_800_000_000_000
    signed_out: list[tuple[str, str | None]] = field(default_factory=list)
    changed: list[Rep] = field(default_factory=list)

    async def hire(self, name: str, role: Role = Role.REP) -> Rep:
        email = f"{name.lower()}@harbor.example"
        return await self.people.accounts.add(email, name, role, password=PASSWORD)

    async def arrive(self, rep: Rep, address: str = "192.0.2.1") -> RepIdentity:
        """Sign in and return who the server then takes the rep for."""
        source = From(address, "a browser")
        fresh = await self.people.sign_ins.by_password(rep.email, PASSWORD, source)
        found = await self.people.identities.by_cookie(fresh.token)
        assert found is not None
        return found


def office_on(database: Database) -> Office:
    office: Office

    async def signed_out(rep_id: str, token_hash: str | None) -> None:
        office.signed_out.append((rep_id, token_hash))

    async def changed(rep: Rep) -> None:
        office.changed.append(rep)

    people = People.of(
        database,
        notices=Notices(signed_out, changed),
        passwords=Passwords(cheap_hasher()),
        now=lambda: office.now,
    )
    office = Office(people)
    return office


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    made = office_on(database)
    yield made
    made.people.close()
