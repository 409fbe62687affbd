"""Whatever the bytes of a client are, messages or Faults come out, and nothing else."""

import json
from typing import Any

import msgpack
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from frontdesk.wire.codec import (
    MAX_MESSAGES,
    Codec,
    Fault,
    Outgoing,
    decode_rep,
    decode_visitor,
    framed,
    frames_of,
    request_ids,
)
from frontdesk.wire.frames import (
    Claim,
    Message,
    Ok,
    Ping,
    RepMessage,
    SendMessage,
    Typing,
    VisitorMessage,
)

PING = {"type": "ping", "id": 1}
SAY = {"type": "message", "id": 7, "conversation": "c_1", "client_id": "x:1", "text": "hello"}
MESSAGES = (*VisitorMessage.__args__, *RepMessage.__args__)


def encode(value: object, codec: Codec) -> bytes:
    """As a client that isn't ours would."""
    if codec is Codec.JSON:
        return json.dumps(value).encode()
    packed: bytes = msgpack.packb(value)
    return packed


both = pytest.mark.parametrize("codec", list(Codec))


@both
def test_one_message_and_a_list_of_messages_are_both_frames(codec: Codec) -> None:
    assert decode_visitor(encode(PING, codec), codec) == [Ping(id=1)]
    said = SendMessage(id=7, conversation="c_1", client_id="x:1", text="hello")
    assert decode_visitor(encode([PING, SAY], codec), codec) == [Ping(id=1), said]
    assert decode_visitor(encode([], codec), codec) == []


@both
def test_unknown_fields_are_ignored(codec: Codec) -> None:
    later = {**PING, "new": {"in": ["version", 2]}}
    assert decode_visitor(encode(later, codec), codec) == [Ping(id=1)]


@both
def test_a_bad_message_in_a_list_faults_alone(codec: Codec) -> None:
    payload = encode([PING, {"type": "nope", "id": 2}, 3, {"type": "message", "id": 4}], codec)
    first, unknown, number, incomplete = decode_visitor(payload, codec)
    assert first == Ping(id=1)
    assert isinstance(unknown, Fault)
    assert (unknown.id, unknown.code) == (2, "unknown_type")
    assert isinstance(number, Fault)
    assert (number.id, number.code) == (None, "bad_frame")
    assert isinstance(incomplete, Fault)
    assert (incomplete.id, incomplete.code) == (4, "bad_request")
    assert "conversation" in incomplete.message


@both
def test_each_side_knows_only_its_own_messages(codec: Codec) -> None:
    claim = encode({"type": "claim", "id": 3, "conversation": "c_1"}, codec)
    assert decode_rep(claim, codec) == [Claim(id=3, conversation="c_1")]
    (fault,) = decode_visitor(claim, codec)
    assert isinstance(fault, Fault)
    assert (fault.id, fault.code) == (3, "unknown_type")


@both
@pytest.mark.parametrize("value", [None, True, 5, 1.5, "ping", {}, {"id": 1}, {"type": 5}])
def test_what_has_no_type_is_a_bad_frame(codec: Codec, value: object) -> None:
    (fault,) = decode_visitor(encode(value, codec), codec)
    assert isinstance(fault, Fault)
    assert fault.code == "bad_frame"


@both
@pytest.mark.parametrize("number", [-1, 2**53, "1", 1.5, None, True])
def test_an_id_that_is_no_request_number_is_refused_and_not_repeated(
    codec: Codec, number: object
) -> None:
    (fault,) = decode_visitor(encode({"type": "ping", "id": number}, codec), codec)
    assert isinstance(fault, Fault)
    assert (fault.id, fault.code) == (None, "bad_request")


@both
def test_more_than_64_messages_in_a_frame_are_one_fault(codec: Codec) -> None:
    assert len(decode_visitor(encode([PING] * MAX_MESSAGES, codec), codec)) == MAX_MESSAGES
    for many in ([PING] * 65, [5] * 65):
        (fault,) = decode_visitor(encode(many, codec), codec)
        assert isinstance(fault, Fault)
        assert fault.code == "bad_frame"


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{",
        b'{"type":"ping","id":1',
        b"[" * 16_000,
        b"[" * 8_000 + b"]" * 8_000,
        b'{"type":"ping","id":1,"x":' + b"[" * 8_000 + b"]" * 8_000 + b"}",
        b'{"type":"ping","id":' + b"9" * 5_000 + b"}",
        b'{"type":"identify","id":1,"fields":{"a":NaN}}',
        b'{"type":"identify","id":1,"fields":{"a":1e999}}',
        b'{"type":"message","id":1,"conversation":"c","client_id":"x","text":"\xff"}',
        b'{"type":"message","id":1,"conversation":"c","client_id":"x","text":"\\ud800"}',
        b"\xef\xbb\xbf{}",
    ],
)
def test_hostile_json_is_one_fault(payload: bytes) -> None:
    (fault,) = decode_visitor(payload, Codec.JSON)
    assert isinstance(fault, Fault)
    assert len(fault.message) <= 200


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xc1",
        b"\x91" * 16_000,
        b"\x81" * 16_000,
        b"\xdf\xff\xff\xff\xff",
        b"\xdd\xff\xff\xff\xff",
        b"\xdb\xff\xff\xff\xff",
        msgpack.packb(msgpack.ExtType(5, b"abc")),
        msgpack.packb({1: 2, "type": "ping", "id": 1}),
        msgpack.packb({"type": "ping", "id": msgpack.ExtType(5, b"abc")}),
        msgpack.packb({"type": "ping", "id": msgpack.Timestamp(1)}),
        msgpack.packb({"type": b"ping", "id": 1}),
        msgpack.packb({"type": "ping", "id": 2**64 - 1}),
        msgpack.packb({"type": "identify", "id": 1, "fields": {"a": float("nan")}}),
        msgpack.packb({"type": "hello", "id": 1, "fields": {"a": float("inf")}}),
        msgpack.packb({"type": "identify", "id": 1, "fields": {"a": b"\xff"}}),
    ],
)
def test_hostile_msgpack_is_one_fault(payload: bytes) -> None:
    (fault,) = decode_visitor(payload, Codec.MSGPACK)
    assert isinstance(fault, Fault)


def test_a_number_that_is_not_finite_faults_alone_in_a_list() -> None:
    bad = {"type": "identify", "id": 2, "fields": {"a": float("inf")}}
    for others in ([PING], [PING, {"type": "nope", "id": 3}]):
        ping, fault, *_ = decode_visitor(msgpack.packb([PING, bad, *others]), Codec.MSGPACK)
        assert ping == Ping(id=1)
        assert isinstance(fault, Fault)
        assert (fault.id, fault.code) == (2, "bad_request")


@pytest.mark.parametrize(
    "payload",
    [
        b'{"id":7,"type":"message","text":"half an emoji \\ud83d"}',
        b'{"type":"message","text":"half an \\"emoji\\" \\ud83d","id":7}',
        b'{"type":"hello","fields":{"a":["{\\ud83d",{"id":8}]},"id":7}',
        b'{"type":"message","id":7,"text":nul}',
        b' { "type" : "message" , "id" : 7 , "text" : ' + b"[" * 8_000 + b"]" * 8_000 + b"}",
        msgpack.packb({"type": "message", "id": 7, 1: 2}),
        msgpack.packb({1: {"id": 8}, "type": "message", "id": 7}),
        b"\x82" + msgpack.packb("id") + b"\x07" + msgpack.packb("x") + b"\x91" * 8_000 + b"\xc0",
    ],
)
def test_a_request_that_cannot_be_decoded_is_refused_by_its_id(payload: bytes) -> None:
    codec = Codec.MSGPACK if payload[0] > 0x7F else Codec.JSON
    for decode in (decode_visitor, decode_rep):
        decoded: list[Any] = decode(payload, codec)
        (fault,) = decoded
        assert isinstance(fault, Fault)
        assert (fault.id, fault.code) == (7, "bad_frame")
    assert request_ids(payload, codec) == [7]


@pytest.mark.parametrize(
    "payload",
    [
        b'{"type":"ping","id":7',  # the number may go on
        b'{"type":"ping","id":-7,"x":nul}',
        b'{"type":"ping","id":"7","x":nul}',
        b'{"type":"ping","id":7.5,"x":nul}',
        b'{"type":"ping","id":99999999999999999,"x":nul}',
        b'{"type":"ping","id":9007199254740992,"x":nul}',
        b'{"type":"ping","x":{"id":7},"y":nul}',
        b'{"type":"ping","x":"\\"id\\":7,","y":nul}',
        b'["id",7,nul]',
        msgpack.packb({"type": "ping", "id": True, 1: 2}),
        msgpack.packb({"type": "ping", "id": -7, 1: 2}),
        msgpack.packb({"type": "ping", "id": 2**53, 1: 2}),
        msgpack.packb({"type": "ping", "x": {"id": 7}, 1: 2}),
        msgpack.packb(["id", 7])[:-1],
    ],
)
def test_what_is_no_id_of_the_message_is_not_taken_for_one(payload: bytes) -> None:
    codec = Codec.MSGPACK if payload[0] > 0x7F else Codec.JSON
    (fault,) = decode_visitor(payload, codec)
    assert isinstance(fault, Fault)
    assert (fault.id, fault.code) == (None, "bad_frame")


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=20,
)
ALMOST = st.fixed_dictionaries(
    {"type": st.sampled_from([kind.__struct_config__.tag for kind in MESSAGES])},
    optional=dict.fromkeys(
        ("id", "conversation", "text", "fields", "page", "resume", "token", "fence"), ANYTHING
    ),
)


def must_be_messages_or_faults(payload: bytes, codec: Codec) -> None:
    for decode in (decode_visitor, decode_rep):
        decoded: list[Any] = decode(payload, codec)
        assert len(decoded) <= MAX_MESSAGES
        assert all(isinstance(message, (*MESSAGES, Fault)) for message in decoded)
    assert all(number is None or number >= 0 for number in request_ids(payload, codec))


@settings(max_examples=300, deadline=None)
@given(payload=st.binary(max_size=400), codec=st.sampled_from(Codec))
def test_of_random_bytes_only_faults_escape(payload: bytes, codec: Codec) -> None:
    must_be_messages_or_faults(payload, codec)


@settings(max_examples=300, deadline=None)
@given(value=ALMOST | st.lists(ALMOST | ANYTHING, max_size=70) | ANYTHING, data=st.data())
def test_of_almost_right_messages_only_faults_escape(value: Any, data: st.DataObject) -> None:
    for codec in Codec:
        try:
            payload = encode(value, codec)
        except (ValueError, OverflowError):
            continue
        must_be_messages_or_faults(payload, codec)
        cut = data.draw(st.integers(0, len(payload)))
        noise = data.draw(st.binary(max_size=4))
        must_be_messages_or_faults(payload[:cut], codec)
        must_be_messages_or_faults(payload[:cut] + noise + payload[cut + len(noise) :], codec)


def test_the_ids_of_a_frame_are_read_without_reading_the_rest() -> None:
    payload = encode([SAY, {"type": "nope", "id": 2}, {"type": "typing"}, 5], Codec.JSON)
    assert request_ids(payload, Codec.JSON) == [7, 2, None, None]
    assert request_ids(b"[" * 9_000, Codec.JSON) == [None]


# --- outgoing ------------------------------------------------------------------------------------

ENTRY = Message(
    conversation="c_1", epoch="e", offset=3, at="2026-01-01T00:00:00.000Z", sender="visitor",
    text="grüß dich",
)  # fmt: skip


@both
def test_a_message_is_encoded_and_framed_once_per_codec(codec: Codec) -> None:
    out = Outgoing.of(ENTRY)
    assert out.body(codec) is out.body(codec)
    assert out.frame(codec) is out.frame(codec)
    assert out.frame(codec).endswith(out.body(codec))


def test_a_message_already_in_json_has_the_same_msgpack_form() -> None:
    whole = Outgoing.of(ENTRY)
    raw = Outgoing.json(msgspec.json.encode(ENTRY))
    assert raw.body(Codec.JSON) == whole.body(Codec.JSON)
    assert msgpack.unpackb(raw.body(Codec.MSGPACK)) == msgpack.unpackb(whole.body(Codec.MSGPACK))


@both
@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 70_000])
def test_our_framing_is_that_of_websockets(codec: Codec, size: int) -> None:
    opcode = Opcode.TEXT if codec is Codec.JSON else Opcode.BINARY
    body = b"x" * size
    assert framed(body, codec) == Frame(opcode, body).serialize(mask=False)


@both
@pytest.mark.parametrize("count", [2, 15, 16, 64, 65, 200])
def test_several_messages_leave_as_lists_of_at_most_64(codec: Codec, count: int) -> None:
    outgoing = [Outgoing.of(Ok(id=number)) for number in range(count)]
    left = frames_of(outgoing, codec)
    numbers: list[int] = []
    while left:
        length, head = left[1], 2
        if length == 126:
            length, head = int.from_bytes(left[2:4]), 4
        body, left = left[head : head + length], left[head + length :]
        messages = json.loads(body) if codec is Codec.JSON else msgpack.unpackb(body)
        messages = messages if isinstance(messages, list) else [messages]
        assert len(messages) <= MAX_MESSAGES
        numbers += [message["id"] for message in messages]
    assert numbers == list(range(count))


def test_a_request_of_both_sides_means_the_same_to_both() -> None:
    payload = encode({"type": "typing", "conversation": "c_1"}, Codec.JSON)
    assert decode_visitor(payload, Codec.JSON) == decode_rep(payload, Codec.JSON)
    assert decode_rep(payload, Codec.JSON) == [Typing(conversation="c_1")]
