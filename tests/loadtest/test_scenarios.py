"""The load test runs against the server as it is: what it asks for is what the server does."""

from loadtest import browse, chat, claim_race, scripts
from loadtest.options import Options


async def test_chats_run_to_their_end_without_an_error() -> None:
    result = await chat.run(
        Options(nodes=2, reps=4, lanes=2, seconds=1, warm_seconds=0, sockets=60)
    )
    figures = {one.name: one.value for one in result.figures}
    assert result.errors == []
    assert figures["chats"] > 0
    assert len(result.latencies["message"].seconds) == figures["chats"] * 10


async def test_a_race_has_one_winner_whom_everybody_is_told() -> None:
    result = await claim_race.run(Options(nodes=2, reps=20, rounds=3))
    assert result.errors == []
    assert len(result.latencies["winner's answer"].seconds) == 4


async def test_every_script_of_a_chat_costs_more_than_one_that_does_nothing() -> None:
    result = await scripts.run(Options(nodes=2, rounds=2))
    figures = {one.name: one.value for one in result.figures}
    assert result.errors == []
    assert figures.keys() >= scripts.STEPS.keys()
    assert all(figures[name] > figures["nothing"] for name in ("request", "claim, won", "close"))
    parts = sum(figures[name] * scripts._calls(name, Options(nodes=2)) for name in scripts.STEPS)
    assert figures["all of a chat"] == parts


async def test_a_crowd_browses_beside_the_chats_and_nobody_is_dropped() -> None:
    result = await browse.run(
        Options(nodes=1, reps=2, sockets=60, every=2, seconds=2, warm_seconds=0, rate=5)
    )
    figures = {one.name: one.value for one in result.figures}
    assert result.errors == []
    assert (figures["chats"], figures["chats dropped"]) == (10, 0)
    assert figures["pages per second"] > 20
    assert figures["node memory per visitor, pages included"] < 1000
