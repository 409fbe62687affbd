"""What is known of a visitor, as the values that filters ask for (VS-3, VS-4)."""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from frontdesk.filters import Registry, Value

PLACES: dict[str, tuple[str, ...]] = {
    "page.url": ("page", "url"),
    "page.title": ("page", "title"),
    "page.referrer": ("page", "referrer"),
    "session.landing_page": ("landing_page",),
    "session.referrer": ("referrer",),
    "session.gclid": ("gclid",),
    "session.pages_seen": ("pages_seen",),
    "session.pages_seen_urls": ("pages_seen_urls",),
    "utm.source": ("utm", "source"),
    "utm.medium": ("utm", "medium"),
    "utm.campaign": ("utm", "campaign"),
    "utm.term": ("utm", "term"),
    "utm.content": ("utm", "content"),
    "visitor.language": ("locale",),
    "visitor.timezone": ("timezone",),
    "visitor.email": ("email",),
    "visitor.name": ("name",),
    "visitor.company": ("company",),
    "visitor.domain": ("domain",),
    "visitor.industry": ("industry",),
    "visitor.employees": ("employees",),
    "visitor.phone": ("phone",),
    "visitor.returning": ("returning",),
    "visitor.past_conversations": ("past_conversations",),
    "device.type": ("device", "type"),
    "device.browser": ("device", "browser"),
    "device.os": ("device", "os"),
    "location.country": ("location", "country"),
    "location.region": ("location", "region"),
    "location.city": ("location", "city"),
}
"""Field key → where its value is in `about`."""


def situation_of(about: Mapping[str, Any], registry: Registry) -> dict[str, Value]:
    """Field key → value, typed by the registry; blank ones are left out. `about` is what is kept
    with the conversation. Whatever is in it, this doesn't raise: odd data reads as blank.
    """
    return registry.situation(dict(_raw(about)))


class SomeFields:
    """The same for these fields alone: of a hundred thousand visitors, what rules test is enough.
    `about` is as JSON was read.
    """

    __slots__ = ("_custom", "_made", "_places", "_registry")

    def __init__(self, registry: Registry, keys: Collection[str]) -> None:
        self._registry = registry
        self._places = [
            (key, steps[0], steps[1] if len(steps) > 1 else "")
            for key, steps in PLACES.items()
            if key in keys
        ]
        self._made = [make for key, make in _MADE.items() if key in keys]
        self._custom = frozenset(key for key in keys if key.startswith("field."))

    def of(self, about: Mapping[str, Any]) -> dict[str, Value]:
        coerce, found = self._registry.coerce, dict[str, Value]()
        for key, step, deeper in self._places:
            raw = about.get(step)
            if deeper:
                raw = raw.get(deeper) if isinstance(raw, dict) else None
            if raw is not None and (value := coerce(key, raw)) is not None:
                found[key] = value
        for key, raw in self._others(about):
            if (value := coerce(key, raw)) is not None:
                found[key] = value
        return found

    def _others(self, about: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
        for make in self._made:
            yield from make(about)
        if self._custom:
            yield from (pair for pair in _custom(about) if pair[0] in self._custom)


def _raw(about: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    yield from _placed(about, PLACES)
    yield from _page_path(about)
    yield from _email_domain(about)
    yield from _custom(about)


def _placed(
    about: Mapping[str, Any], places: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[str, object]]:
    for key, steps in places.items():
        value: Any = about
        for step in steps:
            value = value.get(step) if isinstance(value, Mapping) else None
        if value is not None:
            yield key, value


def _page_path(about: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    page = about.get("page")
    if isinstance(page, Mapping) and isinstance(page.get("url"), str):
        yield "page.path", _path(page["url"])


def _email_domain(about: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    email = about.get("email")
    if isinstance(email, str):
        yield "visitor.email_domain", email.rpartition("@")[2] if "@" in email else None


_MADE: dict[str, Callable[[Mapping[str, Any]], Iterator[tuple[str, object]]]] = {
    "page.path": _page_path,
    "visitor.email_domain": _email_domain,
}
"""What is made from something else."""


def _custom(about: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    fields = about.get("fields")
    if isinstance(fields, Mapping):
        yield from ((f"field.{name}", value) for name, value in fields.items())


def _path(url: str) -> str | None:
    try:
        return urlsplit(url).path or "/"
    except ValueError:  # such as "http://[": no address that a browser would show
        return None
