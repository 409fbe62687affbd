"""A rep's presence in words, with its cause (PR-7). Pure."""

from frontdesk.people.store.presence import Moment

_CAUSES = {
    "chosen": "chosen by themselves",
    "manager": "set by a manager",
    "new": "has not chosen anything yet",
    "unanswered": "set away, because offers in a row were not answered",
    "idle": "no input on any device",
    "lost": "the connection was lost",
    "off_hours": "outside working hours",
    "hours": "outside working hours",
    "signed_out": "signed out",
}
OFF_NOW = "Outside working hours now: nothing rings until they begin."
CHOICES = frozenset({"chosen", "manager", "new", "unanswered"})
"""Causes of what is chosen, by or for a rep: no reason for being offline or idle."""
_OWN = {"offline": "no console is connected", "idle": _CAUSES["idle"]}
_STATES = {
    "eligible": "Available",
    "available": "Available",
    "away": "Away",
    "idle": "Idle",
    "offline": "Offline",
    "full": "At capacity",
    "off_hours": "Outside working hours",
}


def presence_words(moment: Moment) -> str:
    """Return such as "Away: set by a manager" or "At capacity: 3 of 3 conversations"."""
    state = _STATES.get(moment.state, moment.state.replace("_", " ").capitalize())
    if moment.state == "full":
        return f"{state}: {moment.load} of {moment.capacity} conversations"
    cause = _CAUSES.get(moment.cause, moment.cause.replace("_", " "))
    if moment.cause in CHOICES:
        cause = _OWN.get(moment.state, cause)
    return f"{state}: {cause}" if cause and cause != state else state
