"""The demo company: eight reps in three groups, each with a sign-in link of their own.

A link's host name is the rep's (`ana.localhost`, which browsers find on this machine without
asking anybody); cookies are bound to host names, so one browser can be several reps at once.
The links stay the same over restarts: they are derived from the installation's secret key.
Only `frontdesk demo` seeds; the links work again and again, so a real desk must not have them.
"""

import base64
from typing import NamedTuple

from frontdesk.config import Settings
from frontdesk.demo.past import remember
from frontdesk.demo.rules import put_routing
from frontdesk.people.people import People
from frontdesk.people.roles import Role
from frontdesk.people.sign_ins import LINK_PREFIX
from frontdesk.storage.engine import Database, database_url
from frontdesk.web.tokens import derived

COMPANY = "Harborlight Instruments"
LINK_HOURS = 30 * 24


class DemoRep(NamedTuple):
    """A rep who doesn't exist. `host` is the first name in plain letters."""

    host: str
    name: str
    role: Role
    groups: tuple[str, ...]


class DemoLink(NamedTuple):
    """A rep's name with their groups, and the path that signs in as them."""

    name: str
    path: str

    def url(self, ready: Settings) -> str:
        """The whole link; `ready` is what the server runs with, its port included.

        Under the rep's own host name, unless the installation has a name itself.
        """
        if ready.public_url:
            return ready.public_url.rstrip("/") + self.path
        host = next(person.host for person in TEAM if self.name.startswith(person.name))
        return f"http://{host}.localhost:{ready.port}{self.path}"


EMEA, AMERICAS, APAC = "EMEA", "Americas", "APAC enterprise"
TEAM = (
    DemoRep("ana", "Ana Beltrame", Role.ADMIN, (EMEA,)),
    DemoRep("ben", "Ben Okonwe", Role.MANAGER, (AMERICAS,)),
    DemoRep("chiyo", "Chiyo Tanabayashi", Role.REP, (APAC,)),
    DemoRep("dag", "Dag Solheimsen", Role.REP, (EMEA,)),
    DemoRep("elif", "Elif Yamanoğlu", Role.REP, (EMEA, APAC)),
    DemoRep("farid", "Farid Nasrinov", Role.REP, (APAC,)),
    DemoRep("greta", "Greta Lindmarkova", Role.REP, (AMERICAS,)),
    DemoRep("hugo", "Hugo Ferrandes-Whitlocke", Role.REP, (AMERICAS,)),
)


async def seed(settings: Settings) -> list[DemoLink]:
    """Add what is missing of the demo company, renew its links, and return them.

    `settings` must be prepared (the links are made from its secret key) and the database migrated.
    Safe to call again: a desk that has had rules or visitors keeps its own.
    """
    database = Database.open(database_url(settings.database_url, settings.data))
    people = People.of(database, default_capacity=settings.default_capacity)
    try:
        groups = await _groups(people)
        links = [await _link(people, settings.secret_keys[0], person, groups) for person in TEAM]
        if await put_routing(database, settings):
            await remember(database, settings)
        return links
    finally:
        people.close()
        await database.close()


async def _groups(people: People) -> dict[str, str]:
    """Return the ids of the three groups by name."""
    known = {group.name: group.id for group in await people.groups.all()}
    for name in (EMEA, AMERICAS, APAC):
        if name not in known:
            known[name] = (await people.groups.add(None, name)).id
    return known


async def _link(people: People, secret: str, person: DemoRep, groups: dict[str, str]) -> DemoLink:
    email = f"{person.host}@harborlight.example"
    rep = await people.accounts.by_email(email)
    if rep is None:
        ids = [groups[name] for name in person.groups]
        rep = await people.accounts.add(email, person.name, person.role, groups=ids)
    token = _token(secret, email)
    await people.sign_ins.put_link(rep.id, token, hours=LINK_HOURS, many=True)
    return DemoLink(f"{person.name} ({', '.join(person.groups)})", f"/sign-in/{token}")


def _token(secret: str, email: str) -> str:
    raw = derived(secret, f"demo sign-in link {email}")
    return LINK_PREFIX + base64.urlsafe_b64encode(raw).decode().rstrip("=")
