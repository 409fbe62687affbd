"""What a type can't say of a setting: addresses, origins, networks, and values that must agree."""

import importlib.util
import ipaddress
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from frontdesk.config.redis_url import faults_of
from frontdesk.config.settings import Durability, Settings

SQL_SCHEMES = frozenset(
    {"sqlite", "sqlite+aiosqlite", "postgres", "postgresql", "postgresql+asyncpg"}
)
SHORTEST_KEY = 32

Finding = tuple[str, str]
"""The name of the setting, and the sentence about it."""


def check(settings: Settings) -> Iterator[Finding]:
    """Every finding, in the order of the settings."""
    for one in CHECKS:
        yield from one(settings)


def _public_url(settings: Settings) -> Iterator[Finding]:
    if settings.public_url and not _is_origin(settings.public_url.rstrip("/")):
        yield (
            "public_url",
            (
                f"{settings.public_url!r} must be scheme and host alone, such as "
                "https://chat.example.com"
            ),
        )


def _allowed_origins(settings: Settings) -> Iterator[Finding]:
    for origin in settings.allowed_origins:
        if origin != "*" and not _is_origin(origin):
            yield (
                "allowed_origins",
                (
                    f"{origin!r} must be an origin such as https://www.example.com "
                    "(no path, no slash at the end), or *"
                ),
            )


def _is_origin(text: str) -> bool:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    bare = not (parts.path or parts.query or parts.fragment or "@" in parts.netloc)
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and bare


def _trusted_proxies(settings: Settings) -> Iterator[Finding]:
    for network in settings.trusted_proxies:
        try:
            ipaddress.ip_network(network)
        except ValueError as error:
            yield "trusted_proxies", f"{error}; write networks such as 10.0.0.0/8 or ::1/128"


def _secret_key(settings: Settings) -> Iterator[Finding]:
    if any(len(key) < SHORTEST_KEY for key in settings.secret_keys):
        yield (
            "secret_key",
            (
                f"a key is shorter than {SHORTEST_KEY} characters; make one with "
                "`openssl rand -hex 32`, or leave it empty"
            ),
        )


def _identity_secret(settings: Settings) -> Iterator[Finding]:
    if not settings.identity_secret:
        return
    from joserfc.errors import JoseError  # noqa: PLC0415 - 0.2 s, for those who set it
    from joserfc.jwk import RSAKey  # noqa: PLC0415 - the same

    shared, public = settings.identity_keys
    if any(len(secret) < SHORTEST_KEY for secret in shared):
        yield "identity_secret", f"a secret is shorter than {SHORTEST_KEY} characters"
    for pem in public:
        try:
            is_private = RSAKey.import_key(pem).is_private
        except (JoseError, ValueError):
            yield "identity_secret", "a PEM in it is no public key of RSA"
        else:
            if is_private:
                yield "identity_secret", "holds a private key: give the public one, keep that one"


def _geoip_file(settings: Settings) -> Iterator[Finding]:
    if settings.geoip_file and not Path(settings.geoip_file).is_file():
        yield "geoip_file", f"there is no file {settings.geoip_file}"


def _redis_url(settings: Settings) -> Iterator[Finding]:
    for fault in faults_of(settings.redis_url) if settings.redis_url else ():
        yield "redis_url", fault


def _durability(settings: Settings) -> Iterator[Finding]:
    if settings.durability is Durability.REPLICATED and not settings.redis_url:
        yield "durability", "can't be replicated without redis_url: the embedded Redis is alone"


def _database_url(settings: Settings) -> Iterator[Finding]:
    scheme = _scheme(settings.database_url)
    if settings.database_url and scheme not in SQL_SCHEMES:
        yield (
            "database_url",
            f"must begin with postgresql:// or sqlite:///, not {scheme}://",
        )


def _tracing_url(settings: Settings) -> Iterator[Finding]:
    if not settings.tracing_url:
        return
    if _scheme(settings.tracing_url) not in {"http", "https"}:
        yield "tracing_url", "must begin with http:// or https://"
    if not is_importable("opentelemetry.sdk"):
        yield (
            "tracing_url",
            (
                "needs what isn't installed: `pip install --require-hashes -r "
                "requirements-tracing.lock`"
            ),
        )


def is_importable(name: str) -> bool:
    """Whether a package is installed; nothing of it is run."""
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def _scheme(url: str) -> str:
    return url.partition(":")[0]


def _agreement(settings: Settings) -> Iterator[Finding]:
    if settings.ring_seconds > settings.wait_seconds:
        yield (
            "ring_seconds",
            (
                f"is {settings.ring_seconds:g}, more than wait_seconds "
                f"({settings.wait_seconds:g}): no second rep would ever ring"
            ),
        )
    if settings.frame_burst < settings.frame_rate:
        yield (
            "frame_burst",
            f"is {settings.frame_burst}, less than frame_rate ({settings.frame_rate})",
        )
    if settings.session_gone_minutes > settings.session_idle_minutes:
        yield (
            "session_gone_minutes",
            (
                f"is {settings.session_gone_minutes:g}, more than session_idle_minutes "
                f"({settings.session_idle_minutes:g})"
            ),
        )


CHECKS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    _public_url,
    _allowed_origins,
    _trusted_proxies,
    _secret_key,
    _identity_secret,
    _geoip_file,
    _redis_url,
    _durability,
    _database_url,
    _tracing_url,
    _agreement,
)
