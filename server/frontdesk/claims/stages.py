"""Stages as the scripts read them: nine words and the reps, an argument each (ring.lua)."""

from collections.abc import Iterable, Sequence
from typing import Protocol

RANKS = {"outreach": 1, "owner": 2, "targets": 3, "transfer": 3}
"""The order of stages; where a request stands outlasts that a decision is made again."""


class Stage(Protocol):
    """Reps rung together or in turn (routing's `Stage` says what each of these means)."""

    @property
    def kind(self) -> str: ...
    @property
    def mode(self) -> str: ...
    @property
    def reps(self) -> Sequence[str]: ...
    @property
    def limit(self) -> int: ...
    @property
    def ring_ms(self) -> int: ...
    @property
    def over(self) -> int: ...
    @property
    def always(self) -> int: ...
    @property
    def pool(self) -> str: ...
    @property
    def weights(self) -> Sequence[float]: ...


def packed(stages: Iterable[Stage]) -> list[str | int]:
    """Of each: rank, mode, reps, limit, ring_ms, over, always, pool, weights; then the reps."""
    flat: list[str | int] = []
    for stage in stages:
        weights = ",".join(map(repr, stage.weights))
        flat += (RANKS[stage.kind], stage.mode, len(stage.reps), stage.limit, stage.ring_ms)
        flat += (stage.over, stage.always, stage.pool or "-", weights)
        flat += stage.reps
    return flat
