"""What a URL stands for: one server, a master that Sentinels watch over, or a cluster."""

from dataclasses import replace

from frontdesk.config.redis_url import RedisUrl, kind_of, parts_of
from frontdesk.storage.redis.address import Address
from frontdesk.storage.redis.cluster import Cluster
from frontdesk.storage.redis.sentinels import Sentinels
from frontdesk.storage.redis.servers import OneServer, Servers


def servers_of(url: str, meta_key: str) -> Servers:
    """Those of a URL, for the desk of `meta_key`. Raises ValueError with what is wrong with it."""
    if kind_of(url) == "single":
        return OneServer(Address.of(url))
    parts = parts_of(url)
    addresses = [_address(parts, host, port) for host, port in parts.hosts]
    if parts.kind == "cluster":
        return Cluster(addresses, meta_key)
    login = parts.options.get("sentinel_username", ""), parts.options.get("sentinel_password", "")
    sentinels = [
        replace(one, username=login[0], password=login[1], database=0) for one in addresses
    ]
    server = replace(addresses[0], database=int(parts.options.get("db", "0")))
    return Sentinels(sentinels, parts.name, server)


def _address(parts: RedisUrl, host: str, port: int) -> Address:
    scheme = "rediss" if parts.tls else "redis"
    host = f"[{host}]" if ":" in host else host
    query = f"?{parts.query}" if parts.query else ""
    return Address.of(f"{scheme}://{parts.login}{host}:{port}{query}")
