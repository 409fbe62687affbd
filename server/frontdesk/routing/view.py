"""The reps as a decision sees them: who there is, their working hours, and this instant's presence.

A node keeps one `RepView` and tells it each change (`learn`), so that a decision needn't look at a
thousand reps: who may ring for a team is remembered until somebody's eligibility changes.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from frontdesk.presence.status import RepStatus
from frontdesk.routing.hours import Hours

ELIGIBLE: Final = "eligible"
FULL: Final = "full"
OFF_HOURS: Final = "off_hours"
LEFT: Final = "left"
RINGS: Final = frozenset({ELIGIBLE, FULL})
NEVER_CONNECTED: Final = RepStatus("away", 0, 0, 0, "new", ())

Team = frozenset[str] | None
"""Reps who are meant; None: all there are."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A rep as routing sees them. Without `hours` they work whenever they are available."""

    id: str
    groups: frozenset[str]
    hours: Hours | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """Presence at one instant, kept with a decision: it doesn't change when the view does."""

    candidates: Mapping[str, Candidate]
    statuses: Mapping[str, RepStatus]
    off: frozenset[str]

    def status(self, rep: str) -> RepStatus:
        return self.statuses.get(rep, NEVER_CONNECTED)

    def eligibility(self, rep: str) -> str:
        """Why a ring would or wouldn't reach them (PR-1). Left: they take no chats any more."""
        if rep not in self.candidates:
            return LEFT
        found = self.statuses.get(rep, NEVER_CONNECTED).eligibility
        return OFF_HOURS if rep in self.off and found not in ("offline", "away") else found


class RepView:
    """All reps who take chats, and their presence. Built once, told of each change; or built for
    one decision from a snapshot, which costs a look at everybody.
    """

    def __init__(self, candidates: Iterable[Candidate], presence: Mapping[str, RepStatus]) -> None:
        self._statuses = dict(presence)
        self._lent = False
        self._off: frozenset[str] = frozenset()
        self._looked: tuple[int, int | None] = (0, 0)
        self.replace(candidates)

    def replace(self, candidates: Iterable[Candidate]) -> None:
        """The reps are others now, or have other groups or hours."""
        self._candidates = {one.id: one for one in sorted(candidates, key=lambda one: one.id)}
        self._everybody = tuple(self._candidates)
        self._watched = [one for one in self._candidates.values() if one.hours]
        self._off, self._looked = frozenset(), (0, 0)
        self._states = {rep: self._state(rep) for rep in self._candidates}
        self._forget()

    def learn(self, rep: str, status: RepStatus) -> None:
        """The presence of one rep."""
        if self._lent:
            self._statuses, self._lent = dict(self._statuses), False
        self._statuses[rep] = status
        if rep in self._states and self._states[rep] != (state := status.eligibility):
            rang = self._states[rep] in RINGS or state in RINGS
            self._states[rep] = state
            if rang:
                self._forget()

    def forget(self, rep: str) -> None:
        """Nothing is known of this rep any more."""
        self.learn(rep, NEVER_CONNECTED)

    def seen(self, now_ms: int) -> Seen:
        """This instant, to keep: later changes don't show in it."""
        self._look_at_clocks(now_ms)
        self._lent = True
        return Seen(self._candidates, self._statuses, self._off)

    @property
    def everybody(self) -> tuple[str, ...]:
        """All ids, sorted."""
        return self._everybody

    def members(self, groups: Collection[str]) -> frozenset[str]:
        """The reps who are in any of these groups."""
        wanted = frozenset(groups)
        return frozenset(one.id for one in self._candidates.values() if one.groups & wanted)

    def working(self, rep: str, now_ms: int) -> bool:
        """Whether they take chats at all, and within their hours if they have any."""
        self._look_at_clocks(now_ms)
        return rep in self._candidates and rep not in self._off

    def asked(self, team: Team, now_ms: int) -> tuple[str, ...]:
        """Those of a team whom the script is asked to ring, by id: who may ring or is merely full.
        If this node's mirror, which can be milliseconds old, shows nobody eligible, all who work
        now, so that nobody is missed for that.
        """
        self._look_at_clocks(now_ms)
        found = self._asked.get(team)
        if found is None:
            found = self._asked[team] = self._ask(team)
        return found

    def _ask(self, team: Team) -> tuple[str, ...]:
        ordered = self._everybody if team is None else tuple(sorted(team & self._states.keys()))
        working = [rep for rep in ordered if rep not in self._off]
        states = self._states
        if any(states[rep] == ELIGIBLE for rep in working):
            return tuple([rep for rep in working if states[rep] in RINGS])
        return tuple(working)

    def _state(self, rep: str) -> str:
        return self._statuses.get(rep, NEVER_CONNECTED).eligibility

    def _forget(self) -> None:
        self._asked: dict[Team, tuple[str, ...]] = {}

    def _look_at_clocks(self, now_ms: int) -> None:
        """Who works now; looked at again when the first of them begins or ends."""
        since, until = self._looked
        if not self._watched or (since <= now_ms and (until is None or now_ms < until)):
            return
        hours = [(one.id, one.hours) for one in self._watched if one.hours]
        off = frozenset(rep for rep, one in hours if not one.open_at(now_ms))
        changes = [at for _, one in hours if (at := one.next_change(now_ms)) is not None]
        self._looked = now_ms, min(changes, default=None)
        if off != self._off:
            self._off = off
            self._forget()
