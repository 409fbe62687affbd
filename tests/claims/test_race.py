"""Claims of one conversation on one node: one asks Redis, the others are told."""

import asyncio
from collections.abc import Callable

import pytest

from frontdesk.claims.race import Races
from frontdesk.claims.rings import REMEMBERED, Rings
from frontdesk.claims.store import Won
from frontdesk.errors import FrontdeskError

AT = 1_700_000_000_000


def won(at: int = AT) -> Won:
    return Won(1, 2, at, again=False, fields=[])


class Asked:
    """What Redis would say, when it is let to; counts how often it was asked."""

    def __init__(self, *answers: Won | FrontdeskError) -> None:
        self._answers = list(answers)
        self.times = 0
        self.may_answer = asyncio.Event()

    async def __call__(self) -> Won:
        self.times += 1
        answer = self._answers.pop(0)
        await self.may_answer.wait()
        if isinstance(answer, FrontdeskError):
            raise answer
        return answer


async def outcomes(asked: Asked, races: Races, *reps: str) -> list[Won | BaseException]:
    claims = [asyncio.ensure_future(races.claim("c1", rep, asked)) for rep in reps]
    await asyncio.sleep(0)
    asked.may_answer.set()
    return list(await asyncio.gather(*claims, return_exceptions=True))


def loser(outcome: Won | BaseException) -> tuple[object, object]:
    assert isinstance(outcome, FrontdeskError)
    assert outcome.code == "already_claimed"
    return outcome.fields["by"], outcome.fields["at"]


async def test_of_ten_at_once_one_asks_and_nine_hear_who_won() -> None:
    asked = Asked(won())
    first, *others = await outcomes(asked, Races(Rings()), *(f"rep{n}" for n in range(10)))
    assert first == won()
    assert [loser(other) for other in others] == [("rep0", AT)] * 9
    assert asked.times == 1


async def test_whoever_comes_after_somebody_who_is_full_is_asked_for() -> None:
    asked = Asked(FrontdeskError("at_capacity"), won())
    full, second, third = await outcomes(asked, Races(Rings()), "ann", "bob", "cyd")
    assert isinstance(full, FrontdeskError)
    assert full.code == "at_capacity"
    assert second == won()
    assert loser(third) == ("bob", AT)


async def test_a_winner_on_another_node_is_remembered_too() -> None:
    asked = Asked(FrontdeskError("already_claimed", by="zoe", at=AT))
    found = await outcomes(asked, Races(Rings()), "ann", "bob")
    assert [loser(one) for one in found] == [("zoe", AT)] * 2
    assert asked.times == 1


async def test_the_winner_who_asks_again_gets_the_scripts_answer() -> None:
    asked = Asked(won(), won())
    assert await outcomes(asked, Races(Rings()), "ann", "ann") == [won(), won()]


async def test_an_unknown_outcome_keeps_nobody_waiting() -> None:
    asked = Asked(FrontdeskError("retry"), won())
    lost, second = await outcomes(asked, Races(Rings()), "ann", "bob")
    assert isinstance(lost, FrontdeskError)
    assert second == won()


def rung_again(rings: Rings) -> None:
    rings.add("c1", "bob")


def released(rings: Rings) -> None:
    rings.let_go("c1")


@pytest.mark.parametrize("again", [rung_again, released])
async def test_after_a_transfer_redis_is_asked_again(again: Callable[[Rings], None]) -> None:
    rings = Rings()
    asked = Asked(won(), won(AT + 5))
    races = Races(rings)
    await outcomes(asked, races, "ann")
    again(rings)
    assert await outcomes(asked, races, "bob") == [won(AT + 5)]


def test_only_so_many_winners_are_remembered() -> None:
    rings = Rings()
    for number in range(REMEMBERED + 10):
        rings.won(f"c{number}", "ann", AT)
    assert rings.winner("c9", "bob") is None
    assert rings.winner("c10", "bob") == ("ann", AT)
