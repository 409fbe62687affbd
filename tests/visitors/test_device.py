"""What a visitor uses (VS-4)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.visitors.device import LONGEST, REMEMBERED, _device_of, device_of

WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0"


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Safari/537.36",
         {"type": "desktop", "browser": "Chrome", "os": "Windows"}),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Safari/537.36 Edg/140.0.0.0",
         {"type": "desktop", "browser": "Edge", "os": "Windows"}),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:133.0) Gecko/20100101 Firefox/133.0",
         {"type": "desktop", "browser": "Firefox", "os": "Mac OS X"}),
        ((f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) {WEBKIT} Version/17.5"
         " Mobile/15E148 Safari/604.1"),
         {"type": "mobile", "browser": "Mobile Safari", "os": "iOS"}),
        ((f"Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) {WEBKIT} Version/16.6 Mobile/15E148"
         " Safari/604.1"),
         {"type": "tablet", "browser": "Mobile Safari", "os": "iOS"}),
        (f"Mozilla/5.0 (Linux; Android 10; K) {CHROME} Mobile Safari/537.36",
         {"type": "mobile", "browser": "Chrome Mobile", "os": "Android"}),
        (f"Mozilla/5.0 (Linux; Android 14; SM-X710) {CHROME} Safari/537.36",
         {"type": "tablet", "browser": "Chrome", "os": "Android"}),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
         {"type": "bot", "browser": "Googlebot"}),
        (("Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/538.1 (KHTML, like Gecko)"
         " Version/6.0 TV Safari/538.1"),
         {"type": "tv", "browser": "Safari", "os": "Tizen"}),
        ("", {}),
        ("something of one's own", {}),
    ],
)  # fmt: skip
def test_the_device_is_told_from_what_the_browser_calls_itself(
    user_agent: str, device: dict[str, str]
) -> None:
    assert device_of(user_agent) == device


def test_the_same_browser_is_read_once_and_strangers_do_not_fill_the_memory() -> None:
    device_of("Mozilla/5.0 (X11; Linux x86_64; rv:1) Firefox/133.0")
    before = _device_of.cache_info()
    device_of("Mozilla/5.0 (X11; Linux x86_64; rv:1) Firefox/133.0")
    after = _device_of.cache_info()
    assert (after.hits, after.misses) == (before.hits + 1, before.misses)
    assert after.maxsize == REMEMBERED


def test_what_is_longer_than_any_browsers_name_is_cut_off() -> None:
    assert device_of("x" * LONGEST + " Windows NT") == {}


@given(st.text())
def test_no_name_breaks_it(text: str) -> None:
    assert set(device_of(text)) <= {"type", "browser", "os"}
