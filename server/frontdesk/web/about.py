"""What reps are shown of a visitor: put together from what the page and earlier visits told.

Some of it is the person's and outlasts the visit (visitors/fields.py); the rest is of this session
(how it began, VS-4), of this browser (device, place, language), or of the page they are on. The
address that the place was found by is in none of it.
"""

from collections.abc import Mapping
from typing import Any

import orjson
from msgspec import to_builtins

from frontdesk.conversations import entries
from frontdesk.visitors.fields import kept_of, replace_kept
from frontdesk.visitors.store import Visit
from frontdesk.wire import frames

NUL = b"\\u0000"
"""As orjson writes it: PostgreSQL can't keep it."""
_OF_THE_VISIT = ("landing_page", "referrer", "utm", "gclid")


def about_of(
    visitor: str,
    visit: Visit,
    hello: frames.VisitorHello,
    device: Mapping[str, str],
    place: Mapping[str, str],
) -> dict[str, Any]:
    """What reps are shown of this visitor: what earlier visits told, and what this one does."""
    browser = {
        "locale": hello.locale,
        "timezone": hello.timezone,
        "device": device,
        "location": place,
    }
    about: dict[str, Any] = {"id": visitor}
    about.update((key, value) for key, value in browser.items() if value)
    take_visit(about, visit)
    take_kept(about, visit.about)
    if hello.page:
        about["page"] = to_builtins(hello.page)
    elif visit.page:
        about["page"] = orjson.loads(visit.page)
    return about


def take_visit(about: dict[str, Any], visit: Visit) -> None:
    """The visit as it is now: it may be another one than before."""
    about["session"] = visit.session
    about["pages_seen"] = visit.pages
    about["returning"] = visit.sessions > 1
    for key in _OF_THE_VISIT:
        about.pop(key, None)
    for told in (visit.landing, visit.campaign):
        if told:
            about.update(orjson.loads(told))


def take_kept(about: dict[str, Any], kept: bytes) -> None:
    """What is known of the person, as it is in Redis (JSON, or b'')."""
    replace_kept(about, orjson.loads(kept) if kept else {})


def kept_json(about: Mapping[str, Any]) -> bytes:
    """The part that outlasts the visit, as it is kept in Redis; b'' if nothing is known."""
    kept = kept_of(about)
    return about_json(kept) if kept else b""


def about_json(about: Mapping[str, Any]) -> bytes:
    """What offers and the archive are given. NUL is taken out of the texts, never out of the JSON:
    a visitor may write the letters of its escape, and the quote behind them would be theirs.
    """
    raw = orjson.dumps(about)
    return orjson.dumps(_storable(about)) if NUL in raw else raw


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return entries.storable(value)
    if isinstance(value, dict):
        return {entries.storable(name): _storable(inner) for name, inner in value.items()}
    return value
