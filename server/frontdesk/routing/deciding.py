"""A node's decisions: the rules that are live, who owns whom, and presence as this node knows it.

A waiting request is decided again by the rules it began with, whatever was published since (RT-10).
"""

import asyncio
import random
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from typing import Any, Protocol

import orjson
import structlog

from frontdesk.filters import Registry
from frontdesk.routing.decisions.compiled import CompiledRules
from frontdesk.routing.decisions.decide import Decision, Facts, RepView, Target, decide
from frontdesk.routing.owners.owners import Owners
from frontdesk.routing.owners.ownership import UNKNOWN, Ownership
from frontdesk.routing.visitors.situation import situation_of

log = structlog.get_logger("deciding")

LOOK_SECONDS = 1.0
"""A visitor doesn't wait longer for who owns them: without it the rule's fallback rings."""
REMEMBERED = 2000
"""Ownerships of visitors who wait: each freed place would ask for all of them again."""


class Rules(Protocol):
    """What `LiveRules` has for this."""

    @property
    def current(self) -> CompiledRules: ...
    @property
    def fields(self) -> Registry: ...
    @property
    def owners(self) -> Owners: ...
    async def version(self, number: int, /) -> CompiledRules: ...


class Deciding:
    """`view` is told of each change by the mirror; `owner_over`: by how much an owner may exceed
    their capacity (PR-4).
    """

    def __init__(
        self,
        rules: Rules,
        view: RepView,
        *,
        now: Callable[[], int],
        owner_over: int = 0,
        rng: random.Random | None = None,
    ) -> None:
        self._rules = rules
        self.view = view
        self._now = now
        self._owner_over = owner_over
        self._rng = rng or random.Random()  # noqa: S311 - draws whose turn it is, guards nothing
        self._found: OrderedDict[tuple[str, str], Ownership] = OrderedDict()

    async def decide(
        self,
        about: Mapping[str, Any],
        why: str,
        *,
        route: str = "",
        target: Target | None = None,
        without: Collection[str] = (),
    ) -> Decision:
        """The decision at this instant. `route` is what an earlier one of this request said, ''
        for a new request: the version it began with holds, and owners that were found are known.
        """
        rules = await self._rules_of(route)
        facts = await self._facts(rules, about, again=bool(route))
        return decide(
            rules, facts, self.view, why=why, now_ms=self._now(), rng=self._rng, target=target,
            without=without, owner_over=self._owner_over,
        )  # fmt: skip

    async def can_change(self, route: str) -> bool:
        """Whether more facts could change a decision of this version at all."""
        rules = await self._rules_of(route)
        return bool(rules.ruleset.rules) or rules.looks_at_ownership

    def off(self) -> frozenset[str]:
        """Who doesn't work now (PR-1)."""
        return self.view.off(self._now())

    async def _rules_of(self, route: str) -> CompiledRules:
        number = route.partition(" ")[0]
        if not number or int(number) == self._rules.current.version:
            return self._rules.current
        try:
            return await asyncio.create_task(self._version(int(number)))
        except Exception:
            log.exception("an older version can't be read", version=number)
            return self._rules.current

    async def _facts(self, rules: CompiledRules, about: Mapping[str, Any], *, again: bool) -> Facts:
        situation = situation_of(about, self._rules.fields) if rules.ruleset.rules else {}
        if not rules.looks_at_ownership:
            return Facts(situation)
        return Facts(situation, await self._ownership(about, again=again))

    async def _ownership(self, about: Mapping[str, Any], *, again: bool) -> Ownership:
        key = (str(about.get("email") or ""), str(about.get("domain") or ""))
        if again and key in self._found:
            return self._found[key]
        try:
            found = await asyncio.create_task(self._owners_of(about))
        except Exception:
            log.exception("who owns the visitor can't be found")
            return self._found.get(key, UNKNOWN)
        self._found[key] = found
        self._found.move_to_end(key)
        if len(self._found) > REMEMBERED:
            self._found.popitem(last=False)
        return found

    # A visitor's request has no task around it (web/eager.py); SQL and time limits need one.

    async def _version(self, number: int) -> CompiledRules:
        return await self._rules.version(number)

    async def _owners_of(self, about: Mapping[str, Any]) -> Ownership:
        async with asyncio.timeout(LOOK_SECONDS):
            return await self._rules.owners.find(about)


def route_of(decision: Decision) -> str:
    """What the decision came from, kept with the request: another rule or other people mean another
    decision, another presence doesn't.
    """
    return " ".join((str(decision.version), decision.rule, *decision.people))


def extra_of(decision: Decision, **fields: Any) -> bytes:
    """What an offer says beside who the visitor is: why this rep, and `fields` (claims/card.py)."""
    reasons: dict[str, str] = {}
    for stage in reversed(decision.stages):
        reasons.update((rep, why) for rep, why in stage.reasons.items() if rep in stage.reps)
    reason = next((stage.reason for stage in reversed(decision.stages) if stage.reason), "")
    card: dict[str, Any] = {"reason": reason, **fields}
    return orjson.dumps({**card, "reasons": reasons} if reasons else card)
