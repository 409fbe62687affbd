"""What the handlers of the HTTP interface work with; put together by `application`."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from frontdesk.clock import NowMs
from frontdesk.errors import FrontdeskError
from frontdesk.people.people import People
from frontdesk.people.rep import RepIdentity
from frontdesk.privacy.persons import Persons
from frontdesk.routing.room import Routing
from frontdesk.storage.engine import Database
from frontdesk.web.address import Proxies

Ready = Callable[[], Awaitable[list[str]]]
"""Says what keeps this node from serving, in words; nothing means ready."""


async def _not_live(*_given: object) -> Any:
    raise FrontdeskError("overloaded", "This process has no part in the live desk.")


@dataclass(frozen=True, slots=True)
class LiveSide:
    """What the HTTP interface may do on the live desk.

    `set_availability(rep, state, cause)` returns the state it is in then (PR-5);
    `edit_visitor(who, conversation, fields)` all that is known of the visitor then (VS-3).
    """

    set_availability: Callable[[str, str, str], Awaitable[str]] = _not_live
    edit_visitor: Callable[
        [RepIdentity, str, Mapping[str, str | float | bool | None]], Awaitable[dict[str, Any]]
    ] = _not_live


@dataclass(frozen=True, slots=True)
class Services:
    """`public_url` is empty where each host name is its own origin. `desk` is its id."""

    people: People
    database: Database
    proxies: Proxies
    now: NowMs
    ready: Ready
    public_url: str
    desk: str
    desk_name: str
    sign_in_seconds: int
    routing: Routing
    persons: Persons
    side: LiveSide = field(default_factory=LiveSide)

    def is_secure(self, scheme: str) -> bool:
        """Whether browsers reach us over TLS; `scheme` is the request's own."""
        if self.public_url:
            return urlsplit(self.public_url).scheme == "https"
        return scheme == "https"
