"""Rules on the live desk: owners, versions, what is known later, several nodes (RT-5 … RT-10)."""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from datetime import time
from typing import Any

import orjson
import pytest
from msgspec.structs import replace

from frontdesk.routing import router as router_module
from frontdesk.routing.decisions.decide import Candidate
from frontdesk.routing.owners.ownership import Owned, Ownership
from frontdesk.routing.reps.hours import Hours
from frontdesk.routing.router import Router
from frontdesk.routing.rule import (
    OutreachBlock,
    OwnerBlock,
    OwnerRing,
    Rule,
    RuleSet,
    Strategy,
    Targets,
)
from tests.desk import GRACE, LOST, RING, WAIT, Desk
from tests.routing.routers import FixedRules, router_of

TEAM = [Candidate(name, frozenset()) for name in ("ann", "bob", "cid", "dee")]
JAPAN = {"all": [{"field": "location.country", "op": "is", "value": "JP"}]}
OF_ANN = Ownership(contact=Owned("ann", "Acme"))


def rules(*listed: Rule, **default: Any) -> RuleSet:
    whole = RuleSet.default_rule_set(RING / 1000, WAIT / 1000)
    return RuleSet(rules=listed, default=replace(whole.default, **default))


EVERYBODY: dict[str, Any] = {"all": []}


def rule(name: str, *reps: str, when: dict[str, Any] = EVERYBODY, **fields: Any) -> Rule:
    return Rule(
        id=f"rul_{name}", name=name, when=when, targets=Targets(everyone=not reps, reps=reps),
        ring_seconds=RING / 1000, wait_seconds=WAIT / 1000, **fields,
    )  # fmt: skip


class Office:
    """Nodes that route by the same rules."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.rules = FixedRules()
        self.team = TEAM

    async def at(self, node: str = "n1", *, over: int = 0) -> Router:
        return await router_of(self.desk.at(node), self.desk, self.rules, self.team, over=over)

    async def asks(self, name: str, node: str = "n1", *, over: int = 0, **about: Any) -> None:
        known = {"id": f"v-{name}", **about}
        router = await self.at(node, over=over)
        await router.request(name, f"v-{name}", f"s-{name}", orjson.dumps(known), known, "Hi", "m1")

    async def knows(self, name: str, **about: Any) -> None:
        """More is known of the visitor, and a node looks."""
        known = orjson.dumps({"id": f"v-{name}", **about})
        await self.desk.at().conversations.about(name, f"v-{name}", known)
        for node in ("n1", "n2"):
            await (await self.at(node)).reroute(name)

    async def ring_time_passes(self, name: str) -> None:
        deadline = await self.desk.deadline(f"ring:{name}")
        assert deadline
        await self.desk.pass_time(RING + 1000)
        for node in ("n2", "n1"):
            await (await self.at(node)).pass_over(name, deadline)

    async def rings(self, name: str) -> list[str]:
        ring = await self.desk.ring(name)
        return sorted(rep for rep, state in ring.items() if state in ("offered", "seen"))


@pytest.fixture
async def office(desk: Desk) -> Office:
    for candidate in TEAM:
        await desk.at().comes(candidate.id)
    return Office(desk)


async def test_the_first_rule_that_matches_says_who_rings(office: Office) -> None:
    office.rules.publish(rules(rule("japan", "cid", when=JAPAN)))
    await office.asks("c1", location={"country": "JP"})
    await office.asks("c2", location={"country": "DE"})
    assert await office.rings("c1") == ["cid"]
    assert await office.rings("c2") == ["ann", "bob", "cid", "dee"]
    assert (await office.desk.of("c1"))["route"] == "1 rul_japan"


async def test_the_owner_rings_first_and_the_fallback_after_the_ring_time(office: Office) -> None:
    office.rules.publish(rules(owner=OwnerBlock(on=True)))
    office.rules.owners.by_email["a@acme.example"] = OF_ANN
    await office.asks("c1", email="a@acme.example")
    assert await office.rings("c1") == ["ann"]
    extra = orjson.loads((await office.desk.of("c1"))["extra"])
    assert "own" in extra["reasons"]["ann"]
    await office.ring_time_passes("c1")
    assert await office.rings("c1") == ["bob", "cid", "dee"]
    assert (await office.desk.ring("c1"))["ann"] == "expired"


async def test_without_a_fallback_only_the_owner_is_ever_rung(office: Office) -> None:
    office.rules.publish(rules(owner=OwnerBlock(on=True), fallback=False))
    office.rules.owners.by_email["a@acme.example"] = OF_ANN
    await office.asks("c1", email="a@acme.example")
    assert await office.rings("c1") == ["ann"]
    await office.asks("c2", email="nobody@example.com")
    assert await office.desk.state("c2") == "missed"


async def test_the_owner_and_the_reps_ring_at_once(office: Office) -> None:
    block = OwnerBlock(on=True, ring=OwnerRing.OWNER_AND_REPS)
    office.rules.publish(rules(rule("all", "bob", "cid", owner=block, strategy=Strategy.ROTATION)))
    office.rules.owners.by_email["a@acme.example"] = OF_ANN
    await office.asks("c1", email="a@acme.example")
    assert await office.rings("c1") == ["ann", "bob"]


async def test_outreach_goes_before_the_owner(office: Office) -> None:
    office.rules.publish(rules(owner=OwnerBlock(on=True), outreach=OutreachBlock(on=True)))
    office.rules.owners.by_email["a@acme.example"] = Ownership(
        contact=Owned("ann", "Acme"), outreach_sender=Owned("dee", "Mail")
    )
    await office.asks("c1", email="a@acme.example")
    assert await office.rings("c1") == ["dee"]
    await office.ring_time_passes("c1")
    assert await office.rings("c1") == ["ann"]
    await office.ring_time_passes("c1")
    assert await office.rings("c1") == ["bob", "cid"]


async def test_an_owner_takes_one_beyond_their_capacity_where_that_is_set(desk: Desk) -> None:
    office = Office(desk)
    await desk.at().comes("ann", capacity=1)
    await desk.at().comes("bob")
    await desk.at().request("c0", "ann")
    await desk.at().claim("c0", "ann")
    office.rules.publish(rules(owner=OwnerBlock(on=True)))
    office.rules.owners.by_email["a@acme.example"] = OF_ANN
    await office.asks("c1", email="a@acme.example")
    assert await office.rings("c1") == ["bob"]
    await office.asks("c2", over=1, email="a@acme.example")
    assert await office.rings("c2") == ["ann"]
    await desk.at().claim("c2", "ann")


async def claims_last_place(office: Office, rep: str, name: str) -> int:
    """Their capacity is 1; every node hears that they are full. → the fence."""
    won = await office.desk.at().claim(name, rep)
    assert won.filled
    for node in ("n1", "n2"):
        await (await office.at(node)).filled(rep)
    return won.fence


async def test_who_took_their_last_chat_passes_on_what_else_rang_for_them(desk: Desk) -> None:
    office = Office(desk)
    for rep in ("ann", "bob"):
        await desk.at().comes(rep, capacity=1)
    office.rules.publish(rules(rule("turns", "ann", "bob", strategy=Strategy.ROTATION)))
    for name in ("c1", "c2", "c3"):
        await office.asks(name)
    assert [await office.rings(name) for name in ("c1", "c2", "c3")] == [["ann"], ["bob"], ["ann"]]
    fence = await claims_last_place(office, "ann", "c1")
    assert await office.rings("c3") == []
    await (await office.at()).decide_again("c3")
    assert await office.rings("c3") == ["bob"]
    await claims_last_place(office, "bob", "c2")
    await (await office.at()).decide_again("c3")
    assert (await office.rings("c3"), await desk.state("c3")) == ([], "requested")
    await desk.at().close("c1", "ann", fence=fence, holder="ann")
    assert await desk.deadline("drain:ann")
    await (await office.at("n2")).drain("ann")
    assert await office.rings("c3") == ["ann"]
    kinds = [kind for kind, _ in await desk.events("c3")]
    assert kinds.count("full") == 2


async def test_an_owner_without_a_place_left_leaves_the_ring_to_the_fallback(desk: Desk) -> None:
    office = Office(desk)
    await desk.at().comes("ann", capacity=1)
    await desk.at().comes("bob")
    office.rules.publish(rules(rule("mine", "bob", owner=OwnerBlock(on=True))))
    office.rules.owners.by_email["a@acme.example"] = OF_ANN
    for name in ("c1", "c2"):
        await office.asks(name, email="a@acme.example")
    await claims_last_place(office, "ann", "c1")
    await (await office.at()).decide_again("c2")
    assert await office.rings("c2") == ["bob"]


async def test_a_ring_ends_under_the_rules_it_began_with(office: Office) -> None:
    office.rules.publish(rules(rule("turn", "ann", "bob", strategy=Strategy.ROTATION)))
    await office.asks("c1")
    office.rules.publish(rules(rule("other", "dee")))
    await office.ring_time_passes("c1")
    assert await office.rings("c1") == ["bob"]
    await office.ring_time_passes("c1")
    deadline = await office.desk.deadline("wait:c1")
    await (await office.at()).wait_over("c1", deadline)
    assert await office.desk.state("c1") == "missed"
    await office.asks("c2")
    assert await office.rings("c2") == ["dee"]


async def test_a_rep_deleted_while_they_ring_is_passed_over(office: Office) -> None:
    office.rules.publish(rules(rule("turn", "ann", "bob", strategy=Strategy.ROTATION)))
    await office.asks("c1")
    office.team = [one for one in TEAM if one.id != "ann"]
    await office.ring_time_passes("c1")
    assert await office.rings("c1") == ["bob"]


async def test_a_team_emptied_while_it_rings_ends_as_missed(office: Office) -> None:
    office.rules.publish(rules(rule("turn", "ann", "bob", strategy=Strategy.ROTATION)))
    await office.asks("c1")
    office.team = [one for one in TEAM if one.id == "dee"]
    await office.ring_time_passes("c1")
    due, *_ = await office.desk.peek()
    await (await office.at()).wait_over("c1", due["wait:c1"])
    assert await office.desk.state("c1") == "missed"


async def test_what_becomes_known_before_a_claim_rings_others(office: Office) -> None:
    office.rules.publish(rules(rule("japan", "cid", when=JAPAN)))
    await office.asks("c1")
    deadline = await office.desk.deadline("wait:c1")
    await office.desk.at().claims.ring_ended("c1", "cid", "seen", local=True)
    await office.knows("c1", location={"country": "JP"})
    assert await office.rings("c1") == ["cid"]
    assert await office.desk.deadline("wait:c1") == deadline
    assert [kind for kind, _ in await office.desk.events("c1")].count("rerouted") == 1


async def test_what_changes_no_decision_changes_no_ring(office: Office) -> None:
    office.rules.publish(rules(rule("japan", "cid", when=JAPAN)))
    await office.asks("c1")
    await office.knows("c1", location={"country": "DE"})
    assert (await office.desk.of("c1"))["route"] == "1 default"
    assert "rerouted" not in [kind for kind, _ in await office.desk.events("c1")]


async def test_what_becomes_known_within_a_second_is_one_piece_of_work(office: Office) -> None:
    desk = office.desk
    await office.asks("c1")
    assert not await desk.deadline("reroute:c1")
    deadlines = []
    for number in range(5):
        known = orjson.dumps({"id": "v-c1", "n": number})
        await desk.at().conversations.about("c1", "v-c1", known)
        deadlines.append(await desk.deadline("reroute:c1"))
    first, now = deadlines[0], await desk.now()
    assert deadlines == [first] * 5
    assert now < int(first) <= now + 1000
    assert first not in (await desk.peek())[0].values()
    await desk.pass_time(1500)
    assert (await desk.peek())[0]["reroute:c1"] == first


async def test_what_becomes_known_while_a_node_decides_or_dies_is_decided_on_by_another(
    office: Office,
) -> None:
    """The item stays until what was known then was worked off."""
    desk = office.desk
    office.rules.publish(rules(rule("japan", "cid", when=JAPAN)))
    await office.asks("c1", location={"country": "DE"})
    await desk.at().conversations.about("c1", "v-c1", b'{"id":"v-c1","n":1}')
    await desk.pass_time(1500)
    due = (await desk.peek())[0]["reroute:c1"]
    await (await office.at("n1")).reroute("c1")
    japan = orjson.dumps({"id": "v-c1", "location": {"country": "JP"}})
    await desk.at("n2").conversations.about("c1", "v-c1", japan)
    assert not await desk.settle("reroute:c1", due)
    await desk.pass_time(1500)
    assert "reroute:c1" in (await desk.peek())[0]
    await (await office.at("n2")).reroute("c1")
    assert await office.rings("c1") == ["cid"]


async def test_who_was_lost_is_left_out_of_a_new_decision_until_they_are_back(
    office: Office,
) -> None:
    desk = office.desk
    office.rules.publish(rules(rule("japan", "ann", "bob", when=JAPAN), rule("all", "ann", "cid")))
    await office.asks("c1")
    await desk.at().claim("c1", "ann")
    await desk.at().goes("ann")
    await desk.pass_time(GRACE + 1000)
    await desk.at().presence.expire_device("d-ann", await desk.deadline("device:d-ann"))
    await (await office.at()).orphans("ann")
    await desk.pass_time(LOST + 1000)
    await (await office.at()).lost_over("c1", "")
    assert await office.rings("c1") == ["cid"]
    card = orjson.loads((await desk.of("c1"))["extra"])
    await office.knows("c1", location={"country": "JP"})
    assert await office.rings("c1") == ["bob"]
    assert orjson.loads((await desk.of("c1"))["extra"]) == card
    assert (card["reason"], card["why"]) == ("Ann lost the connection", "rep_lost")
    decided = [json.loads(fields["decision"]) for _, fields in await desk.events("c1")
               if "decision" in fields][-1]  # fmt: skip
    assert [one["rep"] for one in decided["considered"]] == ["bob"]
    assert decided["why"] == "reroute"
    await desk.at().comes("ann")
    await (await office.at()).drain("ann")
    assert await office.rings("c1") == ["ann", "bob"]
    await office.knows("c1", location={"country": "JP"}, n=2)
    assert await office.rings("c1") == ["ann", "bob"]


async def test_a_claim_that_landed_first_stands(office: Office) -> None:
    office.rules.publish(rules(rule("japan", "cid", when=JAPAN)))
    await office.asks("c1")
    await office.desk.at().claim("c1", "ann")
    await office.knows("c1", location={"country": "JP"})
    fields = await office.desk.of("c1")
    assert (fields["state"], fields["rep"]) == ("active", "ann")


async def test_routed_anew_to_nobody_it_is_missed(office: Office) -> None:
    await office.desk.at().presence.availability("cid", "away", "chosen")
    office.rules.publish(rules(rule("japan", "cid", when=JAPAN)))
    await office.asks("c1")
    await office.knows("c1", location={"country": "JP"})
    assert await office.rings("c1") == []
    due, *_ = await office.desk.peek()
    await (await office.at()).wait_over("c1", due["wait:c1"])
    assert await office.desk.state("c1") == "missed"


async def test_an_owners_table_that_is_down_costs_no_visitor_the_fallback(office: Office) -> None:
    async def down(_about: Mapping[str, Any]) -> Ownership:
        raise OSError

    office.rules.publish(rules(owner=OwnerBlock(on=True)))
    office.rules.owners.find = down  # type: ignore[method-assign, assignment]  # as a database that is away
    await office.asks("c1", email="a@acme.example")
    assert await office.rings("c1") == ["ann", "bob", "cid", "dee"]


NINE = 9 * 3_600_000
"""Of the first of January 1970, a Thursday."""


async def test_whose_hours_begin_rings_for_what_waits(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(router_module, "HOURS_EVERY", 0.01)
    for rep in ("ann", "bob"):
        await desk.at().comes(rep)
    late = Hours("UTC", (((time(9), time(17)),),) * 7)
    team = [Candidate("ann", frozenset(), late), Candidate("bob", frozenset())]
    clock = [NINE - 1]
    router = await router_of(desk.at(), desk, FixedRules(), team, now=lambda: clock[0])
    await router.request("c1", "v-c1", "s", b"{}", {}, "", "")
    assert await desk.ring("c1") == {"bob": "offered"}
    watching = asyncio.create_task(router.watch_hours())
    await asyncio.sleep(0)  # it knows who works before the hour strikes
    clock[0] = NINE
    async with asyncio.timeout(20):
        while "ann" not in await desk.ring("c1"):
            await asyncio.sleep(0.01)
    watching.cancel()


@pytest.mark.parametrize("weights", [{}, {"ann": 4.0, "bob": 2.0}])
async def test_many_nodes_at_once_are_fair(desk: Desk, weights: dict[str, float]) -> None:
    free = Desk(desk.link, desk.keys, lawful=False)
    office = Office(free)
    for candidate in TEAM:
        await free.at().comes(candidate.id, capacity=1000)
    office.rules.publish(rules(strategy=Strategy.ROTATION, weights=weights))
    routers = [await office.at(f"n{number}") for number in range(4)]
    count = 160
    await asyncio.gather(
        *(routers[i % 4].request(f"c{i}", f"v{i}", "s", b"{}", {}, "", "") for i in range(count))
    )
    offers = Counter([(await office.rings(f"c{i}"))[0] for i in range(count)])
    shares = {one.id: weights.get(one.id, 1.0) for one in TEAM}
    for rep, share in shares.items():
        exact = count * share / sum(shares.values())
        assert abs(offers[rep] - exact) <= (count * 0.05 if weights else 1)


async def test_who_is_looked_at_for_a_freed_place_takes_no_other_s_turn(office: Office) -> None:
    """A ring ended and what comes next is due, when somebody else is looked through for (PR-6)."""
    office.rules.publish(rules(owner=OwnerBlock(on=True)))
    office.rules.owners.by_email["a@acme.example"] = OF_ANN
    await office.asks("c1", email="a@acme.example")
    await office.desk.at().claims.ring_ended("c1", "ann", "declined", local=True)
    await (await office.at()).drain("bob")
    assert await office.desk.deadline("decide:c1"), "nobody would ever look again"
    await (await office.at("n2")).decide_again("c1")
    assert await office.rings("c1") == ["bob", "cid", "dee"]


async def test_who_is_looked_at_and_cannot_ring_ends_no_turn(office: Office) -> None:
    office.rules.publish(rules(owner=OwnerBlock(on=True)))
    office.rules.owners.by_email["a@acme.example"] = OF_ANN
    await office.asks("c1", email="a@acme.example")
    await office.desk.at().claims.ring_ended("c1", "ann", "declined", local=True)
    await (await office.at()).drain("ann")
    assert await office.desk.deadline("decide:c1"), "nobody would ever look again"
