"""The decision, written a second time as plainly as possible: what `decide` has to equal.

Nothing of the routing room is used but its values; conditions are asked by the filters' own naive
evaluator. It looks at every rule and every rep, each time.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.filters.naive import matches


@dataclass
class Rep:
    """A rep of the reference. `hours`: (time zone, week of [["09:00", "17:00"], …], days off)."""

    id: str
    groups: set[str]
    state: str
    load: int = 0
    capacity: int = 3
    hours: tuple[str, list[list[list[str]]], set[str]] | None = None


@dataclass
class Expected:
    """What a decision must be, without the order that chance decides."""

    rule: str
    stages: list[dict[str, Any]]
    outcome: str
    missed: str
    book: list[str]
    considered: dict[str, str] = field(default_factory=dict)


def works(rep: Rep, now_ms: int) -> bool:
    """On the wall clock of the rep: today's shifts, and yesterday's that go past midnight."""
    if rep.hours is None:
        return True
    zone, week, off = rep.hours
    here = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=now_ms)).astimezone(
        ZoneInfo(zone)
    )
    clock = f"{here:%H:%M:%S.%f}"
    for day, past in ((here.date(), False), (here.date() - timedelta(1), True)):
        if day.isoformat() in off:
            continue
        for begin, end in week[day.weekday()]:
            overnight = end <= begin
            if not past and clock >= begin and (overnight or clock < end):
                return True
            if past and overnight and clock < end:
                return True
    return False


MODES = {
    "first_available": "all",
    "rotation": "rotation",
    "random": "order",
    "least_busy": "least_busy",
}
PEOPLE = {
    "sender": ["outreach_sender"],
    "owner": ["outreach_owner"],
    "both": ["outreach_sender", "outreach_owner"],
}


@dataclass
class World:
    """Who there is at this moment; `owned`: kind of record → owner's rep id, or None for an owner
    who is nobody here.
    """

    reps: Collection[Rep]
    owned: Mapping[str, str | None]
    now_ms: int
    without: Collection[str] = ()
    over: int = 0

    def rep(self, id: str) -> Rep | None:
        return next((rep for rep in self.reps if rep.id == id), None)

    def state(self, id: str) -> str:
        rep = self.rep(id)
        if rep is None:
            return "left"
        if rep.state in ("eligible", "full", "idle") and not works(rep, self.now_ms):
            return "off_hours"
        return rep.state

    def at_work(self, ids: Collection[str]) -> list[str]:
        there = ((id, self.rep(id)) for id in ids if id not in self.without)
        return [id for id, rep in there if rep and works(rep, self.now_ms)]

    def askable(self, ids: Collection[str]) -> list[str]:
        there = sorted(self.at_work(ids))
        if any(self.state(id) == "eligible" for id in there):
            return [id for id in there if self.state(id) in ("eligible", "full")]
        return there

    def owner(self, rule: Mapping[str, Any]) -> str | None:
        """Of the first record that was found."""
        if not rule["owner"]["on"]:
            return None
        found = [kind for kind in rule["owner"]["look"] if kind in self.owned]
        return self.owned[found[0]] if found else None

    def sent(self, rule: Mapping[str, Any]) -> bool:
        """Whether the rule's block for Outreach is about this visitor."""
        known = "outreach_sender" in self.owned or "outreach_owner" in self.owned
        return bool(rule["outreach"]["on"] and known)

    def outreach(self, rule: Mapping[str, Any]) -> list[str]:
        kinds = PEOPLE[rule["outreach"]["ring"]] if self.sent(rule) else []
        return list(dict.fromkeys(id for id in map(self.owned.get, kinds) if id))

    def team(self, rule: Mapping[str, Any]) -> list[str]:
        """Those of the targets who are there."""
        everyone, named = rule["targets"]["everyone"], set(rule["targets"]["reps"])
        groups = set(rule["targets"]["groups"])
        return [rep.id for rep in self.reps if everyone or rep.id in named or rep.groups & groups]

    def rings(self, id: str, stage: Mapping[str, Any], owner: str | None) -> str:
        """A rep's state for this stage: an owner may be past their capacity."""
        rep = self.rep(id)
        if rep and self.state(id) == "full" and stage["kind"] == "owner" and id == owner:
            return "eligible" if rep.load < rep.capacity + self.over else "full"
        return self.state(id)


def expected(document: Mapping[str, Any], situation: Mapping[str, Any], world: World) -> Expected:
    """What these rules say of this visitor."""
    rule = next(
        (r for r in document["rules"] if r["on"] and matches(r["when"], situation)),
        {"id": "default", **document["default"]},
    )
    goes_on = rule["outreach"]["fallback"] or not world.sent(rule)
    owner = world.owner(rule)
    stages = [*_outreach_stage(rule, world), *(_others(rule, world, owner) if goes_on else ())]
    for place, stage in enumerate(stages):
        until_the_end = place == len(stages) - 1 and stage["mode"] == "all"
        stage["ring_ms"] = 0 if until_the_end else int(rule["ring_seconds"] * 1000)
    states = [world.rings(id, stage, owner) for stage in stages for id in stage["reps"]]
    return Expected(
        rule=rule["id"],
        stages=stages,
        outcome=_outcome(states),
        considered={
            id: world.state(id)
            for id in _looked_at(rule, world, owner, goes_on=goes_on)
            if id not in world.without
        },
        **_booking(rule, world.owned, owner, sent=world.sent(rule)),
    )


def _outreach_stage(rule: Mapping[str, Any], world: World) -> list[dict[str, Any]]:
    people = world.at_work(world.outreach(rule))
    return [{"kind": "outreach", "mode": "all", "reps": people}] if people else []


def _others(rule: Mapping[str, Any], world: World, owner: str | None) -> list[dict[str, Any]]:
    """The owner, and the targets unless they were removed."""
    first = world.at_work([owner]) if owner else []
    asked = world.askable(world.team(rule)) if rule["fallback"] else []
    mode = MODES[rule["strategy"]]
    if first and asked and rule["owner"]["ring"] == "owner_and_reps":
        others = [id for id in asked if id != owner]
        return [{"kind": "owner", "mode": mode, "reps": [*first, *others]}]
    stages = []
    if first:
        stages.append({"kind": "owner", "mode": "all", "reps": first})
    if asked:
        stages.append({"kind": "targets", "mode": mode, "reps": asked})
    return stages


def _looked_at(
    rule: Mapping[str, Any], world: World, owner: str | None, *, goes_on: bool
) -> list[str]:
    looked_at = world.outreach(rule)
    if goes_on and owner:
        looked_at.append(owner)
    if goes_on and rule["fallback"]:
        looked_at += world.team(rule)
        if not rule["targets"]["everyone"]:
            looked_at += rule["targets"]["reps"]
    return looked_at


def _outcome(states: list[str]) -> str:
    if "eligible" in states:
        return "rings"
    return "waits" if "full" in states else "missed"


def _booking(
    rule: Mapping[str, Any], owned: Mapping[str, str | None], owner: str | None, *, sent: bool
) -> dict[str, Any]:
    book: list[str] | None = None
    if sent:
        match rule["outreach"]["book"]:
            case "nobody":
                book = []
            case "targets":
                book = ["targets"]
            case who:
                if owned.get(f"outreach_{who}"):
                    book = [f"outreach_{who}"]
                elif not rule["outreach"]["fallback"]:
                    book = []
    if book is None:
        book = ["owner"] if owner and rule["book"]["owner"] else []
        if rule["fallback"] and rule["book"]["targets"]:
            book.append("targets")
    if rule["missed"] == "form":
        book = []
    return {"book": book, "missed": "meeting_booker" if book else "form"}
