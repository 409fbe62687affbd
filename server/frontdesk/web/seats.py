"""What a node knows of each socket's person, while it is open. Nothing here can't be lost."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from frontdesk.wire.frames import SendMessage

MOST_OUTBOXES = 64
"""Idle ones beyond this are let go."""


@dataclass(slots=True)
class Outbox:
    """Messages of one socket that wait for the one before them, and when each came: a sender's
    order is kept (R6.5).
    """

    busy: bool = False
    waiting: deque[tuple[SendMessage, float]] = field(default_factory=deque)


@dataclass(slots=True, eq=False)
class VisitorSeat:
    """A visitor's tab. `about` is what reps are shown, `kept` the part of it that outlasts the
    visit, as it is in Redis (JSON); `rule` decides who sees them; `conversation` the open one, or
    ''; `asked` how many they ever began.
    """

    visitor: str
    session: str
    about: dict[str, Any]
    kept: bytes = b""
    asked: int = 0
    rule: str = ""
    conversation: str = ""
    outbox: Outbox | None = None
    typed_at: float = 0.0
    asked_at: float = 0.0

    @property
    def named(self) -> dict[str, str]:
        """Whose it is, for a line of the log: made when one is written."""
        whole = {"visitor": self.visitor, "session": self.session}
        return {**whole, "conversation": self.conversation} if self.conversation else whole

    def queue(self) -> Outbox:
        """Made when first needed: most visitors never write."""
        if self.outbox is None:
            self.outbox = Outbox()
        return self.outbox


@dataclass(slots=True, eq=False)
class RepSeat:
    """A rep's tab: its device, the nonce of this connection, and what it follows. `signed_out`:
    whoever was here can't come back, so there is nothing to wait for.
    """

    rep: str
    person: dict[str, Any]
    role: str
    device: str
    nonce: str
    sign_in: str
    following: set[str] = field(default_factory=set)
    claiming: set[str] = field(default_factory=set)
    outboxes: dict[str, Outbox] = field(default_factory=dict)
    typed_at: float = 0.0
    up: bool = False
    signed_out: bool = False

    @property
    def named(self) -> dict[str, str]:
        """Whose it is, for a line of the log."""
        return {"rep": self.rep}

    def queue(self, conversation: str) -> Outbox:
        """One a conversation: a slow one doesn't hold up the others. Only while it is busy it means
        anything: of ids that were made up none is kept for long.
        """
        if len(self.outboxes) >= MOST_OUTBOXES:
            self.outboxes = {name: box for name, box in self.outboxes.items() if box.busy}
        return self.outboxes.setdefault(conversation, Outbox())
