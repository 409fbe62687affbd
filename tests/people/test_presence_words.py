"""A rep's presence in words (PR-7)."""

import pytest

from frontdesk.people.presence_words import presence_words
from frontdesk.people.store.presence import Moment


@pytest.mark.parametrize(
    ("state", "cause", "words"),
    [
        ("away", "chosen", "Away: chosen by themselves"),
        ("away", "manager", "Away: set by a manager"),
        ("idle", "chosen", "Idle: no input on any device"),
        ("idle", "idle", "Idle: no input on any device"),
        ("offline", "chosen", "Offline: no console is connected"),
        ("offline", "unanswered", "Offline: no console is connected"),
        ("offline", "lost", "Offline: the connection was lost"),
    ],
)
def test_only_what_is_chosen_is_said_to_be_chosen(state: str, cause: str, words: str) -> None:
    moment = Moment(at=0, state=state, cause=cause, load=0, capacity=3)
    assert presence_words(moment) == words
