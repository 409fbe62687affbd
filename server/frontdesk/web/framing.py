"""WebSocket frames coming in: websockets' sans-I/O protocol, and a short cut for the usual one."""

from typing import Any, Final

from websockets.frames import CloseCode as Standard
from websockets.frames import Frame, apply_mask  # type: ignore[attr-defined]  # C, or not
from websockets.protocol import OPEN, SERVER, Protocol

from frontdesk.web.door import QUIET
from frontdesk.wire.frames import CloseCode

MASKED: Final = 0x80
MEDIUM: Final = 126
"""A length of 126 says that the real one is in the next two bytes (RFC 6455, 5.2)."""
SMALL_HEAD: Final = 6
MEDIUM_HEAD: Final = 8


class Frames(Protocol):
    """An open WebSocket, without the handshake's leftovers (they would be half of its memory)."""

    def __init__(self, max_size: int) -> None:
        super().__init__(SERVER, state=OPEN, max_size=max_size, logger=QUIET)

    def fail(self, code: int, reason: str = "") -> None:
        """As websockets does, but what is too big has our own code: don't come back with it."""
        if code == Standard.MESSAGE_TOO_BIG:
            code, reason = CloseCode.TOO_BIG, "too_big"
        super().fail(code, reason)


def lone(data: bytes, limit: int) -> Any:
    """The payload, unmasked, if `data` is exactly one masked frame of up to `limit` and 64 kB.

    `None` for everything else, right or wrong: that is websockets' to judge. Most reads are such a
    frame; this takes a fifth of the time. The caller has looked at the first byte.
    """
    size = len(data)
    if size < SMALL_HEAD:
        return None
    length = data[1] ^ MASKED
    if length == size - SMALL_HEAD < MEDIUM:
        return apply_mask(data[6:], data[2:6]) if length <= limit else None
    if length == MEDIUM and MEDIUM <= int.from_bytes(data[2:4]) == size - MEDIUM_HEAD <= limit:
        return apply_mask(data[8:], data[4:8])
    return None


def wire_size(frame: Frame) -> int:
    """Its bytes on the wire, if the client wrote its length in the shortest way."""
    length = len(frame.data)
    if length < MEDIUM:
        return length + SMALL_HEAD
    return length + (MEDIUM_HEAD if length < 2**16 else MEDIUM_HEAD + 6)
