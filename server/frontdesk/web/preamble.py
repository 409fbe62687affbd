"""The PROXY protocol: what a proxy that doesn't speak HTTP writes before everything else (R7.5).

Both versions are read (haproxy's `proxy-protocol.txt`), from trusted proxies only. TLVs, UDP and
Unix addresses mean nothing here and are skipped.
"""

from ipaddress import ip_address
from typing import Final

FIRST: Final = b"PROXY "
SECOND: Final = b"\r\n\r\n\x00\r\nQUIT\n"
MAX_FIRST: Final = 107
MAX_SECOND: Final = 2_048
"""Room for addresses and TLVs; the longest without TLVs is 232 bytes."""

_TCP4, _TCP6 = 0x11, 0x21
_LOCAL, _PROXY = 0x20, 0x21


class Malformed(Exception):
    """A PROXY header that isn't one."""


def may_begin(data: bytes) -> bool:
    """Could this be the beginning of a PROXY header?"""
    return any(data.startswith(mark) or mark.startswith(data) for mark in (FIRST, SECOND))


def read(data: bytes) -> tuple[tuple[str, int] | None, int] | None:
    """The client's address and port, and the size of the header; `None` while it is incomplete.

    The address is `None` where the proxy speaks for itself (a health check) or doesn't know.
    Raises `Malformed`.
    """
    if data.startswith(FIRST):
        return _first(data)
    if data.startswith(SECOND):
        return _second(data)
    if not may_begin(data):
        raise Malformed
    return None


def _first(data: bytes) -> tuple[tuple[str, int] | None, int] | None:
    line, end, _ = data[:MAX_FIRST].partition(b"\r\n")
    if not end:
        if len(data) >= MAX_FIRST:
            raise Malformed
        return None
    size = len(line) + len(end)
    match line.split(b" "):
        case [_, b"UNKNOWN", *_]:
            return None, size
        case [_, b"TCP4" | b"TCP6", source, _, port, _]:
            try:
                return (str(ip_address(source.decode("ascii"))), int(port)), size
            except ValueError:
                raise Malformed from None
        case _:
            raise Malformed


def _second(data: bytes) -> tuple[tuple[str, int] | None, int] | None:
    start = len(SECOND) + 4
    if len(data) < start:
        return None
    command, family = data[len(SECOND)], data[len(SECOND) + 1]
    length = int.from_bytes(data[start - 2 : start])
    if command not in (_LOCAL, _PROXY) or length > MAX_SECOND:
        raise Malformed
    if len(data) < start + length:
        return None
    width = {_TCP4: 4, _TCP6: 16}.get(family)
    if command == _LOCAL or width is None:
        return None, start + length
    if length < 2 * width + 4:
        raise Malformed
    source, port = data[start : start + width], start + 2 * width
    address = str(ip_address(source))
    return (address, int.from_bytes(data[port : port + 2])), start + length
