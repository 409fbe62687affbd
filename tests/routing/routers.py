"""Routers of several nodes on one desk, with rules that are given instead of read from SQL."""

import random
from collections.abc import Callable, Collection, Mapping
from typing import Any

from frontdesk.filters import Registry
from frontdesk.presence.mirror import Mirror
from frontdesk.routing.deciding import Deciding
from frontdesk.routing.decisions.compiled import CompiledRules
from frontdesk.routing.decisions.decide import Candidate, RepView
from frontdesk.routing.owners.ownership import UNOWNED, Ownership
from frontdesk.routing.router import Router, Waits
from frontdesk.routing.rule import RuleSet
from tests.desk import GONE, GRACE, IDLE, LOST, UNANSWERED, WAIT, Desk, Node, person

WAITS = Waits(total=WAIT, lost=LOST, idle=IDLE, gone=GONE, grace=GRACE)


class FixedRules:
    """What the live snapshot has; `publish` makes a version live."""

    def __init__(self, ruleset: RuleSet | None = None, **groups: Collection[str]) -> None:
        self.fields = Registry.builtin()
        self.owners = FixedOwners()
        self._groups = groups
        self._all: dict[int, CompiledRules] = {}
        self.publish(ruleset or RuleSet.default_rule_set(30, WAIT / 1000))

    def publish(self, ruleset: RuleSet) -> None:
        number = len(self._all)
        self.current = CompiledRules.of(number, ruleset, self.fields, self._groups)
        self._all[number] = self.current

    async def version(self, number: int) -> CompiledRules:
        return self._all[number]


class FixedOwners:
    """Who owns whom, by email."""

    def __init__(self) -> None:
        self.by_email: dict[str, Ownership] = {}

    async def find(self, about: Mapping[str, Any]) -> Ownership:
        return self.by_email.get(about.get("email", ""), UNOWNED)


async def router_of(
    verbs: Node,
    desk: Desk,
    rules: FixedRules,
    team: Collection[Candidate],
    *,
    over: int = 0,
    now: Callable[[], int] = lambda: 0,
) -> Router:
    """A node's router, whose mirror has just been read."""
    mirror = Mirror(verbs.presence)
    view = RepView(team, {})
    mirror.on_change = view.learn
    await mirror.refresh(0)
    deciding = Deciding(rules, view, now=now, owner_over=over, rng=random.Random(1))
    return Router(
        verbs.claims, verbs.conversations, verbs.presence, mirror, WAITS, deciding,
        person_of=person, epoch=desk.link.epoch.decode, soon=lambda: None, unanswered=UNANSWERED,
    )  # fmt: skip
