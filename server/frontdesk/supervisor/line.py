"""What parent and child say to each other: short lines of text over a pair of sockets.

    parent → child   socket    with it, where to listen    child → parent   warm     all is imported
                     job {…}   what to run, once                            ready    it serves
                     ping      is your loop alive?                          pong     it is
                     stop      drain, then end: a successor is here
                     leave     the same, and nobody is: let proxies notice first

The end of the line is the other's death.
"""

import asyncio
import socket
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from frontdesk.config import Settings

PIECE = 65_536
REFUSED = 78
"""Exit code of a child that can't ever start as it is configured (EX_CONFIG): don't try again."""


class Stop(asyncio.Event):
    """Set when a process shall end; `of_all`: the whole installation does."""

    of_all = False


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What a child runs: `target` is `module:coroutine`; `index` is its place among the nodes."""

    name: str
    target: str
    settings: Settings
    index: int | None = None

    def encode(self) -> str:
        return msgspec.json.encode(self, enc_hook=str).decode()

    @staticmethod
    def decode(text: str) -> "Job":
        return msgspec.json.decode(text, type=Job, dec_hook=_path)


def _path(_type: type, value: Any) -> Path:
    return Path(value)


def _taken(number: int) -> socket.socket:
    taken = socket.socket(fileno=number)
    taken.set_inheritable(False)  # the kernel gave it as if it were for all
    return taken


class Line:
    """One end. `receive` is called when the socket can be read; nothing here ever waits.

    `sockets` are those that were handed over and not yet taken.
    """

    __slots__ = ("_on_line", "_rest", "sock", "sockets")

    def __init__(self, sock: socket.socket, on_line: Callable[[str, str], None]) -> None:
        sock.setblocking(False)
        self.sock = sock
        self.sockets: deque[socket.socket] = deque()
        self._on_line = on_line
        self._rest = b""

    def hand_over(self, listening: socket.socket) -> None:
        """Gives the other a copy of the socket; it is there before whatever is said next."""
        try:
            socket.send_fds(self.sock, [b"socket\n"], [listening.fileno()])
        except (BrokenPipeError, ConnectionResetError, BlockingIOError):
            return  # as in `say`

    def say(self, word: str, rest: str = "") -> None:
        """Without effect on a line that has ended: the other's death is noticed elsewhere."""
        try:
            self.sock.sendall(f"{word} {rest}\n".encode())
        except (BrokenPipeError, ConnectionResetError, BlockingIOError):
            return  # full means: the other hasn't read for thousands of pings

    def receive(self) -> bool:
        """Hands on every whole line; False once the line has ended."""
        try:
            piece, numbers, _, _ = socket.recv_fds(self.sock, PIECE, 1)
        except BlockingIOError:
            return True
        except ConnectionResetError:
            return False
        self.sockets += map(_taken, numbers)
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for line in lines:
            word, _, rest = line.decode().partition(" ")
            self._on_line(word, rest)
        return bool(piece)
