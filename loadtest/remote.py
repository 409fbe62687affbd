"""Somebody's own installation as the server of a run: found by a URL, never by chance.

Nothing is started and nothing is measured on the other side; what is measured is what its users
would feel. The reps are real ones, each by a bearer token (`frontdesk token --rep EMAIL`).
"""

import asyncio
import ipaddress
import json
import os
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from loadtest.installation import RepAccount, Served, installation
from loadtest.light import Address
from loadtest.options import Options

SECONDS = 10.0
SCENARIOS = frozenset({"chat", "idle-fleet", "reconnect-storm", "browse"})
"""What can be run against an installation that isn't ours to kill."""


class Unfit(Exception):
    """It can't be run so; the sentence says what to change."""


@dataclass(frozen=True, slots=True)
class Door:
    """The one way into it; behind it may be many nodes."""

    address: Address


@dataclass(slots=True)
class Remote:
    """What is known of it: its door and our reps. `least` is the smallest of their capacities."""

    nodes: list[Door]
    reps: list[RepAccount]
    least: int = 0

    def processes(self) -> dict[str, list[int]]:
        """Only our own."""
        return {"client": [os.getpid()]}


@asynccontextmanager
async def server_of(options: Options, *, nodes: int, reps: int) -> AsyncIterator[Served]:
    """The installation of `--url`, or one of our own."""
    if options.url:
        yield await _visited(options)
        return
    async with installation(nodes=nodes, reps=reps, durability=options.durability) as server:
        yield server


async def _visited(options: Options) -> Remote:
    """Looked at before the load comes: is it there, is it ready, do the reps' tokens stand?"""
    address = address_of(options.url, options.host, options.ca)
    await asyncio.to_thread(_get, address, "/readyz", "")
    reps, least = [], 0
    for number, token in enumerate(options.rep_tokens, start=1):
        try:
            me = await asyncio.to_thread(_get, address, "/v1/me", token)
        except Unfit as unfit:
            raise Unfit(f"The token of rep {number}: {unfit}") from None
        reps.append(RepAccount(me["id"], token))
        least = min(least or me["capacity"], me["capacity"])
    if len({rep.id for rep in reps}) < len(reps):
        raise Unfit("Two of the tokens are of the same rep; give one for each.")
    return Remote([Door(address)], reps, least)


def address_of(url: str, host: str, ca: str = "") -> Address:
    """Where `url` leads. Raises Unfit: also if it leads away from this machine, and `host` doesn't
    name the same host once more.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Unfit(f"{url!r} is no http:// or https:// address.")
    if parts.username or parts.query or parts.fragment:
        raise Unfit("The address may have a host, a port and a path, nothing more.")
    if host != parts.hostname and not _is_here(parts.hostname):
        raise Unfit(
            f"This would put load on {parts.hostname}. If it is yours, say so: "
            f"--host {parts.hostname}"
        )
    tls = parts.scheme == "https"
    port = parts.port or (443 if tls else 80)
    return Address(parts.hostname, port, tls, parts.hostname, parts.path.rstrip("/"), ca)


def _is_here(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _Stay(urllib.request.HTTPRedirectHandler):
    """Nobody sends the load elsewhere."""

    def redirect_request(self, *_arguments: Any, **_named: Any) -> None:
        return None


def _get(address: Address, path: str, token: str) -> Any:
    """What it answers, as JSON. Raises Unfit."""
    scheme = "https" if address.tls else "http"
    request = urllib.request.Request(f"{scheme}://{address.header}{address.prefix}{path}")  # noqa: S310 - http or https, by address_of
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    handlers: list[urllib.request.BaseHandler] = [_Stay(), urllib.request.ProxyHandler({})]
    if address.tls:
        handlers.append(urllib.request.HTTPSHandler(context=address.context()))
    try:
        with urllib.request.build_opener(*handlers).open(request, timeout=SECONDS) as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError as error:
        raise Unfit(
            f"{path} answers {error.code}: {error.read(300).decode(errors='replace')}"
        ) from None
    except (OSError, ValueError) as error:
        raise Unfit(f"{request.full_url} can't be reached: {error}") from None
