"""Two rule sets over the same requests: who would have been routed elsewhere (RT-13). Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from frontdesk.routing.decisions.decision import Decision
from frontdesk.routing.owners.ownership import UNOWNED, Facts, Ownership
from frontdesk.routing.simulations.history import History
from frontdesk.routing.simulations.simulated import Happened, Side, elsewhere
from frontdesk.routing.visitors.situation import SomeFields

MOST_MOVED: Final = 500
"""Listed one by one; all are counted."""
LONGEST_NAME: Final = 80


class Comparison:
    """The rules that are live and those that are tried, led through requests side by side."""

    def __init__(self, before: Side, after: Side, fields: SomeFields, history: History) -> None:
        self._before = before
        self._after = after
        self._fields = fields
        self._history = history
        self._same = before.same_rules(after)
        self.requests = 0
        self._moved: list[dict[str, Any]] = []
        self._moved_count = 0

    @property
    def looks_at_ownership(self) -> bool:
        return self._before.looks_at_ownership or self._after.looks_at_ownership

    def add(
        self,
        id: str,
        at: int,
        about: Mapping[str, Any],
        *,
        visitor: str = "",
        ownership: Ownership = UNOWNED,
        happened: Happened = Happened(),  # noqa: B008 - immutable
    ) -> None:
        """One request. `id` is its conversation; `visitor` what the list calls them."""
        facts = Facts(self._fields.of(about), ownership)
        one, other = self._decided(facts, at)
        before = self._before.send(one, self._history, happened)
        after = self._after.send(other, self._history, happened)
        self.requests += 1
        if one is other or not elsewhere(one, other):
            return
        self._moved_count += 1
        if len(self._moved) < MOST_MOVED:
            self._moved.append(
                {
                    "conversation": id,
                    "at": at,
                    "visitor": visitor or name_of(about),
                    "before": before.outcome,
                    "after": after.outcome,
                }
            )

    def _decided(self, facts: Facts, at: int) -> tuple[Decision, Decision]:
        """By either side; the same one where a rule that both have takes the visitor."""
        rule, other = self._before.match(facts), self._after.match(facts)
        decision = self._before.decide(rule, facts, self._history, at=at)
        if rule.id == other.id and rule.id in self._same:
            return decision, decision
        return decision, self._after.decide(other, facts, self._history, at=at)

    def result(self) -> dict[str, Any]:
        """What it comes to, as JSON. Rules and reps that got nobody on either side are left out."""
        before, after = self._before, self._after
        return {
            "requests": self.requests,
            "moved": self._moved,
            "moved_count": self._moved_count,
            "rules": _paired(before.rules, after.rules),
            "reps": _paired(before.reps(), after.reps()),
            "missed": {"before": before.missed, "after": after.missed},
        }


def about_of(text: str) -> dict[str, Any]:
    """What was known of a visitor, from its JSON."""
    found = orjson.loads(text)
    return found if isinstance(found, dict) else {}


def name_of(about: Mapping[str, Any]) -> str:
    """What a list calls a visitor; '' for one of whom nothing is known."""
    known: Sequence[object] = (about.get("name"), about.get("email"), about.get("company"))
    return next((one[:LONGEST_NAME] for one in known if isinstance(one, str) and one), "")


def _paired(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, Any]:
    return {
        key: {"before": round(before.get(key, 0), 1), "after": round(after.get(key, 0), 1)}
        for key in sorted({*before, *after})
    }
