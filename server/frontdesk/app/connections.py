"""What every process opens first: Redis, SQL, and the collector of traces if there is one."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import structlog

from frontdesk import __version__
from frontdesk.config import Durability, Settings
from frontdesk.storage.engine import Database, database_url
from frontdesk.storage.redis.keys import Keys
from frontdesk.storage.redis.link import Link

log = structlog.get_logger("app")


@asynccontextmanager
async def traced(
    settings: Settings, process: str, trace: Callable[[Any], None]
) -> AsyncIterator[None]:
    """While this is open, what `trace` puts spans around is traced, if there is a collector."""
    if not settings.tracing_url:
        yield
        return
    from frontdesk.telemetry.tracing import Tracing  # noqa: PLC0415 - an extra; 0.2 s

    tracing = Tracing(settings.tracing_url, process=process, version=__version__)
    trace(tracing)
    try:
        yield
    finally:
        await tracing.close()


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[tuple[Link, Database]]:
    """The connections that everything lives on."""
    keys = Keys(settings.redis_prefix, settings.desk)
    database = Database.open(database_url(settings.database_url, settings.data))
    try:
        link = await _linked(settings, keys)
        try:
            yield link, database
        finally:
            await link.close()
    finally:
        await database.close()


async def _linked(settings: Settings, keys: Keys) -> Link:
    """Says in a sentence that there is no Redis, instead of a stack; the supervisor asks again."""
    try:
        replicated = settings.durability is Durability.REPLICATED
        return await Link.open(
            settings.redis_url, meta_key=keys.meta, within=20, replicated=replicated
        )
    except TimeoutError as error:
        log.error("Redis can't be reached: is FRONTDESK_REDIS_URL right?", because=str(error))  # noqa: TRY400 - the stack says nothing more
        raise SystemExit(1) from None
