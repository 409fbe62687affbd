"""Scenario reconnect-storm: everybody is lost at once, and comes back with jittered retry.

`--how kill`: the node processes are killed with -9, and started again by their supervisors;
`--how close`: the clients' side breaks, as when a network goes and comes.
"""

import asyncio
import os
import signal
from time import perf_counter

from loadtest.fleet import Fleet
from loadtest.hindrance import Hindrances, told
from loadtest.idle_fleet import possible
from loadtest.installation import Served
from loadtest.meter import Cpu, Latencies, Result
from loadtest.options import Options
from loadtest.people import leave
from loadtest.remote import Unfit, server_of

SPREAD_SECONDS = 2.0
"""The first retry comes after up to this; the widget's own is 0.5 to 1 s, then longer."""
LONGEST_SECONDS = 90.0


async def run(options: Options) -> Result:
    """The scenario, on a server of its own."""
    count = possible(options.sockets or (1000 if options.url else 5000))
    if options.url and options.how == "kill":
        options = options.but(how="close")  # what isn't ours isn't killed
    async with server_of(options, nodes=options.nodes, reps=0) as server:
        fleet = Fleet([node.address for node in server.nodes])
        if options.url:
            fleet.sources, fleet.hindrances = [""], Hindrances()
        await fleet.open(count, ramp=options.ramp)
        if not fleet.people:
            raise Unfit("Nobody was let in. " + " ".join(told(fleet.hindrances)))
        count, fleet.welcome = len(fleet.people), Latencies()
        used = {name: server.processes().get(name, []) for name in ("redis", "client")}
        cpu = Cpu({name: pids for name, pids in used.items() if pids})
        begun = perf_counter()
        await _break(server, fleet, options.how)
        async with asyncio.timeout(LONGEST_SECONDS):
            back = await asyncio.gather(
                *(fleet.come_back(index, spread=SPREAD_SECONDS) for index in range(count))
            )
        result = _result(fleet, max(back) - begun, cpu.used(), options)
        await leave(fleet.people)
        return result


async def _break(server: Served, fleet: Fleet, how: str) -> None:
    if how == "close":
        for person in fleet.people:
            person.transport.abort()
    else:
        for pid in server.processes()["node"]:
            os.kill(pid, signal.SIGKILL)
    while fleet.open_sockets():  # noqa: ASYNC110 sockets that all end at once have no one event
        await asyncio.sleep(0.01)


def _result(fleet: Fleet, took: float, used: dict[str, float], options: Options) -> Result:
    count = len(fleet.people)
    result = Result(
        f"reconnect-storm, {count:,} visitors, {options.url or f'{options.nodes} node(s)'}, "
        f"{options.how}",
        "all sockets are lost at once; all come back with jittered retry, as who they were",
        {**options.shown(), "sockets": count},
    )
    result.add("all welcomed again after", took, "s", options.limit("storm_seconds"))
    result.add("attempts per visitor", fleet.attempts / count, "")
    result.add_latencies("welcome", fleet.welcome)
    result.add_cpu(used, count, "visitor", {})
    result.moments = {"welcomes": fleet.welcome.at}
    result.advice += told(fleet.hindrances)
    if fleet.strangers():
        result.errors.append(f"{fleet.strangers()} came back as another visitor")
    if fleet.open_sockets() != count:
        result.errors.append(f"only {fleet.open_sockets()} of {count} are back")
    return result
