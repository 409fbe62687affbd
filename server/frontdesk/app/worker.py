"""The background work: what one process does for a desk, however many nodes it has."""

from collections.abc import Callable
from functools import partial
from typing import Any

from frontdesk.app.connections import opened, traced
from frontdesk.app.values import waits_of
from frontdesk.bus.lasting import Lasting
from frontdesk.bus.pressure import Pressure
from frontdesk.bus.tell import tell_all
from frontdesk.claims.store import Claims
from frontdesk.claims.turns import Turns
from frontdesk.config import Settings
from frontdesk.conversations.archive import Archive
from frontdesk.conversations.janitor import Janitor
from frontdesk.conversations.rebuild import Rebuild
from frontdesk.conversations.store import Conversations
from frontdesk.conversations.watchdog import Watchdog
from frontdesk.events.relay import Relay
from frontdesk.events.stream import EventStream
from frontdesk.presence.store import Presence
from frontdesk.privacy.erasing import Erasing
from frontdesk.privacy.live import Live
from frontdesk.privacy.retention import Retention
from frontdesk.routing.rotations import Rotations
from frontdesk.routing.simulations.simulate import Reader
from frontdesk.routing.simulations.simulations import Simulator
from frontdesk.storage.engine import Database
from frontdesk.storage.redis.keys import Keys
from frontdesk.storage.redis.link import Link
from frontdesk.supervisor.line import Stop
from frontdesk.web.worker_page import WorkerFigures, worker_page


async def run_worker(settings: Settings, *, ready: Callable[[], None], stop: Stop) -> None:
    """Archives conversations, watches over them, restores what Redis lost, simulates rules, erases
    people's data and lets go what is old.
    """
    async with opened(settings) as (link, database):
        keys = Keys(settings.redis_prefix, settings.desk)
        conversations = Conversations(link, keys, "")
        archive = Archive(conversations, settings.desk)
        relay = Relay(database, EventStream(link, keys), "archive", archive, trims=True)
        rebuild = Rebuild(database, link, keys, waits_of(settings))
        reader = Reader(database, settings.desk, owner_over=settings.owner_over_capacity)
        work = Lasting()
        work.start("relay", relay.run)
        work.start("watchdog", Watchdog(link, keys).run)
        work.start("rebuild", rebuild.run)
        pressure = Pressure(link)
        work.start("pressure", pressure.run)
        work.start("janitor", Janitor(database, conversations, Presence(link, keys, "")).run)
        rotations = Rotations(database, settings.desk, Claims(link, keys, ""), Turns(link, keys))
        work.start("rotations", rotations.run)
        work.start("erasing", _erasing(settings, link, database, keys).run)
        work.start("retention", Retention(database, settings.retention_months).run)
        work.start("simulator", Simulator(database, settings.desk, reader).run)
        work.start("metrics", WorkerFigures(link, keys, relay, pressure).run)
        page = worker_page(settings.host, settings.worker_port, partial(_able, link, work))
        async with traced(settings, "worker", partial(_trace_worker, relay, archive)), page:
            ready()
            await stop.wait()
            await work.stop()


def _trace_worker(relay: Relay, archive: Archive, tracing: Any) -> None:
    from frontdesk.web.traced import trace_worker  # noqa: PLC0415 - imports an extra

    trace_worker(tracing, relay, archive)


async def _able(link: Link, work: Lasting) -> list[str]:
    """What keeps the worker from working, in words."""
    wrong = [] if link.up else ["Redis can't be reached."]
    return [*wrong, *(f"It fails: {name}." for name in work.failing)]


def _erasing(settings: Settings, link: Link, database: Database, keys: Keys) -> Erasing:
    tell = partial(tell_all, link, keys, "erased")
    erasing = Erasing(database, Live(link, keys), settings.desk, tell=tell)
    link.on_epoch.append(lambda _old, _new: erasing.epoch_changed())
    return erasing
