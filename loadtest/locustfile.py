"""Visitors and reps for Locust (https://locust.io), over WebSockets, with this project's client.

    pip install -e ".[locust]"
    FRONTDESK_REP_TOKENS=tokens.txt locust -f loadtest/locustfile.py --host http://127.0.0.1:8000

`tokens.txt` has a bearer token a line (`frontdesk token --rep EMAIL`), of reps whose chats these
are; each becomes one rep who takes what rings and answers. Without it there are visitors alone.
This is for who has Locust's distribution and pages already; more load per core comes from our own
(README.md).
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import gevent
from gevent.event import AsyncResult
from gevent.lock import RLock
from locust import User, between, events, task
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from frontdesk.wire import frames
from frontdesk.wire.client import (
    Answered,
    Client,
    Pushed,
    Refused,
    RepClient,
    VisitorClient,
    Welcomed,
)

TOKENS = os.environ.get("FRONTDESK_REP_TOKENS", "")
REPS = Path(TOKENS).read_text(encoding="utf-8").split() if TOKENS else []
MESSAGES = 6
WAIT_SECONDS = 30.0
"""For an answer; a rep's claim may take a visitor's whole patience."""


class Line:
    """A client of the protocol on a socket, in one greenlet; what it asks is told to Locust."""

    def __init__(self, client: Client, host: str, told: Callable[[Any], None]) -> None:
        self.client = client
        self._told = told
        self._asked: dict[int, tuple[str, float]] = {}
        self._lock = RLock()
        self._welcomed: AsyncResult = AsyncResult()
        scheme = "wss" if host.startswith("https") else "ws"
        url = f"{scheme}://{urlsplit(host).netloc}{client.path}"
        begun = time.perf_counter()
        self._opened = connect(url, subprotocols=[client.subprotocol])
        self._socket: ClientConnection = self._opened.__enter__()
        client.connected()
        self._write()
        self._reading = gevent.spawn(self._read)
        error = self._welcomed.get(timeout=WAIT_SECONDS)
        report("welcome", begun, error)
        if error:
            raise error

    def ask(self, name: str, request: Callable[[], int]) -> None:
        """Send a request; its answer is reported under this name."""
        with self._lock:
            self._asked[request()] = (name, time.perf_counter())
            self._write()

    def hint(self, tell: Callable[[], None]) -> None:
        """What has no answer."""
        with self._lock:
            tell()
            self._write()

    def close(self) -> None:
        self._opened.__exit__(None, None, None)
        self._reading.join(timeout=2)

    def _write(self) -> None:
        for payload in self.client.payloads():
            self._socket.send(payload)

    def _read(self) -> None:
        try:
            while True:
                for event in self.client.receive(self._socket.recv()):
                    self._one(event)
                with self._lock:
                    self._write()
        except (ConnectionClosed, OSError) as error:
            self._welcomed.set(error)
            if getattr(error, "rcvd", None) is None or error.rcvd.code not in (1000, 1001):  # type: ignore[union-attr]  # getattr has looked
                report("socket", time.perf_counter(), error)

    def _one(self, event: Any) -> None:
        if isinstance(event, Welcomed):
            self._welcomed.set(None)
        elif isinstance(event, Answered | Refused) and event.request is not None:
            name, begun = self._asked.pop(event.request.id, ("", 0.0))
            code = event.error.code if isinstance(event, Refused) else ""
            if code == "already_claimed":  # somebody was quicker: as it should be
                name, code = "claim, too late", ""
            if name:
                report(name, begun, RuntimeError(code) if code else None)
        elif isinstance(event, Refused):
            self._welcomed.set(RuntimeError(event.error.code))
        self._told(event)


def report(name: str, begun: float, error: Exception | None = None) -> None:
    """One line of Locust's table; milliseconds since `begun`."""
    events.request.fire(
        request_type="ws", name=name, response_time=(time.perf_counter() - begun) * 1000,
        response_length=0, exception=error, context={},
    )  # fmt: skip


class Visitor(User):
    """Goes from page to page; now and then asks for a person and talks with them."""

    wait_time = between(2, 10)
    weight = 50

    def on_start(self) -> None:
        self.said: AsyncResult = AsyncResult()
        client = VisitorClient(page=page_of(0))
        self.line = Line(client, self.host or "", self.told)
        self.visitor = client
        self.pages = 0

    def on_stop(self) -> None:
        self.line.close()

    def told(self, event: Any) -> None:
        """A rep came, or said something."""
        if isinstance(event, Pushed) and isinstance(
            event.message, frames.Claimed | frames.Message | frames.Missed | frames.Closed
        ):
            self.said.set(event.message)

    @task(10)
    def browse(self) -> None:
        self.pages += 1
        self.line.hint(lambda: self.visitor.view(page_of(self.pages)))

    @task(1)
    def chat(self) -> None:
        begun, self.said = time.perf_counter(), AsyncResult()
        self.line.ask("request", self.visitor.request)
        came = self.wait("claimed", begun)
        if not isinstance(came, frames.Claimed):
            return
        for number in range(MESSAGES):
            begun, self.said = time.perf_counter(), AsyncResult()
            text = f"Message {number}: as long as people's usually are."
            name = self.open_conversation()
            self.line.ask("message", lambda: self.visitor.message(name, text))  # noqa: B023
            if not isinstance(self.wait("reply", begun), frames.Message):
                return
        self.line.ask("close", lambda: self.visitor.close(self.open_conversation()))

    def open_conversation(self) -> str:
        return self.visitor.conversation.id if self.visitor.conversation else ""

    def wait(self, name: str, begun: float) -> Any:
        """What comes next, reported; None: nothing did."""
        try:
            found = self.said.get(timeout=WAIT_SECONDS)
        except gevent.Timeout:
            report(name, begun, TimeoutError(f"nothing within {WAIT_SECONDS:g} s"))
            return None
        came = isinstance(found, frames.Claimed | frames.Message)
        report(name, begun, None if came else RuntimeError(type(found).__name__))
        return found


class Rep(User):
    """Takes what rings, and answers each message."""

    fixed_count = len(REPS)
    weight = 0
    wait_time = between(5, 5)
    free: ClassVar[list[str]] = list(REPS)

    def on_start(self) -> None:
        token = self.free.pop()
        self.rep = RepClient(token=token, device=f"locust-{os.getpid()}-{len(self.free)}")
        self.line = Line(self.rep, self.host or "", self.told)
        self.line.ask("availability", lambda: self.rep.availability("available"))

    def on_stop(self) -> None:
        self.line.close()
        self.free.append(self.rep.token)

    @task
    def be_there(self) -> None:
        """What it does is in `told`."""

    def told(self, event: Any) -> None:
        match event:
            case Pushed(frames.Offer(conversation=name)):
                self.line.ask("claim", lambda: self.rep.claim(name))
            case Pushed(frames.Message(sender="visitor", conversation=name)):
                fence = self.fence_of(name)
                self.line.ask("answer", lambda: self.rep.message(name, "I see.", fence=fence))

    def fence_of(self, name: str) -> int | None:
        held = self.rep.snapshot.conversations if self.rep.snapshot else ()
        return next((one.fence for one in held if one.id == name), None)


def page_of(number: int) -> frames.Page:
    return frames.Page(url=f"https://www.example.com/products/{number}", title=f"Product {number}")
