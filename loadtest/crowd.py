"""Visitors who browse, in a process of their own: a process may have only so many sockets.

`python -m loadtest.crowd` reads one line of JSON (a `Task`), says `{"open": n}` when all were
welcomed, and then does what each further line says: `browse` (from now on everybody goes to another
page each `every` seconds, evenly spread), `count` (what happened since the last count), `stop`.
"""

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any

import uvloop

from loadtest.fleet import Fleet
from loadtest.hindrance import Hindrances
from loadtest.installation import stop_with_parent
from loadtest.meter import Latencies
from loadtest.options import Options
from loadtest.people import Heard, Person

TICK = 0.01
START_SECONDS = 600.0
"""Opening sixteen thousand sockets takes a minute on a busy machine."""
ANSWER_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Task:
    """What one crowd does. `addresses` are of nodes; `sources` the local addresses it has. Of a
    `foreign` server it is a result who isn't let in, not an error.
    """

    addresses: list[tuple[Any, ...]]
    sources: list[str]
    count: int
    every: float
    ramp: float = 0.0
    foreign: bool = False
    pages: int = 40


@dataclass(slots=True)
class Count:
    """What happened since the last one. `waits` are of the answers, in seconds."""

    pages: int
    answered: int
    refused: dict[str, int]
    lost: int
    waits: list[float]


class Crowd:
    """Everybody of one process."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._fleet = Fleet([tuple(one) for one in task.addresses], sources=task.sources)
        self._fleet.hindrances = Hindrances() if task.foreign else None
        self._next = 0
        self._pages = self._answered = 0
        self._refused: dict[str, int] = {}
        self._waits = Latencies()
        self._lost = 0

    async def open(self) -> int:
        await self._fleet.open(self._task.count, ramp=self._task.ramp)
        return self._fleet.open_sockets()

    @property
    def met(self) -> dict[str, int]:
        """Why some were not let in."""
        return dict(self._fleet.hindrances.met) if self._fleet.hindrances else {}

    async def browse(self) -> None:
        """For ever; whoever is late catches up."""
        begun, sent, people = perf_counter(), 0, self._fleet.people
        rate = len(people) / self._task.every
        while True:
            due = int((perf_counter() - begun) * rate)
            for number in range(sent, due):
                self._go_on(people[number % len(people)], number // len(people))
            sent = due
            await asyncio.sleep(TICK)

    def _go_on(self, person: Person, turn: int) -> None:
        if not person.is_open:
            return
        page, at = (turn * 7 + self._next) % self._task.pages, perf_counter()
        self._next += 1
        self._pages += 1
        url = b"https://www.example.com/products/%d?ref=menu" % page
        body = b'{"type":"page","page":{"url":"%b","title":"Product %d"}' % (url, page)
        person.ask(body, lambda answer: self._told(answer, at))

    def _told(self, answer: Heard, at: float) -> None:
        self._answered += 1
        self._waits.note(perf_counter() - at)
        if answer.type != "ok":
            self._refused[answer.code] = self._refused.get(answer.code, 0) + 1

    def count(self) -> Count:
        """Since the last one."""
        found = Count(
            self._pages, self._answered, self._refused,
            len(self._fleet.people) - self._fleet.open_sockets(), list(self._waits.seconds),
        )  # fmt: skip
        self._pages = self._answered = 0
        self._refused, self._waits = {}, Latencies()
        return found


async def main() -> None:
    """The child's side."""
    reader = asyncio.StreamReader(limit=2**24)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    crowd = Crowd(Task(**json.loads(await reader.readline())))
    print(json.dumps({"open": await crowd.open(), "met": crowd.met}), flush=True)
    browsing: asyncio.Task[None] | None = None
    while word := (await reader.readline()).decode().strip():
        if word == "browse" and browsing is None:
            browsing = asyncio.create_task(crowd.browse())
        elif word == "count":
            print(json.dumps(asdict(crowd.count())), flush=True)
        elif word == "stop":
            break


# --- the other side -------------------------------------------------------------------------------


class Child:
    """A crowd's process, as the scenario speaks to it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def of(cls, task: Task) -> "Child":
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "loadtest.crowd",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=2**28,
            preexec_fn=stop_with_parent, env=dict(os.environ),
        )  # fmt: skip
        child = cls(process)
        child._write(json.dumps(asdict(task)))
        return child

    @property
    def pid(self) -> int:
        return self._process.pid

    async def opened(self) -> tuple[int, dict[str, int]]:
        """How many sockets are open, and why others aren't."""
        found = await self._answer(START_SECONDS)
        return found["open"], found["met"]

    def browse(self) -> None:
        self._write("browse")

    async def count(self) -> Count:
        self._write("count")
        return Count(**await self._answer(ANSWER_SECONDS))

    async def stop(self) -> None:
        with suppress(ConnectionError, ProcessLookupError):
            self._write("stop")
        await self._process.wait()

    def _write(self, line: str) -> None:
        if self._process.stdin is not None:
            self._process.stdin.write(f"{line}\n".encode())

    async def _answer(self, within: float) -> dict[str, Any]:
        if self._process.stdout is None:
            raise RuntimeError("a crowd without an output")
        async with asyncio.timeout(within):
            line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"a crowd ended with {await self._process.wait()}")
        found: dict[str, Any] = json.loads(line)
        return found


def tasks_of(
    addresses: Sequence[tuple[Any, ...]], count: int, crowds: int, options: Options
) -> list[Task]:
    """`count` visitors in so many processes; here each has loopback addresses of its own."""
    shares = [count // crowds + (number < count % crowds) for number in range(crowds)]
    sources = [[f"127.0.{number + 1}.{last}" for last in range(1, 9)] for number in range(crowds)]
    foreign = bool(options.url)
    return [
        Task(
            list(addresses), [""] if foreign else mine, share, options.every, options.ramp, foreign
        )
        for mine, share in zip(sources, shares, strict=True)
    ]


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
