"""A rep's side."""

from collections.abc import Iterable
from typing import ClassVar, Literal, Unpack

from msgspec import Struct

from frontdesk.wire import apply, frames
from frontdesk.wire.client.connection import Client, Options, Welcome
from frontdesk.wire.client.events import Refused
from frontdesk.wire.frames import Conversation, Position

_TOO_LATE = frozenset({"already_claimed", "gone", "not_offered"})


class RepClient(Client):
    """A rep. `token` is a bearer token (`frontdesk token --rep EMAIL`); browsers use a cookie.

    `snapshot` is all that a console shows: offers, held conversations, everybody's presence.
    """

    side: ClassVar[Literal["visitor", "rep"]] = "rep"
    path: ClassVar[str] = "/v1/rep"
    _union: ClassVar[object] = frames.RepServerMessage

    def __init__(self, *, token: str = "", device: str = "", **options: Unpack[Options]) -> None:
        super().__init__(**options)
        self.token, self.device = token, device
        self.rep: frames.Person | None = None
        self.snapshot: frames.RepSnapshot | None = None

    def availability(self, state: Literal["available", "away"]) -> int:
        """Choose to be available, or away."""
        return self._request(frames.SetAvailability(id=next(self._ids), state=state))

    def activity(self, *, idle: bool) -> None:
        """Nobody touched this tab for a while, or somebody is back."""
        self._hint(frames.Activity(idle=idle))

    def seen(self, conversation: str) -> None:
        """The card of an offer was shown on a screen."""
        self._hint(frames.OfferSeen(conversation=conversation))

    def claim(self, conversation: str) -> int:
        """Start the conversation; the answer has the fence that later requests need."""
        return self._request(frames.Claim(id=next(self._ids), conversation=conversation))

    def decline(self, conversation: str) -> int:
        """Pass an offer on."""
        return self._request(frames.Decline(id=next(self._ids), conversation=conversation))

    def transfer(
        self,
        conversation: str,
        *,
        fence: int,
        rep: str | None = None,
        group: str | None = None,
        note: str = "",
    ) -> int:
        """Give the conversation to a rep, to a group, or (neither) back to its rule."""
        return self._request(
            frames.Transfer(
                id=next(self._ids),
                conversation=conversation,
                fence=fence,
                rep=rep,
                group=group,
                note=note,
            )
        )

    def _hello(self, number: int, resume: dict[str, Position]) -> Struct:
        return frames.RepHello(id=number, token=self.token, device=self.device, resume=resume)

    def _known(self) -> Iterable[Conversation]:
        return () if self.snapshot is None else self.snapshot.conversations

    def _begin(self, welcome: Welcome) -> None:
        if isinstance(welcome, frames.RepWelcome):
            self.rep, self.device = welcome.rep, welcome.device
            self.snapshot = apply.resumed_rep(self.snapshot, welcome.snapshot, welcome.recovered)

    def _fold(self, message: Struct) -> apply.Gap | None:
        if self.snapshot is None or self.rep is None:
            return None
        after = apply.to_rep(self.snapshot, message, me=self.rep.id)
        if isinstance(after, apply.Gap):
            return after
        self.snapshot = after
        return None

    def _refused(self, error: frames.Error) -> Refused:
        """Whoever claims too late hears of it in the answer alone: that ring is over, too."""
        refused = super()._refused(error)
        claim = refused.request
        if isinstance(claim, frames.Claim) and error.code in _TOO_LATE:
            name = claim.conversation
            self._fold(frames.OfferGone(conversation=name, why="claimed", by=error.by))
        return refused

    def _me(self) -> frames.Person | None:
        return self.rep
