"""Whose turn it was: rotations of a simulation, which go on through a hundred thousand requests.

The same order as `strategies.Rotation`, which a test compares; kept in place instead of copied.
"""

from collections.abc import Mapping, Sequence

from frontdesk.routing.decisions.strategies import EVEN, NEVER, Turn, Weights


class Turns:
    """The rotation of one pool."""

    __slots__ = ("_clock", "_offers", "_turns")

    def __init__(self) -> None:
        self._clock = 0.0
        self._offers = 0
        self._turns: dict[str, Turn] = {}

    def next(self, reps: Sequence[str]) -> str:
        """Whose turn it is of those who can be rung; at least one."""
        clock, get = self._clock, self._turns.get
        best, found = (float("inf"), 0), reps[0]
        for rep in reps:
            finish, number = get(rep, NEVER)
            place = (max(clock, finish), number)
            if place < best:
                best, found = place, rep
        return found

    def least_busy(
        self, reps: Sequence[str], loads: Mapping[str, int], weights: Weights = EVEN
    ) -> str:
        """Who has the least to do for their weight; of equal ones whose turn it is."""
        busy = {rep: loads[rep] / weights.get(rep, 1) for rep in reps}
        least = min(busy.values())
        return self.next([rep for rep in reps if busy[rep] == least])

    def offered(self, rep: str, weight: float = 1.0) -> None:
        """This rep was rung."""
        start = max(self._turns.get(rep, NEVER).finish, self._clock)
        self._offers += 1
        self._clock = start
        self._turns[rep] = Turn(start + 1 / weight, self._offers)
