"""The client of the peers: the same person, heard and understood in Socket.IO's framing."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from websockets.asyncio.server import ServerConnection, serve

from loadtest.__main__ import main
from loadtest.peers.socketio import SocketIoPerson
from loadtest.people import Heard, id_of, visitor

Heards = asyncio.Queue[Heard]
Start = Callable[[list[str]], Awaitable[tuple[str, int]]]


async def event(connection: ServerConnection) -> tuple[str, str, dict[str, object]]:
    """The next event of a client: the number of its answer, its name, its body."""
    text = str(await connection.recv())
    assert text.startswith("42")
    number, _, rest = text[2:].partition("[")
    name, body = json.loads(f"[{rest}")
    return number, name, body


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """A server that lets a visitor in, says some frames before it answers a request."""
    servers = []

    async def run(frames: list[str]) -> tuple[str, int]:
        async def talk(connection: ServerConnection) -> None:
            assert connection.request is not None
            assert connection.request.path == "/socket.io/?EIO=4&transport=websocket"
            await connection.send('0{"sid":"s","pingInterval":25000}')
            assert await connection.recv() == '40{"role":"visitor"}'
            await connection.send('40{"sid":"s"}')
            number, name, body = await event(connection)
            assert (name, body["type"]) == ("hello", "hello")
            welcome = '{"type":"welcome","visitor":{"id":"v-1"}}'
            await connection.send(f"43{number}[{welcome}]")
            number, name, body = await event(connection)
            for frame in frames:
                await connection.send(frame)
                if frame == "2":
                    assert await connection.recv() == "3"
            told = json.dumps({"type": "ok", "conversation": name, "offset": body["n"]})
            await connection.send(f"43{number}[{told}]")
            await connection.wait_closed()

        server = await serve(talk, "127.0.0.1", 0, subprotocols=["frontdesk.v1.json"])  # type: ignore[list-item]  # a NewType of str
        servers.append(server)
        name = next(iter(server.sockets)).getsockname()
        return name[0], name[1]

    yield run
    for server in servers:
        server.close()
        await server.wait_closed()


async def test_an_answer_belongs_to_its_question(start: Start) -> None:
    person = await visitor(await start([]), kind=SocketIoPerson)
    answer = await person.answer(b'{"type":"request","n":7')
    assert (answer.type, id_of(answer.conversation), answer.offset) == ("ok", "request", 7)
    assert id_of(person.welcomed.result().visitor) == "v-1"
    person.close()


async def test_an_event_is_a_push_by_its_name_and_a_ping_is_answered(start: Start) -> None:
    pushed: Heards = asyncio.Queue()
    offer = '42["offer",{"conversation":"c-1","visitor":{"id":"v-1"}}]'
    message = '42["message",{"conversation":"c-1","offset":3,"text":"[\\"x\\",{}]"}]'
    person = await visitor(await start([offer, "2", message]), kind=SocketIoPerson)
    person.tell(pushed.put_nowait)
    await person.answer(b'{"type":"request","n":1')
    first, second = pushed.get_nowait(), pushed.get_nowait()
    assert (first.type, id_of(first.conversation)) == ("offer", "c-1")
    assert (second.type, second.offset, second.text) == ("message", 3, '["x",{}]')
    person.close()


async def test_a_refused_connection_is_told() -> None:
    async def refuse(connection: ServerConnection) -> None:
        await connection.send("0{}")
        await connection.recv()
        await connection.send('44{"message":"full"}')
        await connection.wait_closed()

    async with serve(refuse, "127.0.0.1", 0, subprotocols=["frontdesk.v1.json"]) as server:  # type: ignore[list-item]  # a NewType of str
        name = next(iter(server.sockets)).getsockname()
        with pytest.raises(RuntimeError, match="full"):
            await visitor((name[0], name[1]), kind=SocketIoPerson)


def test_only_a_chat_has_peers(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["broadcast", "--beside", "ws"])
    assert "--beside is for the scenario chat" in capsys.readouterr().err
