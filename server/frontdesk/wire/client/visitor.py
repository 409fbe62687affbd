"""A visitor's side."""

from collections.abc import Iterable, Mapping
from typing import ClassVar, Literal, Unpack

from msgspec import Struct

from frontdesk.wire import apply, frames
from frontdesk.wire.client.connection import Client, Options, Welcome
from frontdesk.wire.frames import Conversation, Position

Value = str | float | bool | None


class VisitorClient(Client):
    """A visitor. `token` is the one of an earlier welcome: who comes with it is the same visitor.

    `conversation` is the one that is open, or was last; `desk` says whether anybody is there.
    """

    side: ClassVar[Literal["visitor", "rep"]] = "visitor"
    path: ClassVar[str] = "/v1/visitor"
    _union: ClassVar[object] = frames.VisitorServerMessage

    def __init__(
        self,
        *,
        token: str = "",
        page: frames.Page | None = None,
        fields: Mapping[str, Value] | None = None,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(**options)
        self.token, self.page, self.fields = token, page, dict(fields or {})
        self.desk: frames.Desk | None = None
        self.conversation: Conversation | None = None

    def request(self, text: str = "") -> int:
        """Ask for a person, with a first message."""
        client_id = self._new_client_id() if text else ""
        number = next(self._ids)
        return self._request(frames.RequestPerson(id=number, text=text, client_id=client_id))

    def identify(self, fields: Mapping[str, Value], jwt: str = "") -> int:
        """Tell what is known of the visitor; `jwt` is signed by the site's server."""
        self.fields.update(fields)
        return self._request(frames.Identify(id=next(self._ids), fields=dict(fields), jwt=jwt))

    def leave(self, conversation: str, *, email: str, text: str) -> int:
        """Nobody came: leave an address and a message."""
        number = next(self._ids)
        return self._request(
            frames.LeaveMessage(
                id=number,
                conversation=conversation,
                email=email,
                text=text,
            )
        )

    def view(self, page: frames.Page) -> None:
        """The visitor went to another page."""
        self.page = page
        self._hint(frames.PageView(page=page))

    def _hello(self, number: int, resume: dict[str, Position]) -> Struct:
        return frames.VisitorHello(
            id=number,
            token=self.token,
            page=self.page,
            fields=self.fields,
            resume=resume,
        )

    def _known(self) -> Iterable[Conversation]:
        return () if self.conversation is None else (self.conversation,)

    def _begin(self, welcome: Welcome) -> None:
        if isinstance(welcome, frames.VisitorWelcome):
            self.token, self.desk = welcome.token, welcome.desk
            new = welcome.conversation
            self.conversation = new and apply.resumed(self.conversation, new, welcome.recovered)

    def _fold(self, message: Struct) -> apply.Gap | None:
        if isinstance(message, frames.DeskPush):
            self.desk = message.desk
        if isinstance(message, Conversation):
            self.conversation = message
        elif self.conversation is not None:
            after = apply.to_conversation(self.conversation, message)
            if isinstance(after, apply.Gap):
                return after
            self.conversation = after
        return None

    def _me(self) -> frames.Person | None:
        return None
