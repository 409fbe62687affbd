"""Simulations: recorded requests with the presence of their time, or samples (RT-13)."""

import random
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, update

from frontdesk.errors import FrontdeskError
from frontdesk.filters import Registry
from frontdesk.people.rep import Rep
from frontdesk.people.roles import Role
from frontdesk.routing.decisions.compiled import CompiledRules
from frontdesk.routing.decisions.strategies import Rotation
from frontdesk.routing.reps.view import Candidate
from frontdesk.routing.rules.rules import stored_rules
from frontdesk.routing.simulations import simulate
from frontdesk.routing.simulations.comparison import Comparison
from frontdesk.routing.simulations.history import History
from frontdesk.routing.simulations.sample_csv import read_samples
from frontdesk.routing.simulations.simulate import Reader
from frontdesk.routing.simulations.simulated import Side
from frontdesk.routing.simulations.simulations import Request, Simulator
from frontdesk.routing.simulations.turns import Turns
from frontdesk.routing.store.recorded import Change
from frontdesk.routing.visitors.situation import SomeFields, situation_of
from frontdesk.storage.tables import (
    conversation,
    decision,
    entry,
    offer_record,
    owner,
    presence_record,
)
from tests.database_fixtures import database, empty_url, postgres
from tests.people.conftest import office
from tests.routing.store.conftest import Desk, desk, rule, rules
from tests.routing.worlds import GROUPS, REPS, rule_documents

__all__ = ["database", "desk", "empty_url", "office", "postgres"]

HOUR = 3_600_000
DAY = 24 * HOUR
JP = {"name": "Kim", "location": {"country": "JP"}}
DE = {"email": "bo@acme.example", "location": {"country": "DE"}}


class Past:
    """Writes what happened, in hours before now."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._count = 0

    def at(self, hours_ago: float) -> int:
        return round(self.desk.office.now - hours_ago * HOUR)

    async def put(self, table: Any, *rows: dict[str, Any]) -> None:
        async with self.desk.database.write() as connection:
            await connection.execute(insert(table), list(rows))

    async def asked(
        self, hours_ago: float, about: dict[str, Any], *, by: str = "", missed: bool = False
    ) -> str:
        """A request, claimed by somebody or missed."""
        self._count += 1
        id, at = f"c_{self._count:04}", self.at(hours_ago)
        row = {
            "id": id, "desk": "main", "visitor_id": "v", "epoch": "e", "requested_at": at,
            "state": "missed" if missed else "closed", "rep_id": by or None,
            "claimed_at": at + 5000 if by else None, "about": about,
        }  # fmt: skip
        await self.put(conversation, row)
        return id

    async def was(self, rep: str, hours_ago: float, state: str, load: int = 0) -> None:
        """A rep's presence became this."""
        self._count += 1
        row = {
            "rep_id": rep, "at": self.at(hours_ago), "seq": self._count, "state": state,
            "cause": "chosen", "availability": "available", "capacity": 3, "load": load,
            "devices": [],
        }  # fmt: skip
        await self.put(presence_record, row)

    async def simulated(
        self, after: dict[str, Any], before: dict[str, Any] | None = None, **request: Any
    ) -> dict[str, Any]:
        async def progress(done: int, of: int) -> None:
            self.progress.append((done, of))

        self.progress: list[tuple[int, int]] = []
        reader = Reader(self.desk.database, "main", now=lambda: self.desk.office.now)
        whole = {"days": 7} | request
        return await reader(Request(after, before or rules(), **whole), progress)


@pytest.fixture
async def past(desk: Desk) -> Past:
    return Past(desk)


@pytest.fixture
async def reps(desk: Desk) -> list[Rep]:
    """Cleo and Dan, besides Ada and Ben, who are managers and take chats, too."""
    return [await desk.office.hire(name, Role.REP) for name in ("Cleo", "Dan")]


async def test_visitors_go_elsewhere_with_the_presence_of_that_time(
    past: Past, reps: list[Rep]
) -> None:
    cleo, dan = (rep.id for rep in reps)
    await past.was(cleo, 200, "eligible")
    await past.was(dan, 200, "offline")
    first = await past.asked(100, JP, by=cleo)
    await past.was(dan, 60, "eligible")
    await past.was(cleo, 59, "away")
    second = await past.asked(50, JP, by=dan)
    await past.asked(40, DE, by=dan)
    await past.asked(24 * 8, JP, by=dan)  # before the seven days
    found = await past.simulated(rules(rule("Japan", targets={"reps": [cleo]})))
    assert (found["requests"], found["moved_count"]) == (3, 2)
    assert found["missed"] == {"before": 0, "after": 1}
    one, other = found["moved"]
    assert (one["conversation"], one["visitor"], one["at"]) == (first, "Kim", past.at(100))
    assert one["before"] == {"rule": "default", "name": "Default rule", "reps": (cleo,)}
    assert one["after"] == {"rule": "rul_japan", "name": "Japan", "reps": (cleo,)}
    assert (other["conversation"], other["before"]["reps"]) == (second, (dan,))
    assert other["after"]["reps"] == ()
    assert found["rules"] == {
        "default": {"before": 3, "after": 1},
        "rul_japan": {"before": 0, "after": 2},
    }
    assert found["reps"] == {cleo: {"before": 1, "after": 1}, dan: {"before": 2, "after": 1}}


async def test_of_several_who_ring_the_one_who_claimed_has_the_chat_else_they_share_it(
    past: Past, reps: list[Rep]
) -> None:
    cleo, dan = (rep.id for rep in reps)
    for rep in (cleo, dan):
        await past.was(rep, 100, "eligible")
    await past.asked(50, JP, by=dan)
    await past.asked(49, JP, by="rep_who_left")
    await past.asked(48, JP, by=dan)
    found = await past.simulated(rules(targets={"reps": [cleo, dan]}))
    assert found["reps"] == {
        cleo: {"before": 0.5, "after": 0.5},
        dan: {"before": 2.5, "after": 2.5},
    }
    turns = await past.simulated(rules(targets={"reps": [cleo, dan]}, strategy="rotation"))
    assert {turns["reps"][rep]["after"] for rep in (cleo, dan)} == {1, 2}


async def test_who_is_full_lets_wait_and_who_stayed_silent_stays_silent(
    past: Past, reps: list[Rep]
) -> None:
    cleo, dan = (rep.id for rep in reps)
    await past.was(cleo, 100, "full", load=3)
    await past.asked(90, JP, by=cleo)  # a place was free in time
    await past.asked(89, JP, missed=True)
    await past.was(cleo, 80, "eligible")
    await past.was(dan, 80, "eligible")
    silent = await past.asked(70, JP, missed=True)
    offer = {"conversation_id": silent, "rep_id": cleo, "at": past.at(70), "outcome": "expired"}
    await past.put(offer_record, offer)
    mine = rules(targets={"reps": [cleo]})
    found = await past.simulated(rules(targets={"reps": [cleo, dan]}), mine)
    assert found["missed"] == {"before": 2, "after": 1}
    gone = {
        "conversation_id": silent,
        "offset": 2,
        "epoch": "e",
        "type": "missed",
        "at": past.at(70),
    }
    await past.put(entry, {**gone, "body": {}})
    closed = update(conversation).where(conversation.c.id == silent).values(state="closed")
    async with past.desk.database.write() as connection:  # the visitor has left since
        await connection.execute(closed)
    assert (await past.simulated(rules(targets={"reps": [cleo, dan]}), mine)) == found


async def test_where_nothing_was_recorded_a_decision_says_who_was_there(
    past: Past, reps: list[Rep]
) -> None:
    cleo, dan = (rep.id for rep in reps)
    first = await past.asked(30, JP)
    await past.asked(29, JP)
    seen = [
        {"rep": cleo, "eligibility": "eligible", "since": 1, "cause": "", "load": 0, "capacity": 3},
        {"rep": dan, "eligibility": "away", "since": 1, "cause": "", "load": 0, "capacity": 3},
    ]
    row = {
        "id": "d_1", "conversation_id": first, "at": past.at(30), "version": "1",
        "body": {"version": 2, "considered": seen},
    }  # fmt: skip
    await past.put(decision, row)
    found = await past.simulated(rules(targets={"reps": [dan]}), rules(targets={"reps": [cleo]}))
    assert found["missed"] == {"before": 0, "after": 2}
    assert found["reps"] == {cleo: {"before": 2, "after": 0}}


async def test_owners_ring_where_a_rule_looks_for_them(past: Past, reps: list[Rep]) -> None:
    cleo, dan = (rep.id for rep in reps)
    for rep in (cleo, dan):
        await past.was(rep, 100, "eligible")
    row = {
        "id": "own_1", "kind": "account", "key": "acme.example", "rep_id": dan, "updated_at": 1,
    }  # fmt: skip
    await past.put(owner, row)
    await past.asked(50, DE)
    await past.asked(49, JP)
    base = rules(targets={"reps": [cleo]})
    found = await past.simulated(rules(targets={"reps": [cleo]}, owner={"on": True}), base)
    assert [one["after"]["reps"] for one in found["moved"]] == [(dan,)]
    assert found["reps"] == {cleo: {"before": 2, "after": 1}, dan: {"before": 0, "after": 1}}


async def test_pages_make_no_difference_and_progress_is_told_after_each(
    past: Past, reps: list[Rep], monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(7)
    for n in range(60):
        hours = rng.randrange(1, 40)
        await past.was(reps[n % 2].id, hours, rng.choice(["eligible", "away", "full"]))
        await past.asked(hours, rng.choice([JP, DE]), by=reps[n % 2].id, missed=n % 5 == 0)
    wanted = rules(rule("Japan", targets={"reps": [reps[0].id]}), strategy="rotation")
    whole = await past.simulated(wanted)
    assert past.progress == [(0, 60), (60, 60)]
    monkeypatch.setattr(simulate, "PAGE", 7)
    monkeypatch.setattr(simulate, "DECISIONS", 3)
    assert await past.simulated(wanted) == whole
    assert past.progress == [(0, 60), *((7 * n, 60) for n in range(1, 9)), (60, 60)]


async def test_the_worker_simulates_what_a_node_asked_for(past: Past, reps: list[Rep]) -> None:
    desk = past.desk
    await past.was(reps[0].id, 100, "eligible")
    await past.asked(50, JP)
    id = await desk.room.simulations.add(desk.ada, Request(rules(rule("A")), rules(), days=7))
    reader = Reader(desk.database, "main", now=lambda: desk.office.now)
    assert await Simulator(desk.database, "main", reader, now=lambda: desk.office.now).work()
    found = await desk.room.simulations.one(id)
    assert (found.state, found.done, found.of) == ("done", 1, 1)
    assert (found.result or {})["moved_count"] == 1


# --- samples --------------------------------------------------------------------------------------


async def test_samples_are_routed_with_everybody_available(past: Past, reps: list[Rep]) -> None:
    csv = "location.country;email;visitor.employees\nJP;kim@example.com;1200\n\nDE;;5\n"
    wanted = rule(
        "Large",
        when={"all": [{"field": "visitor.employees", "op": "greater", "value": 1000}]},
        targets={"reps": [reps[0].id]},
    )
    found = await past.simulated(rules(wanted), days=0, samples=csv)
    assert (found["requests"], found["moved_count"]) == (2, 1)
    (moved,) = found["moved"]
    assert (moved["conversation"], moved["visitor"]) == ("line-2", "Line 2: kim@example.com")
    assert moved["after"]["reps"] == (reps[0].id,)
    assert found["missed"] == {"before": 0, "after": 0}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Line 1: The first line must name the columns"),
        ("location.country\n", "no visitors"),
        ("colour,email\nred,a@b.example\n", "Line 1: 'colour' is no field."),
        ("email,visitor.email\na,b\n", "A column is there twice."),
        ("page.path\n/pricing\n", "page.path is made from page.url"),
        ("employees\n12\nmany\n", "Line 3: visitor.employees: 'many' can't be read as a number."),
        ("email\na@b.example,2,3\n", "Line 2: There are 3 cells under 1 columns."),
        ("email\n" + "a,b\n" * 8, "And 3 more."),
        ('email\n"a\n', "Line 2: "),
        ("employees\n" + "many\n" * 5000, "And 195 more."),
    ],
)
def test_what_is_wrong_with_samples_is_said_by_line(text: str, said: str) -> None:
    with pytest.raises(FrontdeskError) as refused:
        read_samples(text, Registry.builtin())
    assert refused.value.code == "bad_request"
    assert said in refused.value.message


def test_samples_may_be_called_as_what_is_known_of_a_visitor() -> None:
    text = "\ufeffcompany\tutm.source\tlocale\nAcme\tgoogle\tde-DE\n"
    ((line, about),) = read_samples(text, Registry.builtin())
    assert line == 2
    assert about == {"company": "Acme", "utm": {"source": "google"}, "locale": "de-DE"}


# --- properties -----------------------------------------------------------------------------------

STATES = ("eligible", "full", "away", "idle", "offline", "off_hours")


def compared(
    before: dict[str, Any], after: dict[str, Any], states: Sequence[Sequence[str]]
) -> dict[str, Any]:
    """Visitors of every kind against both, each with its presence."""
    registry = Registry.builtin()
    members = {group: REPS[n : n + 3] for n, group in enumerate(GROUPS[:2])}
    sides = [
        Side(CompiledRules.of(0, stored_rules(one), registry, members)) for one in (before, after)
    ]
    candidates = [
        Candidate(rep, frozenset(g for g, some in members.items() if rep in some)) for rep in REPS
    ]
    keys = [field.key for field in registry]
    history = History(candidates)
    comparison = Comparison(sides[0], sides[1], SomeFields(registry, keys), history)
    for n, instant in enumerate(states):
        for rep, state in zip(REPS, instant, strict=True):
            history.take(Change(n, rep, 0, state, "chosen", 1, 3))
        comparison.add(f"c_{n}", n, {"location": {"country": ("JP", "DE", "US")[n % 3]}})
    return comparison.result()


@settings(max_examples=60, deadline=None)
@given(
    rule_documents(),
    st.lists(st.lists(st.sampled_from(STATES), min_size=6, max_size=6), max_size=12),
)
def test_the_same_rules_move_nobody(document: dict[str, Any], states: list[list[str]]) -> None:
    found = compared(document, document, states)
    assert (found["requests"], found["moved_count"], found["moved"]) == (len(states), 0, [])
    pairs = [found["missed"], *found["rules"].values(), *found["reps"].values()]
    assert all(pair["before"] == pair["after"] for pair in pairs)
    rung = sum(pair["after"] for pair in found["reps"].values())
    assert rung + found["missed"]["after"] <= len(states) + 0.1 * len(REPS)


@given(
    st.lists(
        st.tuples(st.sets(st.sampled_from(REPS), min_size=1), st.sampled_from([0.5, 1, 2.5])),
        max_size=60,
    )
)
def test_turns_are_those_of_the_specified_rotation(
    offers: list[tuple[set[str], float]],
) -> None:
    turns, rotation = Turns(), Rotation()
    for able, weight in offers:
        reps = sorted(able)
        rep = turns.next(reps)
        assert rep == rotation.next(reps)
        turns.offered(rep, weight)
        rotation = rotation.offered(rep, weight)


def test_some_fields_are_the_same_as_in_the_whole_situation() -> None:
    about = {
        "page": {"url": "https://example.com/a"}, "email": "a@b.example", "fields": {"plan": "x"},
        "location": {"country": "jp"}, "employees": "12",
    }  # fmt: skip
    registry = Registry.builtin()
    whole = situation_of(about, registry)
    for keys in (["page.path"], ["visitor.email_domain", "location.country"], list(whole)):
        assert SomeFields(registry, keys).of(about) == {key: whole[key] for key in keys}
