"""What browsers are told about our pages, and which requests count as our own (US-1)."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
}
"""The strictest; a page that needs more says so in its own answer."""
HSTS = "max-age=31536000"


def page_policy(*, nonce: str = "") -> str:
    """Return the Content-Security-Policy of the console and the demo's pages.

    Scripts and styles from our own files alone. `nonce` is for the one style element that React
    Aria adds. Pictures of reps may come from any https address. `connect-src 'self'` covers our
    sockets too (CSP 3: the same host with ws or wss).
    """
    styles = f"'self' 'nonce-{nonce}'" if nonce else "'self'"
    return (
        "default-src 'none'; script-src 'self'; "
        f"style-src {styles}; img-src 'self' data: https:; font-src 'self'; media-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )


def is_own_origin(headers: Mapping[str, str], *, public_url: str) -> bool:
    """Whether a request that changes something comes from our own pages, or from no page at all.

    With a `public_url` its origin is the only one. Without, the origin's host must be the one the
    request was sent to: then `ana.localhost:8000` counts as our own when it asks itself.
    A browser that leaves `Origin` out says where it comes from in `Sec-Fetch-Site`.
    """
    origin = headers.get("origin")
    if origin is None:
        return headers.get("sec-fetch-site", "none") in {"same-origin", "none"}
    try:
        parts = urlsplit(origin.lower())
    except ValueError:
        return False
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        return False
    if public_url:
        own = urlsplit(public_url.lower())
        return (parts.scheme, parts.netloc) == (own.scheme, own.netloc)
    return parts.netloc == headers.get("host", "").lower()


class SecurityHeaders:
    """Adds `HEADERS` to every answer that doesn't say otherwise itself."""

    def __init__(self, app: ASGIApp, *, strict_transport: bool) -> None:
        self._app = app
        self._headers = dict(HEADERS)
        if strict_transport:
            self._headers["Strict-Transport-Security"] = HSTS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)
