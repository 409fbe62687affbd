"""A WebSocket client without manners: every byte it sends is the test's own."""

import os
import socket
import struct
import time
from typing import Self

from websockets.frames import Frame, Opcode

from frontdesk.wire.codec import Codec
from tests.web.node import SECONDS

KEY = "dGhlIHNhbXBsZSBub25jZQ=="


def opening(port: int, path: str = "/v1/visitor", /, **headers: str | None) -> bytes:
    """A correct opening; a header given as `None` is left out, `_` stands for `-`."""
    fields: dict[str, str | None] = {
        "host": f"127.0.0.1:{port}",
        "connection": "Upgrade",
        "upgrade": "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": KEY,
        "sec-websocket-protocol": Codec.JSON.value,
    }
    fields.update({name.lower().replace("_", "-"): value for name, value in headers.items()})
    lines = [f"{name}: {value}" for name, value in fields.items() if value is not None]
    return "\r\n".join([f"GET {path} HTTP/1.1", *lines, "", ""]).encode()


def masked(payload: bytes, opcode: Opcode = Opcode.TEXT, *, fin: bool = True) -> bytes:
    """A frame as a client sends it."""
    return Frame(opcode, payload, fin=fin).serialize(mask=True)


class Raw:
    """A TCP connection that reads whole HTTP answers and WebSocket frames."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=SECONDS)
        self.left = b""

    @classmethod
    def opened(cls, port: int, **headers: str | None) -> Self:
        raw = cls(port)
        raw.send(opening(port, **headers))
        status, _ = raw.answer()
        assert status == 101
        return raw

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def more(self) -> bool:
        """Read more; `False` at the end of the stream, however it came."""
        try:
            data = self.socket.recv(65_536)
        except ConnectionError:
            return False
        self.left += data
        return bool(data)

    def take(self, size: int) -> bytes:
        while len(self.left) < size:
            assert self.more(), f"the stream ended with {self.left[:200]!r}"
        taken, self.left = self.left[:size], self.left[size:]
        return taken

    def answer(self) -> tuple[int, bytes]:
        """Status and body of an HTTP answer."""
        while b"\r\n\r\n" not in self.left:
            assert self.more(), f"the stream ended with {self.left[:200]!r}"
        head, _, self.left = self.left.partition(b"\r\n\r\n")
        fields = [line.lower().partition(b":") for line in head.split(b"\r\n")]
        size = sum(int(value) for name, _, value in fields if name == b"content-length")
        return int(head.split()[1]), self.take(size)

    def frame(self) -> tuple[int, bytes]:
        """Opcode and payload of the next frame."""
        first, length = self.take(2)
        if length == 126:
            (length,) = struct.unpack("!H", self.take(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self.take(8))
        return first & 0x0F, self.take(length)

    def close_code(self) -> int:
        """Read on until the close frame; its code."""
        while True:
            opcode, payload = self.frame()
            if opcode == Opcode.CLOSE:
                return int.from_bytes(payload[:2])

    def at_end(self) -> bool:
        """Does the server end the stream? Reads whatever still comes."""
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            if not self.more():
                return True
        return False


def noise(size: int) -> bytes:
    return os.urandom(size)
