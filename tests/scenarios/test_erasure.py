"""The worker is killed in the middle of an erasure, again and again (OP-5)."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from frontdesk.privacy.persons import Persons
from frontdesk.routing.store import ledger
from frontdesk.storage.tables import conversation, decision, entry, erased, erasure, visitor
from tests.scenarios.conftest import Scene
from tests.scenarios.processes import PATIENCE, installation

pytestmark = pytest.mark.asyncio(loop_scope="session")

ANN = "ann@lighthouse.example"
MANY = 600


async def put(running: Any, table: Any, rows: list[dict[str, Any]]) -> None:
    async with running.database.write() as connection:
        await connection.execute(insert(table), rows)


async def talked_much(running: Any) -> None:
    """Ann had many conversations."""
    names = [f"c{number:04}" for number in range(MANY)]
    seen: dict[str, Any] = {"first_seen_at": 1, "last_seen_at": 2, "fields": {}, "email": ANN}
    await put(running, visitor, [{"id": "v-ann", **seen}])
    talk: dict[str, Any] = {"desk": "main", "visitor_id": "v-ann", "state": "closed", "epoch": "e"}
    about = {"about": {"email": ANN}, "requested_at": 1}
    await put(running, conversation, [{"id": name, **talk, **about} for name in names])
    said = {"epoch": "e", "type": "message", "at": 1, "sender": "visitor", "offset": 1}
    body = {"body": {"text": f"I am {ANN}"}}
    await put(running, entry, [{"conversation_id": name, **said, **body} for name in names])
    routed = {"at": 1, "version": "1", "body": {"rule": "rul_1"}}
    await put(running, decision, [{"id": f"d{n}", "conversation_id": n, **routed} for n in names])


async def test_an_erasure_whose_worker_is_killed_goes_on_and_counts_once(seed: int) -> None:
    async with installation(nodes=1, reps=1) as running:
        await talked_much(running)
        scene = Scene(running, seed)
        live = await scene.visitor(0)
        name = await live.requests(f"My address is {ANN}")
        await scene.check.archived(name, last=live.chat.offset)
        persons = Persons(running.database, "main")
        id = await persons.erase(None, ANN)
        kills = 0
        for gone in (50, 200, 450):
            kills += await killed_at(running, gone)
        assert kills, "it was never killed in the middle"
        async with asyncio.timeout(PATIENCE):
            while (await persons.erasure(None, id)).state != "done":
                await asyncio.sleep(0.05)
        one = await persons.erasure(None, id)
        assert (one.visitors, one.conversations) == (2, MANY + 1)
        async with running.database.read() as connection:
            asked = await ledger.outcomes(connection, "main", since=0, until=2**52)
            left = [
                await connection.scalar(select(func.count()).select_from(table))
                for table in (conversation, entry, decision, visitor)
            ]
        assert sum(one.requests for one in asked if one.rule == "rul_1") == MANY
        assert left == [0] * 4
        assert (await persons.find(None, ANN)).visitors == []
        await scene.everybody_leaves()


async def killed_at(running: Any, gone: int) -> int:
    """SIGKILL when so many conversations are gone; → 1 if the erasure was under way then."""
    async with asyncio.timeout(PATIENCE):
        while True:
            async with running.database.read() as connection:
                marked = await connection.scalar(select(func.count()).select_from(erased))
                (state,) = (await connection.execute(select(erasure.c.state))).scalars()
            if marked > gone or state == "done":
                break
            await asyncio.sleep(0.001)
    await running.kill_worker()
    await running.start_worker()
    return int(state == "working")
