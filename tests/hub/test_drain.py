"""Emptying a node: everybody is told where to go, a few at a time."""

import contextlib
import json
from random import Random

from frontdesk.hub import drain as module
from frontdesk.hub.drain import drain
from frontdesk.hub.limits import Limits
from frontdesk.wire.frames import CloseCode
from tests.web.node import SECONDS, Node, wait_until
from tests.web.raw import Raw, masked


def test_each_socket_is_told_when_to_come_back_and_then_closed() -> None:
    with Node() as node, Raw.opened(node.port) as raw:
        connection = node.connection()
        raw.send(masked(b'{"type":"ping","id":1}'))
        left = node.run(drain([connection], 0.1, grace=0.1, random=Random(1)))
        assert raw.frame()[1] == b'{"type":"ok","id":1}'
        told = json.loads(raw.frame()[1])
        assert told["type"] == "reconnect"
        assert 0 <= told["after_ms"] < module.AFTER_MS
        assert raw.close_code() == CloseCode.DRAIN
        assert left == 1  # it never answered the close frame, so it was cut off
        assert raw.at_end()


def test_a_crowd_is_sent_away_in_steps_and_those_who_wait_are_served() -> None:
    with Node() as node, contextlib.ExitStack() as stack:
        raws = [stack.enter_context(Raw.opened(node.port)) for _ in range(60)]
        connections = [node.connection(count + 1) for count in range(60)]
        seen: list[int] = []

        async def watched() -> int:
            loop = node.loop
            handle = loop.call_later(0, look)
            try:
                return await drain(connections, 0.2, grace=0.1)
            finally:
                handle.cancel()

        def look() -> None:
            seen.append(sum(connection.closed for connection in connections))
            node.loop.call_later(0.01, look)

        node.run(watched())
        assert all(raw.close_code() == CloseCode.DRAIN for raw in raws)
        steps = sorted(set(seen) - {0, 60})
        assert len(steps) >= 2  # neither all at once nor one by one
        assert steps[0] <= 2 * module.LEAST


def test_the_drain_is_over_as_soon_as_the_last_has_gone() -> None:
    with Node(limits=Limits(closing_seconds=0.1)) as node, Raw.opened(node.port):
        connection = node.connection()
        assert node.run(drain([connection], 0.1, grace=SECONDS)) == 0
        wait_until(lambda: connection.gone)


def test_nobody_there_is_nothing_to_do() -> None:
    with Node() as node:
        assert node.run(drain([], 10)) == 0
