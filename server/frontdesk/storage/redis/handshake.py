"""What happens on a new connection before any script may run (R1.2)."""

import asyncio
import secrets

from frontdesk.storage.redis.address import Address
from frontdesk.storage.redis.asking import Asking
from frontdesk.storage.redis.errors import NotAMaster
from frontdesk.storage.redis.pipeline import Answer, Pipeline
from frontdesk.storage.redis.script import FRAGMENTS, load, registered

BOOT = load(FRAGMENTS / "boot.lua")
NAME = "frontdesk"


async def shake_hands(pipeline: Pipeline, address: Address, meta_key: bytes) -> bytes:
    """Logs in, makes sure that this is the master, loads every script; gives the epoch.

    Raises NotAMaster, Retry (lost, or still loading its data), Elsewhere (a cluster has the key on
    another node) or ScriptFailed (wrong password).
    """
    info = await introduce(pipeline, address)
    if isinstance(pipeline, Asking):
        pipeline.asking = True
    nonce = secrets.token_urlsafe(16)
    booted = await pipeline.ask("EVALSHA", BOOT.sha, 1, meta_key, incarnation(info), nonce)
    epoch: bytes = booted[1]
    return epoch


async def introduce(pipeline: Pipeline, address: Address) -> bytes:
    """All of it but the epoch; gives what INFO says. Enough where no epoch guards anything."""
    *_, role, info = await _all(
        *(pipeline.ask(*command) for command in address.login()),
        pipeline.ask("CLIENT", "SETNAME", NAME),
        *(pipeline.ask("SCRIPT", "LOAD", script.source) for script in registered()),
        pipeline.ask("ROLE"),
        pipeline.ask("INFO"),
    )
    _check_role(role)
    said: bytes = info
    return said


def incarnation(info: bytes) -> str:
    """What tells this life of the server from every other: `run_id:master_replid` (R1.1)."""
    fields = fields_of(info)
    return f"{fields['run_id']}:{fields['master_replid']}"


def fields_of(info: bytes) -> dict[str, str]:
    """The answer to INFO as names and values."""
    lines = info.decode(errors="replace").splitlines()
    return {name: value for name, _, value in (line.partition(":") for line in lines)}


async def _all(*answers: asyncio.Future[Answer]) -> list[Answer]:
    """Waits for every answer, then raises the first failure: none may go unheard."""
    replies = await asyncio.gather(*answers, return_exceptions=True)
    for reply in replies:
        if isinstance(reply, BaseException):
            raise reply
    return replies


def _check_role(role: list[Answer]) -> None:
    if role[0] != b"master":
        raise NotAMaster(f"this Redis is a {role[0].decode()}, not a master")
