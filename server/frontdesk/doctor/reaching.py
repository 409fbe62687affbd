"""A server that a setting names and that doesn't let us in: which setting, which server, why."""

import socket
import ssl
from urllib.parse import urlsplit

from frontdesk.config.reading import PREFIX
from frontdesk.config.settings import HIDDEN, without_password
from frontdesk.doctor.finding import Finding, fail
from frontdesk.storage.redis.errors import ScriptFailed

REASONS: tuple[tuple[type[Exception], str], ...] = (
    (ConnectionRefusedError, "refuses the connection: nothing listens there"),
    (socket.gaierror, "can't be found: nobody knows this host name"),
    (FileNotFoundError, "isn't there: no such file"),
    (PermissionError, "isn't ours to open: no permission"),
    (ssl.SSLError, "and we can't agree on TLS"),
    (TimeoutError, "doesn't answer"),
)
"""The most particular first. The reason of TLS follows in its own words, as do all others'."""


def unreachable(about: str, setting: str, url: str, error: Exception) -> Finding:
    """`url` is the value of `setting`; its password is hidden wherever the error repeats it."""
    name = f"{PREFIX}{setting.upper()}"
    what = f"{without_password(url)} {_reason(error)}"
    advice = f"Is {name} right, and does the server run? Then ask again."
    return fail(about, _hidden(what, url), advice)


def _reason(error: Exception) -> str:
    for kind, words in REASONS:
        if isinstance(error, kind):
            return f"{words} ({error})" if kind is ssl.SSLError else words
    said = error.answer if isinstance(error, ScriptFailed) else str(error).partition("\n")[0]
    return f"doesn't let us in: {said or type(error).__name__}"


def _hidden(text: str, url: str) -> str:
    try:
        password = urlsplit(url).password
    except ValueError:
        return text
    return text.replace(password, HIDDEN) if password else text
