"""So many a minute on the whole desk, for a visitor and for an address."""

import asyncio

import pytest

from frontdesk.bus.rates import MINUTE, Rate, Rates
from frontdesk.errors import FrontdeskError
from frontdesk.storage.redis.keys import Keys
from frontdesk.storage.redis.link import Link


class Buckets:
    """What is asked for in this test."""

    def __init__(self, link: Link, keys: Keys) -> None:
        self.link, self.keys = link, keys

    async def waits(self, rate: Rate, visitor: str = "v1", address: str = "a1") -> float:
        """How long one more has to wait; 0 if it was let through."""
        try:
            await Rates(self.link, self.keys, {"ask": rate}).take("ask", visitor, address)
        except FrontdeskError as error:
            if error.code != "rate_limited" or not error.temporary:
                raise
            return float(error.fields["retry_after"])
        return 0.0


@pytest.fixture
def buckets(link: Link, keys: Keys) -> Buckets:
    return Buckets(link, keys)


async def test_as_many_as_the_limit_then_one_at_a_time(buckets: Buckets) -> None:
    rate = Rate(visitor=3)
    assert [await buckets.waits(rate) for _ in range(3)] == [0, 0, 0]
    assert 0 < await buckets.waits(rate) <= 20
    assert await buckets.waits(rate, visitor="v2") == 0


async def test_an_address_is_limited_whoever_is_there(buckets: Buckets) -> None:
    rate = Rate(visitor=10, address=2)
    assert [await buckets.waits(rate, f"v{n}") for n in range(2)] == [0, 0]
    assert await buckets.waits(rate, "v9") > 0
    assert await buckets.waits(rate, "v9", address="a2") == 0


async def test_what_is_refused_takes_nothing_of_the_other_bucket(buckets: Buckets) -> None:
    rate = Rate(visitor=2, address=1)
    assert await buckets.waits(rate, "v1") == 0
    for _ in range(5):
        assert await buckets.waits(rate, "v2") > 0
    assert [await buckets.waits(rate, "v2", f"b{n}") for n in range(2)] == [0, 0]


async def test_no_limit_asks_nobody(buckets: Buckets) -> None:
    await buckets.link.close()
    assert await buckets.waits(Rate()) == 0
    assert await buckets.waits(Rate(visitor=1), visitor="") == 0


async def test_at_the_same_moment_no_more_than_the_limit_get_through(buckets: Buckets) -> None:
    found = await asyncio.gather(*(buckets.waits(Rate(visitor=7)) for _ in range(50)))
    assert found.count(0.0) == 7


async def test_a_bucket_that_is_full_again_is_not_kept(buckets: Buckets) -> None:
    await buckets.waits(Rate(visitor=6))
    left = await buckets.link.command(b"PTTL", buckets.keys.rate("ask:v:v1"))
    assert 0 < left <= MINUTE // 6


async def test_a_clock_that_went_back_locks_nobody_out(buckets: Buckets) -> None:
    await buckets.link.command(b"SET", buckets.keys.rate("ask:v:v1"), 2**52)
    assert 0 < await buckets.waits(Rate(visitor=1)) <= 60
