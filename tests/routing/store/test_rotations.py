"""Turns of rules and reps that are no more leave Redis; running rotations go on (RT-5)."""

import pytest

from frontdesk.claims.turns import Turns
from frontdesk.people.accounts import RepChanges
from frontdesk.people.roles import Role
from frontdesk.routing.rotations import Rotations
from frontdesk.storage.redis.keys import Keys
from frontdesk.storage.redis.link import Link
from tests import desk as live
from tests.routing.store.conftest import Desk, rule, rules


class Rot:
    """The hash, and who cleans it."""

    def __init__(self, desk: Desk, link: Link, keys: Keys) -> None:
        self.link, self.keys = link, keys
        self.live = live.Desk(link, keys)
        claims = self.live.at().claims
        self.cleaner = Rotations(desk.database, "main", claims, Turns(link, keys))

    async def write(self, **turns: str) -> None:
        for field, value in turns.items():
            await self.link.command(b"HSET", self.keys.rot, field.replace("__", " "), value)

    async def fields(self) -> set[str]:
        return {one.decode() for one in await self.link.command(b"HKEYS", self.keys.rot)}


@pytest.fixture
async def rot(desk: Desk, link: Link, keys: Keys) -> Rot:
    return Rot(desk, link, keys)


async def test_turns_of_deleted_rules_and_of_who_left_go_and_all_others_stay(
    desk: Desk, rot: Rot
) -> None:
    book, cid = desk.room.rulebook, await desk.office.hire("Cid", Role.REP)
    await book.apply(None, rules(rule("A"), rule("B")), "", 0)
    ada = desk.ada.id
    for field in ("rul_a", f"rul_a {ada}", f"rul_a {cid.id}", "rul_b", f"rul_b {ada}", "default",
                  f"default {ada}", "default r_gone"):  # fmt: skip
        await rot.link.command(b"HSET", rot.keys.rot, field, "1 1")
    assert await rot.cleaner.clean() == 1
    assert await rot.fields() >= {"rul_b", f"rul_b {ada}", f"rul_a {cid.id}"}
    await book.apply(None, rules(rule("A")), "", 1)
    boss = await desk.office.arrive(await desk.office.hire("Root", Role.ADMIN))
    await desk.office.people.accounts.change(boss, cid.id, RepChanges(active=False))
    assert await rot.cleaner.clean() == 3
    assert await rot.fields() == {"rul_a", f"rul_a {ada}", "default", f"default {ada}"}
    assert await rot.cleaner.clean() == 0


async def test_a_rule_by_which_somebody_waits_keeps_its_turns(desk: Desk, rot: Rot) -> None:
    book = desk.room.rulebook
    await book.apply(None, rules(rule("A")), "", 0)
    await rot.write(rul_a="1 1")
    await rot.live.settle_down()
    await rot.live.at().comes("ann")
    await rot.live.at().request("c1", "ann")
    c1 = rot.keys.conversation("c1").c
    await rot.link.command(b"HSET", c1, b"route", b"1 rul_a")
    await book.apply(None, rules(rule("B")), "", 1)
    assert await rot.cleaner.clean() == 0
    await rot.live.at().claim("c1", "ann")
    assert await rot.cleaner.clean() == 1


async def test_turns_that_move_while_they_are_looked_through_stay(rot: Rot) -> None:
    await rot.write(rul_a="1 1", rul_b="1 1")
    turns = Turns(rot.link, rot.keys)
    seen: dict[str, str] = {}
    async for some in turns.all():
        seen.update(some)
    await rot.write(rul_a="2 2")
    assert await turns.forget(seen) == 1
    assert await rot.fields() == {"rul_a"}


async def test_many_turns_are_looked_through_page_by_page(rot: Rot) -> None:
    fields = [word for i in range(2_000) for word in (f"rul_gone r_{i}", "1 1")]
    await rot.link.command(b"HSET", rot.keys.rot, *fields)
    assert await rot.cleaner.clean() == 2_000
