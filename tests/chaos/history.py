"""What clients asked, were answered and were told, with times: one JSON line each, as it happens.

A call has one line `invoke` each time it goes out, one `unknown` each time nobody can say whether
it was done (the connection broke, or the answer was `retry`), and in the end one `ok` or `error`,
or none if its client left. `told` is what came unasked, `view` where a client stood when it began
anew. Faults stand between them: `fault`, `undone`, and `died` where nothing struck.
"""

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from msgspec import UNSET, Struct

from frontdesk.wire import frames
from tests.scenarios.people import Call, History


class Line(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line. `at` is seconds since the run began; `n` its number, from 1."""

    n: int
    at: float
    does: str
    who: str = ""
    call: int = 0
    what: str = ""
    conversation: str = ""
    offset: int = 0
    epoch: str = ""
    fence: int = 0
    client_id: str = ""
    text: str = ""
    rep: str = ""
    code: str = ""
    state: str = ""

    @property
    def place(self) -> str:
        """How a finding names it."""
        return f"line {self.n}"


class Journal(History):
    """A history that is also written down. `clock` counts from the run's begin."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.began = time.monotonic()
        self._file = path.open("ab", buffering=0)
        self._numbers: dict[int, int] = {}
        self._last = 0

    def close(self) -> None:
        self._file.close()

    def now(self) -> float:
        """Seconds since the run began."""
        return round(time.monotonic() - self.began, 4)

    def write(self, does: str, **fields: Any) -> None:
        """One line more."""
        self._last += 1
        line = Line(n=self._last, at=self.now(), does=does, **fields)
        self._file.write(msgspec.json.encode(line) + b"\n")

    # --- what people tell it

    def asked(self, call: Call) -> None:
        super().asked(call)
        self._numbers[id(call)] = len(self.calls)
        self.asked_again(call)

    def asked_again(self, call: Call) -> None:
        self.write("invoke", **self._of(call))

    def unknown(self, call: Call, code: str) -> None:
        self.write("unknown", **self._of(call), code=code)

    def settled(self, call: Call) -> None:
        if call.error is not None:
            by = call.error.by.id if call.error.by else ""
            self.write("error", **{**self._of(call), "code": call.error.code, "rep": by})
        elif call.ok is not None:
            self.write("ok", **{**self._of(call), **_of_ok(call.ok)})

    def heard(self, at: float, who: str, message: Any) -> None:
        super().heard(at, who, message)
        if isinstance(message, frames.Entry):
            self.write("told", who=who, **of_entry(message))
        elif isinstance(message, frames.Conversation):
            self.view(who, message)

    def view(self, who: str, conversation: frames.Conversation) -> None:
        """Where somebody stands who was given a conversation as a whole."""
        self.write(
            "view", who=who, what="conversation", conversation=conversation.id,
            offset=conversation.offset, epoch=conversation.epoch, state=conversation.state,
        )  # fmt: skip

    def _of(self, call: Call) -> dict[str, Any]:
        request = call.request
        return {
            "who": call.who,
            "call": self._numbers[id(call)],
            "what": type(request).__struct_config__.tag,
            "conversation": getattr(request, "conversation", ""),
            "fence": getattr(request, "fence", 0) or 0,
            "client_id": getattr(request, "client_id", ""),
            "text": getattr(request, "text", ""),
            "state": getattr(request, "state", ""),
        }


def of_entry(entry: Any) -> dict[str, Any]:
    """A log entry as fields of a line."""
    rep = getattr(entry, "rep", None)
    return {
        "what": type(entry).__struct_config__.tag,
        "conversation": entry.conversation,
        "offset": entry.offset,
        "epoch": entry.epoch,
        "fence": getattr(entry, "fence", 0),
        "client_id": getattr(entry, "client_id", ""),
        "text": getattr(entry, "text", ""),
        "rep": rep.id if rep else "",
    }


def _of_ok(ok: frames.Ok) -> dict[str, Any]:
    """What an answer adds to its request."""
    found: dict[str, Any] = {}
    for name in ("offset", "epoch", "fence", "state"):
        value = getattr(ok, name)
        if value is not UNSET:
            found[name] = value
    about = ok.conversation
    if isinstance(about, frames.Conversation):
        found |= {"conversation": about.id, "state": about.state}
        found.setdefault("offset", about.offset)
    elif isinstance(about, str):
        found["conversation"] = about
    return found


def read(path: Path) -> list[Line]:
    """The lines of a history, as they were written."""
    decode = msgspec.json.Decoder(Line).decode
    return [decode(raw) for raw in path.read_bytes().splitlines() if raw]


def calls_of(lines: Iterable[Line]) -> dict[int, list[Line]]:
    """Call → its lines, in order."""
    found: dict[int, list[Line]] = {}
    for line in lines:
        if line.call:
            found.setdefault(line.call, []).append(line)
    return found
