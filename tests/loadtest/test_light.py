"""The load test's own client speaks WebSocket as others do."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.asyncio.server import ServerConnection, serve
from websockets.client import ClientProtocol
from websockets.frames import Close, Frame, Opcode
from websockets.server import ServerProtocol
from websockets.uri import parse_uri

from loadtest.light import (
    BINARY,
    CLOSE,
    PING,
    TEXT,
    FrameReader,
    LightSocket,
    Refused,
    client_frame,
    connect,
)


class Noting(LightSocket):
    """Notes what happens to it."""

    def __init__(self, path: str = "/") -> None:
        super().__init__(path, "127.0.0.1")
        self.payloads: asyncio.Queue[bytes] = asyncio.Queue()
        self.over: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()

    def opened(self) -> None:
        self.send(b"first")

    def heard(self, payload: bytes) -> None:
        self.payloads.put_nowait(payload)

    def ended(self, error: Exception | None) -> None:
        self.over.set_result(error)


async def echo(connection: ServerConnection) -> None:
    """Says back what it hears; "ping" and "bye" do what they say."""
    async for message in connection:
        if message == "ping":
            await (await connection.ping())
            await connection.send("ponged")
        elif message == "bye":
            await connection.close(4001)
        else:
            await connection.send(message)


@pytest.fixture
async def address() -> AsyncIterator[tuple[str, int]]:
    async with serve(echo, "127.0.0.1", 0, subprotocols=["frontdesk.v1.json"]) as server:  # type: ignore[list-item]  # a NewType of str
        name = next(iter(server.sockets)).getsockname()
        yield name[0], name[1]


async def heard(socket: Noting) -> bytes:
    async with asyncio.timeout(20):
        return await socket.payloads.get()


async def test_it_opens_says_and_hears(address: tuple[str, int]) -> None:
    socket: Noting = await connect(Noting, address)
    assert await heard(socket) == b"first"
    for size in (0, 125, 126, 65_535, 65_536, 200_000):
        socket.send(b"x" * size)
        assert await heard(socket) == b"x" * size
    socket.close()
    async with asyncio.timeout(20):
        await socket.over


async def test_it_answers_pings(address: tuple[str, int]) -> None:
    socket: Noting = await connect(Noting, address)
    await heard(socket)
    socket.send(b"ping")
    assert await heard(socket) == b"ponged"
    socket.close()


async def test_it_tells_the_close_code(address: tuple[str, int]) -> None:
    socket: Noting = await connect(Noting, address)
    await heard(socket)
    socket.send(b"bye")
    async with asyncio.timeout(20):
        await socket.over
    assert socket.close_code == 4001


async def test_a_refused_opening_is_an_error() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\n{}")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        name = server.sockets[0].getsockname()
        socket: Noting = await connect(Noting, (name[0], name[1]))
        async with asyncio.timeout(20):
            error = await socket.over
    assert isinstance(error, Refused)
    assert "403" in str(error)


def frames_at_the_server(data: bytes) -> Iterator[Frame]:
    """What websockets' own server reads from a client's bytes."""
    server = ServerProtocol(max_size=None)
    client = ClientProtocol(parse_uri("ws://127.0.0.1/"))
    client.send_request(client.connect())
    server.receive_data(b"".join(client.data_to_send()))
    [request] = server.events_received()
    server.send_response(server.accept(request))  # type: ignore[arg-type]  # the first event is the request
    server.receive_data(data)
    for event in server.events_received():
        assert isinstance(event, Frame)
        yield event


@given(payload=st.binary(max_size=70_000), opcode=st.sampled_from([TEXT, BINARY, PING]))
def test_its_frames_are_read_by_a_real_server(payload: bytes, opcode: int) -> None:
    if opcode == PING:
        payload = payload[:125]
    [frame] = frames_at_the_server(client_frame(payload, opcode))
    assert (frame.opcode, bytes(frame.data)) == (Opcode(opcode), payload)


@given(
    payloads=st.lists(st.binary(max_size=300), max_size=8),
    big=st.sampled_from([0, 126, 65_535, 65_536]),
    cuts=st.lists(st.integers(1, 400), max_size=20),
)
def test_it_reads_frames_however_they_are_cut(
    payloads: list[bytes],
    big: int,
    cuts: list[int],
) -> None:
    payloads = [*payloads, b"y" * big]
    data = b"".join(Frame(Opcode.TEXT, one).serialize(mask=False) for one in payloads)
    data += Frame(Opcode.CLOSE, Close(4002, "slow").serialize()).serialize(mask=False)
    reader, found = FrameReader(), []
    for cut in cuts:
        found += list(reader.feed(data[:cut]))
        data = data[cut:]
    found += list(reader.feed(data))
    assert [payload for opcode, payload in found if opcode == TEXT] == payloads
    assert found[-1] == (CLOSE, b"\x0f\xa2slow")
