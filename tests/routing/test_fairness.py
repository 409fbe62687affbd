"""The fairness ledger: offers by hour of availability, outcomes, drift (RT-15)."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import insert

from frontdesk.errors import FrontdeskError
from frontdesk.people.rep import Rep
from frontdesk.people.roles import Role
from frontdesk.routing.ledger.drift import Drift, Shares, missed_drift
from frontdesk.routing.ledger.fairness import Fairness, FairRule
from frontdesk.routing.store.ledger import Outcome, Turn
from frontdesk.storage.tables import conversation, decision, entry, offer_record, presence_record
from tests.database_fixtures import database, empty_url, postgres
from tests.people.conftest import office
from tests.routing.store.conftest import Desk, desk, rule, rules

__all__ = ["database", "desk", "empty_url", "office", "postgres"]

HOUR = 3_600_000
DAY = 24 * HOUR


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

    async def asked(self, hours_ago: float, *, state: str = "closed", **details: Any) -> str:
        """A request, and the decision on it: `body`."""
        self._count += 1
        id, at = f"c_{self._count:04}", self.at(hours_ago)
        row = {
            "id": id, "desk": "main", "visitor_id": "v", "epoch": "e", "requested_at": at,
            "state": state, "claimed_at": at if details.get("by") else None,
            "about": {"location": {"country": details.get("country", "JP")}},
        }  # fmt: skip
        body = {"rule": "rul_a", "name": "A", **details.get("body", {})}
        await self.put(conversation, row)
        await self.put(
            decision,
            {"id": f"d_{id}", "conversation_id": id, "at": at, "version": "1", "body": body},
            {"id": f"x_{id}", "conversation_id": id, "at": at + 9, "version": "1",
             "body": {"rule": "transfer", "name": ""}},
        )  # fmt: skip
        return id

    async def offered(self, id: str, rep: str, hours_ago: float, end: str | None) -> None:
        """One who was rung; shown, if anything came of it but `expired`."""
        at = self.at(hours_ago)
        seen = None if end == "expired" else at + 1
        row = {"conversation_id": id, "rep_id": rep, "at": at, "seen_at": seen, "outcome": end}
        await self.put(offer_record, row)

    async def was(self, rep: str, hours_ago: float, state: str) -> None:
        self._count += 1
        row = {
            "rep_id": rep, "at": self.at(hours_ago), "seq": self._count, "state": state,
            "cause": "", "availability": "available", "capacity": 3, "load": 0, "devices": [],
        }  # fmt: skip
        await self.put(presence_record, row)

    async def ledger(self, hours: float = 24) -> Fairness:
        return await self.desk.room.ledger.of(self.at(hours), self.desk.office.now)


@pytest.fixture
async def past(desk: Desk) -> Past:
    return Past(desk)


@pytest.fixture
async def reps(desk: Desk) -> list[Rep]:
    return [await desk.office.hire(name, Role.REP) for name in ("Cleo", "Dan")]


async def test_offers_stand_beside_the_hours_a_rep_was_available(
    past: Past, reps: list[Rep]
) -> None:
    cleo, dan = (rep.id for rep in reps)
    await past.was(cleo, 30, "eligible")  # holds when the day begins
    await past.was(cleo, 20, "full")
    await past.was(cleo, 18, "idle")
    await past.was(cleo, 2, "eligible")  # and still is
    await past.was(dan, 5, "eligible")
    await past.was(dan, 4, "offline")
    first, second = await past.asked(23), await past.asked(3)
    await past.offered(first, cleo, 23, "declined")
    await past.offered(first, dan, 23, "claimed")
    await past.offered(second, cleo, 3, "expired")
    await past.offered(second, cleo, 2.9, None)
    await past.offered(await past.asked(40), cleo, 40, "claimed")  # before the day
    one, other = sorted((await past.ledger()).reps, key=lambda rep: rep.rep != cleo)
    assert (one.available_hours, one.offered, one.per_hour) == (8, 3, 0.38)
    assert (one.shown, one.declined, one.expired, one.claimed) == (2, 1, 1, 0)
    assert (other.available_hours, other.offered, other.claimed, other.per_hour) == (1, 1, 1, 1)


async def test_outcomes_are_counted_by_rule_country_and_day(past: Past) -> None:
    past.desk.office.now = 20_000 * DAY + 12 * HOUR  # noon of 2024-10-04
    await past.asked(1, by="ada")
    await past.asked(2, state="missed")
    left = await past.asked(3)  # missed, and closed afterwards
    await past.asked(4)  # went away while it rang
    await past.asked(13, country="DE", by="ben", body={"name": "A"})
    row = {
        "conversation_id": left, "offset": 2, "epoch": "e", "type": "missed", "at": past.at(3),
        "body": {},
    }  # fmt: skip
    await past.put(entry, row)
    found = await past.ledger()
    assert found.rules == [
        FairRule("rul_a", "A", "2024-10-03", "DE", requests=1, claimed=1, missed=0),
        FairRule("rul_a", "A", "2024-10-04", "JP", requests=4, claimed=1, missed=2),
    ]
    assert (found.reps, found.drift) == ([], [])


async def test_a_rep_whose_turns_others_had_is_named(past: Past, reps: list[Rep]) -> None:
    cleo, dan = (rep.id for rep in reps)
    seen = [{"rep": rep, "eligibility": "eligible"} for rep in (cleo, dan)]
    seen.append({"rep": "rep_x", "eligibility": "away"})
    for n in range(50):
        rung = dan if n % 5 == 0 else cleo
        body = {
            "strategy": "rotation", "ruleset": 1, "considered": seen, "outcomes": {rung: "rung"},
            "stages": [{"kind": "targets", "reps": [cleo, dan, "rep_x"]}],
        }  # fmt: skip
        await past.asked(1 + n / 100, by=rung, body=body)
    (one,) = (await past.ledger()).drift
    assert one == Drift(
        "few_turns",
        "Dan had 10 turns in the rule “A”, where about 25 were theirs (40%).",
        rule="rul_a",
        rep=dan,
    )
    owners = {"strategy": "rotation", "stages": [{"kind": "owner", "reps": [cleo]}]}
    for n in range(30):
        await past.asked(1 + n / 100, body=owners)  # an owner's are nobody's turn
    assert len((await past.ledger()).drift) == 1


async def test_weights_of_that_version_say_whose_turns_they_were(
    past: Past, reps: list[Rep]
) -> None:
    cleo, dan = (rep.id for rep in reps)
    room, ada = past.desk.room, past.desk.ada
    weighed = rule("A", strategy="rotation", weights={cleo: 4})
    revision, _ = await room.rulebook.save(ada, 0, rules({**weighed, "id": "rul_a"}))
    number = await room.rulebook.publish(ada, revision, "")
    seen = [{"rep": rep, "eligibility": "eligible"} for rep in (cleo, dan)]
    for n in range(150):
        rung = dan if n % 5 == 0 else cleo
        body = {
            "strategy": "rotation", "ruleset": number, "considered": seen,
            "outcomes": {rung: "rung"}, "stages": [{"kind": "targets", "reps": [cleo, dan]}],
        }  # fmt: skip
        await past.asked(1 + n / 1000, by=rung, body=body)
    assert (await past.ledger()).drift == []


async def test_a_time_that_ends_before_it_begins_or_is_too_long_is_refused(past: Past) -> None:
    ledger, now = past.desk.room.ledger, past.desk.office.now
    for since, until in ((now, now), (now, now - 1), (now - 93 * DAY, now)):
        with pytest.raises(FrontdeskError) as refused:
            await ledger.of(since, until)
        assert refused.value.code == "bad_request"
    assert (await ledger.of(0, 92 * DAY)).rules == []


async def test_what_is_still_to_come_is_no_time_available(past: Past, reps: list[Rep]) -> None:
    await past.was(reps[0].id, 2, "eligible")
    now = past.desk.office.now
    (one,) = (await past.desk.room.ledger.of(now - DAY, now + DAY)).reps
    assert one.available_hours == 2


# --- what counts as drift -------------------------------------------------------------------------


def shares_of(turns: Sequence[tuple[str, Sequence[str]]], strategy: str = "rotation") -> list[str]:
    shares = Shares()
    for rung, able in turns:
        shares.add(Turn(1, "d", 1, "r", "R", strategy, tuple(able), (rung,)), {})
    return [one.rep for one in shares.drift(str)]


def test_nobody_lacks_turns_that_came_while_they_were_away() -> None:
    assert shares_of([("a", "a")] * 500 + [("a", "ab"), ("b", "ab")] * 15) == []


def test_of_few_turns_nothing_is_said() -> None:
    assert shares_of([("a", "ab")] * 39) == []
    assert shares_of([("a", "ab")] * 40) == ["b"]


def test_who_is_drawn_by_chance_may_lack_more() -> None:
    turns = [("a", "ab")] * 29 + [("b", "ab")] * 11
    assert shares_of(turns) == ["b"]
    assert shares_of(turns, "random") == []


def outcome(requests: int, missed: int, region: str = "") -> Outcome:
    return Outcome("r", "R", region, 1, requests, requests - missed, missed)


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        ((100, 30), (100, 10), True),
        ((100, 30), (100, 0), True),
        ((100, 19), (100, 10), False),  # not twice as many
        ((19, 19), (100, 0), False),  # too few
        ((100, 50), (19, 0), False),
        ((25, 4), (25, 2), False),  # may well be chance
        ((100, 0), (100, 0), False),
    ],
)
def test_a_rule_that_misses_twice_the_share_is_named(
    now: tuple[int, int], before: tuple[int, int], *, said: bool
) -> None:
    found = list(missed_drift([outcome(*now)], [outcome(*before)]))
    assert [one.code for one in found] == (["missed_rule"] if said else [])


def test_drift_is_said_in_words_for_rules_and_countries() -> None:
    rule, region = missed_drift([outcome(60, 30, "DE"), outcome(60, 0)], [outcome(120, 5, "DE")])
    assert rule.words == (
        "The rule “R” missed 25% of 120 requests; in the period before it was 4% of 120."
    )
    assert region.words == (
        "Of visitors from DE, reps missed 50% of 60 requests; "
        "in the period before it was 4% of 120."
    )
