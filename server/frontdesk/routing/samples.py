"""The visitors of the last 30 days, at hand: who matches, and which values occur (RT-13, RT-14)."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from frontdesk.clock import NowMs
from frontdesk.filters import FieldType, Registry
from frontdesk.routing.situation import situation_of
from frontdesk.routing.store import samples as store
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


class Samples:
    """At most 2,000 visitors, the newest; read when asked for, and again after a minute."""

    def __init__(self, database: Database, desk: str, *, now: NowMs) -> None:
        self._database = database
        self._desk = desk
        self._now = now
        self._read_at = 0
        self._found: Sequence[About] = ()

    async def abouts(self) -> Sequence[About]:
        now = self._now()
        if now - self._read_at > FRESH_MS:
            async with self._database.read() as connection:
                self._found = await store.newest(
                    connection, self._desk, since=now - DAYS_MS, limit=MOST
                )
            self._read_at = now
        return self._found

    async def of_conversation(self, id: str) -> About | None:
        """What is known of a conversation's visitor; None: there is no such conversation."""
        async with self._database.read() as connection:
            return await store.about_of(connection, self._desk, id)


def observed(
    abouts: Sequence[Mapping[str, Any]], registry: Registry
) -> Mapping[str, Collection[str]]:
    """Return which texts occurred, by field: of fields that most visitors have, with few values."""
    if len(abouts) < ENOUGH:
        return {}
    wanted = {field.key for field in registry if field.type in _OBSERVED}
    found: dict[str, set[str]] = defaultdict(set)
    set_by: dict[str, int] = defaultdict(int)
    for about in abouts:
        for key, value in situation_of(about, registry).items():
            if key in wanted and isinstance(value, str):
                set_by[key] += 1
                found[key].add(value)
    return {
        key: values
        for key, values in found.items()
        if set_by[key] * 2 >= len(abouts) and len(values) <= FEW
    }
