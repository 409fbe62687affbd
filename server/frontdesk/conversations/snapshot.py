"""A conversation as a client gets it whole: what `attach` read, in the wire's words."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from frontdesk.claims.card import reason_for
from frontdesk.conversations.entries import Entry
from frontdesk.wire.times import stamp

FIELDS = (
    "state", "visitor", "rep", "fence", "off", "at", "about", "rv", "rr", "vnodes", "nodes",
    "expires", "extra", "claimed", "timer",
)  # fmt: skip
"""The order in which attach.lua returns them."""

PersonOf = Callable[[str], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A conversation at its newest offset. With `recovered`, `entries` are exactly those after the
    position that was asked for; otherwise the newest part of the log.
    """

    id: str
    state: str
    visitor: str
    rep: str
    fence: int
    offset: int
    epoch: str
    at: int
    about: bytes
    extra: bytes
    read_visitor: int
    read_rep: int
    visitor_here: bool
    expires: int
    claimed: int
    lost: bool
    recovered: bool
    entries: list[Entry]

    def fragment(self, person_of: PersonOf, *, for_rep: bool) -> orjson.Fragment:
        """The wire's `conversation`, as JSON to put into an answer."""
        whole: dict[str, Any] = {
            "type": "conversation",
            "id": self.id,
            "state": self.state,
            "epoch": self.epoch,
            "offset": self.offset,
            "at": stamp(self.at),
            "entries": [orjson.Fragment(entry.json()) for entry in self.entries],
            "read": {"visitor": self.read_visitor, "rep": self.read_rep},
            "first": self.entries[0].offset if self.entries else self.offset + 1,
        }
        if self.rep:
            whole["rep"] = person_of(self.rep)
        if for_rep:
            whole["fence"] = self.fence
            whole["visitor"] = orjson.Fragment(self.about or b'{"id":""}')
            whole["visitor_here"] = self.visitor_here
            whole["reason"] = reason_for(self.extra, self.rep)
        return orjson.Fragment(orjson.dumps(whole))


def snapshot_of(
    conversation: str,
    fields: list[bytes | None],
    entries: list[Entry],
    epoch: str,
    *,
    recovered: bool,
) -> Snapshot:
    """From attach.lua's answer. `epoch` stands in where the log has no entries to carry one."""
    f = {name: value or b"" for name, value in zip(FIELDS, fields, strict=False)}
    return Snapshot(
        id=conversation,
        state=f["state"].decode(),
        visitor=f["visitor"].decode(),
        rep=f["rep"].decode(),
        fence=int(f["fence"] or 0),
        offset=int(f["off"] or 0),
        epoch=entries[-1].epoch if entries else epoch,
        at=int(f["at"] or 0),
        about=f["about"],
        extra=f["extra"],
        read_visitor=int(f["rv"] or 0),
        read_rep=int(f["rr"] or 0),
        visitor_here=bool(f["vnodes"]),
        expires=int(f["expires"] or 0),
        claimed=int(f["claimed"] or 0),
        lost=f["timer"] == b"lost",
        recovered=recovered,
        entries=entries,
    )
