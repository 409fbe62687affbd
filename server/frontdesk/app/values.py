"""The settings as the values that rooms take: in their units, under their names."""

from frontdesk.bus.rates import Rate
from frontdesk.config import Settings
from frontdesk.hub.limits import Limits
from frontdesk.routing.router import Waits


def waits_of(settings: Settings) -> Waits:
    """The settings' seconds and minutes as milliseconds."""
    return Waits(
        total=round(settings.wait_seconds * 1000),
        lost=round(settings.rep_lost_seconds * 1000),
        idle=round(settings.session_idle_minutes * 60_000),
        gone=round(settings.session_gone_minutes * 60_000),
        grace=round(settings.device_grace_seconds * 1000),
        silent=round(settings.silent_minutes * 60_000),
    )


def limits_of(settings: Settings) -> Limits:
    """What a socket may do."""
    return Limits(
        heartbeat_seconds=settings.heartbeat_seconds,
        hello_seconds=settings.hello_seconds,
        max_frame_bytes=settings.max_frame_bytes,
        frame_rate=settings.frame_rate,
        frame_burst=settings.frame_burst,
    )


def rates_of(settings: Settings) -> dict[str, Rate]:
    """How often visitors may do what."""
    return {
        "hello": Rate(settings.hellos_per_visitor, settings.hellos_per_address),
        "request": Rate(settings.requests_per_visitor, settings.requests_per_address),
    }
