"""The request's `id` of a message that can't be decoded: its sender is answered all the same.

A browser that cuts a text in the middle of an emoji writes valid JSON that no strict decoder takes.
Read is only what is needed, in time linear to its length, and never recursively: what comes here
may be hostile.
"""

import re
from typing import Final

import msgpack

DEPTH: Final = 8
"""How deep what stands before the `id` may be nested in JSON; our own messages need 3."""
FIELDS: Final = 64
"""Behind so many other fields of a msgpack map no `id` is looked for; our messages have 12."""

_TEXT: Final = r'"(?:[^"\\]++|\\.)*+"'


def _nested(depth: int) -> str:
    inside = rf'[^"\[\]{{}}]++|{_TEXT}' + (f"|{_nested(depth - 1)}" if depth > 1 else "")
    return rf"[\[{{](?:{inside})*+[\]}}]"


_VALUE: Final = rf'(?:{_TEXT}|{_nested(DEPTH)}|[^"\[\]{{}},:\s]++)'
_OTHER: Final = rf'(?!"id"\s*+:){_TEXT}\s*+:\s*+{_VALUE}\s*+,\s*+'
_HEAD: Final = re.compile(
    rf'\s*+\{{\s*+(?:{_OTHER})*+"id"\s*+:\s*+(\d{{1,16}}+)\s*+[,}}]'.encode(), re.DOTALL
)


def id_in_json(message: bytes) -> int | None:
    """The first `id` of an object, whatever follows it; None where it can't be told."""
    found = _HEAD.match(message)
    return int(found[1]) if found else None


def id_in_msgpack(message: bytes) -> int | None:
    """The first `id` of a map, whatever follows it; None where it can't be told."""
    reader = msgpack.Unpacker(max_buffer_size=len(message), raw=True, strict_map_key=False)
    reader.feed(message)
    try:
        for _ in range(min(FIELDS, reader.read_map_header())):
            if reader.unpack() == b"id":
                number = reader.unpack()
                return number if type(number) is int else None
            reader.skip()
    except (ValueError, TypeError, msgpack.UnpackException):  # all that it raises on hostile bytes
        return None
    return None
