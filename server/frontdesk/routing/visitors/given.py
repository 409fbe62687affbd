"""A visitor whom somebody describes, to try rules on: nothing of it is silently left out. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from frontdesk.errors import FrontdeskError
from frontdesk.filters import Registry
from frontdesk.routing.visitors.places import NoPlace, place_of
from frontdesk.routing.visitors.situation import PLACES

SHOWN_FAULTS: Final = 5
_KNOWN: Final = frozenset(
    {steps[0] for steps in PLACES.values()} | {"id", "session", "fields", "sources", "edited"}
)
"""What conversations keep of a visitor."""

About = dict[str, Any]


def given_visitor(told: Mapping[str, Any], registry: Registry) -> About:
    """`told` is as conversations keep it, or by the keys of fields (`{"location.country": "JP"}`),
    or both. Raises bad_request for what is neither, and for a value that its field can't have.
    """
    about: About = {name: value for name, value in told.items() if name in _KNOWN}
    faults: list[str] = []
    for name, value in told.items():
        if name not in _KNOWN:
            try:
                about = _placed(about, name, value, registry)
            except NoPlace as fault:
                faults.append(str(fault))
    if faults:
        more = len(faults) - SHOWN_FAULTS
        also = [f"And {more} more."] if more > 0 else []
        raise FrontdeskError("bad_request", " ".join([*faults[:SHOWN_FAULTS], *also]))
    return about


def _placed(about: About, name: str, value: object, registry: Registry) -> About:
    key, (*rooms, last) = place_of(name, registry)
    if value not in (None, "") and registry.coerce(key, value) is None:
        kind = registry[key].type.value
        raise NoPlace(f"{key}: {str(value)[:80]!r} can't be read as a {kind}.")
    if not rooms:
        return {**about, last: value}
    inner = about.get(rooms[0])
    return {**about, rooms[0]: {**(inner if isinstance(inner, dict) else {}), last: value}}
