"""Scenario chat, here and on a peer by turns in one run, so that the ratio can be trusted.

A shared machine's speed changes from minute to minute. Both installations are up all the time, with
all their sockets; only the one whose slice it is has chats, so only it uses CPU worth the name.
"""

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from statistics import median

from loadtest.chat import Slice, Stage, stage
from loadtest.installation import installation
from loadtest.meter import Result
from loadtest.options import Options
from loadtest.peers.servers import peer

COUNTED = ("node", "redis")


@dataclass(slots=True)
class Side:
    """One of the two, and what was measured of it."""

    name: str
    stage: Stage
    slices: list[Slice] = field(default_factory=list)

    def cpu(self, *processes: str) -> float:
        """Milliseconds per chat in these processes together, median over the slices."""
        return median(one.cpu(*processes) for one in self.slices)

    def rate(self) -> float:
        """Chats per second, median over the slices."""
        return median(one.chats / one.seconds for one in self.slices)

    def busy(self, process: str, count: int = 1) -> float:
        """Per cent of one core that each of `count` such processes used, median."""
        return median(one.used[process] / one.seconds / count * 100 for one in self.slices)


async def run(options: Options) -> Result:
    """The scenario, on a server of its own and on a peer of its own."""
    nodes, reps, durability = options.nodes, options.reps, options.durability
    async with AsyncExitStack() as stack:
        theirs = await stack.enter_async_context(
            peer(options.beside, nodes=nodes, reps=reps, durability=durability)
        )
        ours = await stack.enter_async_context(
            installation(nodes=nodes, reps=reps, durability=durability)
        )
        sides = [
            Side("frontdesk", await stage(ours, options)),
            Side(options.beside, await stage(theirs, options, theirs.person)),
        ]
        for side in sides:
            await side.stage.play(options, options.warm_seconds)
        for _ in range(options.slices):
            for side in sides:
                side.slices.append(await side.stage.play(options, options.seconds))
    return _result(sides, options)


def _result(sides: list[Side], options: Options) -> Result:
    result = Result(
        f"chat beside {options.beside}, {options.nodes} node(s), fsync {options.durability}",
        f"{options.slices} slices of {options.seconds:g} s each, by turns; medians",
        options.shown(),
        errors=[f"{one.name}: {error}" for one in sides for error in one.stage.errors],
    )
    if not all(one.chats for side in sides for one in side.slices):
        result.errors.append("a slice without a chat")
        return result
    for side in sides:
        _add(result, side, options)
    ours, theirs = sides
    for processes in (*((one,) for one in COUNTED), COUNTED):
        ratio = ours.cpu(*processes) / max(0.001, theirs.cpu(*processes))
        result.add(f"frontdesk / {theirs.name}, {' and '.join(processes)}", ratio, "×")
    return result


def _add(result: Result, side: Side, options: Options) -> None:
    result.add(f"{side.name}: chats", sum(one.chats for one in side.slices), "")
    result.add(f"{side.name}: chats per second", side.rate(), "/s")
    result.add(f"{side.name}: node busy", side.busy("node", options.nodes), "%")
    result.add(f"{side.name}: client busy", side.busy("client"), "%")
    for process in COUNTED:
        found = [one.cpu(process) for one in side.slices]
        result.add(f"{side.name}: {process} CPU per chat", median(found), "ms")
        result.add(f"{side.name}: {process}, least", min(found), "ms")
        result.add(f"{side.name}: {process}, most", max(found), "ms")
