"""A node's part in routing: the live rules, and what the HTTP interface may do on the live desk."""

from collections.abc import Callable

from frontdesk.config import Settings
from frontdesk.people.directory import Directory
from frontdesk.presence.mirror import Mirror
from frontdesk.presence.store import Presence
from frontdesk.routing.decisions.decide import Candidate, RepView
from frontdesk.routing.live import LiveRules
from frontdesk.routing.room import Routing
from frontdesk.routing.rule import RuleSet
from frontdesk.storage.engine import Database
from frontdesk.web.services import LiveSide


class RoutingSide:
    """`live` is what decisions are made by; `room` changes rules and tries them; `tell` is a notice
    to every node, this one included; `soon` looks for what is due.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        directory: Directory,
        mirror: Mirror,
        presence: Presence,
        *,
        tell: Callable[[], None],
        soon: Callable[[], None],
    ) -> None:
        self._directory = directory
        self._mirror = mirror
        self._presence = presence
        self._tell = tell
        self._soon = soon
        first = RuleSet.default_rule_set(settings.ring_seconds, settings.wait_seconds)
        self.live = LiveRules(database, settings.desk, first=first)
        self.room = Routing.of(
            database, settings.desk, first=first, told=self._told, reps=self.reps
        )
        self.side = LiveSide(self._set_availability)

    def reps(self) -> RepView:
        """Everybody who takes chats, with their hours and the presence of this instant."""
        return RepView(self.candidates(), self._mirror.reps)

    def candidates(self) -> list[Candidate]:
        """The reps whom routing may name."""
        hours = self.live.hours
        return [
            Candidate(rep.id, frozenset(rep.groups), hours.get(rep.id))
            for rep in self._directory.takers()
        ]

    async def _told(self) -> None:
        """Something was published: this node reads it now, the others when they hear of it."""
        self.live.soon()
        self._tell()

    async def _set_availability(self, rep: str, state: str, cause: str) -> str:
        status = await self._presence.availability(rep, state, cause)
        self._mirror.learn(rep, status)
        self._soon()
        return status.availability
