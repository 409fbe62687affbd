"""Round robin as pure values and orderings (RT-5). `Rotation` is the specification: the script that
rings does the same on the desk's stored state, replaying tests/vectors/rotation.json.
"""

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

Weights = Mapping[str, float]
"""Rep id → share of the offers; a rep who isn't in it has 1."""

EVEN: Weights = {}

DRAWN = 32
"""Drawing a thousand would cost a decision more than all the rest of it."""


class Turn(NamedTuple):
    """A rep's last offer in a rotation: the tag at which it ends, and which offer it was."""

    finish: float
    number: int


NEVER = Turn(0.0, 0)


@dataclass(frozen=True, slots=True)
class Rotation:
    """Whose turn it is in one pool (a rule): start-time fair queueing.

    A rep's next offer starts at S = max(their last one's finish, clock), and finishes at
    S + 1/weight. The smallest S is next; of equal ones whoever was offered least recently (who
    never was comes first), then the order in which they were named. The offer sets the clock to
    its S. So counts of available reps stay within one offer of their shares, and a rep who was away
    starts at the clock: missed turns aren't made up for, and nobody is flooded.
    """

    clock: float = 0.0
    offers: int = 0
    turns: Mapping[str, Turn] = field(default_factory=dict)

    def next(self, available: Sequence[str]) -> str:
        """Whose turn it is. Raises ValueError if nobody is available."""
        return min(available, key=self.place)

    def place(self, rep: str) -> tuple[float, int]:
        """A rep's place in the queue: (S, number of the last offer). Smaller is sooner."""
        finish, number = self.turns.get(rep, NEVER)
        return max(finish, self.clock), number

    def offered(self, rep: str, weight: float = 1.0) -> "Rotation":
        """The state after this rep was offered a visitor."""
        start, _ = self.place(rep)
        number = self.offers + 1
        turn = Turn(start + 1 / weight, number)
        return Rotation(start, number, {**self.turns, rep: turn})


def in_rotation(reps: Collection[str], rotation: Rotation) -> list[str]:
    """Who is asked in which order if each in turn stays silent."""
    return sorted(reps, key=rotation.place)


def least_busy(
    reps: Collection[str], loads: Mapping[str, int], weights: Weights, rotation: Rotation
) -> list[str]:
    """By load for their weight; equal ones in rotation."""
    return sorted(
        reps, key=lambda rep: (loads.get(rep, 0) / weights.get(rep, 1), *rotation.place(rep))
    )


def at_random(reps: Collection[str], weights: Weights, rng: random.Random) -> list[str]:
    """Drawn one after the other without putting back, each by weight: exponential arrival times
    with the weights as rates come in just that order. A request may repeat the last one's choice.
    Of a large team without weights, the first `DRAWN` are drawn; the rest follow from a random one
    on, which few requests ever come to.
    """
    if weights:
        return sorted(reps, key=lambda rep: rng.expovariate(weights.get(rep, 1)))
    order = list(reps)
    for i in range(min(DRAWN, len(order))):
        drawn = i + int(rng.random() * (len(order) - i))
        order[i], order[drawn] = order[drawn], order[i]
    rest = order[DRAWN:]
    start = int(rng.random() * len(rest))
    return [*order[:DRAWN], *rest[start:], *rest[:start]]
