"""A failover of Sentinel, a slot that moves, a master that dies: while people talk (R1.9, R6.8)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest
import pytest_asyncio

from frontdesk.config import Durability
from frontdesk.wire import frames
from tests.databases import new_postgres_database, running_postgres
from tests.engines.cluster import DESK, ClusterSet, running_cluster
from tests.engines.sentinel import NAME, running_sentinels
from tests.engines.server import newest, oldest
from tests.scenarios.conftest import Scene
from tests.scenarios.people import Rep, Visitor
from tests.scenarios.processes import installation
from tests.scenarios.test_faults import end

pytestmark = pytest.mark.asyncio(loop_scope="session")

LONGEST_SILENCE = 10.0
"""s; what a visitor may have to wait while a master is replaced."""
Done = Callable[[], bool]


@asynccontextmanager
async def scene_on(
    url: str, seed: int, durability: Durability, *, database_url: str = ""
) -> AsyncIterator[Scene]:
    """Two nodes and a worker on this Redis, with SQLite or another database."""
    async with installation(
        nodes=2, reps=2, redis_url=url, durability=durability, database_url=database_url
    ) as running:
        scene = Scene(running, seed)
        yield scene
        scene.complaints()
        await scene.everybody_leaves()


async def talk_on(visitor: Visitor, rep: Rep, name: str, done: asyncio.Event) -> None:
    """Both write, each one message after the other, until enough has happened."""

    async def visitor_writes() -> None:
        number = 0
        while not done.is_set():
            number += 1
            await visitor.says(f"v{number}")

    async def rep_writes() -> None:
        number = 0
        while not done.is_set():
            number += 1
            await rep.says(name, f"r{number}")

    async with asyncio.TaskGroup() as group:
        group.create_task(visitor_writes())
        group.create_task(rep_writes())


async def chat_during(
    scene: Scene, happens: Callable[[], Awaitable[Done]], *, longest: float = LONGEST_SILENCE
) -> None:
    """Talks before, during and after what happens; nothing is lost, doubled or reordered."""
    visitor, rep, name = await scene.chat()
    done = asyncio.Event()
    talking = asyncio.create_task(talk_on(visitor, rep, name, done))
    await visitor.until(lambda: visitor.chat.offset >= 30, "a conversation")
    is_over = await happens()
    await visitor.until(is_over, "the end of it")
    after = visitor.chat.offset + 40
    await visitor.until(lambda: visitor.chat.offset >= after, "the conversation to go on")
    done.set()
    await talking
    await end(scene, visitor, rep, name)
    silence = longest_silence(scene)
    print(f"the longest silence was {silence:.1f} s")  # noqa: T201 - for operations.md
    assert silence < longest, f"nobody was answered for {silence:.1f} s"


def longest_silence(scene: Scene) -> float:
    """Seconds between two acknowledged messages."""
    times = sorted(
        call.answered for call in scene.history.of(frames.SendMessage) if call.answered is not None
    )
    return max(after - before for before, after in pairwise(times))


@pytest_asyncio.fixture(loop_scope="session")
async def a_database() -> AsyncIterator[str]:
    """An empty one on PostgreSQL."""
    with running_postgres() as folder:
        yield await new_postgres_database(folder)


async def test_a_master_dies_and_sentinel_promotes_a_replica_which_has_all_that_was_acknowledged(
    seed: int, a_database: str
) -> None:
    with running_sentinels(newest()) as sentinels:

        async def dies() -> Done:
            dead = sentinels.kill_master()
            return lambda: sentinels.master() is not dead

        replicated = Durability.REPLICATED
        async with scene_on(sentinels.url, seed, replicated, database_url=a_database) as scene:
            await chat_during(scene, dies)


async def test_sentinels_switch_away_from_a_healthy_master_and_nobody_goes_on_writing_to_it(
    seed: int,
) -> None:
    """The old master would take writes for another eleven seconds, and lose them."""
    with running_sentinels(newest()) as sentinels:
        before = sentinels.master()

        async def switches() -> Done:
            sentinels.sentinels[0].ask("SENTINEL", "FAILOVER", NAME)
            return lambda: sentinels.master() is not before

        async with scene_on(sentinels.url, seed, Durability.REPLICATED) as scene:
            await chat_during(scene, switches)


async def test_the_slot_of_the_desk_moves_to_another_master(seed: int) -> None:
    with running_cluster(newest()) as cluster:

        async def moves() -> Done:
            return await move_desk(cluster, scene)

        async with scene_on(cluster.url, seed, Durability.ALWAYS) as scene:
            await chat_during(scene, moves)


async def test_the_slot_of_the_desk_moves_there_and_back_on_redis_6_2(seed: int) -> None:
    with running_cluster(oldest()) as cluster:

        async def moves() -> Done:
            await move_desk(cluster, scene)
            return await move_desk(cluster, scene)

        async with scene_on(cluster.url, seed, Durability.ALWAYS) as scene:
            await chat_during(scene, moves)


async def move_desk(cluster: ClusterSet, scene: Scene) -> Done:
    """Key by key in random order, while clients go on."""
    migration = cluster.migration("{d:main}")
    migration.begin()
    await asyncio.sleep(0.3)
    keys = migration.left()
    scene.random.shuffle(keys)
    for key in keys:
        migration.move(key)
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.3)  # all of it has arrived, and nobody says so yet
    migration.end()
    return lambda: cluster.owner(DESK) is migration.target


async def test_a_master_of_a_cluster_gives_way_on_purpose_then_its_successor_dies(
    seed: int,
) -> None:
    with running_cluster(newest(), replicas=2) as cluster:

        async def dies() -> Done:
            chosen = cluster.nodes[-1]
            chosen.ask("CLUSTER", "FAILOVER")
            while cluster.owners(DESK) != [chosen]:
                await asyncio.sleep(0.05)
            await asyncio.sleep(1)  # the others follow it
            chosen.kill()
            return lambda: bool(cluster.owners(DESK))

        async with scene_on(cluster.url, seed, Durability.REPLICATED) as scene:
            await chat_during(scene, dies)
