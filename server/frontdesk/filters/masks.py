"""Sets of rows as whole numbers: bit n stands for row n; `&` and `|` run over all rows at once."""

from collections.abc import Iterable
from typing import Final

MOST_BYTES: Final = 1 << 21
"""Of masks that one place keeps ready."""
MOST_MASKS: Final = 4_096


def every_row(size: int) -> int:
    """The mask of all of `size` rows."""
    return (1 << size) - 1


def mask_of(rows: Iterable[int], size: int) -> int:
    """The mask of these of `size` rows."""
    return changed(0, rows, (), size)


def without(rows: Iterable[int], size: int) -> int:
    """The mask of all rows but these."""
    return every_row(size) & ~mask_of(rows, size)


def changed(mask: int, added: Iterable[int], removed: Iterable[int], size: int) -> int:
    """`mask` with some rows added, then some removed; cheaper than as many shifts."""
    data = bytearray(mask.to_bytes(size // 8 + 1, "little"))
    for row in added:
        data[row >> 3] |= 1 << (row & 7)
    for row in removed:
        data[row >> 3] &= ~(1 << (row & 7))
    return int.from_bytes(data, "little")


def affordable(size: int) -> int:
    """How many masks of `size` rows one place may keep."""
    return max(16, min(MOST_MASKS, MOST_BYTES // (size // 8 + 32)))
