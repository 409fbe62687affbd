"""Where in what is known of a visitor a field's value belongs, by the names people use. Pure."""

from typing import Final, NamedTuple

from frontdesk.filters import Registry
from frontdesk.routing.visitors.situation import PLACES

_MADE: Final = {
    "page.path": "page.url",
    "visitor.email_domain": "visitor.email",
    "session.pages_seen_urls": "session.pages_seen",
}
"""Fields that are made from another one."""
_BY_NAME: Final = {".".join(steps): key for key, steps in PLACES.items() if key not in _MADE}


class Place(NamedTuple):
    """A field, and where its value belongs in what is known of a visitor."""

    key: str
    steps: tuple[str, ...]


class NoPlace(Exception):
    """Nothing can be given under this name; the message says why."""


def place_of(name: str, registry: Registry) -> Place:
    """Of a field's key, such as `location.country` or `field.plan`, or of a name that what is known
    of a visitor has, such as `email` or `utm.medium`. Raises NoPlace.
    """
    key = _BY_NAME.get(name.casefold(), name)
    if key not in registry and name.casefold() in registry:
        key = name.casefold()
    if made_of := _MADE.get(key):
        raise NoPlace(f"{key} is made from {made_of}: give that one.")
    if key not in registry:
        raise NoPlace(f"{name[:80]!r} is no field. Fields are called as in location.country.")
    if key.startswith("field."):
        return Place(key, ("fields", key.removeprefix("field.")))
    return Place(key, PLACES[key])
