"""The collector of traces: is anybody there to take them?"""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from frontdesk.config import Settings
from frontdesk.doctor.finding import Finding, ok, warn

WITHIN = 3.0  # s
PORTS = {"http": 80, "https": 443}


async def look(settings: Settings) -> AsyncIterator[Finding]:
    """Connects and sends nothing. Without a collector there is nothing to say."""
    if not settings.tracing_url:
        return
    parts = urlsplit(settings.tracing_url)
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    try:
        async with asyncio.timeout(WITHIN):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError) as error:
        what = f"nobody takes them at {host}:{port} ({str(error) or 'no answer'})"
        advice = "Start the collector, or leave FRONTDESK_TRACING_URL empty. Chats don't need it."
        yield warn("traces", what, advice)
        return
    writer.close()
    yield ok("traces", f"go to {host}:{port}, and {settings.tracing_messages:.0%} of messages")
