"""The command `top`: what happens now, in a terminal."""

import os
import shutil
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from frontdesk.cli.given import settings_of, settings_options
from frontdesk.cli.readings import Reading, Unreadable, read
from frontdesk.cli.top_screen import lines

EVERY = 1.0
WINDOW = 10
"""Rates are of the last second, latencies of the last ten: few things happen in one."""


@click.command()
@click.argument("urls", nargs=-1, metavar="[URL]…")
@click.option("--once", is_flag=True, help="Look twice, a second apart, print, and end.")
@settings_options("their_port")
@click.pass_obj
def top(file: Path | None, *, urls: tuple[str, ...], once: bool, port: str | None) -> None:
    """Show what happens now: people, chats, latencies, Redis, the archive, processes.

    Reads /metrics of this machine, or of each URL, which are then added up. Ctrl-C ends it.
    """
    settings = settings_of(file, port=port)
    machines = urls or (f"http://{settings.near_host}:{settings.port}",)
    if once:
        _print_once(machines)
        return
    with _screen() as redraws:
        try:
            _watch(machines, redraws=redraws)
        except KeyboardInterrupt:
            return


def _print_once(machines: tuple[str, ...]) -> None:
    """For scripts: rates of a second, latencies since the processes began. Exit code 1: why not."""
    try:
        before = read(machines)
        time.sleep(EVERY)
        now = read(machines)
    except Unreadable as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    for line in lines(machines, Reading(before.at), before, now):
        click.echo(line)


def _watch(machines: tuple[str, ...], *, redraws: bool) -> None:
    readings: deque[Reading] = deque(maxlen=WINDOW + 1)
    while True:
        try:
            readings.append(read(machines))
            drawn = lines(machines, readings[0], readings[max(0, len(readings) - 2)], readings[-1])
        except Unreadable as error:
            readings.clear()  # what comes back may have begun anew
            drawn = [str(error), "", "Trying again each second. Ctrl-C ends."]
        _draw(drawn, redraws=redraws)
        time.sleep(EVERY)


def _draw(drawn: list[str], *, redraws: bool) -> None:
    size = shutil.get_terminal_size()
    if not redraws:
        sys.stdout.write("\n".join(drawn) + "\n\n")
    else:
        shown = [f"{line[: size.columns]}\x1b[K" for line in drawn[: size.lines - 1]]
        sys.stdout.write("\x1b[H" + "\n".join(shown) + "\n\x1b[J")
    sys.stdout.flush()


@contextmanager
def _screen() -> Iterator[bool]:
    """A screen of its own, and whether there is one: a dumb terminal gets page after page."""
    if not sys.stdout.isatty() or os.environ.get("TERM", "dumb") == "dumb":
        yield False
        return
    sys.stdout.write("\x1b[?1049h\x1b[?25l")
    try:
        yield True
    finally:
        sys.stdout.write("\x1b[?25h\x1b[?1049l")
        sys.stdout.flush()
