"""No pattern and no text make each other run away (RT-2)."""

from time import thread_time

import pytest

from frontdesk.filters.patterns import BadPattern, pattern_test
from frontdesk.filters.values import LONGEST_TEXT

EVIL = ["(a+)+$", "(a|a)*b", "(.*a){20}c", "(a?){50}a{50}b", "^(([a-z])+.)+[A-Z]([a-z])+$"]


@pytest.mark.parametrize("pattern", [*EVIL, ".{0,50}.{0,50}z"])
def test_a_pattern_that_would_take_for_ever_elsewhere_takes_milliseconds(pattern: str) -> None:
    test = pattern_test(pattern)
    begun = thread_time()
    test("a" * LONGEST_TEXT + "!")
    assert thread_time() - begun < 5  # backtracking would take longer than the world lasts


@pytest.mark.parametrize("pattern", ["(", "a**", "(?=a)", r"(a)\1", "[z-a]", "x{1001}"])
def test_what_cannot_be_read_is_refused_with_a_reason(pattern: str) -> None:
    with pytest.raises(BadPattern, match=r"\w+"):
        pattern_test(pattern)


@pytest.mark.parametrize("pattern", [r"\pL{200}", "((.{0,30}){0,30}){0,30}", "(.{0,99}){0,9}"])
def test_what_is_too_large_is_refused(pattern: str) -> None:
    with pytest.raises(BadPattern, match="too large"):
        pattern_test(pattern)


def test_it_is_found_anywhere_and_without_case() -> None:
    assert pattern_test("pric(e|ing)")("/de/PRICING?x")
    assert pattern_test("^/é$")("/É")
    assert not pattern_test("^pricing")("/pricing")
