"""The HTTP end: uvicorn's, with limits on the head and a clean hand-over to the socket (R7.2).

uvicorn on httptools takes a head of any size, at any pace; lets an upgrade overtake the answer
to the request before it; drops what comes behind the upgrade; and keeps itself alive with its
parser for as long as the socket lives. Not so here.
"""

import asyncio
from typing import Any, ClassVar, Final

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState
from websockets.datastructures import Headers
from websockets.http11 import Request

from frontdesk.hub.sweep import Deadlines
from frontdesk.web import preamble
from frontdesk.web.address import plain
from frontdesk.web.door import Door, Refusal, answer
from frontdesk.web.socket import Socket

MAX_HEAD_BYTES: Final = 16_384
MAX_URL_BYTES: Final = 8_192
MAX_HEADERS: Final = 128
HEAD_SECONDS: Final = 5.0
BODY_SECONDS: Final = 60.0

_TOO_LARGE = Refusal(431, "too_big", f"The head is larger than {MAX_HEAD_BYTES} bytes.")
_TOO_LONG = Refusal(414, "too_big", f"The URL is longer than {MAX_URL_BYTES} bytes.")
_MANY = Refusal(431, "too_big", f"There are more than {MAX_HEADERS} headers.")
_LATE = Refusal(408, "retry", "The request did not come in time.")
_BODY = Refusal(400, "bad_request", "An upgrade has no body.")
_UPGRADE = Refusal(400, "bad_request", "Only an upgrade to websocket is understood.")
_INVALID = Refusal(400, "bad_request", "This is not a valid HTTP request.")


class RefusedHeadError(Exception):
    """Raised inside of the parser's callbacks to stop it."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(refusal.code)


class Http(HttpToolsProtocol):
    """One HTTP connection, until it is closed or upgraded. `http_class` binds it to a door."""

    door: ClassVar[Door]
    heads: ClassVar[Deadlines["Http"]]
    bodies: ClassVar[Deadlines["Http"]]

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._deaf = False
        self._began = False
        self._in_head = False
        self._in_body = False
        self._head_bytes = 0
        self._known_bytes = 0
        self._preamble: bytes | None = None

    # --- deadlines -------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn narrows it
        """A client has `HEAD_SECONDS` for its first head, counted from here."""
        super().connection_made(transport)
        self.heads.add(self)
        if self.client and self.door.proxies.trusts(plain(self.client[0]) or ""):
            self._preamble = b""

    def connection_lost(self, exc: Exception | None) -> None:
        """Closed, by whichever side."""
        self._let_go()
        super().connection_lost(exc)

    def late(self) -> None:
        """The sweep's call: the head, or the body, did not come in time."""
        if self._in_head:
            self._refuse(_LATE)
        else:
            self.transport.close()

    def _let_go(self) -> None:
        self.heads.discard(self)
        self.bodies.discard(self)

    def _pending(self) -> bool:
        """An answer is still to be written."""
        cycle: Any = self.cycle  # None before the first request
        return cycle is not None and not cycle.response_complete

    # --- receiving -------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """As uvicorn's, with every way out of the parser told apart."""
        if self._preamble is not None:
            data = self._behind_preamble(data)
        if self._deaf or not data:
            return
        self._unset_keepalive_if_required()
        self._began = False
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._upgrade(data[upgrade.args[0] :])
            return
        except httptools.HttpParserError as error:
            cause = error.__context__
            self._refuse(cause.refusal if isinstance(cause, RefusedHeadError) else _INVALID)
            return
        if self._in_head:
            self._count(0 if self._began else len(data))
        elif not self._in_body and not self._pending():
            self.heads.add(self)  # blank lines between requests are no way to stay for ever

    def _behind_preamble(self, data: bytes) -> bytes:
        """What is left of a trusted proxy's first bytes without a PROXY header, if there is one."""
        data = (self._preamble or b"") + data
        if not preamble.may_begin(data):
            self._preamble = None
            return data
        try:
            found = preamble.read(data)
        except preamble.Malformed:
            self._refuse(_INVALID)
            return b""
        if found is None:
            self._preamble = data
            return b""
        client, size = found
        self._preamble = None
        self.client = client or self.client
        return data[size:]

    def _count(self, size: int) -> None:
        """Bytes of a head whose end has not come; those of the first read are counted by field."""
        self._head_bytes += size
        if self._head_bytes > MAX_HEAD_BYTES:
            self._refuse(_TOO_LARGE)

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        super().on_message_begin()
        self._in_head = self._began = True
        self._head_bytes = self._known_bytes = 0
        self.heads.add(self)

    def on_url(self, url: bytes) -> None:
        """A part of the URL."""
        super().on_url(url)
        self._known(len(url))
        if len(self.url) > MAX_URL_BYTES:
            raise RefusedHeadError(_TOO_LONG)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A whole header."""
        super().on_header(name, value)
        self._known(len(name) + len(value) + 4)
        if len(self.headers) > MAX_HEADERS:
            raise RefusedHeadError(_MANY)

    def _known(self, size: int) -> None:
        self._known_bytes += size
        if self._known_bytes > MAX_HEAD_BYTES:
            raise RefusedHeadError(_TOO_LARGE)

    def on_headers_complete(self) -> None:
        """The end of the head: who asks is known from here on."""
        self._in_head = False
        self._in_body = True
        self.heads.discard(self)
        self.bodies.add(self)
        peer = self.client[0] if self.client else ""
        proxies = self.door.proxies
        if proxies.trusts(plain(peer) or ""):
            self.scope["client"] = (proxies.client(peer, self.headers), 0)
            self.scope["scheme"] = proxies.scheme(peer, self.headers, self.scope["scheme"])
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The end of the body."""
        self._in_body = False
        self.bodies.discard(self)
        super().on_message_complete()

    # --- refusing --------------------------------------------------------------------------------

    def _refuse(self, refusal: Refusal) -> None:
        """Answer and close; behind a request that still waits for its own answer, only close."""
        self._deaf = True
        self._let_go()
        if self.transport.is_closing():
            return
        if not self._pending():
            self.transport.write(answer(refusal))
            self.transport.close()
        elif self.cycle.more_body:
            self.transport.close()
        else:
            self.cycle.keep_alive = False

    # --- the hand-over ---------------------------------------------------------------------------

    def _upgrade(self, rest: bytes) -> None:
        """Hand the transport over to a socket, and be forgotten."""
        if self._pending():
            self._refuse(_UPGRADE)
            return
        request = self._opening()
        if isinstance(request, Refusal):
            self._refuse(request)
            return
        address = self.door.proxies.client(self.client[0] if self.client else "", self.headers)
        transport = self.transport
        socket = self._socket()
        self._forget()
        transport.set_protocol(socket)
        socket.upgrade(transport, request, address, rest)

    def _opening(self) -> Request | Refusal:
        """The request as websockets wants to see it."""
        if not self._should_upgrade():
            return _UPGRADE
        headers = Headers()
        for name, value in self.headers:
            if name == b"transfer-encoding" or (name == b"content-length" and value != b"0"):
                return _BODY
            headers.set_insecure(name.decode("ascii"), value.decode("latin-1"))
        try:
            path = self.url.decode("ascii")
        except UnicodeDecodeError:
            return _INVALID
        version = self.scope["http_version"]
        return Request(path, headers, self.scope["method"], f"HTTP/{version}")

    def _socket(self) -> Socket:
        made: Any = self.ws_protocol_class
        socket: Socket = made(self.config, self.server_state, self.app_state)
        return socket

    def _forget(self) -> None:
        """The parser and we hold each other: without this cut both live as long as the socket."""
        self._let_go()
        self.connections.discard(self)
        self.parser = self.scope = self.headers = self.flow = self.cycle = None  # type: ignore[assignment]  # the end


def http_class(door: Door) -> type[Http]:
    """For uvicorn's `http=`, with `proxy_headers=False`: addresses are the door's business."""
    sweep = door.sweep
    return type(
        "Http",
        (Http,),
        {
            "door": door,
            "heads": sweep.deadlines(HEAD_SECONDS, Http.late),
            "bodies": sweep.deadlines(BODY_SECONDS, Http.late),
        },
    )
