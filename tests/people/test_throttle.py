from hypothesis import given
from hypothesis import strategies as st

from frontdesk.people.throttle import ADDRESS, EMAIL, PAIR, Count, Limit, counters

LIMITS = st.sampled_from([PAIR, ADDRESS, EMAIL])
DAY_MS = 24 * 60 * 60 * 1000


def let_through(limit: Limit, moments: list[int]) -> list[int]:
    """Which attempts at these moments are let through."""
    count, passed = Count(), []
    for now in moments:
        if count.wait_ms(now, limit) == 0:
            count = count.attempted(now, limit)
            passed.append(now)
    return passed


@given(LIMITS, st.lists(st.integers(0, 60_000), min_size=1, max_size=400))
def test_a_minute_of_guessing_gives_few_tries_however_they_are_spread(
    limit: Limit, moments: list[int]
) -> None:
    assert len(let_through(limit, sorted(moments))) <= limit.free + 5


@given(LIMITS, st.integers(1, 200), st.integers(0, 2**41))
def test_nobody_waits_longer_than_the_limit_says_even_if_the_clock_jumps(
    limit: Limit, attempts: int, later: int
) -> None:
    count = Count()
    for number in range(attempts):
        count = count.attempted(2**41 + number, limit)
    assert 0 <= count.wait_ms(later, limit) <= limit.longest_ms


@given(LIMITS, st.integers(1, 200))
def test_failures_are_forgotten_after_a_quiet_day(limit: Limit, attempts: int) -> None:
    count = Count()
    for _ in range(attempts):
        count = count.attempted(DAY_MS, limit)
    assert count.attempted(3 * DAY_MS, limit).failures == 1


def test_one_network_of_ipv6_is_one_guesser_and_two_networks_are_two() -> None:
    one = counters("2001:db8::1", "a@b.example")
    assert one == counters("2001:db8::ffff:1", "a@b.example")
    assert one.keys() != counters("2001:db8:0:1::1", "a@b.example").keys()


@given(st.text(max_size=100), st.text(max_size=300))
def test_whatever_is_sent_as_an_address_makes_three_short_keys(address: str, email: str) -> None:
    keys = counters(address, email)
    assert len(keys) == 3
    assert all(len(key) <= 80 and key.isascii() for key in keys)
