"""Traces of real nodes and a worker, at a collector that decodes them; off, nothing is there."""

import asyncio
import subprocess
import sys
from functools import partial

import pytest

from tests.scenarios.collector import about, collecting
from tests.scenarios.conftest import Scene
from tests.scenarios.processes import PATIENCE, installation
from tests.scenarios.watching import ask

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_chat_is_traced_from_its_request_to_the_archive() -> None:
    with collecting() as collector:
        batches = partial(collector.named, "archive")
        async with installation(
            nodes=2, reps=2, tracing_url=collector.url, tracing_messages=1.0
        ) as running:
            scene = Scene(running, 1)
            late = await scene.rep(0)
            visitor, rep, name = await scene.chat(visitor_at=0, rep_at=1)
            await late.outcome(late.client.claim(name))
            await visitor.says("my number is 0123456789")
            await rep.closes_it(name)
            await visitor.until(lambda: visitor.chat.state == "closed", "the end")
            await ask(running.places[0].port, "/v1/openapi.json")
            await ask(running.places[0].port, "/sign-in/a-secret-token")
            async with asyncio.timeout(PATIENCE):
                while sum(int(about(one)["frontdesk.events"]) for one in batches()) < 5:
                    await asyncio.sleep(0.1)
            for person in scene._people:
                await person.leave()
            await asyncio.gather(*(running.drain_node(index) for index in range(2)))
        (asked,) = collector.named("request")
        assert collector.parts(asked) == ["decide", "ring", "announce"]
        claims = {
            about(one).get("frontdesk.refused", "won"): one for one in collector.named("claim")
        }
        assert set(claims) == {"won", "already_claimed"}
        assert collector.parts(claims["won"])[:1] == ["take"]
        assert about(claims["won"])["frontdesk.conversation"] == name
        (said,) = collector.named("message")
        assert collector.parts(said) == ["append", "announce"]
        assert about(said)["frontdesk.side"] == "visitor"
        assert collector.parts(batches()[0]) == ["prepare", "write", "done"]
        assert {who for who, _ in collector.spans} == {"node-0", "node-1", "worker"}
        answered = {about(one)["http.route"]: about(one) for one in collector.named("http")}
        assert answered["/v1/openapi.json"]["http.response.status_code"] == 200
        everything = str(collector.spans)
        for secret in ("0123456789", "a-secret-token", "Hello?"):
            assert secret not in everything, secret


async def test_a_collector_that_is_away_holds_nobody_up() -> None:
    async with installation(
        nodes=1, reps=1, worker=False, tracing_url="http://127.0.0.1:9", tracing_messages=1.0
    ) as running:
        scene = Scene(running, 1)
        visitor, rep, name = await scene.chat(rep_at=0)
        await visitor.says("one")
        await rep.says(name, "two")
        await visitor.until(lambda: visitor.texts() == ["Hello?", "one", "two"], "the answer")
        for person in scene._people:
            await person.leave()
        assert await running.drain_node(0) == 0


OFF = """
import sys
import frontdesk.app, frontdesk.supervisor
ours = ("opentelemetry.sdk.trace", "opentelemetry.exporter", "google.protobuf", "requests",
        "frontdesk.telemetry.tracing", "frontdesk.web.traced")
print([name for name in sys.modules if name.startswith(ours)])
"""
"""(redis-py looks for OpenTelemetry's metrics by itself, where they are installed.)"""


async def test_without_a_collector_nothing_of_it_is_imported() -> None:
    found = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", OFF], capture_output=True, text=True, check=True
    )
    assert found.stdout == "[]\n"
