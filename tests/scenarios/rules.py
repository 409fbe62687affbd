"""Rules of a scenario, and how they reach its nodes."""

import asyncio
from typing import Any

from frontdesk.bus.tell import tell_all
from frontdesk.routing.room import Routing
from frontdesk.routing.rule import RuleSet
from frontdesk.routing.rules import dump_rules
from frontdesk.storage.redis.link import Link
from tests.scenarios.processes import PATIENCE, Installation


async def publish(running: Installation, document: Any) -> None:
    """Until every node decides by it."""
    first = RuleSet.default_rule_set(30, 60)
    room = Routing.of(running.database, running.settings.desk, first=first)
    base = (await room.rulebook.standing()).live.number
    number = await room.rulebook.apply(None, document, "scenario", base)
    link = await Link.open(running.redis.url, meta_key=running.keys.meta)
    await tell_all(link, running.keys, "routing")
    await link.close()
    async with asyncio.timeout(PATIENCE):
        for index, place in enumerate(running.places):
            while place.reachable and number not in versions(running, index):
                await asyncio.sleep(0.1)


def versions(running: Installation, index: int) -> list[int]:
    lines = running.logged(f"node-{index}")
    return [line.get("version", -1) for line in lines if line.get("event") == "rules"]


def in_turn(*reps: str, ring: float, wait: float = 60) -> dict[str, Any]:
    """These one after the other, so many seconds each."""
    document: dict[str, Any] = dump_rules(RuleSet.default_rule_set(ring, wait))
    document["default"] |= {
        "strategy": "rotation",
        "targets": {"everyone": False, "reps": list(reps), "groups": []},
    }
    return document
