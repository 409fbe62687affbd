"""Turns of rules that were deleted, and of reps who left, don't stay in Redis for ever (RT-5)."""

import asyncio

import structlog
from msgspec import Struct, json

from frontdesk.bus.repeating import repeat
from frontdesk.claims.store import Claims
from frontdesk.claims.turns import Turns
from frontdesk.people.roles import RIGHTS, Right
from frontdesk.people.store.reps import all_reps
from frontdesk.routing.rule import DEFAULT_ID
from frontdesk.routing.store import versions
from frontdesk.storage.engine import Connection, Database

EVERY = 300.0
"""Seconds between two looks. Nothing depends on it but memory."""
AT_ONCE = 100
"""Waiting requests that are asked at once by which version they are routed."""
log = structlog.get_logger("rotations")


class _Named(Struct, frozen=True):
    id: str


class _Rules(Struct, frozen=True):
    rules: list[_Named] = []


class Rotations:
    """Looks now and then which turns are nobody's. A rotation of what is live, or of the version by
    which somebody waits, is never touched.
    """

    def __init__(self, database: Database, desk: str, claims: Claims, turns: Turns) -> None:
        self._database = database
        self._desk = desk
        self._claims = claims
        self._turns = turns

    async def run(self) -> None:
        """Now and every five minutes."""
        await repeat("rotations", self.clean, every=EVERY)

    async def clean(self) -> int:
        """Once. → how many turns were forgotten. What is in use is read after what there is: a rule
        that is published meanwhile is known.
        """
        found: dict[str, str] = {}
        async for some in self._turns.all():
            found.update(some)
        if not found:
            return 0
        waiting = await self._waiting_by()
        async with self._database.read() as connection:
            rules = await self._rules(connection, waiting)
            reps = {
                rep.id
                for rep in await all_reps(connection)
                if rep.active and Right.TAKE_CHATS in RIGHTS[rep.role]
            }
        stale = {field: value for field, value in found.items() if not _used(field, rules, reps)}
        forgotten = await self._turns.forget(stale)
        if forgotten:
            log.info("turns forgotten", turns=forgotten)
        return forgotten

    async def _waiting_by(self) -> set[int]:
        """Versions of the rules by which somebody waits."""
        names, numbers = await self._claims.waiting(), set()
        for begin in range(0, len(names), AT_ONCE):
            some = names[begin : begin + AT_ONCE]
            routes = await asyncio.gather(*(self._claims.fields(name, "route") for name in some))
            numbers |= {int(route.partition(" ")[0]) for (route,) in routes if route}
        return numbers

    async def _rules(self, connection: Connection, waiting: set[int]) -> set[str]:
        rules = {DEFAULT_ID}
        for number in {await versions.live_number(connection, self._desk), *waiting}:
            text = await versions.rules_text(connection, self._desk, number)
            if text is not None:
                rules.update(rule.id for rule in json.decode(text, type=_Rules).rules)
        return rules


def _used(field: str, rules: set[str], reps: set[str]) -> bool:
    rule, _, rep = field.partition(" ")
    return rule in rules and (not rep or rep in reps)
