"""What Redis can answer besides an answer, and what that means for the caller.

`frontdesk.errors.Retry` and `Overloaded` are for callers to expect; `ScriptFailed` is a mistake of
ours or of the installation, never of a client.
"""

import re

from frontdesk.errors import FrontdeskError, Retry

# The command was not executed, and may be asked again later (R6.8).
_NOT_NOW = frozenset(
    {
        "BUSY",
        "CLUSTERDOWN",
        "LOADING",
        "MASTERDOWN",
        "MISCONF",
        "NOREPLICAS",
        "OOM",
        "READONLY",
        "TRYAGAIN",
        "UNBLOCKED",
    }
)
# This connection speaks to the wrong server, or one that has forgotten our scripts.
_NOT_HERE = frozenset({"MASTERDOWN", "MOVED", "NOSCRIPT", "READONLY"})
# Over in a moment, without anybody's doing: a slot that moves, a cluster that elects.
_PASSING = frozenset({"CLUSTERDOWN", "LOADING", "TRYAGAIN"})
_CODE = re.compile(r"-?([A-Z]+)\b")
# Redis 6.2 wraps what a command inside a script answers: `ERR Error running script … -OOM …`.
_WRAPPED = re.compile(r"ERR Error running script.*?-([A-Z]+) ", re.DOTALL)


class ScriptFailed(FrontdeskError):
    """Redis refused a command for a reason that asking again doesn't change."""

    def __init__(self, answer: str) -> None:
        super().__init__("internal")
        self.answer = answer

    def __str__(self) -> str:
        return f"internal: Redis answered: {self.answer}"


class Elsewhere(Retry):
    """A node of a cluster doesn't have this slot. `asking`: not yet for good, its keys are on their
    way there (ASK); otherwise it is another's (MOVED). Nothing was executed.
    """

    def __init__(self, answer: str) -> None:
        super().__init__(
            "Redis can't do this here: this is a node of a cluster (redis+cluster://)."
        )
        word, slot, at = code_and_words(answer)
        self.asking = word == "ASK"
        self.slot = int(slot)
        self.host, _, port = at.rpartition(":")
        self.port = int(port)


class NotAMaster(Exception):
    """The server at this address is a replica: nothing may be written there (R1.2)."""


class NotEmbeddable(Exception):
    """The embedded Redis can't be started; the sentence says why and what to do."""


class FolderInUse(NotEmbeddable):
    """Another Frontdesk runs on this data folder."""


def code_of(answer: str) -> str:
    """The code of an error reply, unwrapped: `OOM`, `NOSCRIPT`, `ERR`…"""
    match = _WRAPPED.match(answer) or _CODE.match(answer)
    return match.group(1) if match else "ERR"


def code_and_words(answer: str) -> list[str]:
    """The code, and the two words behind it: of `MOVED 866 10.0.0.1:6379`, unwrapped."""
    return answer[answer.index(code_of(answer)) :].split()[:3]


def is_passing(answer: str) -> bool:
    """Whether to ask again after a pause, without telling anybody (R6.8); nothing was executed."""
    return code_of(answer) in _PASSING


def lost_here(answer: str) -> bool:
    """Whether this answer means that the connection needs a new handshake; nothing was executed."""
    return code_of(answer) in _NOT_HERE


def error_of(answer: str) -> FrontdeskError:
    """The exception for an error reply: `Retry` if it was not executed and may be asked again."""
    code = code_of(answer)
    if code in ("MOVED", "ASK"):
        return Elsewhere(answer)
    if code in _NOT_NOW or code in _NOT_HERE:
        return Retry(f"Redis can't do this now ({code}).")
    return ScriptFailed(answer)
