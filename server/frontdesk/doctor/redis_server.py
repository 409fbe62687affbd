"""Redis: its version, and the settings on which our promises stand (R1.9, R8.6, section 5)."""

import time
from collections.abc import AsyncIterator, Iterator, Mapping

from frontdesk.config import Durability, Settings
from frontdesk.doctor import redis_group
from frontdesk.doctor.finding import Finding, fail, ok, warn
from frontdesk.errors import FrontdeskError
from frontdesk.storage.redis import engine
from frontdesk.storage.redis.cluster import Cluster
from frontdesk.storage.redis.handshake import fields_of
from frontdesk.storage.redis.keys import Keys
from frontdesk.storage.redis.pipeline import Pipeline
from frontdesk.storage.redis.sentinels import Sentinels
from frontdesk.storage.redis.servers import Servers
from frontdesk.storage.redis.urls import servers_of

OLDEST = (6, 2)
MIB = 1 << 20
PUBSUB_LIMIT = (64 * MIB, 32 * MIB, 30)
SETTINGS = ("maxmemory", "maxmemory-policy", "appendonly", "appendfsync",
            "client-output-buffer-limit", "min-replicas-to-write")  # fmt: skip
SLOW_ANSWER = 0.005  # s: each claim and message waits for one
CLOCKS_APART = 2.0  # s

Config = Mapping[str, str]


async def look(settings: Settings) -> AsyncIterator[Finding]:
    """The server of `redis_url`; or the embedded one: what would run, and how it is if it does."""
    if settings.redis_url:
        keys = Keys(settings.redis_prefix, settings.desk)
        servers = servers_of(settings.redis_url, keys.meta)
        async for finding in _of_ones_own(servers, settings):
            yield finding
        return
    found = engine.find()
    version = ".".join(map(str, found.version))
    yield ok("Redis", f"embedded: {found.program} {version}, fsync {settings.durability}")
    if found.version[:2] < (7, 0):
        what = f"{version} is the one that came with us, and old"
        yield warn("Redis version", what, "Install valkey-server or redis-server 7 or newer.")


async def _of_ones_own(servers: Servers, settings: Settings) -> AsyncIterator[Finding]:
    """The server that has the desk, and those that stand by."""
    replicated = settings.durability is Durability.REPLICATED
    address = (await servers.place()).address
    pipeline = await address.connect(Pipeline)
    try:
        for command in address.login():
            await pipeline.ask(*command)
        info = fields_of(await pipeline.ask("INFO"))
        for finding in (*_version(info), *_role(info), *await _speed(pipeline)):
            yield finding
        config = await _config(pipeline)
        for finding in _settings(config, info):
            yield finding
        stands_by = replicated or isinstance(servers, Sentinels | Cluster)
        for finding in redis_group.replicas(config, info) if stands_by else ():
            yield finding
        if isinstance(servers, Cluster):
            for finding in await redis_group.cluster(pipeline):
                yield finding
    finally:
        pipeline.lose("the doctor is done")
    if isinstance(servers, Sentinels):
        for finding in await redis_group.sentinels(servers):
            yield finding


def _version(info: Config) -> Iterator[Finding]:
    valkey = info.get("valkey_version")
    version = valkey or info["redis_version"]
    name = "Valkey" if valkey else "Redis"
    if tuple(map(int, version.split(".")[:2])) < OLDEST:
        yield fail("Redis version", f"{name} {version}", "6.2 is the oldest that works.")
    else:
        yield ok("Redis version", f"{name} {version}")


def _role(info: Config) -> Iterator[Finding]:
    if info["role"] != "master":
        yield fail("Redis role", f"a {info['role']}", "Set FRONTDESK_REDIS_URL to the master.")


async def _speed(pipeline: Pipeline) -> list[Finding]:
    """How long an answer takes, and how far apart our clocks are."""
    before = time.perf_counter()
    seconds, micros = await pipeline.ask("TIME")
    took = time.perf_counter() - before
    apart = abs(time.time() - int(seconds) - int(micros) / 1e6)
    found = [ok("Redis answers", f"in {took * 1000:.1f} ms")]
    if took > SLOW_ANSWER:
        advice = "Run it near the nodes: each claim and each message waits for an answer."
        found = [warn("Redis answers", f"only after {took * 1000:.1f} ms", advice)]
    if apart > CLOCKS_APART:
        what = f"the clock of Redis and ours are {apart:.1f} s apart"
        found.append(warn("Redis clock", what, "Let chrony keep both right."))
    return found


async def _config(pipeline: Pipeline) -> dict[str, str] | None:
    """The settings we look at; None where the provider doesn't let us."""
    found: dict[str, str] = {}
    try:
        for name in SETTINGS:
            answer = await pipeline.ask("CONFIG", "GET", name)
            found |= {name: answer[1].decode()} if answer else {}
    except FrontdeskError:
        return None
    return found


def _settings(config: Config | None, info: Config) -> Iterator[Finding]:
    if config is None:
        advice = "Make sure of noeviction, appendonly yes and appendfsync always yourself."
        yield warn("Redis settings", "CONFIG is not allowed", advice)
        return
    yield from _memory(config, info)
    yield from _durability(config)
    yield from _pubsub(config)


def _memory(config: Config, info: Config) -> Iterator[Finding]:
    policy = config["maxmemory-policy"]
    if policy != "noeviction":
        yield fail(
            "Redis memory",
            f"maxmemory-policy is {policy}: it may throw conversations away",
            "CONFIG SET maxmemory-policy noeviction, and write it into its file.",
        )
    limit, used = int(config["maxmemory"]), int(info["used_memory"])
    if not limit:
        advice = "Set it below half of the machine's memory: then we slow down before it is full."
        yield warn("Redis memory", "maxmemory isn't set", advice)
    elif used > 0.6 * limit:
        yield warn("Redis memory", f"{used / limit:.0%} used", "Give it more memory.")
    else:
        yield ok("Redis memory", f"{used / MIB:.0f} of {limit / MIB:.0f} MiB used")


def _durability(config: Config) -> Iterator[Finding]:
    if config["appendonly"] != "yes":
        what = "nothing is written to disk: a restart of Redis loses the open conversations"
        yield warn("Redis durability", what, "CONFIG SET appendonly yes")
    elif config["appendfsync"] != "always":
        what = f"appendfsync is {config['appendfsync']}: a crash may lose about a second"
        yield warn("Redis durability", what, "CONFIG SET appendfsync always loses nothing.")
    else:
        yield ok("Redis durability", "what was acknowledged is on disk")


def _pubsub(config: Config) -> Iterator[Finding]:
    words = config["client-output-buffer-limit"].split()
    if "pubsub" not in words:
        return
    at = words.index("pubsub")
    hard, soft, seconds = map(int, words[at + 1 : at + 4])
    enough = (hard == 0 or hard >= PUBSUB_LIMIT[0]) and (soft == 0 or soft >= PUBSUB_LIMIT[1])
    if not enough:
        lag = f"{hard / MIB:.0f} MiB, or {soft / MIB:.0f} MiB for {seconds} s"
        what = f"a node that lags by {lag}, is cut off"
        yield warn(
            "Redis inboxes",
            what,
            "CONFIG SET client-output-buffer-limit 'pubsub 64mb 32mb 30'",
        )
    else:
        yield ok("Redis inboxes", "a node may lag for a moment")
