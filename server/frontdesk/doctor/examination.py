"""Every look at an installation, one after the other."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator

from frontdesk.config import Settings
from frontdesk.doctor import collector, database, folder, machine, network, redis_server
from frontdesk.doctor.finding import Finding, fail
from frontdesk.doctor.reaching import unreachable

LONGEST_LOOK = 10.0  # s

Look = Callable[[Settings], Iterator[Finding]]
LongLook = Callable[[Settings], AsyncIterator[Finding]]

LOOKS: tuple[tuple[str, Look], ...] = (
    ("Python", machine.python),
    ("open files", machine.open_files),
    ("waiting connects", machine.backlog),
    ("clock", machine.clock),
    ("static files", machine.static_files),
    ("data folder", folder.data),
    ("secret key", folder.secret_key),
    ("disk", folder.disk),
    ("port", network.port),
    ("address", network.public_address),
    ("proxies", network.proxies),
    ("leaving", network.drain),
    ("origins", network.origins),
)
LONG_LOOKS: tuple[tuple[str, str, LongLook], ...] = (
    ("Redis", "redis_url", redis_server.look),
    ("database", "database_url", database.look),
    ("traces", "tracing_url", collector.look),
)
"""What about, which setting names the server, and the look."""


async def examine(settings: Settings) -> list[Finding]:
    """All findings. Looks at what is there; makes nothing, not even the data folder."""
    found: list[Finding] = []
    for about, look in LOOKS:
        try:
            found += look(settings)
        except OSError as error:
            found.append(_failed(about, error))
    for about, setting, long_look in LONG_LOOKS:
        try:
            async with asyncio.timeout(LONGEST_LOOK):
                found += [finding async for finding in long_look(settings)]
        except Exception as error:  # noqa: BLE001 — drivers raise what they like; it is the finding
            url = getattr(settings, setting)
            failed = unreachable(about, setting, url, error) if url else _failed(about, error)
            found.append(failed)
    return found


def _failed(about: str, error: Exception) -> Finding:
    reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return fail(about, f"can't be looked at ({reason})", "Put that right, then ask again.")
