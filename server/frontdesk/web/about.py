"""What reps are shown of a visitor: put together from what the page and earlier visits told."""

from typing import Any

import orjson
from msgspec import to_builtins

from frontdesk.conversations import entries
from frontdesk.errors import FrontdeskError
from frontdesk.visitors.store import Visit
from frontdesk.wire import frames

NUL = b"\\u0000"
"""As orjson writes it: PostgreSQL can't keep it."""
MOST_FIELDS = 64
"""As many as one message can carry (wire/frames.py)."""


def about_of(visitor: str, visit: Visit, hello: frames.VisitorHello) -> dict[str, Any]:
    """What reps are shown of this visitor: what earlier visits told, and what this one does."""
    about: dict[str, Any] = orjson.loads(visit.about) if visit.about else {}
    about["id"] = visitor
    about["session"] = visit.session
    about["pages_seen"] = visit.pages
    about["returning"] = visit.sessions > 1
    if hello.locale:
        about["locale"] = hello.locale
    if hello.timezone:
        about["timezone"] = hello.timezone
    if hello.page:
        about["page"] = to_builtins(hello.page)
    elif visit.page:
        about["page"] = orjson.loads(visit.page)
    take_fields(about, hello.fields)
    return about


def take_fields(about: dict[str, Any], fields: dict[str, Any]) -> None:
    """Names of our own have their place; the rest are fields of the customer's choice (VS-3).
    Too many change nothing: what was refused must not be kept either.
    """
    own = {
        name: value
        for name, value in fields.items()
        if name in ("name", "email", "company") and isinstance(value, str)
    }
    others = {name: value for name, value in fields.items() if name not in own}
    all_others = {**about.get("fields", {}), **others}
    if len(all_others) > MOST_FIELDS:
        raise FrontdeskError("bad_request", f"A visitor can have at most {MOST_FIELDS} fields.")
    about.update(own)
    if all_others:
        about["fields"] = all_others


def about_json(about: dict[str, Any]) -> bytes:
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
