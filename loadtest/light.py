"""A very light WebSocket client: one `asyncio.Protocol` a socket, masks of zero, no copies."""

import asyncio
import ssl
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Final, NamedTuple, cast

OPENING: Final = (
    b"GET %b HTTP/1.1\r\nHost: %b\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: bG9hZHRlc3QgbG9hZHRlcw==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: %b\r\n\r\n"
)
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Refused(Exception):
    """The server answered the opening with something else than 101."""


class Address(NamedTuple):
    """Where a server is. `name` is what its certificate and the Host header say, '' for the same;
    `prefix` stands before every path; `ca` is a file of certificates to trust, '' for the usual.
    """

    host: str
    port: int
    tls: bool = False
    name: str = ""
    prefix: str = ""
    ca: str = ""

    @property
    def header(self) -> str:
        """The Host header."""
        usual = 443 if self.tls else 80
        return (
            self.name or self.host
            if self.port == usual
            else f"{self.name or self.host}:{self.port}"
        )

    def context(self) -> ssl.SSLContext | None:
        """How to speak TLS; None: not at all."""
        return _context(self.ca) if self.tls else None


@cache
def _context(ca: str) -> ssl.SSLContext:
    """One for all sockets: each costs half a megabyte."""
    return ssl.create_default_context(cafile=ca or None)


def client_frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """A frame from a client. The mask key is zero: it is allowed, and masking is then for free."""
    size = len(payload)
    if size < 126:
        return bytes((0x80 | opcode, 0x80 | size, 0, 0, 0, 0)) + payload
    if size < 65_536:
        return bytes((0x80 | opcode, 0xFE, size >> 8, size & 255, 0, 0, 0, 0)) + payload
    return b"%c\xff%b\0\0\0\0%b" % (0x80 | opcode, size.to_bytes(8, "big"), payload)


class FrameReader:
    """Bytes from a server to (opcode, payload); the server neither masks nor fragments."""

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Every frame that is complete now."""
        if self._rest:
            data = self._rest + data
            self._rest = b""
        at, end = 0, len(data)
        while end - at >= 2:
            size, body = data[at + 1], at + 2
            if size == 126:
                size, body = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
            elif size == 127:
                size, body = int.from_bytes(data[at + 2 : at + 10], "big"), at + 10
            if body + size > end:
                break
            if not data[at] & 0x80:
                raise ValueError("a fragmented frame")
            yield data[at] & 0x0F, data[body : body + size]
            at = body + size
        self._rest = data[at:]


class LightSocket(asyncio.Protocol):
    """One socket of a client. A subclass says what to do in `heard`, `opened` and `ended`."""

    __slots__ = (
        "_opening",
        "_path",
        "_reader",
        "_subprotocol",
        "close_code",
        "is_open",
        "transport",
    )

    transport: asyncio.Transport

    def __init__(self, path: str, host: str, subprotocol: str = "frontdesk.v1.json") -> None:
        self._path, self._subprotocol = path, subprotocol
        self._opening: bytes | None = None
        self._ask(path, host)
        self._reader = FrameReader()
        self.close_code: int | None = None
        self.is_open = False

    def at(self, address: Address) -> None:
        """Where it is about to connect to."""
        self._ask(address.prefix + self._path, address.header)

    def _ask(self, path: str, host: str) -> None:
        self._opening = OPENING % (path.encode(), host.encode(), self._subprotocol.encode())

    def opened(self) -> None:
        """The handshake is done."""

    def heard(self, payload: bytes) -> None:
        """A data frame arrived."""

    def ended(self, error: Exception | None) -> None:
        """The socket is gone; `close_code` says why, if the server did."""

    def send(self, payload: bytes) -> None:
        """One text frame."""
        self.transport.write(client_frame(payload))

    def close(self) -> None:
        """Leave politely."""
        if self.is_open:
            self.transport.write(client_frame(b"\x03\xe8", CLOSE))
        self.transport.close()

    # --- asyncio

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(self._opening or b"")
        self._opening = b""

    def data_received(self, data: bytes) -> None:
        if not self.is_open:
            data = self._answered(data)
        for opcode, payload in self._reader.feed(data):
            if opcode in (TEXT, BINARY):
                self.heard(payload)
            elif opcode == PING:
                self.transport.write(client_frame(payload, PONG))
            elif opcode == CLOSE:
                self.close_code = int.from_bytes(payload[:2], "big") if payload else None
                self.transport.write(client_frame(payload[:2], CLOSE))
                self.transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        was_open, self.is_open = self.is_open, False
        if not was_open and error is None:
            error = Refused((self._opening or b"no answer")[:200].decode("latin-1"))
        self.ended(error)

    def _answered(self, data: bytes) -> bytes:
        """The bytes after the answer to the opening; none before it is complete."""
        self._opening = (self._opening or b"") + data
        head, found, rest = self._opening.partition(b"\r\n\r\n")
        if not found:
            return b""
        if not head.startswith(b"HTTP/1.1 101"):
            self.transport.close()
            return b""
        self._opening, self.is_open = None, True
        self.opened()
        return rest


async def connect(
    make: Callable[[], LightSocket], address: tuple[Any, ...], source: str = ""
) -> Any:
    """A socket of `make` to `address` (as `Address` has it), from the local address `source`.
    Raises OSError.
    """
    where = Address(*address)

    def made() -> LightSocket:
        socket = make()
        if len(address) > 2:
            socket.at(where)
        return socket

    local, context = (source, 0) if source else None, where.context()
    _, protocol = await asyncio.get_running_loop().create_connection(
        made, where.host, where.port, local_addr=local, ssl=context,
        server_hostname=(where.name or where.host) if context else None,
    )  # fmt: skip
    return protocol
