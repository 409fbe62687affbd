"""Carries decisions out: a request, a transfer, a freed place, the end of a wait (RT, PR-6, CH-5).

Everything here may be done by any node, twice, or again after a crash: the scripts decide.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from msgspec.structs import replace

from frontdesk import ids
from frontdesk.claims.store import AlreadyOpen, Claims, Moved, Ring, Rung, Stale
from frontdesk.conversations import entries
from frontdesk.conversations.store import Conversations
from frontdesk.errors import FrontdeskError
from frontdesk.presence.mirror import Mirror
from frontdesk.presence.store import Presence
from frontdesk.routing.deciding import Deciding, extra_of, route_of
from frontdesk.routing.decisions.decide import Decision, Stage, Target
from frontdesk.routing.reps.view import ELIGIBLE

HOURS_EVERY = 15.0
"""Seconds between two looks at who works now."""
PersonOf = Callable[[str], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Waits:
    """Milliseconds: total wait (RT-6), rep lost (CH-5), session idle and gone (VS-1), grace of a
    device (PR-3), a visitor's silence that frees a place (PR-4; 0: none does).
    """

    total: int
    lost: int
    idle: int
    gone: int
    grace: int
    silent: int = 0

    @property
    def silent_first(self) -> int:
        """What a claim sets a timer of its own for: `gone` is looked at sooner otherwise."""
        return self.silent if self.silent < self.gone else 0


@dataclass(frozen=True, slots=True)
class Asked:
    """A request after it was carried out. `rung` is None: it was open already."""

    conversation: str
    rung: Rung | None


@dataclass(frozen=True, slots=True)
class _Waiting:
    """What a waiting conversation says of how it is routed."""

    why: str
    former: str
    extra: str
    route: str
    about: bytes

    @property
    def known(self) -> dict[str, Any]:
        """Who the visitor is."""
        return orjson.loads(self.about) if self.about else {}


class Router:
    """Decides with this node's mirror of presence, and calls the verbs. `unanswered` offers in a
    row make a rep away; 0: never (PR-8).
    """

    def __init__(  # noqa: PLR0913 - it is given everything it works with
        self,
        claims: Claims,
        conversations: Conversations,
        presence: Presence,
        mirror: Mirror,
        waits: Waits,
        deciding: Deciding,
        *,
        person_of: PersonOf,
        epoch: Callable[[], str],
        soon: Callable[[], None],
        unanswered: int = 0,
    ) -> None:
        self._claims = claims
        self._conversations = conversations
        self._presence = presence
        self._mirror = mirror
        self.waits = waits
        self._deciding = deciding
        self._person_of = person_of
        self.epoch = epoch
        self.soon = soon
        self._unanswered = unanswered
        self.on_hours: Callable[[str], None] = lambda _rep: None
        """Of a rep whose working hours began or ended."""

    async def request(
        self,
        conversation: str,
        visitor: str,
        session: str,
        about: bytes,
        known: Mapping[str, Any],
        text: str,
        client_id: str,
    ) -> Asked:
        """A visitor asks for a person (RT-10). `conversation` is the one they have, or ''; `known`
        is what `about` says.
        """
        decision = await self._deciding.decide(known, "request")
        ring = _ring(decision, about, extra_of(decision, text=text, why="request"))
        message = entries.message_body("visitor", text, client_id) if text else b""
        conversation = conversation or ids.new("c")
        for _attempt in range(5):
            try:
                rung = await self._claims.request(
                    conversation, visitor, session, ring,
                    requested=entries.requested_body("request"),
                    missed=entries.missed_body(),
                    message=message, client_id=client_id, gone_ms=self.waits.gone, why="request",
                )  # fmt: skip
            except Moved as moved:
                conversation = moved.conversation
            except AlreadyOpen:
                return Asked(conversation, None)
            else:
                return Asked(conversation, rung)
        raise FrontdeskError("retry")

    async def transfer(
        self, conversation: str, holder: str, fence: int, target: Target | None, note: str
    ) -> Rung:
        """The holder passes it to a rep, a group, or back to its rule (CH-4). Raises nobody: the
        holder keeps it.
        """
        of = await self._waiting(conversation)
        decision = await self._deciding.decide(
            of.known, "transfer", route=of.route, target=target, without=(holder,)
        )
        by = self._person_of(holder)
        extra: dict[str, Any] = {
            "reason": f"{by['name']} asks you to take over",
            "why": "transfer",
            "by": by,
        }
        if note:
            extra["note"] = note
        if target:
            extra["to"] = {"reps": sorted(target.reps), "groups": sorted(target.groups)}
        return await self._claims.release(
            conversation, holder, fence, _ring(decision, b"", orjson.dumps(extra)),
            requested=entries.requested_body("transfer", by), missed=entries.missed_body(),
            gone_ms=self.waits.gone, why="transfer", local=True,
        )  # fmt: skip

    async def decide_again(self, conversation: str) -> None:
        """A ring ended: whoever is next rings, or the wait is over (RT-6)."""
        decision = await self._decided_again(conversation)
        await self._claims.offer(conversation, decision.stages, ends=True)

    async def pass_over(self, conversation: str, deadline: str) -> None:
        """The ring time is over: the next one rings, or the next stage (RT-6)."""
        decision = await self._decided_again(conversation)
        await self._claims.pass_over(conversation, deadline, decision.stages, self._unanswered)

    async def drain(self, rep: str) -> None:
        """A rep became eligible, or has a place again: what waits rings, oldest first (PR-6)."""
        status = await self._presence.one(rep)
        if status is None:
            return
        self._mirror.learn(rep, status)
        for conversation in await self._claims.waiting():
            decision = await self._decided_again(conversation)
            stages = _for_one(decision.stages, rep)
            if stages:
                await self._claims.offer(conversation, stages)

    async def reroute(self, conversation: str) -> None:
        """More is known of a visitor who waits: is it another decision (RT-10)?"""
        for _attempt in range(5):
            of = await self._waiting(conversation)
            if of.why == "transfer" or not of.route:
                return
            if not await self._deciding.can_change(of.route):
                return
            decision = await self._deciding.decide(
                of.known, "reroute", route=of.route, without=self._left_out(of)
            )
            if route_of(decision) == of.route:
                return
            try:
                await self._claims.reroute(
                    conversation, decision.stages, route=route_of(decision), before=of.route,
                    about=of.about, extra=_changed(of, decision), decision=decision.record(),
                )  # fmt: skip
            except Stale:
                continue
            else:
                self.soon()
                return

    async def _waiting(self, conversation: str) -> _Waiting:
        why, former, extra, route, about = await self._claims.fields(
            conversation, "why", "from", "extra", "route", "about"
        )
        return _Waiting(why, former, extra, route, about.encode())

    async def _decided_again(self, conversation: str) -> Decision:
        """The decision of a waiting conversation, made again. A transfer to somebody named rings
        nobody else, until it has gone back to its rule.
        """
        of = await self._waiting(conversation)
        target = _target_of(of.extra) if of.why == "transfer" else None
        return await self._deciding.decide(
            of.known, of.why or "request", route=of.route, target=target,
            without=self._left_out(of),
        )  # fmt: skip

    def _left_out(self, of: _Waiting) -> tuple[str, ...]:
        """Who held it: whoever passed it on, or was lost and isn't back (CH-4, CH-5)."""
        if of.why == "transfer":
            return (of.former,)
        if of.why != "rep_lost":
            return ()
        status = self._mirror.reps.get(of.former)
        back = status is not None and status.eligibility == ELIGIBLE
        return () if back else (of.former,)

    async def wait_over(self, conversation: str, deadline: str) -> None:
        """Nobody came. What was transferred goes back to its rule once; the rest is missed."""
        of = await self._waiting(conversation)
        if of.why == "transfer":
            decision = await self._deciding.decide(of.known, "again", route=of.route)
            if decision.ringing() is not None:
                await self._claims.offer(
                    conversation, decision.stages, more_ms=decision.wait_ms,
                    route=route_of(decision),
                )  # fmt: skip
                return
        await self._claims.expire_wait(
            conversation, deadline, entries.missed_start(), self.waits.gone,
            self._unanswered,
        )  # fmt: skip

    async def lost_or_returned(self, conversation: str, rep: str) -> str | None:
        """The holder of a conversation may be offline, or back: say so in it (CH-5)."""
        person = self._person_of(rep)
        return await self._conversations.lost_or_returned(
            conversation, rep, entries.participant_body(person, "lost"),
            entries.participant_body(person, "returned"), self.waits.lost, self.waits.gone,
        )  # fmt: skip

    async def lost_over(self, conversation: str, _deadline: str) -> None:
        """The holder didn't come back: the rule's reps ring (CH-5)."""
        holder, fence, state = await self._claims.fields(conversation, "rep", "fence", "state")
        if state != "active" or await self.lost_or_returned(conversation, holder) == "returned":
            return
        of = await self._waiting(conversation)
        decision = await self._deciding.decide(
            of.known, "rep_lost", route=of.route, without=(holder,)
        )
        by = self._person_of(holder)
        extra = {"reason": f"{by['name']} lost the connection", "why": "rep_lost", "by": by}
        await self._claims.release(
            conversation, holder, int(fence), _ring(decision, b"", orjson.dumps(extra)),
            requested=entries.requested_body("rep_lost", by), missed=entries.missed_body(),
            gone_ms=self.waits.gone, why="rep_lost", local=False,
        )  # fmt: skip

    async def orphans(self, rep: str) -> None:
        """A rep went away or offline: their rings end, what they hold says that they are lost."""
        status = await self._presence.one(rep)
        outcome = "offline" if status is None or not status.online else "away"
        if status is not None and status.online and status.availability == "available":
            return
        await self._end_rings(rep, outcome)
        if outcome == "offline":
            for conversation in await self._presence.held(rep):
                await self.lost_or_returned(conversation, rep)

    async def filled(self, rep: str) -> None:
        """A rep's last place was taken: nothing rings for them until one frees (PR-4, PR-6)."""
        await self._end_rings(rep, "full")
        self.soon()

    async def _end_rings(self, rep: str, outcome: str) -> None:
        for one in await self._claims.ringing(rep, shown=False):
            await self._claims.ring_ended(one.conversation, rep, outcome, local=False)

    async def silent_over(self, conversation: str, deadline: str) -> None:
        """A visitor may have said nothing for long, or write again (PR-4)."""
        (holder,) = await self._claims.fields(conversation, "rep")
        if await self._conversations.look_silent(conversation, deadline, holder, self.waits.silent):
            self.soon()

    def off(self) -> frozenset[str]:
        """Who is outside their working hours (PR-1)."""
        return self._deciding.off()

    async def watch_hours(self) -> None:
        """Whose working hours have begun rings for what waits; whose ended finishes what rings."""
        off = self._deciding.off()
        while True:
            await asyncio.sleep(HOURS_EVERY)
            before, off = off, self._deciding.off()
            for rep in before ^ off:
                self.on_hours(rep)
            for rep in before - off:
                await self.drain(rep)

    async def session_over(self, conversation: str, deadline: str) -> None:
        """The visitor's session ended: so does what was open (VS-1, CH-5)."""
        holder = await self._conversations.expire_quiet(
            conversation, deadline, self.waits.idle, self.waits.gone, self.waits.silent
        )
        if holder is not None:
            await self._conversations.close(
                conversation, "s", "", fence=0, why="session_end",
                body=entries.closed_body("server", "session_end"), holder=holder, local=False,
            )  # fmt: skip

    async def node_died(self, node: str) -> None:
        """Everything a dead node had is taken over: devices begin their grace, visitors are gone
        until they come back (PR-3, R3.4).
        """
        for device in await self._presence.devices_of(node):
            await self._presence.device_down(device.id, device.nonce, self.waits.grace)
        for conversation in (await self._conversations.all_open()).values():
            nodes, vnodes = await self._conversations.nodes_of(conversation)
            if node in nodes or node in vnodes:
                await self._conversations.detach(conversation, "-", self.waits.gone, node)
        await self._presence.forget_node(node)


def _ring(decision: Decision, about: bytes, extra: bytes) -> Ring:
    return Ring(
        stages=decision.stages,
        wait_ms=decision.wait_ms,
        route=route_of(decision),
        about=about,
        extra=extra,
        decision=decision.record(),
    )


def _for_one(stages: Sequence[Stage], rep: str) -> list[Stage]:
    """What matters when one rep could ring now: of a round robin all, to see whose turn it is."""
    return [
        stage if stage.mode != "all" else replace(stage, reps=(rep,), always=_always(stage, rep))
        for stage in stages
        if rep in stage.reps
    ]


def _always(stage: Stage, rep: str) -> int:
    return int(rep in stage.reps[: stage.always])


def _changed(of: _Waiting, decision: Decision) -> bytes:
    """The card of a request that is routed anew: its other fields stay. That somebody had it before
    stays the reason, whichever rule rings now (CH-4, CH-5).
    """
    fields = orjson.loads(of.extra) if of.extra else {}
    if of.why in ("transfer", "rep_lost", "again"):
        return orjson.dumps(fields)
    fields.pop("reasons", None)
    return extra_of(decision, **{key: value for key, value in fields.items() if key != "reason"})


def _target_of(extra: str) -> Target | None:
    """Whom a transfer named, as kept with the offer."""
    to = orjson.loads(extra).get("to") if extra else None
    return Target(frozenset(to["reps"]), frozenset(to["groups"])) if to else None
