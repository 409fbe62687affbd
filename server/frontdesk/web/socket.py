"""The WebSocket end of a socket: uvicorn's `ws` class, on websockets' sans-I/O protocol.

One frame in is a handful of plain calls: no task, no queue, no ASGI. The handshake is done by
`door` before the upgrade; what happens to messages is the receiver's business.
"""

import asyncio
import logging
from typing import Any, ClassVar

from uvicorn.config import Config
from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import OPEN

from frontdesk.hub.connection import REFUSED, Connection
from frontdesk.web.door import Admission, Door, Refusal, answer
from frontdesk.web.framing import Frames, whole_frames, wire_size
from frontdesk.wire.codec import Codec
from frontdesk.wire.frames import CloseCode

log = logging.getLogger(__name__)

SLICE = 4096
"""Fed to the parser at once. A read can bring 256 kB of empty frames, 0.1 s of work: after each
slice the rate limit has had its say, and a flood is cut off within 2 ms."""
LOOK_UP_SECONDS = 5.0
_DATA = (Opcode.TEXT, Opcode.BINARY)
_FIN = 0x80


class Socket(asyncio.Protocol):
    """From the upgrade to the loss of the transport. `socket_class` binds it to a door."""

    __slots__ = (
        "_address", "_connection", "_early", "_fragments", "_frames", "_look_up", "_opcode",
        "_opened", "_partial", "_sockets", "_transport", "_whole",
    )  # fmt: skip
    door: ClassVar[Door]

    def __init__(
        self, config: Config, server_state: ServerState, app_state: dict[str, Any]
    ) -> None:
        del config, app_state  # uvicorn's interface; nothing of them is needed
        self._sockets: set[Any] = server_state.connections
        self._transport: asyncio.Transport
        self._connection: Connection | None = None
        self._frames: Frames | None = None
        self._fragments: bytearray | None = None
        self._early: bytearray | None = bytearray()
        self._look_up: asyncio.Task[None] | None = None
        self._address: str | None = None
        self._opcode = Opcode.TEXT
        self._whole = _FIN | Opcode.TEXT
        self._partial = 0
        self._opened = False

    # --- the opening -----------------------------------------------------------------------------

    def upgrade(
        self, transport: asyncio.Transport, request: Request, address: str, early: bytes
    ) -> None:
        """Take the transport over; it calls us already. The HTTP protocol has read the opening.

        `early` came behind it. Data before the 101 is kept, up to one frame's size.
        """
        self._transport = transport
        self._sockets.add(self)
        transport.set_write_buffer_limits(high=self.door.limits.high_bytes)
        verdict = self.door.check(request, address)
        if isinstance(verdict, Refusal):
            self._refuse(verdict)
            return
        self._address = address
        if early:
            self._wait_for_open(early)
        if verdict.cookie is None:
            self._open(verdict, None)
        else:
            self._look_up = asyncio.create_task(self._identify(verdict, verdict.cookie))

    async def _identify(self, admission: Admission, cookie: str) -> None:
        """Whose cookie is it? A rep whose sign-in has ended is refused here, with 401."""
        try:
            async with asyncio.timeout(LOOK_UP_SECONDS):
                identity = await self.door.signed_in(cookie)
        except Exception:
            log.exception("the look-up of a sign-in failed")
            REFUSED.add("opening", "retry")
            self._refuse(Refusal(503, "retry", "It could not be checked who you are. Try again."))
            return
        finally:
            self._look_up = None
        if self._transport.is_closing():
            return
        if identity is None:
            REFUSED.add("opening", "unauthorized")
            log.info("socket refused: 401 unauthorized (address %s)", admission.address)
            self._refuse(Refusal(401, "unauthorized", "Sign in again."))
        else:
            self._open(admission, identity)

    def _open(self, admission: Admission, identity: object | None) -> None:
        door = self.door
        self._transport.write(admission.response.serialize())
        if admission.codec is Codec.MSGPACK:
            self._opcode = Opcode.BINARY
            self._whole = _FIN | Opcode.BINARY
        self._frames = Frames(door.limits.max_frame_bytes)
        self._connection = connection = Connection(
            side=admission.side,
            codec=admission.codec,
            address=admission.address,
            origin=admission.origin,
            user_agent=admission.user_agent,
            port=self,
            transport=self._transport,
            flush=door.flush,
            sweep=door.sweep,
        )
        door.sweep.watch(connection)
        early, self._early = self._early, None
        try:
            self._opened = True
            door.receiver.opened(connection, identity)
        except Exception as error:  # noqa: BLE001 - any bug of ours stays on this side
            connection.broken(error)
        if early:
            self.data_received(bytes(early))

    def _refuse(self, refusal: Refusal) -> None:
        self._early = None
        self._transport.write(answer(refusal))
        self._transport.close()

    def _wait_for_open(self, data: bytes) -> None:
        """A correct client sends nothing before the 101; one that hurries is not punished."""
        if self._early is None or self._transport.is_closing():
            return
        self._early += data
        if len(self._early) > self.door.limits.max_frame_bytes:
            self._refuse(Refusal(400, "bad_frame", "Too much was sent before the answer."))

    # --- receiving -------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Bytes of the client; uvloop gives up to 256 kB at once."""
        connection = self._connection
        if connection is None:
            self._wait_for_open(data)
            return
        connection.heard = True
        if len(data) <= SLICE:
            if data[0] == self._whole and not self._partial and self._fragments is None:
                data = self._usual(connection, data)
            if data:
                self._feed(connection, data)
            return
        for start in range(0, len(data), SLICE):
            self._feed(connection, data[start : start + SLICE])

    def _usual(self, connection: Connection, data: bytes) -> bytes:
        """Take the short cut, between two frames and two messages; returns what is left."""
        payloads, end = whole_frames(data, self._whole, self.door.limits.max_frame_bytes)
        try:
            for payload in payloads:
                self._message(connection, payload)
        except Exception as error:  # noqa: BLE001 - any bug of ours stays on this side
            connection.broken(error)
        return data[end:]

    def _feed(self, connection: Connection, data: bytes) -> None:
        frames = self._frames
        if frames is None:
            return
        self._partial += len(data)
        frames.receive_data(data)
        try:
            for frame in frames.events_received():
                self._partial -= wire_size(frame)  # type: ignore[arg-type]  # no other events come
                if frame.opcode is self._opcode and frame.fin:  # type: ignore[union-attr]
                    self._message(connection, frame.data)  # type: ignore[union-attr]
                else:
                    self._other(connection, frame)  # type: ignore[arg-type]
        except Exception as error:  # noqa: BLE001 - any bug of ours stays on this side
            connection.broken(error)
        writes = frames.data_to_send()
        if writes:
            self._write(connection, frames, writes)

    def _message(self, connection: Connection, payload: Any) -> None:
        if not connection.closed and connection.admit(payload):
            self.door.receiver.received(connection, payload)

    def _other(self, connection: Connection, frame: Frame) -> None:
        """Fragments, control frames, the wrong kind of data. Each costs as much as a message."""
        if frame.opcode is Opcode.CLOSE or connection.closed:
            return
        if frame.opcode in _DATA and frame.opcode is not self._opcode:
            kind = "text" if self._opcode is Opcode.TEXT else "binary"
            connection.close(CloseCode.BAD_FRAME, f"this subprotocol has {kind} frames")
        elif frame.opcode in _DATA:
            self._fragments = bytearray(frame.data)
        elif frame.opcode is Opcode.CONT:
            self._continue(connection, frame)
        connection.admit(b"")

    def _continue(self, connection: Connection, frame: Frame) -> None:
        """The library has checked the order of the fragments, and their sum against the limit."""
        if self._fragments is None:
            return
        self._fragments += frame.data
        if frame.fin:
            payload, self._fragments = bytes(self._fragments), None
            self._message(connection, payload)

    def eof_received(self) -> None:
        """The client has half-closed: to a WebSocket that is the end; the transport closes."""

    # --- sending and closing ---------------------------------------------------------------------

    def _write(self, connection: Connection, frames: Frames, writes: list[bytes]) -> None:
        """What websockets answers by itself: pongs, close frames, and then the end."""
        data = b"".join(writes)
        if data:
            self._transport.write(data)
        if frames.state is not OPEN and not connection.closed:
            connection.over()
            self._tell_soon()
        if frames.eof_sent:
            self._finish(connection, frames)

    def _finish(self, connection: Connection, frames: Frames) -> None:
        """After both close frames the transport closes.

        Else the client may still be sending: closing at once would reset the connection before it
        has read why.
        """
        if frames.close_rcvd is not None or not self._transport.can_write_eof():
            self._transport.close()
        elif not self._transport.is_closing():
            self._transport.write_eof()
            self.door.sweep.closing.add(connection)

    def end(self, code: int, reason: str) -> None:
        """Send a close frame and our end of the stream, and read no more.

        What a flooder still sends is dropped unparsed. The client has `closing_seconds` to close
        its own end.
        """
        connection, frames = self._connection, self._frames
        if connection is None or frames is None:
            self._transport.close()
            return
        frames.fail(code, reason)
        self._write(connection, frames, frames.data_to_send())
        self._tell_soon()

    def abort(self) -> None:
        """Drop the transport with whatever is unsent."""
        self._transport.abort()

    def shutdown(self) -> None:
        """The end of the server, says uvicorn; `hub.drain` has normally emptied it before."""
        if self._connection is None:
            self._transport.close()
        else:
            self._connection.close(CloseCode.DRAIN, "drain")

    def _tell_soon(self) -> None:
        asyncio.get_running_loop().call_soon(self._tell)

    def _tell(self) -> None:
        connection = self._connection
        if connection is None or not self._opened:
            return
        self._opened = False
        try:
            self.door.receiver.closed(connection)
        except Exception:
            log.exception("a %s's socket broke the server's code", connection.side)

    def resume_writing(self) -> None:
        """The reader has caught up."""
        if self._connection is not None:
            self._connection.resumed()

    def connection_lost(self, exc: Exception | None) -> None:
        """The transport is gone, for whatever reason."""
        del exc
        self._sockets.discard(self)
        if self._look_up is not None:
            self._look_up.cancel()
        if self._address is not None:
            self.door.leave(self._address)
        connection = self._connection
        if connection is not None:
            connection.over()
            connection.gone = True
            self.door.sweep.forget(connection)
            self._tell()
        self._connection = self._frames = self._fragments = None


def socket_class(door: Door) -> type[Socket]:
    """For uvicorn's `ws=`; needs `http.http_class` of the same door for `http=`."""
    return type("Socket", (Socket,), {"__slots__": (), "door": door})
