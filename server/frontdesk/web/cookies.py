"""The sign-in cookie: bound to one host, out of reach of scripts, never sent by other sites' forms.

Host-scoped on purpose (no `Domain`): in the demo several reps are signed in side by side in one
browser, each under a host name of their own (`ana.localhost`).
"""

from starlette.requests import cookie_parser
from starlette.responses import Response

PLAIN = "fd_sign_in"
SECURE = f"__Host-{PLAIN}"
"""Browsers take a cookie of this name only over TLS and from this very host: a neighbour on
another subdomain can't plant one."""


def sign_in_token(header: str, *, secure: bool) -> str:
    """Return the token in a Cookie header; empty if there is none."""
    return cookie_parser(header).get(SECURE if secure else PLAIN, "")


def set_sign_in(response: Response, token: str, *, seconds: int, secure: bool) -> None:
    response.set_cookie(
        SECURE if secure else PLAIN,
        token,
        max_age=seconds,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def clear_sign_in(response: Response, *, secure: bool) -> None:
    response.delete_cookie(
        SECURE if secure else PLAIN, path="/", secure=secure, httponly=True, samesite="lax"
    )
