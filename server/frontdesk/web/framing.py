"""WebSocket frames coming in: websockets' sans-I/O protocol, and a short cut for the usual ones."""

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


def whole_frames(data: bytes, first: int, limit: int) -> tuple[list[Any], int]:
    """The unmasked payloads of the whole frames that `data` begins with, and where they end.

    Only the usual ones: masked, with `first` as their first byte, of up to `limit` and 64 kB. The
    rest, right or wrong, is websockets' to judge. Most reads are one such frame or a few; this
    takes a fifth of the time.
    """
    payloads: list[Any] = []
    at, size = 0, len(data)
    while at + SMALL_HEAD <= size and data[at] == first:
        length, mask = data[at + 1] ^ MASKED, at + 2
        if length == MEDIUM:
            length, mask = int.from_bytes(data[at + 2 : at + 4]), at + 4
            if length < MEDIUM:
                break
        elif length > MEDIUM:  # longer than 64 kB, or not masked
            break
        body = mask + 4
        end = body + length
        if end > size or length > limit:
            break
        payloads.append(apply_mask(data[body:end], data[mask:body]))
        at = end
    return payloads, at


def wire_size(frame: Frame) -> int:
    """Its bytes on the wire, if the client wrote its length in the shortest way."""
    length = len(frame.data)
    if length < MEDIUM:
        return length + SMALL_HEAD
    return length + (MEDIUM_HEAD if length < 2**16 else MEDIUM_HEAD + 6)
