"""Who may open a socket: everything that can be checked before the upgrade is checked here.

Refusals are plain HTTP answers with a JSON body `{"code": …, "message": …}`, and are logged.
"""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

import msgspec
from websockets.datastructures import Headers, MultipleValuesError
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from frontdesk.hub.connection import REFUSED, Receiver, Side
from frontdesk.hub.flush import Flush
from frontdesk.hub.sweep import Sweep
from frontdesk.web.address import Proxies, household
from frontdesk.web.cookies import sign_in_token
from frontdesk.wire.codec import Codec

log = logging.getLogger(__name__)

SignedIn = Callable[[str], Awaitable[object | None]]
"""From the value of a rep's sign-in cookie to who that is, or `None` if it is not valid."""

PATHS: Final[dict[str, Side]] = {"/v1/visitor": "visitor", "/v1/rep": "rep"}
RETRY_AFTER_SECONDS: Final = 10

# websockets tells each opening on its own logger; ours has said all that at the door.
QUIET: Final = logging.getLogger("frontdesk.web.websockets")
QUIET.setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Not let in."""

    status: int
    code: str
    message: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Admission:
    """Let in, once the cookie (if there is one) turns out to be good. `response` is the 101."""

    side: Side
    codec: Codec
    address: str
    origin: str
    cookie: str | None
    response: Response
    user_agent: str = ""


class Door:
    """Checks each opening, counts who is inside, and holds what a socket needs behind it."""

    def __init__(
        self,
        *,
        receiver: Receiver,
        flush: Flush,
        sweep: Sweep,
        signed_in: SignedIn,
        public_url: str = "",
        allowed_origins: Sequence[str] = (),
        trusted_proxies: Sequence[str] = (),
        connections_per_address: int = 0,
    ) -> None:
        self.receiver = receiver
        self.flush = flush
        self.sweep = sweep
        self.limits = sweep.limits
        self.signed_in = signed_in
        self.proxies = Proxies(trusted_proxies)
        self.draining = False
        """Set it before a graceful stop: whoever still gets here is sent elsewhere with 503."""
        self._own = _origin_of(public_url) if public_url else ""
        self._secure = self._own.startswith("https:")
        self._allowed = frozenset(origin.lower().rstrip("/") for origin in allowed_origins)
        self._per_address = connections_per_address
        self._inside: Counter[str] = Counter()

    def check(self, request: Request, address: str) -> Admission | Refusal:
        """Path, protocol, origin and limits of an opening, in this order.

        Who is admitted is counted until `leave` is called with the same address.
        """
        verdict = self._examine(request, address)
        if isinstance(verdict, Refusal):
            REFUSED.add("opening", verdict.code)
            log.info(
                "socket refused: %s %s (address %s, origin %s, path %s)",
                verdict.status, verdict.code, address, _one(request.headers, "Origin"),
                request.path.partition("?")[0][:64],
            )  # fmt: skip
        return verdict

    def _examine(self, request: Request, address: str) -> Admission | Refusal:
        side = PATHS.get(request.path.partition("?")[0])
        if side is None:
            return Refusal(404, "not_found", "Sockets are at /v1/visitor and /v1/rep.")
        if self.draining:
            return _wait(503, "retry", "This server is stopping; another one takes over.")
        handshake = ServerProtocol(
            subprotocols=[Subprotocol(codec.value) for codec in Codec], logger=QUIET
        )
        response = handshake.accept(request)
        if response.status_code != HTTPStatus.SWITCHING_PROTOCOLS:
            return _not_websocket(response)
        origin = _one(request.headers, "Origin")
        if not self._welcome(origin, side, request):
            return Refusal(403, "forbidden", "This origin may not open sockets here.")
        if not self._enter(address):
            return _wait(429, "rate_limited", "Too many connections from this address.")
        cookie = _cookie(request.headers, secure=self._secure) if side == "rep" and origin else None
        codec = Codec(str(handshake.subprotocol))
        agent = _one(request.headers, "User-Agent") if side == "visitor" else ""
        return Admission(side, codec, address, origin, cookie, response, agent)

    def _welcome(self, origin: str, side: Side, request: Request) -> bool:
        """Browsers always name their origin. Without one it is a program, which brings its token
        in the hello: cookies are then not looked at, so no page can use a rep's by leaving it out.
        The sites that embed the widget may open visitors' sockets, never reps'.
        """
        if not origin or self._is_own(origin, request):
            return True
        return side == "visitor" and ("*" in self._allowed or origin.lower() in self._allowed)

    def _is_own(self, origin: str, request: Request) -> bool:
        if self._own:
            return origin.lower() == self._own
        host = _one(request.headers, "Host").lower()
        return bool(host) and urlsplit(origin.lower()).netloc == host

    def _enter(self, address: str) -> bool:
        where = household(address)
        if self._per_address and self._inside[where] >= self._per_address:
            return False
        self._inside[where] += 1
        return True

    def leave(self, address: str) -> None:
        """A socket that was admitted is over."""
        where = household(address)
        self._inside[where] -= 1
        if self._inside[where] <= 0:
            del self._inside[where]


def answer(refusal: Refusal) -> bytes:
    """The HTTP answer to who is not let in."""
    body = msgspec.json.encode({"code": refusal.code, "message": refusal.message})
    status = HTTPStatus(refusal.status)
    headers = Headers(
        {
            "Date": formatdate(usegmt=True),
            "Connection": "close",
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            **refusal.headers,
        }
    )
    return Response(status, status.phrase, headers, body).serialize()


def _wait(status: int, code: str, message: str) -> Refusal:
    return Refusal(status, code, message, {"Retry-After": str(RETRY_AFTER_SECONDS)})


def _not_websocket(response: Response) -> Refusal:
    """What websockets found wrong with the handshake, as one of ours."""
    said = response.headers
    kept = {name: said[name] for name in ("Allow", "Upgrade") if name in said}
    if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return Refusal(405, "method_not_allowed", "A socket is opened with GET.", kept)
    message = bytes(response.body).decode().partition("\n")[0]
    return Refusal(response.status_code, "bad_request", message, kept)


def _one(headers: Headers, name: str) -> str:
    """The header's value; empty if there is none, or more than one."""
    try:
        return headers.get(name, "")
    except MultipleValuesError:
        return ""


def _cookie(headers: Headers, *, secure: bool) -> str | None:
    return sign_in_token("; ".join(headers.get_all("Cookie")), secure=secure) or None


def _origin_of(url: str) -> str:
    parts = urlsplit(url.lower())
    return f"{parts.scheme}://{parts.netloc}"
