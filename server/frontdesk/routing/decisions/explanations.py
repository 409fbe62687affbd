"""Which rules a recorded decision tried, told when somebody reads it (RT-12)."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final

from frontdesk.errors import FrontdeskError
from frontdesk.filters import Registry
from frontdesk.routing.decisions.compiled import CompiledRules
from frontdesk.routing.decisions.record import explained
from frontdesk.routing.rules.rulebook import Rulebook
from frontdesk.routing.rules.rules import stored_rules
from frontdesk.routing.store.versions import Document
from frontdesk.routing.visitors.fields import VisitorFields

KEPT: Final = 4
"""Versions at hand: who reads conversations reads those of the same few."""


class Explanations:
    """Derives them from the version that a record names. A version never changes, so it is read and
    compiled once: of thousands of rules that takes too long for each time a conversation is opened.
    """

    def __init__(self, rulebook: Rulebook, fields: VisitorFields) -> None:
        self._rulebook = rulebook
        self._fields = fields
        self._kept: OrderedDict[int, tuple[Registry, CompiledRules]] = OrderedDict()
        self._one_at_a_time = asyncio.Lock()

    async def of(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """The record with the rules that were tried; of the first release's as it is."""
        number = record.get("ruleset")
        if number is None or "situation" not in record:
            return dict(record)
        try:
            async with self._one_at_a_time:
                rules = await self._version(number)
        except FrontdeskError:  # another desk's, or written by hand: what is kept is told
            return dict(record)
        return explained(record, rules)

    async def _version(self, number: int) -> CompiledRules:
        registry = await self._fields.registry()
        kept = self._kept.get(number)
        if kept is None or kept[0] is not registry:
            document = await self._rulebook.document(number)
            kept = registry, await asyncio.to_thread(_compiled, number, document, registry)
            self._kept[number] = kept
        self._kept.move_to_end(number)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return kept[1]


def _compiled(number: int, document: Document, registry: Registry) -> CompiledRules:
    """Who is in which group is no part of an explanation."""
    return CompiledRules.of(number, stored_rules(document), registry, {})
