"""Sets of rows as whole numbers: bit n stands for row n; `&` and `|` run over all rows at once."""

from collections.abc import Iterable, Mapping
from typing import Final, Generic, TypeVar

Key = TypeVar("Key")

MOST_BYTES: Final = 1 << 20
"""Of finished masks that are kept in one place."""


def mask_of(rows: Iterable[int], size: int) -> int:
    """The mask of these of `size` rows."""
    return changed(0, rows, (), size)


def changed(mask: int, added: Iterable[int], removed: Iterable[int], size: int) -> int:
    """`mask` with some rows added, then some removed; cheaper than as many shifts."""
    data = bytearray(mask.to_bytes(size // 8 + 1, "little"))
    for row in added:
        data[row >> 3] |= 1 << (row & 7)
    for row in removed:
        data[row >> 3] &= ~(1 << (row & 7))
    return int.from_bytes(data, "little")


def affordable(size: int) -> int:
    """How many masks of `size` rows may be kept in one place."""
    return max(16, MOST_BYTES // (size // 8 + 32))


class Masks(Generic[Key]):
    """A mask per key, made when it is first asked for; `base` for keys that nothing is known of.

    Ten thousand rules may name ten thousand domains; their masks together would be quadratic, so
    that only as many are kept as are affordable. The hot path reads `known` itself: a key's mask,
    or None where `make` has to be called.
    """

    __slots__ = ("_added", "_most", "_removed", "_room", "base", "known", "size")

    def __init__(
        self,
        base: int,
        added: Mapping[Key, list[int]],
        removed: Mapping[Key, list[int]],
        size: int,
    ) -> None:
        self.base = base
        self.size = size
        self.known: dict[Key, int | None] = dict.fromkeys([*added, *removed])
        self._added = added
        self._removed = removed
        self._most = self._room = affordable(size)

    def get(self, key: Key) -> int:
        mask = self.known.get(key, self.base)
        return self.make(key) if mask is None else mask

    def make(self, key: Key) -> int:
        if not self._room:
            self.known.update(dict.fromkeys(self.known))
            self._room = self._most
        self._room -= 1
        rows = self._added.get(key, ()), self._removed.get(key, ())
        mask = self.known[key] = changed(self.base, *rows, self.size)
        return mask
