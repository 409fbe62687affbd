"""What is queued for a socket, in which order it leaves, and how much a client may ask."""

import asyncio
import json
from collections.abc import Callable
from typing import Any, cast

import msgpack
import pytest

from frontdesk.hub import connection as module
from frontdesk.hub.connection import Connection
from frontdesk.hub.flush import Flush
from frontdesk.hub.limits import Limits
from frontdesk.hub.sweep import Sweep
from frontdesk.wire.codec import Codec, Outgoing
from frontdesk.wire.frames import CloseCode, Ok, TypingPush


class Wire:
    """A transport and a port that write down what they are told."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.ended: list[tuple[int, str]] = []
        self.buffered = 0

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def get_write_buffer_size(self) -> int:
        return self.buffered

    def end(self, code: int, reason: str) -> None:
        self.ended.append((code, reason))

    def abort(self) -> None:
        self.ended.append((0, "abort"))

    def messages(self) -> list[Any]:
        """All messages written so far; every frame here is shorter than 64 kB."""
        messages: list[Any] = []
        for data in self.written:
            body = data[4:] if data[1] == 126 else data[2:]
            got = json.loads(body) if data[0] == 0x81 else msgpack.unpackb(body)
            messages += got if isinstance(got, list) else [got]
        return messages


def connect(limits: Limits | None = None, codec: Codec = Codec.JSON) -> tuple[Connection, Wire]:
    loop, wire = asyncio.get_running_loop(), Wire()
    connection = Connection(
        side="visitor",
        codec=codec,
        address="1.1.1.1",
        origin="",
        port=wire,
        transport=cast(asyncio.Transport, wire),
        flush=Flush(loop),
        sweep=Sweep(loop, limits or Limits()),
    )
    return connection, wire


def ok(number: int) -> Outgoing:
    return Outgoing.of(Ok(id=number))


def typing(who: str, *, on: bool) -> Outgoing:
    return Outgoing.of(TypingPush(conversation=who, who="rep", on=on))


async def turn() -> None:
    """Let everything happen that is ready."""
    for _ in range(3):
        await asyncio.sleep(0)


@pytest.mark.parametrize("codec", list(Codec))
async def test_all_of_a_turn_leaves_in_one_write_and_in_order(codec: Codec) -> None:
    connection, wire = connect(codec=codec)
    for number in range(5):
        connection.push(ok(number))
    assert wire.written == []
    await turn()
    assert len(wire.written) == 1
    assert [message["id"] for message in wire.messages()] == [0, 1, 2, 3, 4]


async def test_the_newest_of_a_key_takes_the_last_place() -> None:
    connection, wire = connect()
    connection.push(typing("a", on=True), replaceable_key="a")
    connection.push(typing("b", on=True), replaceable_key="b")
    connection.push(ok(1))
    connection.push(typing("a", on=False), replaceable_key="a")
    await turn()
    got = [(m["type"], m.get("conversation"), m.get("on")) for m in wire.messages()]
    assert got == [("typing", "b", True), ("ok", None, None), ("typing", "a", False)]


async def test_what_is_written_is_not_replaced() -> None:
    connection, wire = connect()
    for on in (True, False):
        connection.push(typing("a", on=on), replaceable_key="a")
        await turn()
    assert [message["on"] for message in wire.messages()] == [True, False]


async def test_behind_a_full_buffer_only_what_must_not_be_lost_is_written() -> None:
    connection, wire = connect()
    wire.buffered = connection._limits.high_bytes + 1
    for number in range(3):
        connection.push(typing("a", on=bool(number)), replaceable_key="a")
        connection.push(ok(number))
        await turn()
    assert [message["type"] for message in wire.messages()] == ["ok"] * 3
    connection.push(typing("b", on=True), replaceable_key="b")
    connection.push(typing("a", on=False), replaceable_key="a")
    wire.buffered = 0
    connection.resumed()
    await turn()
    late = [(m["conversation"], m["on"]) for m in wire.messages()[3:]]
    assert late == [("b", True), ("a", False)]


async def test_beyond_the_bound_the_reader_is_slow() -> None:
    connection, wire = connect()
    wire.buffered = connection._limits.slow_bytes + 1
    connection.push(ok(1))
    await turn()
    assert (wire.ended, wire.written) == ([(CloseCode.SLOW, "slow")], [])


async def test_a_close_writes_what_is_queued_first_and_happens_once() -> None:
    connection, wire = connect()
    connection.push(ok(1))
    connection.close(CloseCode.DRAIN, "drain")
    connection.close(CloseCode.SIGNED_OUT, "signed_out")
    connection.push(ok(2))
    await turn()
    assert [message["id"] for message in wire.messages()] == [1]
    assert wire.ended == [(CloseCode.DRAIN, "drain")]
    assert connection.closed


async def test_a_message_that_cannot_be_encoded_ends_its_socket_and_no_other() -> None:
    bad, bad_wire = connect()
    good, good_wire = connect()
    good._flush = bad._flush
    bad.push(Outgoing.of(Ok(id=1, at=object())))  # type: ignore[arg-type]  # the bug
    good.push(ok(2))
    await turn()
    assert [message["id"] for message in good_wire.messages()] == [2]
    assert bad_wire.ended == [(1011, "internal")]


class Time:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    clock = Time()
    monkeypatch.setattr(module, "monotonic", clock)
    return clock


def taken(connection: Connection, payload: Callable[[int], bytes], count: int) -> int:
    return sum(connection.admit(payload(number)) for number in range(count))


def ping(number: int) -> bytes:
    return b'{"type":"ping","id":%d}' % number


async def test_a_burst_is_taken_and_then_the_rate(time: Time) -> None:
    connection, wire = connect(Limits(frame_rate=8, frame_burst=16))
    assert taken(connection, ping, 25) == 16
    time.now += 2
    assert taken(connection, ping, 10) == 7  # 16 more, less the 9 that were refused
    assert not wire.ended
    time.now += 60
    assert taken(connection, ping, 25) == 16


async def test_refused_requests_are_answered_by_their_ids(time: Time) -> None:
    connection, wire = connect(Limits(frame_rate=8, frame_burst=1))
    assert connection.admit(ping(1))
    assert not connection.admit(b"[" + ping(2) + b"," + ping(3) + b"]")
    await turn()
    answers = [(m["id"], m["code"], m["retry"]) for m in wire.messages()]
    assert answers == [(2, "rate_limited", True), (3, "rate_limited", True)]
    assert time.now == 1_000.0


async def test_who_goes_on_is_closed(time: Time) -> None:
    connection, wire = connect(Limits(frame_rate=8, frame_burst=16))
    taken(connection, ping, 32)
    assert not wire.ended
    connection.admit(ping(33))
    assert wire.ended == [(CloseCode.RATE, "rate_limited")]
    assert time.now == 1_000.0


async def test_a_large_frame_costs_more_than_a_small_one(time: Time) -> None:
    connection, _ = connect(Limits(frame_rate=8, frame_burst=60))
    assert taken(connection, lambda _: b"x" * 16_000, 5) == 1
    assert time.now == 1_000.0
