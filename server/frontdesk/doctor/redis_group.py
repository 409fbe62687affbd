"""What stands by when the server of the desk dies: replicas, Sentinels, a cluster (R1.9)."""

import asyncio
from collections.abc import Iterator, Mapping

from frontdesk.doctor.finding import Finding, fail, ok, warn
from frontdesk.errors import FrontdeskError
from frontdesk.storage.redis.address import Address
from frontdesk.storage.redis.handshake import fields_of
from frontdesk.storage.redis.pipeline import Pipeline
from frontdesk.storage.redis.sentinels import Sentinels

ENOUGH = 2  # replicas: after a failover one is left, and writing goes on
MOST_SENTINELS = 3  # so that two can agree when one is gone
SECONDS = 2.0

Said = Mapping[str, str]


def replicas(config: Said | None, info: Said) -> Iterator[Finding]:
    """Of the master that has the desk."""
    count = int(info.get("connected_slaves", "0"))
    if count < ENOUGH:
        what = (
            f"{count} of the master: when it dies, writing stops or nothing is left to go on with"
        )
        yield warn("Redis replicas", what, f"Have {ENOUGH}.")
    else:
        yield ok("Redis replicas", f"{count} of the master")
    if config is None:
        return
    needed = int(config.get("min-replicas-to-write", "0"))
    if needed < 1:
        what = "min-replicas-to-write is 0: a master that was cut off takes what will be lost"
        advice = "CONFIG SET min-replicas-to-write 1, on every server, and write it into its file."
        yield warn("Redis alone", what, advice)
    else:
        yield ok("Redis alone", "a master without replicas takes nothing")


async def sentinels(servers: Sentinels) -> list[Finding]:
    """Whether all answer, and agree; and whether they are enough."""
    told = await asyncio.gather(
        *(_sentinel(servers.name, address) for address in servers.addresses), return_exceptions=True
    )
    silent = [
        str(address)
        for address, said in zip(servers.addresses, told, strict=True)
        if isinstance(said, BaseException)
    ]
    living = [said for said in told if not isinstance(said, BaseException)]
    return [*_number(servers, living), *_silent(silent), *_agreement(living)]


def _number(servers: Sentinels, living: list[Said]) -> Iterator[Finding]:
    known = max((int(said["num-other-sentinels"]) + 1 for said in living), default=0)
    listed = len(servers.addresses)
    if known < MOST_SENTINELS:
        what = f"{known}: with one of them the failover dies, too"
        yield warn("Redis Sentinels", what, f"Run {MOST_SENTINELS}, on different machines.")
    elif listed < known:
        what = f"{known}, of which FRONTDESK_REDIS_URL names {listed}"
        yield warn("Redis Sentinels", what, "Name all: we hear a switch only from those we know.")
    else:
        yield ok("Redis Sentinels", f"{known}, quorum {living[0]['quorum']}")


def _silent(names: list[str]) -> Iterator[Finding]:
    if names:
        yield warn("Redis Sentinels", f"{', '.join(names)} can't be asked", "Start them again.")


def _agreement(living: list[Said]) -> Iterator[Finding]:
    masters = {f"{said['ip']}:{said['port']}" for said in living}
    if len(masters) > 1:
        what = f"they name different masters: {', '.join(sorted(masters))}"
        yield fail("Redis Sentinels", what, "SENTINEL RESET on the one that is wrong.")


async def _sentinel(name: str, address: Address) -> Said:
    async with asyncio.timeout(SECONDS):
        pipeline = await address.connect(Pipeline)
        try:
            for command in address.login():
                await pipeline.ask(*command)
            flat = await pipeline.ask("SENTINEL", "MASTER", name)
        finally:
            pipeline.lose("asked")
    return {flat[i].decode(): flat[i + 1].decode() for i in range(0, len(flat), 2)}


async def cluster(pipeline: Pipeline) -> list[Finding]:
    """As the node sees it that has the desk."""
    info = fields_of(await pipeline.ask("CLUSTER", "INFO"))
    return [*_state(info), *await _coverage(pipeline)]


def _state(info: Said) -> Iterator[Finding]:
    if info["cluster_state"] != "ok" or info["cluster_slots_ok"] != "16384":
        what = (
            f"state {info['cluster_state']}, {info['cluster_slots_ok']} of 16384 slots are served"
        )
        yield fail("Redis cluster", what, "redis-cli --cluster check, then --cluster fix.")
    else:
        yield ok("Redis cluster", f"{info['cluster_size']} masters serve all slots")


async def _coverage(pipeline: Pipeline) -> list[Finding]:
    name = "cluster-require-full-coverage"
    try:
        answer = await pipeline.ask("CONFIG", "GET", name)
    except FrontdeskError:
        return []
    if answer and answer[1] == b"yes":
        what = f"{name} is yes: one master without a replica takes the desk down with it"
        return [warn("Redis coverage", what, f"CONFIG SET {name} no, on every node.")]
    return [ok("Redis coverage", "the desk goes on when another master is gone")]
