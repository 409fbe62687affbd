"""Payloads to messages and back: JSON in text frames, msgpack in binary frames.

Decoding has a fast path (one typed decoder for the whole payload) and, only when that refuses, a
slow one that looks at each message of a list alone, so that one bad message doesn't take the
others with it. Whatever the bytes are, nothing but `Fault`s comes out of here.

Encoding is lazy and shared: an `Outgoing` is encoded once per codec and framed once per codec,
however many sockets it goes to.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from struct import Struct as Layout
from typing import Any, Final, Literal, TypeVar

import msgspec
from msgspec import Raw, Struct

from frontdesk.wire.frames import Identify, RepMessage, VisitorHello, VisitorMessage
from frontdesk.wire.salvage import id_in_json, id_in_msgpack

MAX_MESSAGES: Final = 64
"""The most messages in one frame, in either direction."""

_MAX_NUMBER: Final = 2**53 - 1
_REFUSALS: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""All that msgspec raises on hostile bytes: malformed or mistyped, not UTF-8, nested too deep."""


class Codec(StrEnum):
    """How messages become bytes; the value is the WebSocket subprotocol."""

    JSON = "frontdesk.v1.json"
    MSGPACK = "frontdesk.v1.msgpack"


@dataclass(frozen=True, slots=True)
class Fault:
    """A message that can't be understood. `id` is the request's, when that much was readable."""

    id: int | None
    code: Literal["bad_frame", "unknown_type", "bad_request"]
    message: str


M = TypeVar("M")
_Json = msgspec.json.Decoder
_Msgpack = msgspec.msgpack.Decoder


class _Head(Struct):
    """What a message must have to be anybody's business."""

    type: Raw = Raw(b"")
    id: Raw = Raw(b"")


class _Decoders:
    """The decoders of one side in one codec."""

    __slots__ = ("_head", "_number", "_one", "_raws", "_salvage", "_type", "_types", "decode",
                 "finite")  # fmt: skip

    def __init__(self, union: Any, codec: Codec) -> None:
        decoder: Any = _Json if codec is Codec.JSON else _Msgpack
        self.decode = decoder(union | list[union]).decode
        self.finite = codec is Codec.JSON  # JSON has no way to say NaN or infinity.
        self._one = decoder(union).decode
        self._raws = decoder(list[Raw]).decode
        self._head = decoder(_Head).decode
        self._type = decoder(str).decode
        self._number = decoder(int).decode
        self._salvage = id_in_json if codec is Codec.JSON else id_in_msgpack
        self._types = frozenset(part.__struct_config__.tag for part in union.__args__)

    def each(self, payload: bytes) -> Iterator[Any]:
        """The slow path: every message or its `Fault`, one by one."""
        for raw in self._split(payload):
            if isinstance(raw, Fault):
                yield raw
                continue
            try:
                message = self._one(raw)
            except _REFUSALS as refusal:
                yield self._fault(raw, refusal)
            else:
                yield message if self.finite else checked(message)

    def ids(self, payload: bytes) -> list[int | None]:
        """The request ids in `payload`, `None` where a message has none that can be read."""
        return [
            None if isinstance(raw, Fault) else self._id(raw, self._read_head(raw))
            for raw in self._split(payload)
        ]

    def _split(self, payload: bytes) -> Sequence[Raw | bytes | Fault]:
        try:
            raws: list[Raw] = self._raws(payload)
        except msgspec.ValidationError:
            return [payload]
        except _REFUSALS as refusal:
            return [Fault(None, "bad_frame", _words(refusal))]
        if len(raws) > MAX_MESSAGES:
            return [_TOO_MANY]
        return raws

    def _fault(self, raw: Raw | bytes, refusal: Exception) -> Fault:
        head = self._read_head(raw)
        number = self._id(raw, head)
        if head is None:
            return Fault(number, "bad_frame", _words(refusal))
        kind = self._read(self._type, head.type)
        if kind is None:
            return Fault(number, "bad_frame", "a message needs a `type`, a text")
        if kind not in self._types:
            return Fault(number, "unknown_type", f"unknown type {kind[:64]!r}")
        return Fault(number, "bad_request", _words(refusal))

    def _read_head(self, raw: Raw | bytes) -> _Head | None:
        try:
            head: _Head = self._head(raw)
        except _REFUSALS:
            return None
        return head

    def _id(self, raw: Raw | bytes, head: _Head | None) -> int | None:
        number = self._salvage(bytes(raw)) if head is None else self._read(self._number, head.id)
        return number if number is not None and 0 <= number <= _MAX_NUMBER else None

    @staticmethod
    def _read(decode: Any, raw: Raw) -> Any:
        try:
            return decode(raw)
        except _REFUSALS:
            return None


def _words(refusal: Exception) -> str:
    """Why, for the developer of a client. msgspec's texts quote at most a tag; they are cut."""
    if isinstance(refusal, UnicodeDecodeError):
        return "a text isn't UTF-8"
    if isinstance(refusal, RecursionError):
        return "nested too deep"
    if str(refusal) == "Input data was truncated":
        return "it ends too early, or a text has half of a surrogate pair"
    return str(refusal)[:200]


def checked(message: M) -> M | Fault:
    """`message`, or a Fault if it holds NaN or an infinity, which msgpack can carry."""
    if isinstance(message, VisitorHello | Identify):
        for value in message.fields.values():
            if isinstance(value, float) and not isfinite(value):
                return Fault(message.id, "bad_request", "a number must be finite - at `$.fields`")
    return message


_TOO_MANY: Final = Fault(None, "bad_frame", f"more than {MAX_MESSAGES} messages in one frame")
_VISITOR_JSON: Final = _Decoders(VisitorMessage, Codec.JSON)
_VISITOR_MSGPACK: Final = _Decoders(VisitorMessage, Codec.MSGPACK)
_REP_JSON: Final = _Decoders(RepMessage, Codec.JSON)
_REP_MSGPACK: Final = _Decoders(RepMessage, Codec.MSGPACK)


def decode_visitor(payload: bytes, codec: Codec) -> list[VisitorMessage | Fault]:
    """The messages of a frame from a visitor, each one or its Fault. Never raises."""
    return _decode(_VISITOR_JSON if codec is Codec.JSON else _VISITOR_MSGPACK, payload)


def decode_rep(payload: bytes, codec: Codec) -> list[RepMessage | Fault]:
    """The messages of a frame from a rep, each one or its Fault. Never raises."""
    return _decode(_REP_JSON if codec is Codec.JSON else _REP_MSGPACK, payload)


def _decode(decoders: _Decoders, payload: bytes) -> list[Any]:
    try:
        decoded = decoders.decode(payload)
    except _REFUSALS:
        return list(decoders.each(payload))
    messages = decoded if type(decoded) is list else [decoded]
    if len(messages) > MAX_MESSAGES:
        return [_TOO_MANY]
    return messages if decoders.finite else [checked(message) for message in messages]


def request_ids(payload: bytes, codec: Codec) -> list[int | None]:
    """Whom to answer when a frame is refused unread; ids only, nothing else is decoded."""
    return (_VISITOR_JSON if codec is Codec.JSON else _VISITOR_MSGPACK).ids(payload)


_to_json: Final = msgspec.json.Encoder().encode
_to_msgpack: Final = msgspec.msgpack.Encoder().encode
_from_json: Final = msgspec.json.Decoder().decode
_TEXT, _BINARY = 0x81, 0x82  # a whole message: FIN and the opcode (RFC 6455, 5.2)
_medium: Final = Layout("!BBH").pack
_large: Final = Layout("!BBQ").pack


class Outgoing:
    """A message on its way out: encoded and framed at most once per codec, and only if needed."""

    __slots__ = ("_json", "_json_frame", "_msgpack", "_msgpack_frame", "_struct")

    def __init__(self, struct: Struct | None, json: bytes | None) -> None:
        self._struct = struct
        self._json = json
        self._msgpack: bytes | None = None
        self._json_frame: bytes | None = None
        self._msgpack_frame: bytes | None = None

    @classmethod
    def of(cls, struct: Struct) -> "Outgoing":
        """One of the server's messages of `frames`."""
        return cls(struct, None)

    @classmethod
    def json(cls, raw: bytes) -> "Outgoing":
        """A message already built as one JSON object; it is trusted, not checked."""
        return cls(None, raw)

    def body(self, codec: Codec) -> bytes:
        """The encoded message, without a frame around it."""
        if codec is Codec.JSON:
            if self._json is None:
                self._json = _to_json(self._struct)
            return self._json
        if self._msgpack is None:
            whole = _from_json(self._json) if self._struct is None else self._struct  # type: ignore[arg-type]  # one of the two is set
            self._msgpack = _to_msgpack(whole)
        return self._msgpack

    def frame(self, codec: Codec) -> bytes:
        """The whole WebSocket frame, unmasked, ready for the transport."""
        if codec is Codec.JSON:
            if self._json_frame is None:
                self._json_frame = framed(self.body(codec), codec)
            return self._json_frame
        if self._msgpack_frame is None:
            self._msgpack_frame = framed(self.body(codec), codec)
        return self._msgpack_frame


def framed(body: bytes, codec: Codec) -> bytes:
    """A WebSocket data frame, unmasked, with `body` in it.

    The same bytes as websockets' `Frame.serialize` (a test compares them) at a quarter of its time,
    on the path of every message.
    """
    first = _TEXT if codec is Codec.JSON else _BINARY
    size = len(body)
    if size < 126:
        return bytes((first, size)) + body
    if size < 65_536:
        return _medium(first, 126, size) + body
    return _large(first, 127, size) + body


def frames_of(outgoing: Sequence[Outgoing], codec: Codec) -> bytes:
    """One or more messages as bytes for one write: list frames of at most 64 messages each."""
    if len(outgoing) == 1:
        return outgoing[0].frame(codec)
    if len(outgoing) <= MAX_MESSAGES:
        return _list_frame(outgoing, codec)
    return b"".join(
        _list_frame(outgoing[start : start + MAX_MESSAGES], codec)
        for start in range(0, len(outgoing), MAX_MESSAGES)
    )


def _list_frame(outgoing: Sequence[Outgoing], codec: Codec) -> bytes:
    bodies = [out.body(codec) for out in outgoing]
    if codec is Codec.JSON:
        return framed(b"[" + b",".join(bodies) + b"]", codec)
    head = bytes((0x90 | len(bodies),)) if len(bodies) < 16 else bytes((0xDC, 0, len(bodies)))
    return framed(head + b"".join(bodies), codec)
