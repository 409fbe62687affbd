"""What nodes do when a deadline comes or a rep goes: any of them, twice, after a crash."""

import pytest

from frontdesk.routing.decisions.decide import Candidate, Target
from frontdesk.routing.router import Router
from tests.desk import GONE, GRACE, LOST, WAIT, Desk
from tests.routing.routers import FixedRules, router_of

SALES = frozenset({"sales"})
NOBODY: frozenset[str] = frozenset()
TEAM = [Candidate("ann", SALES), Candidate("bob", SALES), Candidate("cid", NOBODY)]


class Routers:
    """One for each node, on the same desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def at(self, node: str = "n1") -> Router:
        verbs = self._desk.at(node)
        return await router_of(verbs, self._desk, FixedRules(), TEAM)


@pytest.fixture
async def routers(desk: Desk) -> Routers:
    for rep in ("ann", "bob"):
        await desk.at().comes(rep)
    return Routers(desk)


async def ask(routers: Routers, name: str = "c1") -> None:
    router = await routers.at()
    await router.request(name, f"v-{name}", f"s-{name}", b'{"id":"v"}', {"id": "v"}, "Hi", "m1")


async def test_a_request_rings_the_team_and_asked_again_it_is_the_same(
    desk: Desk, routers: Routers
) -> None:
    await ask(routers)
    assert await desk.ring("c1") == {"ann": "offered", "bob": "offered"}
    again = await (await routers.at("n2")).request("", "v-c1", "s", b"{}", {}, "Hi", "m1")
    assert (again.conversation, again.rung) == ("c1", None)


async def test_a_rep_who_comes_is_rung_for_all_who_wait(desk: Desk, routers: Routers) -> None:
    for name in ("c1", "c2"):
        await ask(routers, name)
    await desk.at("n2").comes("cid")
    for node in ("n1", "n2"):
        await (await routers.at(node)).drain("cid")
    for name in ("c1", "c2"):
        assert (await desk.ring(name))["cid"] == "offered"


async def test_who_goes_away_stops_ringing_and_is_rung_again_when_back(
    desk: Desk, routers: Routers
) -> None:
    await ask(routers)
    await desk.at().presence.availability("ann", "away", "chosen")
    await (await routers.at()).orphans("ann")
    assert await desk.ring("c1") == {"bob": "offered"}
    await desk.at().presence.availability("ann", "available", "chosen")
    await (await routers.at()).drain("ann")
    assert (await desk.ring("c1"))["ann"] == "offered"


async def test_who_was_away_for_a_moment_only_goes_on_ringing(desk: Desk, routers: Routers) -> None:
    await ask(routers)
    await (await routers.at()).orphans("ann")
    assert (await desk.ring("c1"))["ann"] == "offered"


async def test_when_the_last_one_passes_on_whoever_may_ring_now_is_asked(
    desk: Desk, routers: Routers
) -> None:
    await ask(routers)
    for rep in ("ann", "bob"):
        await desk.at().claims.ring_ended("c1", rep, "declined", local=True)
    await desk.at().comes("cid")
    await (await routers.at("n2")).decide_again("c1")
    assert (await desk.ring("c1"))["cid"] == "offered"


async def wait_is_over(desk: Desk, routers: Routers, node: str = "n1") -> None:
    deadline = await desk.deadline("wait:c1")
    await desk.pass_time(WAIT + 5000)
    await (await routers.at(node)).wait_over("c1", deadline)
    await (await routers.at("n9")).wait_over("c1", deadline)


async def test_the_wait_is_over_once_whoever_sees_it(desk: Desk, routers: Routers) -> None:
    await ask(routers)
    await wait_is_over(desk, routers)
    assert await desk.kinds("c1") == ["requested", "message", "missed"]


async def test_a_transfer_that_nobody_takes_goes_back_to_its_rule_once(
    desk: Desk, routers: Routers
) -> None:
    await ask(routers)
    won = await desk.at().claim("c1", "ann")
    router = await routers.at()
    await desk.at().comes("cid")
    target = Target(reps=frozenset({"bob"}))
    rung = await router.transfer("c1", "ann", won.fence, target, "please")
    assert rung.rung == ["bob"]
    await (await routers.at()).drain("cid")
    assert "cid" not in await desk.ring("c1")  # only who was named rings
    await wait_is_over(desk, routers)
    assert await desk.state("c1") == "requested"
    assert (await desk.ring("c1"))["cid"] == "offered"
    await wait_is_over(desk, routers, "n2")
    assert await desk.state("c1") == "missed"


async def goes_offline(desk: Desk, rep: str) -> None:
    await desk.at().goes(rep)
    await desk.pass_time(GRACE + 5000)
    await desk.at().presence.expire_device(f"d-{rep}", await desk.deadline(f"device:d-{rep}"))


async def test_a_lost_reps_chat_is_offered_to_the_others(desk: Desk, routers: Routers) -> None:
    await ask(routers)
    await desk.at().claim("c1", "ann")
    await goes_offline(desk, "ann")
    for node in ("n1", "n2"):
        await (await routers.at(node)).orphans("ann")
    assert (await desk.of("c1"))["timer"] == "lost"
    deadline = await desk.deadline("lost:c1")
    await desk.pass_time(LOST + 5000)
    for node in ("n1", "n2"):
        await (await routers.at(node)).lost_over("c1", deadline)
    assert await desk.ring("c1") == {"bob": "offered"}
    assert (await desk.of("c1"))["why"] == "rep_lost"


async def test_a_rep_who_is_back_at_the_last_moment_keeps_the_chat(
    desk: Desk, routers: Routers
) -> None:
    await ask(routers)
    await desk.at().claim("c1", "ann")
    await goes_offline(desk, "ann")
    await (await routers.at()).orphans("ann")
    await desk.at().comes("ann")
    deadline = await desk.deadline("lost:c1")
    await (await routers.at()).lost_over("c1", deadline)
    fields = await desk.of("c1")
    assert (fields["state"], fields["rep"], fields["timer"]) == ("active", "ann", "quiet")


async def test_a_visitor_who_stays_away_ends_the_chat_and_frees_the_place(
    desk: Desk, routers: Routers
) -> None:
    await ask(routers)
    await desk.at().claim("c1", "ann")
    await desk.at().conversations.detach("c1", "v", GONE)
    deadline = await desk.deadline("quiet:c1")
    await desk.pass_time(GONE + 5000)
    for node in ("n1", "n2"):
        await (await routers.at(node)).session_over("c1", deadline)
    assert await desk.state("c1") == "closed"
    assert (await desk.rep("ann")).load == 0
    assert (await desk.kinds("c1")).count("closed") == 1


async def test_everything_of_a_dead_node_is_taken_over_and_the_node_forgotten(
    desk: Desk, routers: Routers
) -> None:
    await desk.at("dead").presence.renew(4000)
    await desk.at("dead").comes("cid")
    await ask(routers)
    await desk.at("dead").claim("c1", "ann")
    await desk.at("dead").conversations.attach("c1", "v")
    await desk.pass_time(9000)
    for node in ("n1", "n2"):
        await (await routers.at(node)).node_died("dead")
    assert await desk.deadline("device:d-cid")
    nodes, vnodes = await desk.at().conversations.nodes_of("c1")
    assert "dead" not in nodes + vnodes
    assert (await desk.peek())[3] == []


async def test_a_node_that_renewed_meanwhile_stays(desk: Desk, routers: Routers) -> None:
    await desk.at("slow").presence.renew(60_000)
    await (await routers.at()).node_died("slow")
    assert (await desk.at("slow").presence.renew(60_000)).known
