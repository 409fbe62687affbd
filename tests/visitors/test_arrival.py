"""How a visit began (VS-4)."""

import orjson
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.visitors.arrival import NOWHERE, Arrival, campaign_of
from frontdesk.wire.frames import Page


def test_a_page_tells_its_campaign() -> None:
    url = "https://x.example/a?UTM_Source=news%20letter&utm_campaign=&utm_medium=mail&gclid=G1#top"
    assert campaign_of(url) == {
        "utm": {"source": "news letter", "medium": "mail"}, "gclid": "G1",
    }  # fmt: skip


def test_a_page_without_a_campaign_tells_none() -> None:
    assert campaign_of("https://x.example/?q=1&utmost=2") == {}
    assert campaign_of("https://x.example/?utm_source=#gclid=x") == {}
    assert campaign_of("https://x.example/?" + "&".join(f"utm_{n}=1" for n in range(500))) == {}


def test_the_first_of_two_and_no_more_than_a_field_holds() -> None:
    url = f"https://x.example/?utm_source={'x' * 900}&utm_source=second"
    assert campaign_of(url) == {"utm": {"source": "x" * 256}}


def test_an_arrival_is_the_page_and_where_they_came_from() -> None:
    arrival = Arrival.on(Page("https://x.example/", "X", "https://search.example/"))
    assert orjson.loads(arrival.landing) == {
        "landing_page": "https://x.example/", "referrer": "https://search.example/",
    }  # fmt: skip
    assert arrival.campaign == b""
    assert Arrival.on(None) is NOWHERE


@given(st.text(max_size=200))
def test_no_address_breaks_it(text: str) -> None:
    campaign_of(text)
    campaign_of(f"https://[{text}?utm_source={text}&gclid={text}")
