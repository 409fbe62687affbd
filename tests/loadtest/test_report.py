"""What a load test says of its numbers."""

import asyncio
import os
from array import array
from contextlib import suppress
from pathlib import Path

import pytest

from loadtest import report
from loadtest.__main__ import SCENARIOS, main
from loadtest.meter import Cpu, Latencies, Result, Yardstick, cpu_seconds, memory_kb
from loadtest.options import LIMITS, Options


def a_result() -> Result:
    result = Result("chat <1>", "a chat", {"nodes": 1}, errors=["two winners of <c_1>"])
    found = Latencies()
    for milliseconds in range(1, 101):
        found.note(milliseconds / 1000)
    result.add_latencies("ring", found, p99_limit=50.0)
    result.add_cpu({"node": 0.5, "redis": 0.1}, 1000, "chat", {"node": 0.8})
    return result


def test_percentiles_are_in_milliseconds_and_judged_by_their_limit() -> None:
    figures = {one.name: one for one in a_result().figures}
    assert figures["ring p50"].value == pytest.approx(50, rel=0.01)
    assert figures["ring p99"].verdict == "over"
    assert figures["ring p99.9"].verdict == ""


def test_cpu_is_in_milliseconds_per_operation() -> None:
    figures = {one.name: one for one in a_result().figures}
    assert figures["node CPU per chat"].value == pytest.approx(0.5)
    assert figures["node CPU per chat"].verdict == "ok"


def test_the_table_names_each_figure_its_target_and_every_error() -> None:
    text = report.table(a_result())
    assert "over (target ≤ 50)" in text
    assert "ERROR two winners" in text


def test_the_page_stands_alone_with_plots_and_escapes_what_it_shows(tmp_path: Path) -> None:
    page = report.write([a_result()], tmp_path).read_text(encoding="utf-8")
    assert page.count("<svg") == 3
    assert "two winners of &lt;c_1&gt;" in page
    assert "src=" not in page.lower()


def test_what_took_some_seconds_is_shown_second_by_second() -> None:
    result = a_result()
    ring = result.latencies["ring"]
    for second in range(5):
        ring.at[second] = ring.at[0] + second
    result.moments = {"chats": ring.at, "errors": array("d")}
    page = report.page([result])
    assert page.count("<svg") == 5


def test_what_stopped_the_load_stands_in_table_and_page() -> None:
    result = a_result()
    result.advice.append("7 × <429>")
    assert "STOPPED BY 7 × <429>" in report.table(result)
    assert "Stopped by 7 × &lt;429&gt;" in report.page([result])


def test_the_cpu_of_a_process_is_counted() -> None:
    before, cpu = cpu_seconds(os.getpid()), Cpu({"me": [os.getpid()]})
    while cpu.used()["me"] < 0.05:
        sum(range(10_000))
    assert cpu_seconds(os.getpid()) > before


def test_the_memory_of_a_process_grows_with_what_it_holds() -> None:
    before = memory_kb(os.getpid())
    held = os.urandom(20_000_000)
    assert memory_kb(os.getpid()) - before > 15_000
    assert len(held) == 20_000_000


async def test_the_yardstick_is_the_cpu_time_of_a_little_work() -> None:
    yardstick = Yardstick()
    with suppress(TimeoutError):
        async with asyncio.timeout(0.6):
            await yardstick.look()
    assert 10 < yardstick.median() < 1e6


def test_each_scenario_has_its_limits() -> None:
    servers = {"chat", "claim-race", "idle-fleet", "reconnect-storm", "broadcast", "browse"}
    assert set(SCENARIOS) == {*servers, "decide", "edit", "simulate", "scripts"}
    assert Options(nodes=1).cpu_limits() == {"node": 0.8, "redis": 0.4}
    assert Options(nodes=2).cpu_limits() == {"node": 1.0, "redis": 0.45}
    assert Options(nodes=7).cpu_limits() == {}


def test_an_unknown_limit_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["chat", "--limit", "ringp99=3"])
    said = capsys.readouterr().err
    assert all(name in said for name in LIMITS)
