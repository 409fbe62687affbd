"""Whose connection is it? The client's address behind proxies, for HTTP and sockets alike (R7.5).

Only what a trusted proxy wrote counts: the rightmost hop that isn't itself a trusted proxy. No
proxy is trusted by default, and then the headers mean nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Headers = Iterable[tuple[bytes, bytes]]
"""Names in lower case, as uvicorn's parser gives them."""


class Proxies:
    """The trusted proxies, as CIDRs (`trusted_proxies`)."""

    __slots__ = ("_networks",)

    def __init__(self, trusted: Sequence[str]) -> None:
        self._networks: list[IPv4Network | IPv6Network] = [
            ip_network(cidr, strict=False) for cidr in trusted
        ]

    def trusts(self, address: str) -> bool:
        """Is it the address of a trusted proxy?"""
        if not self._networks or not address:
            return False
        ip = ip_address(address)
        return any(ip in network for network in self._networks)

    def client(self, peer: str, headers: Headers) -> str:
        """The client's address; `peer` is who is at the other end of the TCP connection.

        Where both `X-Forwarded-For` and `Forwarded` came and disagree, one of them is the
        client's own invention, and neither is believed: the proxy's address is returned.
        """
        peer = plain(peer) or ""
        if not self.trusts(peer):
            return peer
        headers = list(headers)
        answers = {
            self._rightmost(peer, hops)
            for hops in (_x_forwarded_for(headers), _forwarded_for(headers))
            if hops
        }
        return answers.pop() if len(answers) == 1 else peer

    def scheme(self, peer: str, headers: Headers, scheme: str) -> str:
        """`https` where a trusted proxy says so in `X-Forwarded-Proto`, else `scheme`."""
        if not self.trusts(plain(peer) or ""):
            return scheme
        said = [value for name, value in headers if name == b"x-forwarded-proto"]
        last = said[-1].decode("latin-1").strip().lower() if said else ""
        return last if last in {"http", "https"} else scheme

    def _rightmost(self, peer: str, hops: list[str]) -> str:
        """The first hop from the right that is no trusted proxy; what can't be read ends it."""
        client = peer
        for hop in reversed(hops):
            address = plain(hop)
            if address is None:
                break
            client = address
            if not self.trusts(address):
                break
        return client


def plain(hop: str) -> str | None:
    """An address without port, brackets, quotes, zone, or IPv4 mapping; `None` if it is none."""
    hop = hop.strip().strip('"')
    if hop.startswith("["):
        hop = hop[1:].partition("]")[0]
    elif hop.count(":") == 1:
        hop = hop.partition(":")[0]
    try:
        ip = ip_address(hop.partition("%")[0])
    except ValueError:
        return None
    mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
    return str(mapped or ip)


def household(address: str) -> str:
    """What a limit per address counts by: an IPv6 customer has a whole /64, so that is one."""
    if ":" not in address:
        return address
    return str(ip_network(f"{address}/64", strict=False))


def _values(headers: Headers, wanted: bytes) -> Iterator[str]:
    for name, value in headers:
        if name == wanted:
            yield from value.decode("latin-1").split(",")


def _x_forwarded_for(headers: Headers) -> list[str]:
    return [hop for hop in _values(headers, b"x-forwarded-for") if hop.strip()]


def _forwarded_for(headers: Headers) -> list[str]:
    """RFC 7239: one element a hop, the `for` parameter of each; one without it is unreadable."""
    hops = []
    for element in _values(headers, b"forwarded"):
        pairs = (pair.partition("=") for pair in element.split(";"))
        named = {name.strip().lower(): value.strip() for name, _, value in pairs}
        hops.append(named.get("for", ""))
    return hops
