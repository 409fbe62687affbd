"""Deadlines and heartbeats, all from one clock."""

import asyncio

from frontdesk.hub.limits import Limits
from frontdesk.hub.sweep import Deadlines, Sweep
from tests.web.node import Node, wait_until
from tests.web.raw import Raw


def test_what_is_late_is_acted_on_once_and_in_order() -> None:
    now, late = [0.0], list[str]()
    deadlines = Deadlines(5.0, late.append, lambda: now[0])
    deadlines.add("a")
    now[0] = 1
    deadlines.add("b")
    deadlines.add("a")  # keeps its own
    deadlines.add("c")
    deadlines.discard("c")
    now[0] = 4.9
    deadlines.expire()
    assert late == []
    now[0] = 5
    deadlines.expire()
    assert late == ["a"]
    now[0] = 100
    deadlines.expire()
    deadlines.expire()
    assert late == ["a", "b"]


def test_who_is_added_while_others_expire_waits_its_own_time() -> None:
    now, late = [0.0], list[str]()

    def again(thing: str) -> None:
        late.append(thing)
        deadlines.add(thing)

    deadlines = Deadlines(5.0, again, lambda: now[0])
    deadlines.add("a")
    now[0] = 5
    deadlines.expire()
    deadlines.expire()
    assert late == ["a"]


async def test_a_stopped_sweep_sweeps_no_more() -> None:
    late = list[str]()
    sweep = Sweep(asyncio.get_running_loop(), Limits(), tick=0.01)
    deadlines = sweep.deadlines(0.0, late.append)
    sweep.start()
    deadlines.add("a")
    async with asyncio.timeout(20):
        while not late:
            await asyncio.sleep(0.005)
    sweep.stop()
    deadlines.add("b")
    await asyncio.sleep(0.05)
    assert late == ["a"]


def test_the_sweep_knows_every_socket_of_the_node_and_forgets_the_lost() -> None:
    with Node() as node:
        with Raw.opened(node.port), Raw.opened(node.port):
            wait_until(lambda: len(node.sweep) == 2)
            assert set(node.call(list, node.sweep)) == set(node.echo.connections)
        wait_until(lambda: not len(node.sweep))
        assert node.call(list, node.sweep) == []
