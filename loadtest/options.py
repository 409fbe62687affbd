"""The parameters of a run. README.md has the same table in words."""

from dataclasses import dataclass, field, fields, replace
from typing import Any, Self

LIMITS: dict[str, float] = {
    # CPU per chat at saturation, in ms, on one node and on two
    "node_ms_1": 0.8, "redis_ms_1": 0.4, "node_ms_2": 1.0, "redis_ms_2": 0.45,
    # at 50 chats a second, in ms
    "ring_p99": 10.0, "claim_p99": 8.0, "message_p99": 5.0,
    # welcomes and pages of somebody's own installation, in ms
    "welcome_p99": 1000.0, "page_p99": 250.0,
    # idle visitors, deliveries, a storm
    "browse_ring_p99": 100.0, "kb_per_visitor": 12.0, "us_per_delivery": 5.0, "storm_seconds": 10.0,
    # finding the rule: µs and share of the naive loop at 1,000 rules; 10,000 against 1,000
    "decide_us": 5.0, "whole_us": 30.0, "decide_share": 0.05, "decide_growth": 2.0,
    # editing 2,000 rules: CPU ms of the first check and of one after an edit; lateness of the loop
    "edit_first_ms": 600.0, "edit_ms": 100.0, "edit_late_p99": 20.0,
    # CPU seconds to route 100,000 recorded requests again
    "simulate_seconds": 30.0,
}  # fmt: skip
"""Above these a figure is marked; with --enforce the run fails."""


@dataclass(frozen=True, slots=True)
class Options:
    """One run of one scenario."""

    nodes: int = 2
    reps: int = 10
    lanes: int = 32
    rate: float = 0.0
    seconds: float = 10.0
    warm_seconds: float = 2.0
    messages: int = 10
    rounds: int = 50
    sockets: int = 0
    every: float = 30.0
    togglers: int = 20
    how: str = "kill"
    durability: str = "everysec"
    beside: str = ""
    slices: int = 3
    sessions: int = 100_000
    rules: int = 1_000
    ramp: float = 0.0
    url: str = ""
    host: str = ""
    ca: str = ""
    rung: int = 0
    rep_tokens: tuple[str, ...] = ()
    count: str = "time"
    limits: dict[str, float] = field(default_factory=lambda: dict(LIMITS))

    def limit(self, name: str) -> float | None:
        return self.limits.get(name)

    def cpu_limits(self) -> dict[str, float]:
        """The limits of CPU per chat by process; only one and two nodes have them."""
        found = {name: self.limit(f"{name}_ms_{self.nodes}") for name in ("node", "redis")}
        return {name: limit for name, limit in found.items() if limit is not None}

    def shown(self) -> dict[str, object]:
        """All but the limits, and the tokens, which are secrets."""
        hidden = ("limits", "rep_tokens")
        return {one.name: getattr(self, one.name) for one in fields(self) if one.name not in hidden}

    def but(self, **changes: Any) -> Self:
        """The same with some of them changed."""
        return replace(self, **changes)
