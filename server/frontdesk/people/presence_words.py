"""A rep's presence in words, with its cause (PR-7). Pure."""

from collections.abc import Mapping

from frontdesk.people.store.presence import Moment

BY = "by:"
"""A cause that begins so names who set it (PR-5)."""

_CAUSES = {
    "chosen": "chosen by themselves",
    "new": "has not chosen anything yet",
    "unanswered": "set away, because offers in a row were not answered",
    "idle": "no input on any device",
    "lost": "the connection was lost",
    "off_hours": "outside working hours",
    "hours": "outside working hours",
    "signed_out": "signed out",
}
_STATES = {
    "eligible": "Available",
    "available": "Available",
    "away": "Away",
    "idle": "Idle",
    "offline": "Offline",
    "full": "At capacity",
    "off_hours": "Outside working hours",
}


def presence_words(moment: Moment, names: Mapping[str, str]) -> str:
    """Return such as "Away: set by Ada" or "At capacity: 3 of 3 conversations"."""
    state = _STATES.get(moment.state, moment.state.replace("_", " ").capitalize())
    if moment.state == "full":
        return f"{state}: {moment.load} of {moment.capacity} conversations"
    cause = _cause(moment.cause, names)
    return f"{state}: {cause}" if cause and cause != state else state


def _cause(cause: str, names: Mapping[str, str]) -> str:
    if cause.startswith(BY):
        return f"set by {names.get(cause.removeprefix(BY), 'a former colleague')}"
    return _CAUSES.get(cause, cause.replace("_", " "))
