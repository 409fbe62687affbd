"""The index over beginnings and endings of texts: a look-up for each length that occurs."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Final

from frontdesk.filters.masks import Masks, mask_of

MOST_LENGTHS: Final = 16
"""Of affixes with more different lengths, the longer ones are looked up by less of themselves: more
rows stay in than need to, and are asked in full."""


def affixes(rows: Mapping[str, list[int]], size: int, *, at_end: bool) -> Callable[[str], int]:
    """A folded text → the rows it suits. `rows`: folded affix → rows that ask for it."""
    asking = mask_of((row for found in rows.values() for row in found), size)
    base = ((1 << size) - 1) & ~asking
    lengths = _kept_lengths(rows)
    masks = Masks(0, _cut(rows, lengths, at_end=at_end), {}, size)
    known, make = masks.known.get, masks.make
    parts = [slice(-length, None) if at_end else slice(length) for length in lengths]

    def look(text: str) -> int:
        mask = base
        for part in parts:
            found = known(text[part], 0)
            if found is None:
                found = make(text[part])
            if found:
                mask |= found
        return mask

    return look


def _kept_lengths(affixes: Mapping[str, object]) -> list[int]:
    lengths = sorted({len(affix) for affix in affixes})
    if len(lengths) <= MOST_LENGTHS:
        return lengths
    return [lengths[number * len(lengths) // MOST_LENGTHS] for number in range(MOST_LENGTHS)]


def _cut(
    rows: Mapping[str, list[int]], lengths: list[int], *, at_end: bool
) -> Mapping[str, list[int]]:
    """Each affix cut to the greatest kept length that isn't more than its own."""
    found: dict[str, list[int]] = defaultdict(list)
    for affix, those in rows.items():
        length = max(one for one in lengths if one <= len(affix))
        found[affix[-length:] if at_end else affix[:length]].extend(those)
    return found
