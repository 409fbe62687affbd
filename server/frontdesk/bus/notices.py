r"""What one node tells another: `sequence kind field field…\\nbody` (R8.1).

Scripts write notices; this module reads them. Bodies are JSON and contain no line break.
"""

from typing import NamedTuple


class Notice(NamedTuple):
    """`fields` are the words after the kind; `body` what follows the line break, unparsed."""

    sequence: int
    kind: bytes
    fields: list[bytes]
    body: bytes


def parse_notice(payload: bytes) -> Notice:
    """Raises ValueError if this is no notice."""
    head, _, body = payload.partition(b"\n")
    sequence, kind, *fields = head.split(b" ")
    return Notice(int(sequence), kind, fields, body)
