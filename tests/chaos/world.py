"""What a run breaks: nodes, a worker and Redis, with links between them."""

import shutil
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from frontdesk.config import Durability
from tests.chaos.clock import Clock
from tests.chaos.faults import World
from tests.chaos.links import Link, link_to_port, link_to_socket
from tests.chaos.options import CAPACITY, RING, Options
from tests.scenarios.processes import Installation, installation
from tests.scenarios.rules import in_turn, publish


@asynccontextmanager
async def opened(options: Options, folder: Path) -> AsyncIterator[World]:
    """Each process has a link of its own to Redis, and clients one to each node. Afterwards, also
    after a failure, the logs are in the folder.
    """
    clock = Clock(folder / "clock")
    async with installation(
        nodes=0, reps=options.reps, worker=False, engine=clock.engine, default_capacity=CAPACITY,
        durability=Durability.ALWAYS, wait_seconds=options.wait, rep_lost_seconds=3,
    ) as running:  # fmt: skip
        links = await _links(running, options)
        try:
            await _start(running, options)
            yield World(running, links, clock)
        finally:
            logs = folder / "logs"
            shutil.copytree(running.folder, logs, ignore=_all_but_logs, dirs_exist_ok=True)
            for link in links.values():
                await link.close()


async def _start(running: Installation, options: Options) -> None:
    for index in range(options.nodes):
        await running.start_node(index)
    await running.start_worker()
    if options.turns:
        everybody = [account.id for account in running.reps]
        await publish(running, in_turn(*everybody, ring=RING, wait=options.wait))


async def _links(running: Installation, options: Options) -> dict[str, Link]:
    links = {}
    redis = Path(running.redis.url.removeprefix("unix://"))
    for name in [*(f"node-{index}" for index in range(options.nodes)), "worker"]:
        near, ends = running.folder / f"{name}.sock", f"{name} and redis"
        links[ends] = await link_to_socket(ends, near, redis, f"{options.seed} {ends}")
        running.redis_of[name] = f"unix://{near}"
    for index in range(options.nodes):
        place, ends = running.add_place(), f"clients and node-{index}"
        links[ends] = await link_to_port(ends, place.port, f"{options.seed} {ends}")
        place.port = links[ends].port
    return links


def _all_but_logs(folder: str, names: Iterable[str]) -> set[str]:
    return {
        name
        for name in names
        if name == "appendonlydir" or not (name.endswith(".log") or Path(folder, name).is_dir())
    }
