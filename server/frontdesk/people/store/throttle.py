"""The counters of sign-in attempts in SQL, shared by all nodes."""

from collections.abc import Iterable, Mapping

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from frontdesk.people.throttle import Count, Limit
from frontdesk.storage.engine import upsert
from frontdesk.storage.tables import throttle


async def attempt(connection: AsyncConnection, limits: Mapping[str, Limit], now: int) -> int:
    """Count an attempt, or return how many milliseconds it must wait (and count nothing)."""
    counts = await _lock(connection, limits, now)
    wait = max(counts[key].wait_ms(now, limit) for key, limit in limits.items())
    if wait:
        return wait
    for key, limit in limits.items():
        await _put(connection, key, counts[key].attempted(now, limit))
    return 0


async def succeed(connection: AsyncConnection, limits: Mapping[str, Limit]) -> None:
    """Forget the failures of whoever signed in; their address gets this one attempt back."""
    theirs = [key for key in limits if not key.startswith("address:")]
    await connection.execute(delete(throttle).where(throttle.c.key.in_(theirs)))
    shared = throttle.c.key.in_([key for key in limits if key.startswith("address:")])
    back = update(throttle).where(shared, throttle.c.failures > 0)
    await connection.execute(back.values(failures=throttle.c.failures - 1))


async def delete_old(connection: AsyncConnection, before: int) -> None:
    old = (throttle.c.since < before) & (throttle.c.blocked_until < before)
    await connection.execute(delete(throttle).where(old))


async def _lock(connection: AsyncConnection, keys: Iterable[str], now: int) -> dict[str, Count]:
    """Read the counters and keep others from reading them until we have written."""
    blank = [{"key": key, "failures": 0, "since": now, "blocked_until": 0} for key in keys]
    await connection.execute(upsert(connection, throttle, blank))
    query = select(throttle).where(throttle.c.key.in_([row["key"] for row in blank]))
    rows = await connection.execute(query.order_by(throttle.c.key).with_for_update())
    return {row.key: Count(row.failures, row.since, row.blocked_until) for row in rows}


async def _put(connection: AsyncConnection, key: str, count: Count) -> None:
    await connection.execute(
        update(throttle)
        .where(throttle.c.key == key)
        .values(failures=count.failures, since=count.since, blocked_until=count.blocked_until)
    )
