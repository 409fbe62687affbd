"""The time, handed to whoever needs it so that a test can hand over another."""

import time
from collections.abc import Callable
from typing import TypeAlias

NowMs: TypeAlias = Callable[[], int]
"""Milliseconds since 1970 UTC: for what is stored and shown, never for measuring a wait."""


def now_ms() -> int:
    return time.time_ns() // 1_000_000
