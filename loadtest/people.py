"""The two kinds of clients that the scenarios are made of, on the light socket."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from loadtest.light import LightSocket, connect

LEAVE_SECONDS: Final = 5.0
NO_RAW: Final = Raw(b"")


class Heard(Struct):
    """What the scenarios look at in a message of the server; the decoder skips the rest."""

    type: str
    id: int | None = None
    conversation: Raw = NO_RAW
    offset: int = 0
    fence: int = 0
    code: str = ""
    text: str = ""
    visitor: Raw = NO_RAW
    token: str = ""
    by: Raw = NO_RAW


class Named(Struct):
    """Anything with an id."""

    id: str


decode = msgspec.json.Decoder(Heard | list[Heard]).decode
decode_named = msgspec.json.Decoder(Named | str).decode
encode = msgspec.json.Encoder().encode


def id_of(raw: Raw) -> str:
    """The id of a conversation or a rep that is named or there whole."""
    found = decode_named(raw)
    return found if isinstance(found, str) else found.id


class Person(LightSocket):
    """A socket that says hello, is welcomed, and then asks and is told."""

    __slots__ = ("_hello", "_next", "_told", "asked", "frames", "welcomed")

    def __init__(self, path: str, hello: dict[str, Any]) -> None:
        super().__init__(path, "127.0.0.1")
        self._hello = {"type": "hello", "id": 1, **hello}
        self._next = 1
        self.frames = 0
        self._told: Callable[[Heard], None] | None = None
        self.asked: dict[int, Callable[[Heard], None]] = {}
        self.welcomed: asyncio.Future[Heard] = asyncio.get_running_loop().create_future()

    def opened(self) -> None:
        self.send(encode(self._hello))

    def tell(self, told: Callable[[Heard], None]) -> None:
        """Who is given each push."""
        self._told = told

    def ask(self, message: bytes, answered: Callable[[Heard], None]) -> None:
        """Send a request; `message` is JSON without its end and its id."""
        self._next += 1
        self.asked[self._next] = answered
        self.send(b'%b,"id":%d}' % (message, self._next))

    async def answer(self, message: bytes) -> Heard:
        """The answer to a request, for set-up; not for what is measured."""
        answer: asyncio.Future[Heard] = asyncio.get_running_loop().create_future()
        self.ask(message, answer.set_result)
        async with asyncio.timeout(30):
            return await answer

    def heard(self, payload: bytes) -> None:
        self.frames += 1
        found = decode(payload)
        for one in found if isinstance(found, list) else (found,):
            self._one(one)

    def _one(self, message: Heard) -> None:
        if message.type in ("ok", "error") and message.id in self.asked:
            self.asked.pop(message.id)(message)
        elif message.type == "welcome":
            self.welcomed.set_result(message)
        elif message.type == "error" and not self.welcomed.done():
            self.welcomed.set_exception(RuntimeError(f"hello was refused: {message.code}"))
        elif self._told is not None:
            self._told(message)

    def ended(self, error: Exception | None) -> None:
        if not self.welcomed.done():
            self.welcomed.set_exception(error or ConnectionError(f"closed: {self.close_code}"))
            self.welcomed.exception()  # looked at: whoever waits is told, nobody else warned


async def visitor(
    address: tuple[Any, ...], token: str = "", source: str = "", kind: type[Person] = Person
) -> Person:
    """A visitor who has been welcomed."""
    hello = {"token": token, "page": {"url": "https://www.example.com/prices", "title": "Prices"}}
    return await _welcomed(lambda: kind("/v1/visitor", hello), address, source)


async def rep(
    address: tuple[Any, ...], token: str, device: str, kind: type[Person] = Person
) -> Person:
    """An available rep."""
    hello = {"token": token, "device": device}
    found = await _welcomed(lambda: kind("/v1/rep", hello), address, "")
    answer = await found.answer(b'{"type":"availability","state":"available"')
    if answer.type != "ok":
        raise RuntimeError(f"a rep can't be available: {answer.code}")
    return found


async def _welcomed(make: Callable[[], Person], address: tuple[Any, ...], source: str) -> Person:
    found: Person = await connect(make, address, source)
    try:
        async with asyncio.timeout(60):
            await found.welcomed
    except BaseException:
        found.transport.abort()
        raise
    return found


async def leave(people: Iterable[Person]) -> None:
    """Everybody goes politely: the server isn't always ours to end."""
    there = list(people)
    for one in there:
        one.close()
    with suppress(TimeoutError):
        async with asyncio.timeout(LEAVE_SECONDS):
            while any(one.is_open for one in there):  # noqa: ASYNC110 - sockets that all end at once
                await asyncio.sleep(0.01)
    for one in there:
        one.transport.abort()
