"""How much a socket may do, and how long. One object for all sockets of a node."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds, bytes, frames per second. The first block are settings of the same names."""

    heartbeat_seconds: float = 25.0
    hello_seconds: float = 5.0
    max_frame_bytes: int = 16_384
    frame_rate: float = 30.0
    frame_burst: int = 120

    high_bytes: int = 65_536
    """More than this in the transport's buffer, and replaceable messages are held back (R7.3)."""
    slow_bytes: int = 1_048_576
    """More than this, and the reader is too slow to be worth the memory (R7.3)."""
    slow_seconds: float = 10.0
    """So long above `high_bytes`, and the reader is too slow (R7.3)."""
    closing_seconds: float = 5.0
    """So long for the other side to answer a close frame or to read what is left."""

    frame_cost: float = field(init=False)
    """What one frame takes from the budget, in seconds of refilling."""
    allowance: float = field(init=False)
    """How far a burst may run ahead of the rate, in seconds of refilling."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "frame_cost", 1.0 / self.frame_rate)
        object.__setattr__(self, "allowance", self.frame_burst / self.frame_rate)
