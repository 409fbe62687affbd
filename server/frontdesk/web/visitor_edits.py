"""A rep says what they know of the visitor they talk with (VS-3).

By HTTP, on any node: the visitor's tabs and the holder's may be on others. What is entered outlasts
the visit like everything that is known of the person, and a waiting request is routed anew (RT-10).
"""

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from frontdesk.claims.store import Claims
from frontdesk.conversations.store import Conversations
from frontdesk.errors import FrontdeskError
from frontdesk.people.refusals import forbidden, invalid
from frontdesk.people.rep import RepIdentity
from frontdesk.people.roles import Right
from frontdesk.visitors.fields import KNOWN, Declared, Scalar, Unfit, fit, stands_before, take
from frontdesk.visitors.sources import WORDS, Source
from frontdesk.visitors.store import Visitors
from frontdesk.web.about import about_json, kept_json, take_kept
from frontdesk.web.announcer import Announcer
from frontdesk.web.learning import Learning
from frontdesk.web.visitor_commands import NO_MORE_FIELDS
from frontdesk.web.visitor_requests import TellNodes
from frontdesk.wire.times import stamp

ATTEMPTS = 20
"""Each fails only when something else was learned in between."""


class VisitorEdits:
    """`pressure` says how full Redis' memory is, in percent."""

    def __init__(
        self,
        announcer: Announcer,
        conversations: Conversations,
        claims: Claims,
        visitors: Visitors,
        learning: Learning,
        *,
        now: Callable[[], int],
        pressure: Callable[[], int],
        tell_nodes: TellNodes,
    ) -> None:
        self._announcer = announcer
        self._conversations = conversations
        self._claims = claims
        self._visitors = visitors
        self._learning = learning
        self._now = now
        self._pressure = pressure
        self._tell_nodes = tell_nodes

    async def edit(
        self, who: RepIdentity, conversation: str, given: Mapping[str, Scalar]
    ) -> dict[str, Any]:
        """Fields of the visitor of an open conversation, by their names. → all that is known now.

        Raises bad_request with a sentence for each field that doesn't fit, forbidden to whoever
        neither holds it nor sees all, not_found, gone when it is over, overloaded.
        """
        if self._pressure() >= NO_MORE_FIELDS:
            raise FrontdeskError("overloaded")
        holder = "" if who.may(Right.SEE_ALL) else who.id
        visitor, about = await self._open(conversation, holder)
        async with self._learning.turn(visitor):
            kept = await self._keep(who, visitor, about, given)
            here, about = await self._show(conversation, visitor, about, kept, holder)
            self._learning.share(visitor, kept)
        self._announcer.about(conversation, about_json(about), here=here)
        await self._told(visitor, about)
        return about

    async def _open(self, conversation: str, holder: str) -> tuple[str, dict[str, Any]]:
        """Its visitor, and what is known of them. Whose it isn't hears what they'd hear of none."""
        state, rep, visitor, about = await self._claims.fields(
            conversation, "state", "rep", "visitor", "about"
        )
        if not state or (holder and rep != holder):
            raise FrontdeskError("not_found") if not state else forbidden()
        if state == "closed":
            raise FrontdeskError("gone", "This conversation is over.")
        return visitor, orjson.loads(about) if about else {"id": visitor}

    async def _keep(
        self, who: RepIdentity, visitor: str, about: dict[str, Any], given: Mapping[str, Scalar]
    ) -> bytes:
        """Into what is known of the person, which `about` has afterwards. → that, as it is kept."""
        edited = {"rep": {"id": who.id, "name": who.name}, "at": stamp(self._now())}
        declared = self._learning.declared()
        before = await self._visitors.known(visitor)
        for _attempt in range(ATTEMPTS):
            if before:
                take_kept(about, before)
            _check(about, given, declared)
            take(about, given, Source.REP, declared, edited=edited)
            kept = kept_json(about)
            meanwhile = await self._visitors.keep(visitor, before, kept)
            if meanwhile is None:
                return kept
            before = meanwhile
        raise FrontdeskError("retry")

    async def _show(
        self, conversation: str, visitor: str, about: dict[str, Any], kept: bytes, holder: str
    ) -> tuple[bool, dict[str, Any]]:
        """To the conversation, on whatever page they are by now; who waits is routed anew by it.
        → whether they are here, and all that is known.
        """
        for _attempt in range(ATTEMPTS):
            (before,) = await self._claims.fields(conversation, "about")
            about = orjson.loads(before) if before else about
            take_kept(about, kept)
            shown = await self._conversations.about_edited(
                conversation, visitor, about_json(about), before=before.encode(), holder=holder
            )
            if shown is not None:
                return shown, about
        raise FrontdeskError("retry")

    async def _told(self, visitor: str, about: dict[str, Any]) -> None:
        """Their tabs elsewhere, and the session's rule."""
        nodes = await self._visitors.elsewhere(visitor)
        if nodes:
            await self._tell_nodes(nodes, "known", visitor)
        rule, session = self._learning.routed(about), about.get("session", "")
        if rule and session:
            await self._visitors.keep(visitor, b"", b"", session=session, rule=rule)


def _check(
    about: Mapping[str, Any], given: Mapping[str, Scalar], declared: Mapping[str, Declared]
) -> None:
    """Everything that is wrong, at once, each with its field."""
    wrong = {name: _wrong(about, name, value, declared) for name, value in given.items()}
    if faults := {name: said for name, said in wrong.items() if said}:
        raise invalid(**faults)


def _wrong(
    about: Mapping[str, Any], name: str, value: Scalar, declared: Mapping[str, Declared]
) -> str:
    field = KNOWN.get(name) or declared.get(name)
    if field is None and name not in about.get("fields", {}):
        return "There is no such field."
    try:
        if field is not None:
            fit(value, field)
    except Unfit as unfit:
        return f"This must be {unfit}."
    before = stands_before(about, name, Source.REP, declared)
    return f"What {WORDS[Source(before)]} says counts before an entry of a rep." if before else ""
