"""Where we listen, and whether browsers can come in that way."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from frontdesk.config import Settings
from frontdesk.doctor.finding import Finding, fail, ok, warn
from frontdesk.supervisor import sockets

LOOPBACK = ("127.", "localhost", "::1")


def port(settings: Settings) -> Iterator[Finding]:
    where = f"{settings.host}:{settings.port}"
    try:
        sockets.close(sockets.bind(settings.host, settings.port, 1))
    except sockets.PortInUse:
        what = f"something listens on {where}"
        yield warn("port", what, "Right if it is this Frontdesk; else stop it, or change the port.")
    except OSError as error:
        advice = "Ports below 1024 need CAP_NET_BIND_SERVICE; the address must be this machine's."
        yield fail("port", f"{where} can't be had: {error.strerror}", advice)
    else:
        yield ok("port", f"{where} is free")


def public_address(settings: Settings) -> Iterator[Finding]:
    parts = urlsplit(settings.url)
    if _is_local(parts.hostname or ""):
        if _is_local(settings.host):
            yield ok("address", f"{settings.url}, for this machine alone")
        else:
            what = f"reachable from outside, but we take ourselves for {settings.url}"
            yield warn("address", what, "Set FRONTDESK_PUBLIC_URL; links in invitations name it.")
    elif parts.scheme != "https":
        what = f"{settings.url} isn't encrypted: sign-in cookies can be read on the way"
        yield fail("address", what, "Put a proxy with TLS in front; set FRONTDESK_PUBLIC_URL.")
    else:
        yield ok("address", settings.url)


def proxies(settings: Settings) -> Iterator[Finding]:
    if settings.trusted_proxies:
        yield ok("proxies", f"trusted: {' '.join(settings.trusted_proxies)}")
    elif urlsplit(settings.url).scheme == "https":
        yield warn(
            "proxies",
            "TLS ends at a proxy, but none is trusted: all visitors seem to share its address",
            "Set FRONTDESK_TRUSTED_PROXIES, or limits per address will stop everybody together.",
        )


def drain(settings: Settings) -> Iterator[Finding]:
    """Behind a proxy, whoever leaves should be noticed before the port closes."""
    if settings.trusted_proxies and not settings.drain_delay_seconds:
        what = "a node that stops closes its port at once, before the proxy has noticed"
        advice = "Set FRONTDESK_DRAIN_DELAY_SECONDS to a few seconds more than it asks /readyz."
        yield warn("leaving", what, advice)


def origins(settings: Settings) -> Iterator[Finding]:
    if not settings.allowed_origins and _is_local(urlsplit(settings.url).hostname or ""):
        yield ok("origins", "only our own pages may carry the widget")
    elif not settings.allowed_origins:
        what = f"only pages of {settings.url} may carry the widget"
        yield warn("origins", what, "List your websites in FRONTDESK_ALLOWED_ORIGINS.")
    elif "*" in settings.allowed_origins:
        what = "any website may carry the widget"
        yield warn("origins", what, "List your websites in FRONTDESK_ALLOWED_ORIGINS.")
    else:
        yield ok("origins", " ".join(settings.allowed_origins))


def _is_local(host: str) -> bool:
    return host.startswith(LOOPBACK)
