"""Who is connected to a node."""

from typing import cast

from frontdesk.hub.connection import Connection
from frontdesk.hub.roster import Roster


def tabs(count: int) -> list[Connection]:
    return [cast(Connection, object()) for _ in range(count)]


def test_several_tabs_are_one_subject_until_the_last_is_closed() -> None:
    roster, (one, two) = Roster(), tabs(2)
    roster.add("ann", one)
    roster.add("ann", two)
    assert (len(roster), roster.of("ann")) == (1, (one, two))
    roster.remove("ann", one)
    assert "ann" in roster
    roster.remove("ann", two)
    assert "ann" not in roster
    assert roster.of("ann") == ()


def test_closing_what_never_opened_changes_nothing() -> None:
    roster, (one, two) = Roster(), tabs(2)
    roster.remove("ann", one)
    roster.add("ann", one)
    roster.remove("ann", two)
    assert roster.subjects() == ["ann"]
    assert roster.everyone() == [one]
