"""What a URL of Redis says, without any library: one server, Sentinels, or a cluster.

`redis+sentinel://[user:password@]host[:26379],host…/name[?db=…&sentinel_password=…]` names the
Sentinels and what they call the master; user and password are the servers'.
`redis+cluster://[user:password@]host[:6379],host…` names some nodes of a cluster; the others are
found. `rediss+…` is the same over TLS. Everything else is the URL of one server.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

Kind = Literal["single", "sentinel", "cluster"]

SCHEMES = ("redis", "rediss", "unix")
SENTINEL_PORT = 26379
REDIS_PORT = 6379
SENTINEL_OPTIONS = frozenset({"db", "sentinel_username", "sentinel_password"})


@dataclass(frozen=True, slots=True)
class RedisUrl:
    """A URL taken apart. `login` is `user:password@` as written, `query` without what is ours."""

    kind: Kind
    tls: bool = False
    login: str = field(default="", repr=False)
    hosts: tuple[tuple[str, int], ...] = ()
    name: str = ""
    query: str = field(default="", repr=False)
    options: dict[str, str] = field(default_factory=dict, repr=False)


def kind_of(url: str) -> Kind:
    """By its scheme alone."""
    scheme = url.partition(":")[0].lower()
    if scheme.endswith("+sentinel"):
        return "sentinel"
    return "cluster" if scheme.endswith("+cluster") else "single"


def parts_of(url: str) -> RedisUrl:
    """Takes a URL of Sentinels or of a cluster apart. Raises ValueError with the first fault."""
    for fault in faults_of(url):
        raise ValueError(fault)
    return _parts(url)


def faults_of(url: str) -> Iterator[str]:
    """Everything that is wrong with a URL, each as the end of a sentence about it. Nothing of it is
    repeated but its scheme: what was meant as a password may stand anywhere.
    """
    scheme, separator, _ = url.partition("://")
    plain = scheme.lower().removesuffix("+sentinel").removesuffix("+cluster")
    if not separator or plain not in SCHEMES or (plain == "unix" and plain != scheme.lower()):
        yield (
            "must begin with redis://, rediss:// or unix://, with redis+sentinel:// or "
            f"redis+cluster:// (rediss+… for TLS), not {scheme}://"
        )
        return
    kind = kind_of(url)
    try:
        urlsplit(url)
    except ValueError:
        yield "is no URL: are the signs @ : / ? # [ ] of its password written as %40 %3A …?"
        return
    if kind != "single":
        yield from _host_faults(url)
        yield from _sentinel_faults(url) if kind == "sentinel" else _cluster_faults(url)


def _host_faults(url: str) -> Iterator[str]:
    hosts = _netloc(url)[1]
    if not hosts:
        yield "names no host"
    for number, host in enumerate(hosts.split(",") if hosts else (), start=1):
        try:
            _host(host, 0)
        except ValueError as error:
            yield f"has {error} (host {number} of its list)"


def _sentinel_faults(url: str) -> Iterator[str]:
    name = urlsplit(url).path.strip("/")
    if not name:
        yield "names no master: write what the Sentinels call it, …/mymaster"
    elif "/" in name:
        yield "has a / in the master's name; the number of a database is ?db=…"
    database = dict(parse_qsl(urlsplit(url).query)).get("db", "0")
    if not database.isdigit():
        yield "has a db=… that is no number"


def _cluster_faults(url: str) -> Iterator[str]:
    path = urlsplit(url).path.strip("/")
    if path not in ("", "0"):
        yield "ends in a path: a cluster has no other database than 0"
    if "db" in dict(parse_qsl(urlsplit(url).query, keep_blank_values=True)):
        yield "has db=…: a cluster has no other database than 0"


def _parts(url: str) -> RedisUrl:
    kind, split = kind_of(url), urlsplit(url)
    login, hosts = _netloc(url)
    usual = SENTINEL_PORT if kind == "sentinel" else REDIS_PORT
    query = parse_qsl(split.query)
    return RedisUrl(
        kind=kind,
        tls=split.scheme.startswith("rediss"),
        login=login,
        hosts=tuple(_host(host, usual) for host in hosts.split(",")),
        name=unquote(split.path.strip("/")),
        query="&".join(
            part
            for part in split.query.split("&")
            if part.partition("=")[0] not in SENTINEL_OPTIONS
        ),
        options={name: value for name, value in query if name in SENTINEL_OPTIONS},
    )


def _netloc(url: str) -> tuple[str, str]:
    """`user:password@` as written, and the hosts."""
    login, at, hosts = urlsplit(url).netloc.rpartition("@")
    return login + at, hosts


def _host(text: str, usual: int) -> tuple[str, int]:
    """`host`, `host:port`, `[::1]:port`. Raises ValueError."""
    split = urlsplit(f"//{text}")
    try:
        port = split.port
    except ValueError:
        raise ValueError("a port that is no number up to 65535") from None
    if not split.hostname:
        raise ValueError("nothing where a host belongs")
    return split.hostname, port or usual
