"""The listening sockets: one per node, all on the same address, all held open by the parent.

With SO_REUSEPORT the kernel spreads new connections evenly over them (1,000 sockets on 4 nodes:
most/mean 1.01–1.08; one inherited socket: 1.40–1.97). Because the parent keeps them open, a
connect that meets a dead node waits in its queue for the successor instead of being refused.
"""

import errno
import socket
from typing import TypeAlias, cast

Address: TypeAlias = tuple[str, int] | tuple[str, int, int, int]

BACKLOG = 4096  # connects that wait while a node starts again; the kernel caps it at somaxconn


class PortInUse(Exception):
    """Something listens there already."""


def bind(host: str, port: int, count: int) -> list[socket.socket]:
    """`count` listening sockets on `host`:`port`; port 0 takes a free one, the same for all.

    Raises `PortInUse`, or OSError with the reason (no right to the port, no such address).
    """
    family, address = _resolve(host, port)
    _refuse_if_in_use(family, address)
    sockets = [_listen(family, address)]
    try:
        taken = sockets[0].getsockname()
        sockets += [_listen(family, taken) for _ in range(count - 1)]
    except BaseException:
        close(sockets)
        raise
    return sockets


def close(sockets: list[socket.socket]) -> None:
    for sock in sockets:
        sock.close()


def _resolve(host: str, port: int) -> tuple[socket.AddressFamily, Address]:
    found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, _, _, _, address = found[0]
    return family, cast(Address, address)  # without IPv6 built in, Python gives bytes: not here


def _refuse_if_in_use(family: socket.AddressFamily, address: Address) -> None:
    """SO_REUSEPORT alone would let a second server of the same user take half the visitors."""
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortInUse(
                    f"Port {address[1]} of {address[0]} is in use. Stop what listens there, "
                    "or choose another port (--port, FRONTDESK_PORT)."
                ) from error
            raise


def _listen(family: socket.AddressFamily, address: Address) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.bind(address)
        sock.listen(BACKLOG)
        sock.setblocking(False)
    except BaseException:
        sock.close()
        raise
    return sock
