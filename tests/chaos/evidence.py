"""What is looked at afterwards: history, event stream, SQL, what is left in Redis, screens.

It is plain data, kept in the folder of a run that failed, so that a finding can be looked into, and
handmade histories can be judged, without anything running.
"""

from typing import Any

import msgspec
from msgspec import Struct, field

from tests.chaos.history import Line

Fields = dict[str, str]


class StreamEvent(Struct, kw_only=True, omit_defaults=True):
    """One event of the desk's stream, in its order. `at` is ms since 1970 by Redis' clock; `seen`
    is when the run read it, in seconds.
    """

    id: str
    kind: str
    epoch: str = ""
    conversation: str = ""
    offset: int = 0
    at: int = 0
    seen: float = 0.0
    fields: Fields = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its name for ever (R1.7)."""
        return f"{self.epoch}:{self.id}"


class Row(Struct, kw_only=True, omit_defaults=True):
    """One row of SQL's table `entry`."""

    conversation: str
    offset: int
    epoch: str
    type: str
    sender: str = ""
    rep: str = ""
    client_id: str = ""
    text: str = ""
    fence: int = 0


class Chat(Struct, kw_only=True, omit_defaults=True):
    """One row of SQL's table `conversation`."""

    id: str
    visitor: str
    state: str
    last_offset: int
    fence: int = 0
    rep: str = ""


class Sql(Struct, kw_only=True, omit_defaults=True):
    """What was archived. Rings are conversation, rep, outcome ('' if it never ended); presence is
    rep, ms, number within it.
    """

    chats: list[Chat] = field(default_factory=list)
    entries: list[Row] = field(default_factory=list)
    decisions: list[str] = field(default_factory=list)
    rings: list[tuple[str, str, str]] = field(default_factory=list)
    presence: list[tuple[str, int, int]] = field(default_factory=list)
    dead: list[str] = field(default_factory=list)


class Remains(Struct, kw_only=True, omit_defaults=True):
    """What is in Redis when everything was closed and everybody has left."""

    open: Fields = field(default_factory=dict)
    queue: list[str] = field(default_factory=list)
    due: list[str] = field(default_factory=list)
    silent: Fields = field(default_factory=dict)
    held: dict[str, list[str]] = field(default_factory=dict)
    reps: Fields = field(default_factory=dict)
    devices: Fields = field(default_factory=dict)
    rung: Fields = field(default_factory=dict)
    """Conversation → the nodes where it rings."""


class Screen(Struct, kw_only=True, omit_defaults=True):
    """What somebody's screen showed, and what a new one of theirs showed at the same time."""

    who: str
    at: float
    kept: Any = None
    fresh: Any = None


class Evidence(Struct, kw_only=True, omit_defaults=True):
    """All of it. Seconds, except where a name says otherwise."""

    capacity: dict[str, int]
    wait: float = 60.0
    grace: float = 15.0
    calm: float = 0.0
    """When the last fault was undone."""
    over: float = 0.0
    """When everything was done that was waited for."""
    lines: list[Line] = field(default_factory=list)
    events: list[StreamEvent] = field(default_factory=list)
    sql: Sql = field(default_factory=Sql)
    remains: Remains = field(default_factory=Remains)
    screens: list[Screen] = field(default_factory=list)
    logged: list[str] = field(default_factory=list)
    """Lines of the processes' logs that nobody should have to read."""

    def dump(self) -> bytes:
        """As JSON."""
        return msgspec.json.format(msgspec.json.encode(self), indent=1)


def load(raw: bytes) -> Evidence:
    """What `dump` gave."""
    return msgspec.json.decode(raw, type=Evidence)
