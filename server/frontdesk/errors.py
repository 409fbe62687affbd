"""What can go wrong, each with a code for programs and a sentence for people."""

from typing import Any

SENTENCES = {
    "bad_frame": "This is not a message of the protocol.",
    "bad_request": "A field of this message is missing or wrong.",
    "unknown_type": "There is no message of this type.",
    "rate_limited": "Too many messages at once. Slow down and try again.",
    "hello_expected": "Say hello first.",
    "hello_again": "You have already said hello on this connection.",
    "unauthorized": "Sign in again: this token is not valid any more.",
    "bad_identity": "Who the site says you are could not be verified.",
    "forbidden": "This is not yours to see or change.",
    "not_found": "There is no such conversation.",
    "fence": "You no longer hold this conversation.",
    "closed": "This conversation is closed.",
    "already_claimed": "Somebody else started this conversation first.",
    "at_capacity": "You have as many conversations as you can take. Close one first.",
    "not_offered": "This conversation was not offered to you.",
    "gone": "This request is over.",
    "nobody": "Nobody there can take the conversation now. You still hold it.",
    "overloaded": "The desk has more to do than it can take. Try again in a moment.",
    "retry": "It is not known whether this was done. Ask again: nothing happens twice.",
    "illegal_move": "The conversation is not in a state for this.",
    "too_big": "This message is too long.",
    "internal": "Something went wrong on the server. It has been recorded.",
}
TEMPORARY = frozenset({"retry", "overloaded", "rate_limited", "internal"})


class FrontdeskError(Exception):
    """A refusal with a code. `fields` go into the error frame (for `already_claimed`: by, at)."""

    def __init__(self, code: str, message: str = "", **fields: Any) -> None:
        self.code = code
        self.message = message or SENTENCES[code]
        self.fields = fields
        super().__init__(f"{code}: {self.message}")

    @property
    def temporary(self) -> bool:
        """Whether asking again later can succeed."""
        return self.code in TEMPORARY


class Retry(FrontdeskError):
    """The outcome is unknown: the connection to Redis broke, or its incarnation changed (R6.4)."""

    def __init__(self, message: str = "") -> None:
        super().__init__("retry", message)


class Overloaded(FrontdeskError):
    """Too much is in flight already (R6.6)."""

    def __init__(self, message: str = "") -> None:
        super().__init__("overloaded", message)
