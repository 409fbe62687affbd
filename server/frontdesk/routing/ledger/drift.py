"""What has come out of balance, in words (RT-15). Pure.

Said only where it can't well be chance: enough requests, a large difference, and a test of it.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from math import sqrt
from typing import Final, NamedTuple

from msgspec import Struct

from frontdesk.routing.store.ledger import Outcome, Turn

ENOUGH: Final = 20
"""Expected turns, or requests: of fewer nothing is said."""
SHARE: Final = 0.6
"""Fewer turns than this share of those expected."""
WORSE: Final = 2.0
"""Times the share that was missed before."""
BY_CHANCE: Final = 3.0
"""Standard deviations by which a rep who is drawn may lack turns; a rotation lacks none."""
SURE: Final = 2.33
"""One in a hundred: how often two periods with the same risk differ so much."""


class Drift(Struct, frozen=True, omit_defaults=True):
    """One thing that drifts. `code`: few_turns, missed_rule, missed_region."""

    code: str
    words: str
    rule: str = ""
    rep: str = ""
    region: str = ""


class _Of(NamedTuple):
    """A rep in the round robin of a rule."""

    rule: str
    rep: str


class Shares:
    """Turns that reps had, and those that were theirs: at each turn an equal part (by weight) for
    each who could have been rung. So nobody lacks what came while they were away, or before they
    joined.
    """

    def __init__(self) -> None:
        self._expected: dict[_Of, float] = defaultdict(float)
        self._had: Counter[_Of] = Counter()
        self._rules: dict[str, Turn] = {}

    def add(self, turn: Turn, weights: Mapping[str, float]) -> None:
        """One request. Several at once, or nobody, is no turn."""
        if len(turn.rung) != 1:
            return
        (rung,) = turn.rung
        able = {*turn.able, rung}
        total = sum(weights.get(rep, 1) for rep in able)
        for rep in able:
            self._expected[_Of(turn.rule, rep)] += weights.get(rep, 1) / total
        self._had[_Of(turn.rule, rung)] += 1
        self._rules.setdefault(turn.rule, turn)

    def drift(self, name_of: Callable[[str], str]) -> Iterator[Drift]:
        """Who had too few turns, the worst first."""
        found = [
            (self._had[of] / expected, of, expected)
            for of, expected in self._expected.items()
            if self._lacks(of, expected)
        ]
        for share, of, expected in sorted(found):
            rule = self._rules[of.rule].name or of.rule
            words = (
                f"{name_of(of.rep)} had {self._had[of]:,} turns in the rule “{rule}”, where about "
                f"{expected:,.0f} were theirs ({share:.0%})."
            )
            yield Drift("few_turns", words, rule=of.rule, rep=of.rep)

    def _lacks(self, of: _Of, expected: float) -> bool:
        had = self._had[of]
        if expected < ENOUGH or had >= SHARE * expected:
            return False
        drawn = self._rules[of.rule].strategy == "random"
        return not drawn or expected - had > BY_CHANCE * sqrt(expected)


class _Count(NamedTuple):
    requests: int = 0
    missed: int = 0

    def plus(self, one: Outcome) -> "_Count":
        return _Count(self.requests + one.requests, self.missed + one.missed)

    @property
    def share(self) -> float:
        return self.missed / self.requests


def missed_drift(now: Iterable[Outcome], before: Iterable[Outcome]) -> Iterator[Drift]:
    """Rules and regions that missed at least twice the share of the period before."""
    now, before = list(now), list(before)
    names = {one.rule: one.name or one.rule for one in (*before, *now)}
    for rule, words in _worse(now, before, lambda one: one.rule):
        yield Drift("missed_rule", f"The rule “{names[rule]}” missed {words}", rule=rule)
    for region, words in _worse(now, before, lambda one: one.region):
        if region:
            said = f"Of visitors from {region}, reps missed {words}"
            yield Drift("missed_region", said, region=region)


def _worse(
    now: Iterable[Outcome], before: Iterable[Outcome], key: Callable[[Outcome], str]
) -> Iterator[tuple[str, str]]:
    earlier = _counts(before, key)
    for name, found in sorted(_counts(now, key).items()):
        was = earlier.get(name, _Count())
        if _is_worse(found, was):
            words = f"{found.share:.0%} of {found.requests:,} requests; in the period before it was"
            yield name, f"{words} {was.share:.0%} of {was.requests:,}."


def _counts(some: Iterable[Outcome], key: Callable[[Outcome], str]) -> dict[str, _Count]:
    counts: dict[str, _Count] = {}
    for one in some:
        counts[key(one)] = counts.get(key(one), _Count()).plus(one)
    return counts


def _is_worse(now: _Count, before: _Count) -> bool:
    """Twice as bad, and by a test of two proportions hardly by chance."""
    if min(now.requests, before.requests) < ENOUGH or not now.missed:
        return False
    if now.share < WORSE * before.share:
        return False
    both = (now.missed + before.missed) / (now.requests + before.requests)
    spread = sqrt(both * (1 - both) * (1 / now.requests + 1 / before.requests))
    return spread > 0 and (now.share - before.share) / spread >= SURE
