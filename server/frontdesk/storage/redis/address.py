"""Where a Redis is and how to get in: URLs as redis-py reads them, sockets with our timeouts.

`redis://`, `rediss://` (TLS by `ssl_ca_certs`, `ssl_certfile`… in the query) and `unix://`. What
stands for several servers is read in `servers`.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Self, TypeVar

from redis.asyncio.connection import RedisSSLContext, parse_url
from redis.exceptions import RedisError

_Protocol = TypeVar("_Protocol", bound=asyncio.BaseProtocol)

# R6.9: a dead peer is noticed while idle after 10 + 3 x 3 s, while writing after 5 s.
_TCP_OPTIONS = (
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    *(
        (socket.IPPROTO_TCP, getattr(socket, name), value)
        for name, value in (
            ("TCP_KEEPIDLE", 10),
            ("TCP_KEEPINTVL", 3),
            ("TCP_KEEPCNT", 3),
            ("TCP_USER_TIMEOUT", 5000),
        )
        if hasattr(socket, name)
    ),
)


@dataclass(frozen=True, slots=True)
class Address:
    """One server: a host and port, or a Unix socket, with what it takes to be let in."""

    host: str = "localhost"
    port: int = 6379
    path: str = ""
    username: str = ""
    password: str = field(default="", repr=False)
    database: int = 0
    tls: ssl.SSLContext | None = None

    @classmethod
    def of(cls, url: str) -> Self:
        """Reads a URL. Raises ValueError with what is wrong with it."""
        parts: dict[str, Any] = {**parse_url(url)}
        return cls(
            host=parts.get("host", "localhost"),
            port=parts.get("port", 6379),
            path=parts.get("path", ""),
            username=parts.get("username", ""),
            password=parts.get("password", ""),
            database=parts.get("db", 0),
            tls=_tls(parts) if url.startswith("rediss:") else None,
        )

    def __str__(self) -> str:
        return self.path or f"{self.host}:{self.port}"

    def at(self, host: str, port: int) -> Self:
        """Another server that lets us in the same way."""
        return replace(self, host=host, port=port, path="")

    def is_at(self, other: "Address") -> bool:
        """Whether both are the same server."""
        return (self.host, self.port, self.path) == (other.host, other.port, other.path)

    async def connect(self, protocol: Callable[[], _Protocol]) -> _Protocol:
        """Opens a connection. Raises OSError."""
        loop = asyncio.get_running_loop()
        if self.path:
            _, opened = await loop.create_unix_connection(protocol, self.path)
            return opened
        transport, opened = await loop.create_connection(
            protocol, self.host, self.port, ssl=self.tls
        )
        _set_options(transport.get_extra_info("socket"))
        return opened

    def login(self) -> list[tuple[str, ...]]:
        """The commands that come first on every connection."""
        commands: list[tuple[str, ...]] = []
        if self.password:
            name = (self.username,) if self.username else ()
            commands.append(("AUTH", *name, self.password))
        if self.database:
            commands.append(("SELECT", str(self.database)))
        return commands


def _tls(parts: dict[str, Any]) -> ssl.SSLContext:
    # Alone, RedisSSLContext trusts every stranger: what it requires is said here.
    options: dict[str, Any] = {"cert_reqs": "required", "check_hostname": True}
    options |= {name[4:]: value for name, value in parts.items() if name.startswith("ssl_")}
    try:
        return RedisSSLContext(**options).get()
    except (RedisError, TypeError, OSError) as error:
        raise ValueError(f"TLS can't be set up as the URL says: {error}") from error


def _set_options(connected: socket.socket) -> None:
    for level, option, value in _TCP_OPTIONS:
        connected.setsockopt(level, option, value)
