"""A real uvicorn with our classes, on loopback in a thread of its own; it echoes."""

import asyncio
import queue
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Self, TypeVar

import uvicorn
import uvloop

from frontdesk.hub.connection import Connection
from frontdesk.hub.flush import Flush
from frontdesk.hub.limits import Limits
from frontdesk.hub.sweep import Sweep
from frontdesk.web.door import Door, SignedIn
from frontdesk.web.http import http_class
from frontdesk.web.socket import socket_class
from frontdesk.wire.codec import Codec, Fault, Outgoing, decode_rep, decode_visitor
from frontdesk.wire.frames import Error, Ok, Ping, SendMessage, Typing, TypingPush

SECONDS = 20
"""The most any wait takes before the test fails; nothing normally comes near."""
T = TypeVar("T")


class Echo:
    """A receiver that answers everything, and writes down what happened to it."""

    def __init__(self) -> None:
        self.happened: queue.Queue[tuple[str, Any]] = queue.Queue()
        self.connections: list[Connection] = []

    def opened(self, connection: Connection, identity: object | None) -> None:
        self.connections.append(connection)
        connection.principal = identity
        self.happened.put(("opened", identity))

    def received(self, connection: Connection, payload: bytes) -> None:
        connection.principal = "somebody"
        decode = decode_visitor if connection.side == "visitor" else decode_rep
        for message in decode(payload, connection.codec):
            self._answer(connection, message)

    def _answer(self, connection: Connection, message: object) -> None:
        if isinstance(message, Fault):
            fault = Error(id=message.id, code=message.code, message=message.message)
            connection.push(Outgoing.of(fault))
        elif isinstance(message, SendMessage) and message.text == "break":
            raise RuntimeError("secret detail of the server")
        elif isinstance(message, SendMessage):
            connection.push(Outgoing.of(Ok(id=message.id, at=message.text)))
        elif isinstance(message, Ping):
            connection.push(Outgoing.of(Ok(id=message.id)))
        elif isinstance(message, Typing):
            push = TypingPush(conversation=message.conversation, who="visitor", on=message.on)
            connection.push(Outgoing.of(push), replaceable_key=message.conversation)

    def closed(self, connection: Connection) -> None:
        self.happened.put(("closed", connection.address))

    def next(self) -> tuple[str, Any]:
        return self.happened.get(timeout=SECONDS)


def wait_until(condition: Callable[[], bool]) -> None:
    """Until `condition` holds, or the test has failed."""
    until = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < until, "it never came to that"
        time.sleep(0.005)


async def nobody(cookie: str) -> object | None:
    """No cookie is valid here."""
    del cookie
    return None


async def hello(scope: Any, receive: Any, send: Any) -> None:
    """The HTTP application: says who asks, when the body has come."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    body = f"{scope['scheme']} {scope['client'][0]} {scope['path']}".encode()
    start = {"type": "http.response.start", "status": 200}
    await send({**start, "headers": [(b"content-length", str(len(body)).encode())]})
    await send({"type": "http.response.body", "body": body})


class Node:
    """Use it with `with`; `port` is where it listens, `echo` what it saw."""

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        tick: float = 0.05,
        signed_in: SignedIn = nobody,
        app: Any = hello,
        loop_factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop,
        **settings: Any,
    ) -> None:
        self.echo = Echo()
        self.door: Door
        self.sweep: Sweep
        self.port = 0
        self._limits = limits or Limits()
        self._tick = tick
        self._app = app
        self._settings = {"signed_in": signed_in, **settings}
        self._loop_factory = loop_factory
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        self.server.should_exit = True
        self._thread.join(SECONDS)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=self._loop_factory) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.sweep = Sweep(self.loop, self._limits, tick=self._tick)
        self.door = Door(
            receiver=self.echo,
            flush=Flush(self.loop),
            sweep=self.sweep,
            **self._settings,
        )
        with socket.create_server(("127.0.0.1", 0), backlog=2048) as listener:
            self.port = listener.getsockname()[1]
            self.server = uvicorn.Server(
                uvicorn.Config(
                    self._app,
                    http=http_class(self.door),
                    ws=socket_class(self.door),
                    proxy_headers=False,
                    lifespan="off",
                    log_config=None,
                    timeout_graceful_shutdown=10,
                )
            )
            self.sweep.start()
            self.loop.call_soon(self._ready.set)
            await self.server.serve(sockets=[listener])
            self.sweep.stop()

    def call(self, function: Callable[..., T], *args: Any) -> T:
        """Run `function` in the node's loop."""
        result: Future[T] = Future()
        self.loop.call_soon_threadsafe(lambda: result.set_result(function(*args)))
        return result.result(SECONDS)

    def run(self, coroutine: Any) -> Any:
        """Run a coroutine in the node's loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(SECONDS)

    def connection(self, count: int = 1) -> Connection:
        """The `count`th connection that opened here, as soon as it has."""
        wait_until(lambda: len(self.echo.connections) >= count)
        return self.echo.connections[count - 1]

    def url(self, side: str = "visitor") -> str:
        return f"ws://127.0.0.1:{self.port}/v1/{side}"


JSON, MSGPACK = Codec.JSON.value, Codec.MSGPACK.value
