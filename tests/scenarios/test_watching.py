"""What an installation says of itself is so (OP-2): figures, health, readiness."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.scenarios.conftest import Scene
from tests.scenarios.processes import Installation, installation
from tests.scenarios.watching import (
    Figures,
    ask,
    figures,
    figures_when,
    free_port,
    problems,
    until_problems,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def watched() -> AsyncIterator[Installation]:
    """Two nodes and a worker that nobody has used yet."""
    async with installation(
        nodes=2, reps=2, worker_port=free_port(), drain_delay_seconds=2
    ) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def scene(watched: Installation) -> AsyncIterator[Scene]:
    found = Scene(watched, 1)
    yield found
    found.complaints()
    for person in found._people:
        await person.leave()


async def test_a_chat_over_two_nodes_is_in_the_figures_of_each_once(scene: Scene) -> None:
    running = scene.running
    visitor, rep, name = await scene.chat(visitor_at=0, rep_at=1)
    for number in range(3):
        await visitor.says(f"v{number}")
        await rep.says(name, f"r{number}")
    await rep.closes_it(name)
    await visitor.until(lambda: visitor.chat.state == "closed", "the end")
    asked, answered = [await figures(place.port) for place in running.places]
    assert asked["ring_seconds_count",] == 1
    assert answered["ring_elsewhere_seconds_count",] == 1
    assert 0 <= answered["ring_elsewhere_seconds_sum",] < 10
    assert (answered["claim_seconds_count",], answered["claims_total", "won"]) == (1, 1)
    assert (asked["message_seconds_count",], answered["message_seconds_count",]) == (3, 3)
    assert 0 < asked["message_seconds_sum",] < 10
    assert (answered["answer_seconds_count",], asked["visits_total",]) == (1, 1)
    await worker_has_counted(running)


async def worker_has_counted(running: Installation) -> None:
    def whole(found: Figures) -> bool:
        return found.get(("requests_total", "closed")) == 1

    found = await figures_when(running.settings.worker_port, whole)
    outcomes = {name[1]: count for name, count in found.items() if name[0] == "requests_total"}
    assert outcomes == {"requested": 1, "claimed": 1, "closed": 1, "missed": 0}
    assert found["events_total", "message", "archive"] == 7  # the first text, and six
    assert (found["waiting",], found["open_conversations",]) == (0, 0)
    assert 0 <= found["event_lag_seconds", "archive"] < 10


async def test_sockets_are_counted_by_side_and_by_how_they_ended(scene: Scene) -> None:
    port = scene.running.places[0].port
    await scene.visitor(0)
    rep = await scene.rep(0)
    await figures_when(port, lambda f: (f["sockets", "visitor"], f["sockets", "rep"]) == (1.0, 1.0))
    await rep.leave()
    found = await figures_when(port, lambda f: f["sockets", "rep"] == 0)
    assert found["sockets_closed_total", "client"] == 1


async def test_what_is_refused_is_counted_by_its_code(scene: Scene) -> None:
    rep = await scene.rep(0)
    await rep.outcome(rep.client.claim("c-nowhere"))
    assert (await ask(scene.running.places[0].port, "/v1/rep"))[0] == 404
    found = await figures(scene.running.places[0].port)
    assert found["refused_total", "gone", "command"] == 1
    assert found["claims_total", "gone"] == 1
    assert found["http_requests_total", "4xx"] == 1


async def test_a_waiting_request_is_seen_by_the_worker(scene: Scene) -> None:
    await scene.rep(0)
    visitor = await scene.visitor(1)
    await visitor.requests()
    await figures_when(
        scene.running.settings.worker_port,
        lambda found: (found["waiting",], found["open_conversations",]) == (1, 1),
    )


async def test_without_redis_nobody_is_ready_and_everybody_is_alive(scene: Scene) -> None:
    running = scene.running
    ports = [running.places[0].port, running.settings.worker_port]
    running.kill_redis()
    for port in ports:
        said = await until_problems(port, lambda status, _: status == 503)
        assert "Redis can't be reached." in said
        assert (await ask(port, "/healthz"))[0] == 200
    assert (await figures_when(ports[0], lambda f: not f["redis_up",]))["nodes",] == 1
    await running.restart_redis()
    for port in ports:
        assert await until_problems(port, lambda status, _: status == 200) == []
    assert (await figures_when(ports[0], lambda f: bool(f["redis_up",])))["redis_up",] == 1


async def test_a_node_that_leaves_fails_its_readiness_first_and_serves_on_until_noticed(
    scene: Scene,
) -> None:
    visitor = await scene.visitor(0)
    node, port = scene.running.node(0), scene.running.places[0].port
    node.leave()
    said = await until_problems(port, lambda status, _: status == 503)
    assert said == ["This node is stopping."]
    late = await scene.visitor(0)  # a proxy that has not looked yet still sends people here
    assert (late.node, node.alive) == (0, True)
    assert visitor.client.ready
    scene.running.places[0].reachable = False
    assert await node.ended() == 0
    await visitor.until(lambda: visitor.node == 1 and visitor.client.ready, "the other node")
    assert (visitor.closes[0], late.closes[0]) == (4001, 4001)


async def test_a_node_with_a_successor_goes_at_once(scene: Scene) -> None:
    node, port = scene.running.node(0), scene.running.places[0].port
    assert (await problems(port))[0] == 200
    scene.running.places[0].reachable = False
    node.stop()
    assert await node.ended() == 0
    assert "not ready any more" not in [line.get("event") for line in scene.running.logged()]
