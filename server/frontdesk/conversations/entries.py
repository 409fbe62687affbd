"""Entries of the log as bytes. A body is JSON made once, by whoever causes the entry; the position
is added when it is known. Bodies are never parsed on the path of a message.
"""

from typing import Any, NamedTuple

import orjson

from frontdesk.wire.times import stamp


class Entry(NamedTuple):
    """One durable thing that happened, at (epoch, offset), `wall` ms since 1970."""

    conversation: str
    epoch: str
    offset: int
    wall: int
    kind: str
    body: bytes

    def json(self) -> bytes:
        """The whole message of the wire."""
        return b'%b,"conversation":"%b","epoch":"%b","offset":%d,"at":"%b"}' % (
            self.body[:-1],
            self.conversation.encode(),
            self.epoch.encode(),
            self.offset,
            stamp(self.wall).encode(),
        )


def message_body(
    sender: str, text: str, client_id: str, rep: dict[str, Any] | None = None
) -> bytes:
    """`sender` is visitor or rep; `rep` the Person who writes, for a rep."""
    body: dict[str, Any] = {
        "type": "message",
        "from": sender,
        "text": storable(text),
        "client_id": client_id,
    }
    if rep:
        body["rep"] = rep
    return orjson.dumps(body)


def storable(text: str) -> str:
    """Without NUL, which PostgreSQL can't keep: one character must not stop the archive."""
    return text.replace("\0", "") if "\0" in text else text


def requested_body(why: str, by: dict[str, Any] | None = None) -> bytes:
    """A person is being looked for. `why`: request, transfer, rep_lost, again."""
    body: dict[str, Any] = {"type": "requested", "why": why}
    if by:
        body["by"] = by
    return orjson.dumps(body)


def claimed_start(rep: dict[str, Any]) -> bytes:
    """The body of `claimed` without its end: the script adds the fence."""
    return orjson.dumps({"type": "claimed", "rep": rep})[:-1]


def missed_body(why: str = "nobody") -> bytes:
    """Nobody came. `why`: nobody (there was none to ring), declined (by all who rang), timeout."""
    return b'%b,"why":"%b"}' % (missed_start(), why.encode())


def missed_start() -> bytes:
    """The body of `missed` without its end: the script adds why nobody came (expire_wait.lua)."""
    return orjson.dumps({"type": "missed", "next": "form"})[:-1]


def participant_body(rep: dict[str, Any], action: str) -> bytes:
    """The holder's connection was lost, or is back."""
    return orjson.dumps({"type": "participant", "rep": rep, "action": action})


def left_body(email: str, text: str) -> bytes:
    """The visitor left an address and a message."""
    return orjson.dumps({"type": "left", "email": storable(email), "text": storable(text)})


def closed_body(by: str, why: str) -> bytes:
    """It is over. `by`: visitor, rep, server."""
    return orjson.dumps({"type": "closed", "by": by, "why": why})


def kind_of(body: bytes) -> str:
    """The type of a body written by this module: `type` always comes first."""
    return body[9 : body.index(b'"', 9)].decode()


def entries_of(conversation: str, raw: list[Any]) -> list[Entry]:
    """Entries as XRANGE gives them: id, [h, `epoch wall sender client_id`, b, body]."""
    found = []
    for name, (_, head, _, body) in raw:
        epoch, wall, _ = head.decode().split(" ", 2)
        offset = int(name.partition(b"-")[0])
        found.append(Entry(conversation, epoch, offset, int(wall), kind_of(body), body))
    return found
