"""One page for all processes: real ones, which end, are killed and write while they are read."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from frontdesk import telemetry
from frontdesk.telemetry.figures import Family
from frontdesk.telemetry.page import ENDED, Written, read, write

COUNT = """
import sys
from frontdesk import telemetry
chats, sockets = telemetry.Counter("chats", "Chats."), telemetry.Gauge("sockets", "Sockets.")
lag = telemetry.Gauge("lag_seconds", "Lag.", joined="max")
took = telemetry.Spread("took_seconds", "Time.", bounds=(1.0,))
chats.add(); sockets.set(5); lag.set(float(sys.argv[1])); took.observe(0.5)
telemetry.Publisher().publish()
print("published", flush=True)
sys.stdin.read()
"""


@contextmanager
def counting(folder: Path, lag: float = 0) -> Iterator[subprocess.Popen[str]]:
    """A process that has published, and stays until it is killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", COUNT, str(lag)], text=True, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, env={**os.environ, telemetry.METRICS_FOLDER: str(folder)},
    )  # fmt: skip
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "published\n"
        yield process
        process.kill()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = telemetry.fresh_metrics_folder(tmp_path)
    monkeypatch.setenv(telemetry.METRICS_FOLDER, str(made))
    return made


def page() -> str:
    return telemetry.exposition().decode()


def test_the_numbers_of_all_processes_are_one_page(folder: Path) -> None:
    with counting(folder, 3), counting(folder, 8):
        assert "frontdesk_chats_total 2.0" in page()
        assert "frontdesk_sockets 10.0" in page()
        assert "frontdesk_lag_seconds 8.0" in page()  # not 11: it is the largest that matters
        assert 'frontdesk_took_seconds_bucket{le="1.0"} 2.0' in page()


def test_what_the_dead_counted_stays_and_they_hold_no_sockets(folder: Path) -> None:
    for number in range(1, 4):
        with counting(folder) as process:
            process.send_signal(signal.SIGKILL)
            process.wait(60)
            telemetry.forget_process(process.pid, folder)
            telemetry.forget_process(process.pid, folder)  # once more is nothing
        assert f"frontdesk_chats_total {number}.0" in page()
        assert f"frontdesk_took_seconds_sum {number / 2}" in page()
        assert "frontdesk_sockets" not in page()
    assert [path.name for path in folder.iterdir()] == [ENDED]  # however many died


def test_who_was_read_before_dying_is_not_counted_again_with_the_dead(folder: Path) -> None:
    """A reader has looked at the file; before it looks at the dead, the supervisor moves it."""
    with counting(folder) as process:
        (living,) = folder.iterdir()
        kept = living.read_bytes()
        telemetry.forget_process(process.pid, folder)
        living.write_bytes(kept)  # as the reader still sees it
        assert "frontdesk_chats_total 1.0" in page()


def test_a_page_is_whole_while_the_figures_are_written(folder: Path) -> None:
    path = folder / "1-1"
    long, short = (
        Written([Family(f"x{number}", "counter", "m" * size, samples=[((), [size])])])
        for number, size in ((1, 3000), (2, 5))
    )
    write(path, long)
    stop = threading.Event()

    def write_on() -> None:
        while not stop.is_set():
            write(path, short)
            write(path, long)

    writer = threading.Thread(target=write_on)
    writer.start()
    try:
        found = [read(path) for _ in range(2000)]
    finally:
        stop.set()
        writer.join()
    assert all(one in (long, short) for one in found if one.families)
    assert sum(bool(one.families) for one in found) > 1900


def test_half_a_file_and_one_of_another_release_are_left_out(folder: Path) -> None:
    (folder / "1-1").write_bytes(b"\x90\x01")
    (folder / "2-1").write_bytes(b"\xff\x00\x00\x00\x01\x02\x03\x04rest")
    with counting(folder):
        assert "frontdesk_chats_total 1.0" in page()


def test_a_new_start_begins_with_an_empty_folder(tmp_path: Path) -> None:
    folder = telemetry.fresh_metrics_folder(tmp_path)
    (folder / "7-7").write_bytes(b"x")
    assert telemetry.fresh_metrics_folder(tmp_path) == folder
    assert not list(folder.iterdir())
