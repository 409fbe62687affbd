"""Payloads to the server's messages, and a client's messages to payloads."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from frontdesk.wire.codec import MAX_MESSAGES, Codec

MAX_FRAME_BYTES: Final = 12_000
"""Messages are put together up to this size: the server refuses frames of over 16,384 bytes."""
_REFUSALS: Final = (msgspec.DecodeError, UnicodeError, RecursionError)
"""All that msgspec raises on bytes that are malformed, mistyped, not UTF-8 or nested too deep."""


class ProtocolError(Exception):
    """The server said what isn't of the protocol. Close the connection and connect again."""


class _Kind(Struct):
    type: str


class Payloads:
    """One side's decoder and encoder in one codec; `union` is what the server may say to it."""

    def __init__(self, union: Any, codec: Codec) -> None:
        self._codec = codec
        make: Any = msgspec.json if codec is Codec.JSON else msgspec.msgpack
        self._encode = make.Encoder().encode
        self._all = make.Decoder(union | list[union]).decode
        self._one = make.Decoder(union).decode
        self._raws = make.Decoder(list[Raw]).decode
        self._kind = make.Decoder(_Kind).decode
        self._known = frozenset(part.__struct_config__.tag for part in union.__args__)

    def decode(self, payload: bytes | str) -> list[Struct]:
        """The messages of a payload; those of types that are not known (yet) are left out."""
        if isinstance(payload, str) is not (self._codec is Codec.JSON):
            raise ProtocolError("a text frame is JSON, a binary frame is msgpack")
        try:
            decoded = self._all(payload)
        except msgspec.ValidationError:
            return list(self._each(payload))
        except _REFUSALS as error:
            raise ProtocolError(str(error)) from error
        return decoded if isinstance(decoded, list) else [decoded]

    def _each(self, payload: bytes | str) -> Iterator[Struct]:
        try:
            for raw in self._split(payload):
                if self._kind(raw).type in self._known:
                    yield self._one(raw)
        except _REFUSALS as error:
            raise ProtocolError(str(error)) from error

    def _split(self, payload: bytes | str) -> Sequence[Raw | bytes | str]:
        try:
            raws: list[Raw] = self._raws(payload)
        except msgspec.ValidationError:
            return [payload]
        return raws

    def encode(self, messages: Iterable[Struct]) -> Iterator[bytes | str]:
        """The messages in as few frames as fit: one message, or a list of messages each."""
        for batch in _batches([self._encode(message) for message in messages]):
            one = batch[0] if len(batch) == 1 else self._encode([Raw(body) for body in batch])
            yield one.decode() if self._codec is Codec.JSON else one


def _batches(bodies: Sequence[bytes]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    size = 0
    for body in bodies:
        if batch and (size + len(body) > MAX_FRAME_BYTES or len(batch) == MAX_MESSAGES):
            yield batch
            batch, size = [], 0
        batch.append(body)
        size += len(body) + 1
    if batch:
        yield batch
