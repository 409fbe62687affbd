"""R1.1, R1.2: the epoch belongs to an incarnation of the server, the desk clock goes on."""

import asyncio

from redis.asyncio import Redis

from frontdesk.storage.redis.handshake import BOOT
from frontdesk.storage.redis.keys import Keys
from frontdesk.storage.redis.link import Link


async def boot(client: Redis, meta: str, inc: str, nonce: str) -> bytes:
    answer: list[bytes] = await client.eval(BOOT.source, 1, meta, inc, nonce)
    assert answer[0] == b"ok"
    return answer[1]


async def test_the_first_boot_takes_the_callers_nonce_and_starts_the_clock(
    redis_client: Redis, keys: Keys
) -> None:
    seconds, _ = await redis_client.time()
    assert await boot(redis_client, keys.meta, "inc", "nonce") == b"nonce"
    meta = await redis_client.hgetall(keys.meta)
    assert meta[b"inc"] == b"inc"
    assert meta[b"now"] == meta[b"last"]
    assert seconds * 1000 <= int(meta[b"now"]) < (seconds + 60) * 1000
    assert int(meta[b"quiet_until"]) == int(meta[b"now"]) + 10_000
    assert meta[b"schema"] == b"1"


async def test_the_same_incarnation_keeps_its_epoch(redis_client: Redis, keys: Keys) -> None:
    await boot(redis_client, keys.meta, "inc", "first")
    before = await redis_client.hgetall(keys.meta)
    assert await boot(redis_client, keys.meta, "inc", "second") == b"first"
    assert await redis_client.hgetall(keys.meta) == before


async def test_another_incarnation_begins_a_new_epoch_and_a_quiet_time(
    redis_client: Redis, keys: Keys
) -> None:
    await boot(redis_client, keys.meta, "inc", "first")
    await redis_client.hset(keys.meta, mapping={"quiet_until": 0, "schema": "7"})
    assert await boot(redis_client, keys.meta, "other inc", "second") == b"second"
    meta = await redis_client.hgetall(keys.meta)
    assert int(meta[b"quiet_until"]) == int(meta[b"now"]) + 10_000
    assert meta[b"schema"] == b"7"


async def test_an_outage_moves_the_desk_clock_by_two_seconds_at_most(
    redis_client: Redis, keys: Keys
) -> None:
    await boot(redis_client, keys.meta, "inc", "first")
    last = int(await redis_client.hget(keys.meta, "last") or 0)
    await redis_client.hset(keys.meta, mapping={"last": last - 3_600_000, "now": 5_000})
    await boot(redis_client, keys.meta, "other inc", "second")
    assert await redis_client.hget(keys.meta, "now") == b"7000"


async def test_a_clock_that_went_back_stops_the_desk_clock_but_does_not_turn_it(
    redis_client: Redis, keys: Keys
) -> None:
    await boot(redis_client, keys.meta, "inc", "first")
    last = int(await redis_client.hget(keys.meta, "last") or 0)
    await redis_client.hset(keys.meta, mapping={"last": last + 3_600_000, "now": 5_000})
    await boot(redis_client, keys.meta, "other inc", "second")
    meta = await redis_client.hgetall(keys.meta)
    assert meta[b"now"] == b"5000"
    assert int(meta[b"last"]) < last + 3_600_000


async def test_twenty_links_that_open_at_once_agree_on_one_epoch(
    redis_url: str, keys: Keys
) -> None:
    links = await asyncio.gather(*(Link.open(redis_url, meta_key=keys.meta) for _ in range(20)))
    assert len({link.epoch for link in links}) == 1
    assert len(links[0].epoch) == 22
    for link in links:
        await link.close()
