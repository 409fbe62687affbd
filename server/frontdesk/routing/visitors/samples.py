"""The visitors of the last 30 days, at hand: who matches, and which values occur (RT-13, RT-14)."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from frontdesk.clock import NowMs
from frontdesk.filters import Crowd, FieldType, Registry, Situation
from frontdesk.routing.pace import paced
from frontdesk.routing.store import samples as store
from frontdesk.routing.visitors.situation import situation_of
from frontdesk.storage.engine import Database

DAYS_MS = 30 * 24 * 60 * 60 * 1000
MOST = 2000
FRESH_MS = 60_000
"""Read again after this: a person who edits doesn't wait for it at each stroke."""
ENOUGH = 200
"""From fewer visitors nobody can tell which values don't occur."""
FEW = 500
"""A field with more values than this is not one of those whose values repeat."""
_OBSERVED = frozenset({FieldType.TEXT, FieldType.PICKLIST})

About = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Visitors:
    """Visitors as filters see them. `observed`: which texts occurred, by field."""

    crowd: Crowd
    count: int
    observed: Mapping[str, Collection[str]]

    @classmethod
    def of(cls, abouts: Sequence[Mapping[str, Any]], registry: Registry) -> Self:
        """Typed by these fields. Takes a moment: called in a thread."""
        situations = [situation_of(about, registry) for about in paced(abouts)]
        return cls(Crowd(situations, registry), len(situations), observed(situations, registry))


class Samples:
    """At most 2,000 visitors, the newest; read when asked for, and again after a minute."""

    def __init__(self, database: Database, desk: str, *, now: NowMs) -> None:
        self._database = database
        self._desk = desk
        self._now = now
        self._read_at = 0
        self._found: Sequence[About] = ()
        self._seen: tuple[Sequence[About], Registry, Visitors] | None = None

    async def visitors(self, registry: Registry) -> Visitors:
        """The visitors with these fields, worked out once."""
        abouts, seen = await self.abouts(), self._seen
        if seen is None or seen[0] is not abouts or seen[1] is not registry:
            visitors = await asyncio.to_thread(Visitors.of, abouts, registry)
            self._seen = seen = abouts, registry, visitors
        return seen[2]

    async def abouts(self) -> Sequence[About]:
        now = self._now()
        if now - self._read_at > FRESH_MS:
            async with self._database.read() as connection:
                texts = await store.newest(connection, self._desk, since=now - DAYS_MS, limit=MOST)
            self._found = await asyncio.to_thread(store.decoded, texts)
            self._read_at = now
        return self._found

    async def of_conversation(self, id: str) -> About | None:
        """What is known of a conversation's visitor; None: there is no such conversation."""
        async with self._database.read() as connection:
            return await store.about_of(connection, self._desk, id)


def observed(situations: Sequence[Situation], registry: Registry) -> Mapping[str, Collection[str]]:
    """Return which texts occurred, by field: of fields that most visitors have, with few values."""
    if len(situations) < ENOUGH:
        return {}
    wanted = {field.key for field in registry if field.type in _OBSERVED}
    found: dict[str, set[str]] = defaultdict(set)
    set_by: dict[str, int] = defaultdict(int)
    for situation in paced(situations):
        for key, value in situation.items():
            if key in wanted and isinstance(value, str):
                set_by[key] += 1
                found[key].add(value)
    return {
        key: values
        for key, values in found.items()
        if set_by[key] * 2 >= len(situations) and len(values) <= FEW
    }
