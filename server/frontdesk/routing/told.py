"""How the nodes hear that rules, fields or hours were changed."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

Told: TypeAlias = Callable[[], Awaitable[None]]
"""Tells the nodes to read again; called after the change was committed."""
