"""Garbage against a live node while two people talk on it: only documented answers come back."""

import asyncio
import json
import random
import socket
import struct
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from websockets.frames import Frame, Opcode

from frontdesk.errors import SENTENCES
from frontdesk.wire.frames import CloseCode
from tests.scenarios.conftest import Scene
from tests.scenarios.people import Rep, Visitor
from tests.scenarios.processes import PATIENCE, installation

pytestmark = pytest.mark.asyncio(loop_scope="session")

CLOSE_CODES = {
    value for name, value in vars(CloseCode).items() if isinstance(value, int) and name.isupper()
} | {1000, 1001, 1002, 1003, 1007, 1009, 1011}
SLOWEST = 5.0
"""Seconds: a generous bound; on an idle machine a message takes a few milliseconds."""
OPENING = (
    "GET /v1/{side} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Protocol: frontdesk.v1.{codec}\r\n\r\n"
)
Attack = Callable[[random.Random, str], Iterator[bytes]]


def text(payload: bytes | str) -> bytes:
    raw = payload.encode() if isinstance(payload, str) else payload
    return Frame(Opcode.TEXT, raw).serialize(mask=True)


def binary(payload: bytes) -> bytes:
    return Frame(Opcode.BINARY, payload).serialize(mask=True)


def hello(token: str) -> bytes:
    return text(json.dumps({"type": "hello", "id": 1, "token": token}))


# --- what is sent


def random_bytes(chance: random.Random, _token: str) -> Iterator[bytes]:
    """Not even frames."""
    for _ in range(20):
        yield chance.randbytes(chance.randrange(1, 400))


def random_texts(chance: random.Random, token: str) -> Iterator[bytes]:
    """Frames with anything in them: invalid UTF-8, halves of JSON."""
    yield hello(token)
    for _ in range(60):
        yield text(chance.randbytes(chance.randrange(0, 80)))
        yield text('{"type":"message","id":1,"conversation":"' + "c" * chance.randrange(90))


def random_msgpack(chance: random.Random, token: str) -> Iterator[bytes]:
    yield binary(msgspec.msgpack.encode({"type": "hello", "id": 1, "token": token}))
    for _ in range(80):
        yield binary(chance.randbytes(chance.randrange(0, 60)))


def deep(_chance: random.Random, token: str) -> Iterator[bytes]:
    """Nested as deep as a frame can be."""
    yield hello(token)
    yield text("[" * 16_000)
    yield text('{"a":' * 3000)
    yield text('{"type":"identify","id":2,"fields":' + "[" * 8000 + "]" * 8000 + "}")
    yield text('{"type":"hello","id":2,"resume":' + '{"a":' * 2000 + "1" + "}" * 2000 + "}")


def wrong_types(chance: random.Random, token: str) -> Iterator[bytes]:
    """Every type of message with values of every wrong kind."""
    yield hello(token)
    values: list[Any] = [
        None,
        True,
        -1,
        2**70,
        1.5,
        "",
        "x" * 5000,
        [],
        {},
        [[]],
        "\x00",
        "💥",
        {"a": {}},
    ]
    names = ["id", "conversation", "client_id", "text", "fence", "offset", "epoch", "fields",
             "page", "email", "on", "state", "rep", "group", "note", "token", "resume"]  # fmt: skip
    types = ["hello", "request", "message", "typing", "read", "history", "close", "leave", "page",
             "identify", "claim", "decline", "transfer", "availability", "offer_seen", "ping",
             "offer", "welcome", "ok", "error", "", "nonsense", 7, None]  # fmt: skip
    for _ in range(250):
        some = chance.sample(names, chance.randrange(1, 8))
        message: dict[str, Any] = {name: chance.choice(values) for name in some}
        message["type"] = chance.choice(types)
        if chance.random() < 0.8:
            message["id"] = chance.randrange(1, 99)
        yield text(json.dumps(message if chance.random() < 0.9 else [message, 3, [message]]))


def oversized(_chance: random.Random, token: str) -> Iterator[bytes]:
    yield hello(token)
    yield text('{"type":"ping","id":2,"x":"' + "y" * 40_000 + '"}')


def announced_only(_chance: random.Random, token: str) -> Iterator[bytes]:
    """A frame of 2^62 bytes, of which only the head comes."""
    yield hello(token)
    yield b"\x81\xff" + struct.pack(">Q", 2**62) + b"\0\0\0\0" + b"abc"


def flood(_chance: random.Random, token: str) -> Iterator[bytes]:
    """Far more than anybody may send."""
    yield hello(token)
    ping = text('{"type":"ping","id":2}')
    for _ in range(200):
        yield ping * 50


def unmasked(_chance: random.Random, _token: str) -> Iterator[bytes]:
    yield Frame(Opcode.TEXT, b'{"type":"ping","id":2}').serialize(mask=False)


def fragments(_chance: random.Random, token: str) -> Iterator[bytes]:
    """A message in pieces that never ends, control frames too long, unknown opcodes."""
    yield Frame(Opcode.TEXT, hello(token), fin=False).serialize(mask=True)
    for _ in range(200):
        yield Frame(Opcode.CONT, b"x" * 500, fin=False).serialize(mask=True)


def before_hello(_chance: random.Random, _token: str) -> Iterator[bytes]:
    yield text('{"type":"request","id":1,"text":"hi"}')
    yield text('{"type":"claim","id":1,"conversation":"c1"}')


def many_hellos(_chance: random.Random, token: str) -> Iterator[bytes]:
    for _ in range(50):
        yield hello(token)


def bad_http(chance: random.Random, _token: str) -> Iterator[bytes]:
    yield b"GET / HTTP/1.1\r\nA: " + b"b" * 40_000
    yield chance.randbytes(500)


ATTACKS: list[Attack] = [
    random_bytes, random_texts, random_msgpack, deep, wrong_types, oversized, announced_only,
    flood, unmasked, fragments, before_hello, many_hellos,
]  # fmt: skip


# --- what comes back


def attack(port: int, side: str, codec: str, parts: Iterator[bytes]) -> bytes:
    """Sends it all; → every byte of the answer, also when the server hung up meanwhile."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as raw:
        try:
            raw.sendall(OPENING.format(side=side, codec=codec).encode())
            for part in parts:
                raw.sendall(part)
                time.sleep(0.001)  # so that answers and attacks cross on the way
            time.sleep(0.2)
            raw.sendall(Frame(Opcode.CLOSE, b"\x03\xe8").serialize(mask=True))
        except OSError:
            pass  # it hung up; what it said before can still be read
        try:
            while data := raw.recv(65_536):
                received += data
        except OSError:
            pass
    return received


def messages(received: bytes, codec: str) -> Iterator[dict[str, object] | int]:
    """The messages in an answer, and the close code last."""
    head, _, rest = received.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 101"):
        assert not head or head[:9] == b"HTTP/1.1 ", head[:100]
        return
    while len(rest) >= 2:
        size, start = rest[1], 2
        if size == 126:
            size, start = int.from_bytes(rest[2:4], "big"), 4
        elif size == 127:
            size, start = int.from_bytes(rest[2:10], "big"), 10
        payload, opcode = rest[start : start + size], rest[0] & 15
        if len(payload) < size:
            return
        rest = rest[start + size :]
        if opcode == 8:
            yield int.from_bytes(payload[:2], "big") if payload else 1000
        elif opcode in (1, 2):
            decode = msgspec.json.decode if codec == "json" else msgspec.msgpack.decode
            found = decode(payload)
            yield from found if isinstance(found, list) else [found]


def is_documented(message: dict[str, object] | int) -> str:
    """The word for it; fails on anything that no document names."""
    if isinstance(message, int):
        assert message in CLOSE_CODES, f"close code {message}"
        return str(message)
    if message["type"] == "error":
        assert message["code"] in SENTENCES, message
        assert message["code"] != "internal", message
        assert "Traceback" not in str(message)
        assert "File " not in str(message)
        return str(message["code"])
    return str(message["type"])


# --- the chat beside it


async def chats(visitor: Visitor, rep: Rep, name: str, over: asyncio.Event) -> list[float]:
    """Talks until the attack is over; → how long each message took."""
    took: list[float] = []
    while not over.is_set() or len(took) < 10:
        for says in (visitor.says(f"v{len(took)}"), rep.says(name, f"r{len(took)}")):
            began = time.monotonic()
            await says
            took.append(time.monotonic() - began)
        await asyncio.sleep(0.02)
    return took


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def limited() -> AsyncIterator[Scene]:
    """One node with production's limits on frames."""
    limits: dict[str, Any] = {"frame_rate": 30, "frame_burst": 120, "hello_seconds": 1}
    async with installation(nodes=1, reps=5, worker=False, **limits) as running:
        scene = Scene(running, 11)
        yield scene
        await scene.everybody_leaves()


async def test_only_documented_answers_come_back_and_a_chat_beside_it_goes_on(
    limited: Scene,
) -> None:
    chance = limited.random
    seed = chance.randrange(10**6)
    print(f"seed {seed}")  # noqa: T201 - shown with a failure
    visitor, rep, name = await limited.chat(visitor_at=0, rep_at=0)
    port = limited.running.places[0].port
    over = asyncio.Event()
    talking = asyncio.create_task(chats(visitor, rep, name, over))
    heard: dict[str, Counter[str]] = {}
    for number, kind in enumerate(ATTACKS):
        for side in ("visitor", "rep"):
            codec = "msgpack" if kind is random_msgpack else "json"
            token = limited.running.reps[1].token if side == "rep" else ""
            parts = kind(random.Random(seed + number), token)
            received = await asyncio.to_thread(attack, port, side, codec, parts)
            words = Counter(map(is_documented, messages(received, codec)))
            heard[f"{kind.__name__} {side}"] = words
    over.set()
    took = await talking
    print(heard)  # noqa: T201 - shown with a failure
    assert max(took) < SLOWEST
    for side in ("visitor", "rep"):
        assert heard[f"flood {side}"]["4006"]
        assert heard[f"oversized {side}"]["4503"] or heard[f"oversized {side}"]["1009"]
        assert heard[f"before_hello {side}"]["hello_expected"]
        assert heard[f"many_hellos {side}"]["hello_again"]
        assert heard[f"wrong_types {side}"]["bad_request"]
        assert heard[f"wrong_types {side}"]["unknown_type"]
    limited.check.nothing_broke()
    await rep.closes_it(name)
    await limited.check.every_message_is_there(visitor, rep, name)


async def test_half_open_sockets_and_silent_ones_hold_nobody_up(limited: Scene) -> None:
    visitor, rep, name = await limited.chat(visitor_at=0, rep_at=0)
    port = limited.running.places[0].port
    halves = [socket.create_connection(("127.0.0.1", port)) for _ in range(60)]
    for number, half in enumerate(halves):
        opening = OPENING.format(side="visitor", codec="json").encode()
        half.sendall(opening if number % 2 else opening[:60])
    over = asyncio.Event()
    over.set()
    assert max(await chats(visitor, rep, name, over)) < SLOWEST
    for half in halves:  # each is closed by the server, soon
        half.settimeout(60)
        await asyncio.to_thread(until_closed, half)
    await rep.closes_it(name)


def until_closed(half: socket.socket) -> None:
    try:
        while half.recv(65_536):
            pass
    except ConnectionResetError:
        pass
    finally:
        half.close()


async def test_a_tab_that_never_reads_holds_nobody_up(scene: Scene) -> None:
    visitor, rep, name = await scene.chat(visitor_at=0, rep_at=0)
    port = scene.running.places[0].port
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.settimeout(PATIENCE)
        deaf.connect(("127.0.0.1", port))
        deaf.sendall(OPENING.format(side="visitor", codec="json").encode())
        deaf.sendall(hello(visitor.client.token))
        await asyncio.to_thread(deaf.recv, 10)
        for number in range(150):
            await visitor.says(f"{number} " + "x" * 3900)
        await scene.same_view(visitor, rep, name)
    await rep.says(name, "I have read all of it")
    await scene.same_view(visitor, rep, name)
    await rep.closes_it(name)
