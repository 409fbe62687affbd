"""The reps as a decision sees them: who there is, their working hours, and this instant's presence.

A node keeps one `RepView` and tells it each change (`learn`), so that a decision needn't look at a
thousand reps: who may ring for a team is remembered until somebody's eligibility changes.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from frontdesk.people.rep import Rep
from frontdesk.people.roles import RIGHTS, Right
from frontdesk.presence.status import RepStatus
from frontdesk.routing.reps.hours import Hours

ELIGIBLE: Final = "eligible"
FULL: Final = "full"
OFF_HOURS: Final = "off_hours"
LEFT: Final = "left"
RINGS: Final = frozenset({ELIGIBLE, FULL})
"""Who takes chats, or would with a place free."""
MOST_CHANGES: Final = 256
"""Changes that are kept for teams not asked meanwhile; beyond, everybody is looked at again."""
MOST_TEAMS: Final = 1000
"""Remembered at a time: transfers may name any reps, so there is no end of teams."""
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


class _Gathered:
    """Those of a team who may be asked, kept up to date one change at a time."""

    __slots__ = ("_able", "_asked", "_eligible", "_members", "_working", "known")

    def __init__(self, working: list[str], states: Mapping[str, str], known: int) -> None:
        self._working = tuple(working)
        self._members = frozenset(working)
        self._able = [rep for rep in working if states[rep] in RINGS]
        self._eligible = {rep for rep in self._able if states[rep] == ELIGIBLE}
        self._asked: tuple[str, ...] | None = None
        self.known = known

    def take(self, rep: str, state: str) -> None:
        """One of the view's reps is in this state now; of most teams they are no part."""
        if rep not in self._members:
            return
        place = bisect_left(self._able, rep)
        was = place < len(self._able) and self._able[place] == rep
        if not was and state in RINGS:
            self._able.insert(place, rep)
            self._asked = None
        elif was and state not in RINGS:
            del self._able[place]
            self._asked = None
        if state == ELIGIBLE:
            self._eligible.add(rep)
        else:
            self._eligible.discard(rep)

    def asked(self) -> tuple[str, ...]:
        if not self._eligible:
            return self._working
        if self._asked is None:
            self._asked = tuple(self._able)
        return self._asked


class RepView:
    """All reps who take chats, and their presence. Built once and told of each change; or built for
    one decision from a snapshot, which costs a look at everybody.
    """

    def __init__(self, candidates: Iterable[Candidate], presence: Mapping[str, RepStatus]) -> None:
        self._statuses = dict(presence)
        self._lent = False
        self.replace(candidates)

    def replace(self, candidates: Iterable[Candidate]) -> None:
        """The reps are others now, or have other groups or hours."""
        self._candidates = {one.id: one for one in sorted(candidates, key=lambda one: one.id)}
        self.everybody = tuple(self._candidates)
        self._hours = [(one.id, one.hours) for one in self._candidates.values() if one.hours]
        self._looked: tuple[int, int | None] = (0, 0)
        self._off: frozenset[str] = frozenset()
        self._states = {rep: self._state(rep) for rep in self._candidates}
        self._start_over()

    def learn(self, rep: str, status: RepStatus) -> None:
        """The presence of one rep."""
        if self._lent:  # a decision keeps what it was made on
            self._statuses, self._lent = dict(self._statuses), False
        self._statuses[rep] = status
        before, state = self._states.get(rep), status.eligibility
        if before is None or state == before:
            return
        self._states[rep] = state
        if before in RINGS or state in RINGS:
            self._changed.append(rep)
            if len(self._changed) > MOST_CHANGES:
                self._start_over()

    def forget(self, rep: str) -> None:
        """Nothing is known of this rep any more."""
        self.learn(rep, NEVER_CONNECTED)

    def seen(self, now_ms: int) -> Seen:
        """This instant, to keep: later changes don't show in it."""
        self._look_at_clocks(now_ms)
        self._lent = True
        return Seen(self._candidates, self._statuses, self._off)

    def off(self, now_ms: int) -> frozenset[str]:
        """Who is outside their working hours."""
        self._look_at_clocks(now_ms)
        return self._off

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
        found = self._teams.get(team)
        if found is None:
            if len(self._teams) >= MOST_TEAMS:
                self._start_over()
            found = self._teams[team] = self._gather(team)
        if found.known < len(self._changed):
            for rep in self._changed[found.known :]:
                found.take(rep, self._states[rep])
            found.known = len(self._changed)
        return found.asked()

    def _gather(self, team: Team) -> "_Gathered":
        ordered = self.everybody if team is None else sorted(team & self._states.keys())
        working = [rep for rep in ordered if rep not in self._off]
        return _Gathered(working, self._states, len(self._changed))

    def _state(self, rep: str) -> str:
        return self._statuses.get(rep, NEVER_CONNECTED).eligibility

    def _start_over(self) -> None:
        self._teams: dict[Team, _Gathered] = {}
        self._changed: list[str] = []

    def _look_at_clocks(self, now_ms: int) -> None:
        """Who works now; looked at again when the first of them begins or ends."""
        since, until = self._looked
        if not self._hours or (since <= now_ms and (until is None or now_ms < until)):
            return
        off = frozenset(rep for rep, hours in self._hours if not hours.open_at(now_ms))
        changes = [hours.next_change(now_ms) for _, hours in self._hours]
        self._looked = now_ms, min((at for at in changes if at is not None), default=None)
        if off != self._off:
            self._off = off
            self._start_over()


def everybody_available(reps: Iterable[Rep]) -> RepView:
    """All who take chats, as if each of them were here with nothing to do."""
    takers = [rep for rep in reps if rep.active and Right.TAKE_CHATS in RIGHTS[rep.role]]
    return RepView(
        [Candidate(rep.id, frozenset(rep.groups)) for rep in takers],
        {rep.id: RepStatus("available", rep.capacity, 0, 0, "chosen", ("-",)) for rep in takers},
    )
