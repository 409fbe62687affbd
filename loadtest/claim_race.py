"""Scenario claim-race: one visitor asks, every rep is rung, almost all claim in the same instant.

After each round: exactly one `ok`; everybody else who claimed was refused with `already_claimed`
naming the winner; and whoever only watched (every tenth) was told that the ring ended, and why.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from time import perf_counter

from loadtest.chat import reps_of
from loadtest.fleet import Fleet
from loadtest.installation import installation
from loadtest.meter import Cpu, Latencies, Result
from loadtest.options import Options
from loadtest.people import Heard, Person, id_of

ROUND_SECONDS = 30


class Race:
    """All rounds of a run."""

    def __init__(self, reps: list[Person], ids: list[str]) -> None:
        self._reps, self._ids = reps, ids
        self._watching = set(range(9, len(reps), 10))
        self._rung: dict[str, set[int]] = defaultdict(set)
        self._gone: dict[str, dict[int, str]] = defaultdict(dict)
        self._answers: dict[int, Heard] = {}
        self._something = asyncio.Event()
        self.winner, self.first, self.last = Latencies(), Latencies(), Latencies()
        self.errors: list[str] = []
        for index, one in enumerate(reps):
            one.tell(partial(self._told, index))

    async def round(self, person: Person) -> None:
        """One request, one race, one close. Raises TimeoutError if something never comes."""
        answer = await person.answer(b'{"type":"request"')
        if answer.type != "ok":
            raise RuntimeError(f"request refused: {answer.code}")
        conversation = id_of(answer.conversation)
        await self._until(lambda: len(self._rung[conversation]) == len(self._reps))
        self._claim(conversation)
        await self._until(lambda: len(self._answers) == self._claiming)
        winner = self._judge(conversation)
        await self._until(lambda: self._gone[conversation].keys() >= self._watching)
        self._judge_watching(conversation, self._ids[winner])
        await self._close(conversation, winner)

    @property
    def _claiming(self) -> int:
        return len(self._reps) - len(self._watching)

    def _told(self, index: int, heard: Heard) -> None:
        if heard.type == "offer":
            self._rung[id_of(heard.conversation)].add(index)
        elif heard.type == "offer_gone":
            self._gone[id_of(heard.conversation)][index] = id_of(heard.by) if heard.by else ""
        self._something.set()

    def _claim(self, conversation: str) -> None:
        message = b'{"type":"claim","conversation":"%b"' % conversation.encode()
        self._answers.clear()
        at = perf_counter()
        for index, one in enumerate(self._reps):
            if index not in self._watching:
                one.ask(message, partial(self._answered, index, at))

    def _answered(self, index: int, at: float, answer: Heard) -> None:
        took = perf_counter() - at
        if answer.type == "ok":
            self.winner.note(took)
        if not self._answers:
            self.first.note(took)
        self._answers[index] = answer
        if len(self._answers) == self._claiming:
            self.last.note(took)
        self._something.set()

    def _judge(self, conversation: str) -> int:
        """The winner; whatever isn't as it must be is noted."""
        winners = [index for index, answer in self._answers.items() if answer.type == "ok"]
        if len(winners) != 1:
            raise RuntimeError(f"{conversation}: winners are {winners}")
        for index, answer in self._answers.items():
            if index == winners[0]:
                continue
            if answer.code != "already_claimed":
                self.errors.append(f"{conversation}: rep {index} was told {answer.code}")
            elif id_of(answer.by) != self._ids[winners[0]]:
                self.errors.append(f"{conversation}: rep {index} was told another winner")
        return winners[0]

    def _judge_watching(self, conversation: str, winner: str) -> None:
        for index in self._watching:
            if self._gone[conversation][index] != winner:
                self.errors.append(f"{conversation}: rep {index} watched and saw no winner")

    async def _close(self, conversation: str, winner: int) -> None:
        fence = self._answers[winner].fence
        message = b'{"type":"close","conversation":"%b","fence":%d'
        answer = await self._reps[winner].answer(message % (conversation.encode(), fence))
        if answer.type != "ok":
            self.errors.append(f"{conversation}: close refused: {answer.code}")

    async def _until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(ROUND_SECONDS):
            while not true():
                self._something.clear()
                await self._something.wait()


async def run(options: Options) -> Result:
    """The scenario, on a server of its own."""
    async with installation(
        nodes=options.nodes, reps=options.reps, durability=options.durability
    ) as server:
        reps = await reps_of(server)
        fleet = Fleet([node.address for node in server.nodes])
        await fleet.open(options.rounds + 1)
        race = Race(reps, [account.id for account in server.reps])
        await race.round(fleet.people[0])
        cpu = Cpu(server.processes())
        for person in fleet.people[1:]:
            await race.round(person)
        return _result(race, cpu.used(), options)


def _result(race: Race, used: dict[str, float], options: Options) -> Result:
    result = Result(
        f"claim-race, {options.reps} reps on {options.nodes} node(s), fsync {options.durability}",
        "nine of ten reps claim the same conversation at once; one wins, all others are told who",
        options.shown(),
        errors=race.errors,
    )
    result.add("rounds", options.rounds, "")
    result.add_latencies("winner's answer", race.winner)
    result.add_latencies("first answer", race.first)
    result.add_latencies("last answer", race.last)
    result.add_cpu(used, options.rounds, "round", {})
    return result
