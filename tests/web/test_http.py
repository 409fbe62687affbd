"""The HTTP end: bounded heads, in bounded time, and a clean hand-over to the socket (R7.2)."""

import contextlib
import gc
import json
import resource
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.frames import Opcode

from frontdesk.web import http
from frontdesk.web.http import Http
from tests.web.node import SECONDS, Node, hello, wait_until
from tests.web.raw import Raw, masked, noise, opening

GET = b"GET /some/page HTTP/1.1\r\nhost: x\r\n\r\n"
ANSWER = (200, b"http 127.0.0.1 /some/page")
PING = masked(b'{"type":"ping","id":1}')


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    with Node() as started:
        yield started


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> Iterator[Node]:
    """A node whose patience is short."""
    monkeypatch.setattr(http, "HEAD_SECONDS", 0.2)
    monkeypatch.setattr(http, "BODY_SECONDS", 0.3)
    with Node() as started:
        yield started


def code_of(body: bytes) -> str:
    return str(json.loads(body)["code"])


def test_requests_are_answered_one_after_the_other_and_pipelined(node: Node) -> None:
    with Raw(node.port) as raw:
        raw.send(GET)
        assert raw.answer() == ANSWER
        raw.send(GET * 3)
        assert [raw.answer() for _ in range(3)] == [ANSWER] * 3
        raw.send(GET[:10])
        raw.send(GET[10:])
        assert raw.answer() == ANSWER


def test_a_body_larger_than_the_largest_head_is_no_head(node: Node) -> None:
    body = noise(200_000)
    post = b"POST /some/page HTTP/1.1\r\nhost: x\r\ncontent-length: 200000\r\n\r\n" + body
    with Raw(node.port) as raw:
        raw.send(post + GET[:20])
        assert raw.answer() == ANSWER
        raw.send(GET[20:])
        assert raw.answer() == ANSWER


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET / HTTP/1.1\r\nx: " + b"y" * 17_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 200 + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\n" + (b"x: " + b"y" * 200 + b"\r\n") * 100 + b"\r\n", 431),
        (b"GET /" + b"y" * 9_000 + b" HTTP/1.1\r\nhost: x\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nbroken\r\n\r\n", 400),
        (b"hello\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    ],
    ids=["a long header", "many headers", "much in all", "a long URL", "broken", "no HTTP", "TLS"],
)
def test_heads_out_of_bounds_are_refused(node: Node, head: bytes, status: int) -> None:
    with Raw(node.port) as raw:
        raw.send(head)
        assert raw.answer()[0] == status
        assert raw.at_end()


def test_a_head_without_an_end_is_refused_after_16_kb_and_takes_no_memory(node: Node) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with Raw(node.port) as raw:
        raw.send(b"GET / HTTP/1.1\r\nx: ")
        with contextlib.suppress(ConnectionError):
            for _ in range(2_000):
                raw.send(b"y" * 50_000)
            pytest.fail("100 MB of one header were taken")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nx: ", b"\r\n"])
def test_a_head_that_does_not_come_in_time_is_not_waited_for(hasty: Node, sent: bytes) -> None:
    with Raw(hasty.port) as raw:
        raw.send(sent)
        assert raw.at_end()
        assert raw.left == b"" or raw.answer()[0] == 408


def test_a_head_in_drops_has_no_more_time_than_one_in_a_gulp(hasty: Node) -> None:
    stop = threading.Event()
    with Raw(hasty.port) as raw:

        def drip() -> None:
            while not stop.wait(0.02):
                try:
                    raw.send(b"x: y\r\n")
                except OSError:
                    return

        raw.send(b"GET / HTTP/1.1\r\n")
        thread = threading.Thread(target=drip)
        thread.start()
        try:
            assert raw.at_end()
        finally:
            stop.set()
            thread.join(SECONDS)


def test_blank_lines_between_requests_are_no_way_to_stay(hasty: Node) -> None:
    with Raw(hasty.port) as raw:
        raw.send(GET)
        assert raw.answer() == ANSWER
        raw.send(b"\r\n")
        assert raw.at_end()


def test_a_body_that_does_not_come_is_not_waited_for_for_ever(hasty: Node) -> None:
    with Raw(hasty.port) as raw:
        raw.send(b"POST / HTTP/1.1\r\ncontent-length: 10\r\n\r\nabc")
        assert raw.at_end()


def test_an_upgrade_never_overtakes_the_answer_before_it(node: Node) -> None:
    with Raw(node.port) as raw:
        raw.send(GET + opening(node.port))
        assert raw.answer() == ANSWER
        assert raw.at_end()
        assert raw.left == b""


def test_garbage_behind_a_request_does_not_disturb_its_answer(node: Node) -> None:
    with Raw(node.port) as raw:
        raw.send(GET + b"\x00\x01\x02 nonsense\r\n\r\n")
        assert raw.answer() == ANSWER
        assert raw.at_end()


def test_an_upgrade_after_an_answered_request_is_fine(node: Node) -> None:
    with Raw(node.port) as raw:
        raw.send(GET)
        assert raw.answer() == ANSWER
        raw.send(opening(node.port))
        assert raw.answer()[0] == 101


def test_an_upgrade_in_single_bytes_is_fine(node: Node) -> None:
    with Raw(node.port) as raw:
        raw.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in opening(node.port):
            raw.send(bytes((byte,)))
        assert raw.answer()[0] == 101


def test_frames_in_the_same_segment_as_the_upgrade_are_not_lost(node: Node) -> None:
    with Raw(node.port) as raw:
        raw.send(opening(node.port) + PING)
        assert raw.answer()[0] == 101
        assert raw.frame() == (Opcode.TEXT, b'{"type":"ok","id":1}')


@pytest.mark.parametrize(
    "body", [{"content_length": "5"}, {"transfer_encoding": "chunked"}], ids=["length", "chunked"]
)
def test_an_upgrade_with_a_body_is_refused_in_words(node: Node, body: dict[str, Any]) -> None:
    with Raw(node.port) as raw:
        raw.send(opening(node.port, **body) + b"5\r\nhello\r\n0\r\n\r\n")
        status, text = raw.answer()
        assert (status, code_of(text)) == (400, "bad_request")


def test_another_upgrade_is_answered_as_plain_http(node: Node) -> None:
    with Raw(node.port) as raw:
        raw.send(opening(node.port, "/some/page", upgrade="h2c"))
        assert raw.answer() == ANSWER
        assert raw.at_end()


def test_after_the_upgrade_nothing_of_http_is_left() -> None:
    with Node() as node, Raw.opened(node.port), Raw.opened(node.port):

        def parsers() -> int:
            return sum(isinstance(thing, Http) for thing in gc.get_objects())

        wait_until(lambda: len(node.sweep) == 2)
        gc.disable()
        try:
            wait_until(lambda: node.call(parsers) == 0)
        finally:
            gc.enable()


def test_the_application_sees_the_clients_address_and_scheme_behind_a_trusted_proxy() -> None:
    forwarded = (
        b"GET /x HTTP/1.1\r\nx-forwarded-for: 6.6.6.6, 9.9.9.9\r\nx-forwarded-proto: https\r\n\r\n"
    )
    with Node(trusted_proxies=["127.0.0.0/8"]) as trusting, Raw(trusting.port) as raw:
        raw.send(forwarded)
        assert raw.answer() == (200, b"https 9.9.9.9 /x")
    with Node() as wary, Raw(wary.port) as raw:
        raw.send(forwarded)
        assert raw.answer() == (200, b"http 127.0.0.1 /x")


def test_a_bug_of_the_application_shows_no_stack_to_the_client() -> None:
    async def broken(scope: Any, receive: Any, send: Any) -> None:
        await hello({**scope, "path": 1 / 0}, receive, send)

    with Node(app=broken) as node, Raw(node.port) as raw:
        raw.send(GET)
        status, body = raw.answer()
        assert status == 500
        assert b"Error" in body
        assert b"ZeroDivision" not in body
