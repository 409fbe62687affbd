"""What is known of a visitor as values of fields, whatever it looks like (VS-3, VS-4)."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from frontdesk.filters import Field, FieldType, Registry
from frontdesk.routing.visitors.situation import situation_of

REGISTRY = Registry.builtin().with_fields(
    [Field.custom("seats", "Seats", FieldType.NUMBER, example=10)]
)


def test_every_built_in_field_has_its_place() -> None:
    about = {
        "id": "v_1", "session": "s_1", "name": "Kim Tanaka", "email": "Kim@Example.com",
        "company": "Example Ltd", "domain": "example.com", "industry": "Software",
        "employees": "1200", "phone": "+81 6", "locale": "ja-JP", "timezone": "Asia/Tokyo",
        "page": {"url": "https://example.com/pricing?x=1", "title": "Pricing", "referrer": "https://a.b/"},
        "landing_page": "https://example.com/", "referrer": "https://www.google.com/",
        "utm": {"source": "li", "medium": "cpc", "campaign": "c", "term": "t", "content": "b"},
        "gclid": "Cj0", "pages_seen": 4, "pages_seen_urls": ["https://example.com/"],
        "device": {"type": "Desktop", "browser": "Firefox", "os": "macOS"},
        "location": {"country": "jp", "region": "Kansai", "city": "Osaka"},
        "returning": False, "past_conversations": 0, "fields": {"seats": "25", "unknown": "x"},
    }  # fmt: skip
    found = situation_of(about, REGISTRY)
    assert found.keys() == {field.key for field in REGISTRY}
    assert found["page.path"] == "/pricing"
    assert found["visitor.email_domain"] == "Example.com"
    assert (found["visitor.employees"], found["field.seats"]) == (1200, 25)
    assert (found["location.country"], found["device.type"]) == ("JP", "desktop")
    assert (found["visitor.returning"], found["visitor.past_conversations"]) == (False, 0)


def test_what_is_not_known_is_blank() -> None:
    assert situation_of({}, REGISTRY) == {}
    page = {"page": {"url": "https://example.com"}, "email": "nobody"}
    assert situation_of(page, REGISTRY)["page.path"] == "/"
    assert "visitor.email_domain" not in situation_of(page, REGISTRY)


_odd: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@given(
    st.dictionaries(
        st.sampled_from(["page", "utm", "device", "location", "email", "fields", "employees",
                         "pages_seen", "locale", "returning", "pages_seen_urls"]),
        _odd | st.dictionaries(st.sampled_from(["url", "source", "type", "seats"]), _odd),
    )
)  # fmt: skip
def test_odd_data_is_read_as_blank_and_never_raises(about: dict[str, Any]) -> None:
    found = situation_of(about, REGISTRY)
    assert all(key in REGISTRY for key in found)
