"""The light client in Socket.IO's language: Engine.IO 4 over a WebSocket, events and answers."""

from typing import Any, Final

import msgspec

from loadtest.light import LightSocket
from loadtest.people import Heard, Person

PATH: Final = "/socket.io/?EIO=4&transport=websocket"


class Body(Heard):
    """A message whose type may stand outside of it, as the name of the event."""

    type: str = ""


decode = msgspec.json.Decoder(tuple[Body]).decode
decode_event = msgspec.json.Decoder(tuple[str, Body]).decode
encode = msgspec.json.Encoder().encode


class SocketIoPerson(Person):
    """The same person: a message is an event by the name of its type, its answer an ack."""

    __slots__ = ("_role",)

    def __init__(self, path: str, hello: dict[str, Any]) -> None:
        super().__init__(path, hello)
        LightSocket.__init__(self, PATH, "127.0.0.1")
        self._role = path.rpartition("/")[2]

    def opened(self) -> None:
        """Nothing to say before Engine.IO's own hello."""

    def send(self, payload: bytes) -> None:
        """One message of ours, in JSON with an `id`, as an event that wants an answer."""
        message = msgspec.json.decode(payload)
        self._event(message["id"], message["type"].encode(), payload)

    def ask(self, message: bytes, answered: Any) -> None:
        """As a person asks; the name is taken from the text, for nothing is parsed on this path."""
        self._next += 1
        self.asked[self._next] = answered
        self._event(self._next, message.split(b'"', 4)[3], message + b"}")

    def heard(self, payload: bytes) -> None:
        """Engine.IO: `0` open, `2` ping, `4` a packet of Socket.IO."""
        if payload[:1] == b"4":
            self._packet(payload)
        elif payload[:1] == b"2":
            LightSocket.send(self, b"3")
        elif payload[:1] == b"0":
            LightSocket.send(self, b"40" + encode({"role": self._role}))

    def _event(self, number: int, name: bytes, body: bytes) -> None:
        LightSocket.send(self, b'42%d["%b",%b]' % (number, name, body))

    def _packet(self, payload: bytes) -> None:
        """Socket.IO: `40` connected, `42` an event, `43` the answer to one, `44` refused."""
        kind = payload[1:2]
        if kind == b"2":
            self.frames += 1
            name, body = decode_event(payload[2:])
            body.type = name
            self._one(body)
        elif kind == b"3":
            self.frames += 1
            number, _, rest = payload[2:].partition(b"[")
            [body] = decode(b"[" + rest)
            body.id = int(number)
            self._one(body)
        elif kind == b"0":
            super().opened()
        else:
            self._one(Heard("error", code=payload.decode()))
