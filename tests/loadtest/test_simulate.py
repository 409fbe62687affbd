"""The scenario simulate: a desk that never was, simulated as the worker does it."""

from loadtest import simulate
from loadtest.options import Options


async def test_all_requests_are_simulated_and_some_go_elsewhere() -> None:
    result = await simulate.run(Options(sessions=300, rules=20))
    assert result.errors == []
    found = {figure.name: figure.value for figure in result.figures}
    assert 0 < found["requests routed elsewhere"] < 300
    assert found["progress was told"] == 2
