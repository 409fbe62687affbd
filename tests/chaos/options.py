"""How large a run is, how long, and how random."""

from dataclasses import dataclass

CAPACITY = 3
RING = 5.0
GRACE = 15.0
"""Seconds that a wait may take longer: 10 of quiet in a new incarnation, and steps of the clock."""


@dataclass(frozen=True, slots=True)
class Options:
    """How large, how long, and how random."""

    seed: int
    seconds: float = 20.0
    nodes: int = 2
    visitors: int = 8
    reps: int = 4
    turns: bool = False
    """Reps ring one after the other, RING seconds each, not all at once."""

    @property
    def wait(self) -> float:
        """Seconds that a visitor waits at most: in turn, long enough for two reps and a bit."""
        return 12.0 if self.turns else 8.0
