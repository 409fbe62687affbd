"""Sockets through a real uvicorn: what goes in and out, and what no client can do to another."""

import contextlib
import json
import logging
import socket
import time
from collections.abc import Iterator
from typing import Any

import msgpack
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.frames import Opcode
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from frontdesk.hub.connection import Connection
from frontdesk.hub.limits import Limits
from frontdesk.wire.codec import Outgoing
from frontdesk.wire.frames import Alert, CloseCode, TypingPush
from tests.web.node import JSON, MSGPACK, SECONDS, Node, wait_until
from tests.web.raw import Raw, masked, noise

PING = json.dumps({"type": "ping", "id": 1})


def say(text: str, number: int = 1) -> str:
    message = {"type": "message", "id": number, "conversation": "c", "client_id": "x"}
    return json.dumps({**message, "text": text})


@contextlib.contextmanager
def client(node: Node, protocol: str = JSON, side: str = "visitor") -> Iterator[ClientConnection]:
    with connect(
        node.url(side), subprotocols=[Subprotocol(protocol)], compression=None, close_timeout=5
    ) as opened:
        yield opened


def closed_with(websocket: ClientConnection) -> int:
    """Read to the end; the server's close code."""
    return to_the_end(websocket)[1]


def to_the_end(websocket: ClientConnection) -> tuple[list[Any], int]:
    """All messages that still come, and the server's close code."""
    messages: list[Any] = []
    with contextlib.suppress(ConnectionClosed):
        while True:
            got = json.loads(websocket.recv(timeout=SECONDS))
            messages += got if isinstance(got, list) else [got]
    assert websocket.close_code is not None
    return messages, websocket.close_code


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    with Node() as started:
        yield started


# --- messages ------------------------------------------------------------------------------------


def test_json_goes_in_text_frames(node: Node) -> None:
    with client(node) as websocket:
        assert websocket.subprotocol == JSON
        websocket.send(PING)
        assert json.loads(websocket.recv(timeout=SECONDS)) == {"type": "ok", "id": 1}


def test_msgpack_goes_in_binary_frames(node: Node) -> None:
    with client(node, MSGPACK) as websocket:
        assert websocket.subprotocol == MSGPACK
        websocket.send(msgpack.packb({"type": "ping", "id": 1}))
        answer = websocket.recv(timeout=SECONDS)
        assert isinstance(answer, bytes)
        assert msgpack.unpackb(answer) == {"type": "ok", "id": 1}


@pytest.mark.parametrize(
    ("protocol", "payload"), [(JSON, PING.encode()), (MSGPACK, PING)], ids=["json", "msgpack"]
)
def test_the_other_kind_of_frame_is_closed_as_bad(
    node: Node, protocol: str, payload: str | bytes
) -> None:
    with client(node, protocol) as websocket:
        websocket.send(payload)
        assert closed_with(websocket) == CloseCode.BAD_FRAME


def test_what_one_turn_produces_leaves_as_one_frame(node: Node) -> None:
    with client(node) as websocket:
        websocket.send(json.dumps([{"type": "ping", "id": number} for number in range(3)]))
        answers = json.loads(websocket.recv(timeout=SECONDS))
        assert [answer["id"] for answer in answers] == [0, 1, 2]


def test_a_fragmented_message_is_one_message(node: Node) -> None:
    with client(node) as websocket:
        websocket.send([PING[:3], "", PING[3:9], PING[9:]])
        assert json.loads(websocket.recv(timeout=SECONDS))["id"] == 1


def test_a_ping_between_fragments_is_answered_and_disturbs_nothing(node: Node) -> None:
    with Raw.opened(node.port) as raw:
        raw.send(
            masked(PING[:5].encode(), fin=False)
            + masked(b"are you there", Opcode.PING)
            + masked(PING[5:].encode(), Opcode.CONT)
        )
        got = {raw.frame(), raw.frame()}
        assert (Opcode.PONG, b"are you there") in got
        assert (Opcode.TEXT, b'{"type":"ok","id":1}') in got


def test_frames_cut_at_every_byte_are_put_together(node: Node) -> None:
    stream = masked(PING.encode()) + masked(say("x" * 200, 2).encode()) + masked(PING.encode())
    for size in (1, 2, 3, 7, 50, len(stream)):
        with Raw.opened(node.port) as raw:
            raw.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for start in range(0, len(stream), size):
                raw.send(stream[start : start + size])
            ids: list[int] = []
            while len(ids) < 3:
                answers = json.loads(raw.frame()[1])
                ids += [a["id"] for a in (answers if isinstance(answers, list) else [answers])]
            assert ids == [1, 2, 1]


def test_a_length_written_in_the_long_way_is_read_all_the_same(node: Node) -> None:
    body = PING.encode()
    long_way = bytes((0x81, 0xFE, 0, len(body))) + b"\0\0\0\0" + body
    with Raw.opened(node.port) as raw:
        for frame in (long_way, masked(body), long_way * 2):
            raw.send(frame)
            assert b'"ok"' in raw.frame()[1]


def test_the_largest_frame_is_taken_and_the_next_is_too_big(node: Node) -> None:
    largest = PING[:-1] + " " * (16_384 - len(PING)) + "}"
    with client(node) as websocket:
        websocket.send(largest)
        assert json.loads(websocket.recv(timeout=SECONDS))["id"] == 1
        websocket.send(largest + " ")
        assert closed_with(websocket) == CloseCode.TOO_BIG


def test_fragments_that_add_up_to_too_much_are_too_big(node: Node) -> None:
    with client(node) as websocket, contextlib.suppress(ConnectionClosed):
        websocket.send(["x" * 5_000] * 10)
        assert closed_with(websocket) == CloseCode.TOO_BIG


def test_a_client_still_sending_what_is_too_big_learns_why(node: Node) -> None:
    with Raw.opened(node.port) as raw:
        raw.send(bytes((0x81, 0xFF)) + (2**40).to_bytes(8) + b"\0\0\0\0")
        with contextlib.suppress(ConnectionError):
            for _ in range(20):
                raw.send(noise(50_000))
        assert raw.close_code() == CloseCode.TOO_BIG


# --- violations ----------------------------------------------------------------------------------


VIOLATIONS = {
    "not masked": b"\x81\x05hello",
    "unknown opcode": b"\x83\x80\0\0\0\0",
    "reserved bit": b"\xc1\x80\0\0\0\0",
    "a continuation of nothing": masked(b"x", Opcode.CONT),
    "a long ping": b"\x89\xfe\x00\x7e\0\0\0\0" + b"x" * 126,
    "a fragmented ping": b"\x09\x80\0\0\0\0",
    "two beginnings": masked(b"x", fin=False) + masked(b"y"),
    "a half close code": b"\x88\x81\0\0\0\0\x03",
    "a forbidden close code": b"\x88\x82\0\0\0\0\x03\xee",
}


@pytest.mark.parametrize("name", VIOLATIONS)
def test_violations_of_the_protocol_are_closed_1002(node: Node, name: str) -> None:
    with Raw.opened(node.port) as raw:
        raw.send(VIOLATIONS[name])
        assert raw.close_code() == 1002
        raw.socket.shutdown(socket.SHUT_WR)
        assert raw.at_end()


def test_garbage_instead_of_messages_is_answered_with_errors(node: Node) -> None:
    with client(node) as websocket:
        for garbage in ("", "{", "[[[", "\x00", "5", '{"type":"nope","id":3}', "[" * 9_000):
            websocket.send(garbage)
            answer = json.loads(websocket.recv(timeout=SECONDS))
            assert answer["type"] == "error"
            assert answer["code"] in {"bad_frame", "unknown_type"}
        websocket.send(PING)
        assert json.loads(websocket.recv(timeout=SECONDS))["type"] == "ok"


def test_random_bytes_end_in_a_named_close_and_harm_nobody(node: Node) -> None:
    with client(node) as bystander:
        for _ in range(30):
            with Raw.opened(node.port) as raw:
                raw.send(noise(300))
                raw.socket.shutdown(socket.SHUT_WR)
                assert raw.at_end()
        bystander.send(PING)
        assert json.loads(bystander.recv(timeout=SECONDS))["id"] == 1


def test_a_bug_of_ours_is_told_to_the_log_and_not_to_the_client(
    node: Node, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR), client(node) as websocket:
        websocket.send(say("break"))
        with pytest.raises(ConnectionClosed) as info:
            websocket.recv(timeout=SECONDS)
    assert info.value.rcvd is not None
    assert (info.value.rcvd.code, info.value.rcvd.reason) == (1011, "internal")
    assert "secret detail" in caplog.text


# --- rates ---------------------------------------------------------------------------------------


def test_who_sends_too_fast_is_told_for_each_request_and_then_closed() -> None:
    limits = Limits(frame_rate=1, frame_burst=5)
    with Node(limits=limits) as node, client(node) as websocket:
        for number in range(30):
            with contextlib.suppress(ConnectionClosed):
                websocket.send(json.dumps({"type": "ping", "id": number}))
        messages, code = to_the_end(websocket)
        answers = {answer["id"]: answer.get("code", "ok") for answer in messages}
        assert [answers[number] for number in range(5)] == ["ok"] * 5
        assert {answers[number] for number in range(5, 10)} == {"rate_limited"}
        assert code == CloseCode.RATE


@pytest.mark.parametrize("opcode", [Opcode.PING, Opcode.PONG, Opcode.CONT])
def test_a_flood_of_tiny_frames_is_cut_off(opcode: Opcode) -> None:
    flood = masked(b"", opcode, fin=opcode is not Opcode.CONT) * 2_000
    with Node() as node, Raw.opened(node.port) as raw:
        if opcode is Opcode.CONT:
            raw.send(masked(b"", fin=False))
        with contextlib.suppress(ConnectionError):
            for _ in range(30):
                raw.send(flood)
        assert raw.close_code() == CloseCode.RATE


# --- readers -------------------------------------------------------------------------------------


def fill(connection: Connection, size: int) -> None:
    for _ in range(size // 1_000):
        connection.push(Outgoing.of(Alert(level="info", code="x", text="x" * 1_000)))


def test_a_reader_who_never_reads_is_closed_as_slow_and_slows_nobody() -> None:
    limits = Limits(closing_seconds=SECONDS, frame_burst=1_000_000)
    with Node(limits=limits) as node, Raw.opened(node.port) as raw:
        stuck = node.connection()
        with client(node) as bystander:
            until = time.monotonic() + SECONDS
            while not stuck.closed:
                assert time.monotonic() < until
                node.call(fill, stuck, 100_000)
                bystander.send(PING)
                assert json.loads(bystander.recv(timeout=SECONDS))["id"] == 1
        assert raw.close_code() == CloseCode.SLOW


def test_a_reader_who_stays_behind_too_long_is_closed_as_slow() -> None:
    limits = Limits(slow_seconds=0.2, slow_bytes=2**40, closing_seconds=SECONDS)
    with Node(limits=limits) as node, Raw.opened(node.port) as raw:
        stuck = node.connection()
        until = time.monotonic() + SECONDS
        while not stuck.closed:
            assert time.monotonic() < until
            node.call(fill, stuck, 500_000)
        assert raw.close_code() == CloseCode.SLOW


def test_what_is_replaceable_waits_for_a_slow_reader_and_only_the_newest_is_sent() -> None:
    with Node(limits=Limits(slow_bytes=2**40)) as node, Raw.opened(node.port) as raw:
        stuck = node.connection()
        until = time.monotonic() + SECONDS
        while not node.call(stuck.behind):
            assert time.monotonic() < until
            node.call(fill, stuck, 500_000)

        def typing(number: int) -> None:
            push = TypingPush(conversation=f"number-{number}", who="visitor", on=True)
            stuck.push(Outgoing.of(push), replaceable_key="typing")

        for number in range(5):
            node.call(typing, number)
        node.call(fill, stuck, 2_000)
        seen = b""
        while b"number-4" not in seen:
            seen = seen[-100:] + raw.frame()[1]
            for number in range(4):
                assert f"number-{number}".encode() not in seen


# --- heartbeats, deadlines, ends -----------------------------------------------------------------


def test_who_does_not_say_hello_in_time_is_closed() -> None:
    with Node(limits=Limits(hello_seconds=0.2)) as node, client(node) as websocket:
        assert closed_with(websocket) == CloseCode.HELLO_EXPECTED


def test_who_has_said_hello_stays() -> None:
    with Node(limits=Limits(hello_seconds=0.2)) as node, client(node) as websocket:
        websocket.send(PING)
        websocket.recv(timeout=SECONDS)
        with client(node) as other:  # opened later, so its deadline is past the first one's
            assert closed_with(other) == CloseCode.HELLO_EXPECTED
        websocket.send(PING)
        assert json.loads(websocket.recv(timeout=SECONDS))["id"] == 1


def test_a_client_that_answers_pings_lives_and_a_half_open_one_is_let_go() -> None:
    limits = Limits(heartbeat_seconds=0.2, closing_seconds=0.2, hello_seconds=3_600)
    with Node(limits=limits) as node, client(node) as alive, Raw.opened(node.port) as dead:
        assert dead.close_code() == CloseCode.IDLE
        assert dead.at_end()
        alive.send(PING)
        assert json.loads(alive.recv(timeout=SECONDS))["id"] == 1
        wait_until(lambda: len(node.sweep) == 1)


def test_a_client_that_closes_is_answered_and_told_to_the_receiver_once(node: Node) -> None:
    while not node.echo.happened.empty():
        node.echo.next()
    with Raw.opened(node.port) as raw:
        assert node.echo.next() == ("opened", None)
        raw.send(masked((1000).to_bytes(2) + b"bye", Opcode.CLOSE))
        assert raw.frame() == (Opcode.CLOSE, (1000).to_bytes(2) + b"bye")
        assert raw.at_end()
    assert node.echo.next() == ("closed", "127.0.0.1")
    with client(node):
        assert node.echo.next() == ("opened", None)


@pytest.mark.parametrize("how", ["fin", "reset"])
def test_a_client_that_vanishes_is_told_to_the_receiver(node: Node, how: str) -> None:
    while not node.echo.happened.empty():
        node.echo.next()
    with Raw.opened(node.port) as raw:
        assert node.echo.next()[0] == "opened"
        if how == "reset":
            raw.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    assert node.echo.next()[0] == "closed"


def test_what_was_pushed_before_a_close_still_arrives() -> None:
    with Node() as node, client(node) as websocket:
        connection = node.connection()

        def last_words() -> None:
            connection.push(Outgoing.of(Alert(level="info", code="bye", text="bye")))
            connection.close(CloseCode.DRAIN, "drain")
            connection.push(Outgoing.of(Alert(level="info", code="late", text="late")))

        node.call(last_words)
        assert json.loads(websocket.recv(timeout=SECONDS))["code"] == "bye"
        assert closed_with(websocket) == CloseCode.DRAIN


def test_a_client_that_ignores_our_close_is_cut_off() -> None:
    with Node(limits=Limits(closing_seconds=0.2)) as node, Raw.opened(node.port) as raw:
        node.call(node.connection().close, CloseCode.SIGNED_OUT, "signed_out")
        assert raw.close_code() == CloseCode.SIGNED_OUT
        assert raw.at_end()
        wait_until(lambda: not len(node.sweep))


def test_the_end_of_the_server_closes_sockets_with_a_code_to_come_back_with() -> None:
    with Node() as node, client(node) as websocket:
        node.server.should_exit = True
        assert closed_with(websocket) == CloseCode.DRAIN
