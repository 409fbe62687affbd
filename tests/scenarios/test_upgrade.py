"""Two versions side by side: an upgrade costs nobody a word, and can be taken back."""

import io
import subprocess
import tarfile
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from tests.scenarios.conftest import Scene
from tests.scenarios.people import Rep, Visitor
from tests.scenarios.processes import Installation, installation

pytestmark = pytest.mark.asyncio(loop_scope="session")

PREDECESSOR = "7a39bfcadb8cfe744239f2584b47275952640473"
"""The commit whose nodes ours can stand beside: that of the release before, once there is one."""
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as it was, out of the project's history."""
    folder = tmp_path_factory.mktemp("predecessor")
    command = ["git", "-C", str(ROOT), "archive", PREDECESSOR, "server"]
    packed = subprocess.run(command, capture_output=True, check=False)
    assert packed.returncode == 0, (
        f"The version before, {PREDECESSOR}, is not in this checkout: {packed.stderr.decode()}"
        "It needs the project's history (git fetch --unshallow)."
    )
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder / "server"


@pytest_asyncio.fixture(loop_scope="session")
async def before(old: Path) -> AsyncIterator[Installation]:
    """An installation of the version before, migrated for the one to come."""
    async with installation(nodes=2, reps=4, worker=False) as running:
        for index in (0, 1):
            await running.kill_node(index)
            await running.start_node(index, old)
        await running.start_worker(old)
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def stage(before: Installation, seed: int) -> AsyncIterator[Scene]:
    found = Scene(before, seed)
    yield found
    found.complaints()
    await found.everybody_leaves()


async def talk(visitor: Visitor, rep: Rep, name: str, about: str) -> None:
    """Each says something and hears the other."""
    await visitor.says(f"What about {about}?")
    await rep.until(lambda: (found := rep.holds(name)) and found.offset >= visitor.chat.offset)
    await rep.says(name, f"This about {about}.")
    await visitor.until(lambda: visitor.heard_last(f"This about {about}."), "the answer")


def ended(visitor: Visitor) -> bool:
    return visitor.chat.state == "closed"


async def test_an_upgrade_costs_no_word_and_can_be_taken_back(stage: Scene, old: Path) -> None:
    running = stage.running
    visitor, rep, name = await stage.chat()
    await talk(visitor, rep, name, "the old version")
    waiting = await stage.visitor(0)
    ringing = await waiting.requests("Is anybody there?")

    await running.drain_node(0)
    await running.start_node(0)
    await talk(visitor, rep, name, "a node of each")
    await running.drain_node(1)
    await running.start_node(1)
    await running.stop_worker()
    await running.start_worker()
    await talk(visitor, rep, name, "the new version")
    await rep.claims(ringing)
    await talk(waiting, rep, ringing, "who waited through all of it")

    for index in (1, 0):
        await running.drain_node(index)
        await running.start_node(index, old)
    await running.stop_worker()
    await running.start_worker(old)
    await talk(visitor, rep, name, "the old version again")
    for whose in (visitor, waiting):
        await rep.closes_it(whose.chat.id)
        await whose.until(partial(ended, whose), "the end")
        await stage.check.all_is_well(whose, rep)


@pytest.mark.parametrize(("visitor_at", "rep_at"), [(0, 1), (1, 0)], ids=["visitor", "rep"])
async def test_visitor_and_rep_talk_across_versions(
    stage: Scene, visitor_at: int, rep_at: int
) -> None:
    running = stage.running
    await running.drain_node(1)
    await running.start_node(1)
    visitor, first, name = await stage.chat(visitor_at=visitor_at, rep_at=rep_at)
    await talk(visitor, first, name, "two versions")
    second = await stage.rep(visitor_at)
    held = first.holds(name)
    assert held is not None
    await first.ask(first.client.transfer(name, fence=held.fence, rep=second.account.id))
    await second.claims(name)
    await talk(visitor, second, name, "having been passed on")
    await running.kill_node(visitor_at)
    await running.start_node(visitor_at)
    await talk(visitor, second, name, "having lost a node")
    await second.closes_it(name)
    await visitor.until(partial(ended, visitor), "the end")
    await stage.check.all_is_well(visitor, first, second)
