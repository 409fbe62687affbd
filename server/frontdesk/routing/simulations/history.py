"""Presence as it was: a view of the reps that is led through time (PR-7, RT-13)."""

from collections.abc import Iterable, Mapping
from typing import Final

from frontdesk.presence.status import RepStatus
from frontdesk.routing.decisions.decision import Stage
from frontdesk.routing.reps.view import ELIGIBLE, FULL, Candidate, RepView
from frontdesk.routing.store.recorded import Change, Looked

_DEVICE: Final = ("recorded",)


class History:
    """The reps there are now, with the presence that was recorded. Told of each change in order.

    Where nothing was recorded of a rep, the last decision that looked at them says how they were.
    """

    def __init__(
        self, candidates: Iterable[Candidate], presence: Mapping[str, RepStatus] | None = None
    ) -> None:
        given = dict(presence or {})
        reps = list(candidates)
        self.view = RepView(reps, given)
        self._statuses = given
        self.unrecorded = {one.id for one in reps}
        self.eligible = {rep for rep, status in given.items() if status.eligibility == ELIGIBLE}
        self._able: dict[int, tuple[tuple[str, ...], tuple[str, ...]]] = {}

    def take(self, change: Change) -> None:
        """What was recorded of one rep."""
        self.unrecorded.discard(change.rep)
        self._learn(change.rep, status_of(*change[3:], since=change.at))

    def look(self, looked: Iterable[Looked]) -> None:
        """What a decision saw of reps of whom nothing was recorded yet."""
        for one in looked:
            if one.rep in self.unrecorded:
                self._learn(
                    one.rep,
                    status_of(one.eligibility, one.cause, one.load, one.capacity, since=one.since),
                )

    def load(self, rep: str) -> int:
        """Chats they had."""
        status = self._statuses.get(rep)
        return status.load if status else 0

    def able(self, stage: Stage) -> tuple[str, ...]:
        """Those of a stage who could be rung at this instant, in its order."""
        if stage.always:
            return tuple(rep for rep in stage.reps if self._may_ring(stage, rep))
        reps = stage.reps
        known = self._able.get(id(reps))
        if known is None or known[0] is not reps:  # teams are the same tuple until one changes
            eligible = self.eligible
            known = self._able[id(reps)] = reps, tuple([rep for rep in reps if rep in eligible])
        return known[1]

    def _may_ring(self, stage: Stage, rep: str) -> bool:
        if rep in self.eligible:
            return True
        status = self._statuses.get(rep)
        if rep not in stage.reps[: stage.always] or status is None or status.eligibility != FULL:
            return False
        return status.load < status.capacity + stage.over

    def _learn(self, rep: str, status: RepStatus) -> None:
        self._statuses[rep] = status
        self.view.learn(rep, status)
        now = status.eligibility == ELIGIBLE
        if now != (rep in self.eligible):
            (self.eligible.add if now else self.eligible.discard)(rep)
            self._able.clear()

    def forget_teams(self) -> None:
        """Drop what is remembered of stages: between pages, so that it doesn't grow."""
        self._able.clear()


def status_of(state: str, cause: str, load: int, capacity: int, *, since: int) -> RepStatus:
    """The presence whose eligibility is `state`, whatever else was recorded of that instant."""
    if state == ELIGIBLE:
        load = min(load, max(capacity, 1) - 1)
        return RepStatus("available", max(capacity, 1), load, since, cause, _DEVICE)
    if state == FULL:
        return RepStatus("available", capacity, max(load, capacity), since, cause, _DEVICE)
    devices = () if state in ("offline", "left", "no_connection", "") else _DEVICE
    return RepStatus("away", capacity, load, since, cause, devices)
