"""What the doctor says, on real servers, folders and ports."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import redis.asyncio

from frontdesk.config import Settings, SettingsError, prepare
from frontdesk.doctor import Finding, Level, examine, machine
from frontdesk.storage import migrate
from frontdesk.storage.engine import Database, database_url
from frontdesk.storage.redis.embedded import EmbeddedRedis
from frontdesk.storage.tables import dead_event
from frontdesk.supervisor import sockets
from tests.engines.cluster import running_cluster
from tests.engines.sentinel import running_sentinels
from tests.engines.server import newest


@pytest.fixture
async def own_redis(tmp_path: Path) -> AsyncIterator[str]:
    """A Redis whose settings this test may spoil."""
    server = EmbeddedRedis(tmp_path / "redis")
    yield await server.start()
    await server.stop()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", port=0)


async def said(settings: Settings, about: str) -> Finding:
    found = [finding for finding in await examine(settings) if finding.about == about]
    assert len(found) == 1, found
    finding = found[0]
    assert bool(finding.advice) == (finding.level is not Level.OK), "advice where it is needed"
    return finding


async def test_looking_makes_nothing(settings: Settings) -> None:
    await examine(settings)
    assert not settings.data.exists()


async def test_a_prepared_installation_is_well(settings: Settings) -> None:
    ready = prepare(settings)
    await migrate.upgrade(database_url("", ready.data))
    for about in ("Python", "data folder", "secret key", "port", "address", "database"):
        assert (await said(settings, about)).level is Level.OK, about


async def test_a_folder_that_others_can_open_is_named(settings: Settings) -> None:
    prepare(settings).data.chmod(0o755)
    finding = await said(settings, "data folder")
    assert finding.level is Level.WARN
    assert finding.advice == f"chmod 700 {settings.data}"


async def test_a_file_in_place_of_the_folder_is_named(settings: Settings) -> None:
    settings.data.write_text("")
    assert (await said(settings, "data folder")).level is Level.FAIL


async def test_a_secret_key_that_others_can_read_is_a_failure(settings: Settings) -> None:
    (prepare(settings).data / "secret.key").chmod(0o644)
    assert (await said(settings, "secret key")).level is Level.FAIL


async def test_a_port_in_use_is_said(settings: Settings) -> None:
    taken = sockets.bind("127.0.0.1", 0, 1)
    port = taken[0].getsockname()[1]
    finding = await said(Settings(data=settings.data, port=port), "port")
    sockets.close(taken)
    assert finding.level is Level.WARN
    assert str(port) in finding.what


async def test_an_address_that_is_not_ours_is_a_failure(settings: Settings) -> None:
    elsewhere = Settings(data=settings.data, host="192.0.2.1", port=0)
    assert (await said(elsewhere, "port")).level is Level.FAIL


@pytest.mark.parametrize(
    ("public_url", "host", "level"),
    [
        ("", "127.0.0.1", Level.OK),
        ("", "0.0.0.0", Level.WARN),
        ("http://chat.example.com", "0.0.0.0", Level.FAIL),
        ("https://chat.example.com", "0.0.0.0", Level.OK),
    ],
)
async def test_what_browsers_will_think_of_the_address_is_said(
    settings: Settings, public_url: str, host: str, level: Level
) -> None:
    asked = Settings(data=settings.data, port=0, host=host, public_url=public_url)
    assert (await said(asked, "address")).level is level


async def test_a_proxy_that_nobody_trusts_is_noticed(settings: Settings) -> None:
    behind = Settings(data=settings.data, port=0, public_url="https://chat.example.com")
    assert (await said(behind, "proxies")).level is Level.WARN


async def test_a_client_that_was_not_built_is_a_failure(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "STATIC", tmp_path)
    finding = await said(settings, "static files")
    assert finding.level is Level.FAIL
    assert "make build" in finding.advice


@pytest.mark.parametrize(
    ("change", "advice"),
    [
        ("DELETE FROM alembic_version", "Run `frontdesk migrate`."),
        ("UPDATE alembic_version SET version_num = 'newer'", "Start the newer release"),
    ],
)
async def test_a_database_of_another_release_is_a_failure(
    settings: Settings, change: str, advice: str
) -> None:
    ready = prepare(settings)
    url = database_url("", ready.data)
    await migrate.upgrade(url)
    database = Database.open(url)
    async with database.write() as connection:
        await connection.exec_driver_sql(change)
    await database.close()
    finding = await said(settings, "database")
    assert finding.level is Level.FAIL
    assert finding.advice.startswith(advice)


async def test_a_table_changed_by_hand_is_noticed(settings: Settings) -> None:
    url = database_url("", prepare(settings).data)
    await migrate.upgrade(url)
    database = Database.open(url)
    async with database.write() as connection:
        await connection.exec_driver_sql("ALTER TABLE rep ADD COLUMN nickname TEXT")
    await database.close()
    assert "nickname" in (await said(settings, "database schema")).what


async def test_servers_that_are_not_there_are_findings_and_their_passwords_stay_hidden(
    settings: Settings,
) -> None:
    away = Settings(
        data=settings.data,
        port=0,
        redis_url="redis://:hush@127.0.0.1:1/0",
        database_url="postgresql://desk:hush@127.0.0.1:1/desk",
    )
    assert (await said(away, "Redis")).level is Level.FAIL
    assert (await said(away, "database")).level is Level.FAIL
    assert "hush" not in str(await examine(away))


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("redis://:hush@127.0.0.1:1/0", "redis://:********@127.0.0.1:1/0 refuses the connection"),
        ("redis://127.0.0.1:1?password=hush", "redis://127.0.0.1:1?password=******** refuses"),
        ("redis://no-such-host.invalid", "redis://no-such-host.invalid can't be found"),
        ("unix:///no/such/socket", "unix:///no/such/socket isn't there"),
    ],
)
async def test_a_redis_that_cannot_be_reached_is_named_with_its_setting(
    settings: Settings, url: str, what: str
) -> None:
    finding = await said(Settings(data=settings.data, port=0, redis_url=url), "Redis")
    assert finding.what.startswith(what)
    assert "FRONTDESK_REDIS_URL" in finding.advice
    assert "Errno" not in str(finding)


async def test_a_redis_that_wants_another_password_says_so(
    settings: Settings, own_redis: str
) -> None:
    url = own_redis.replace("unix://", "unix://guest:hush@")
    finding = await said(Settings(data=settings.data, port=0, redis_url=url), "Redis")
    assert finding.level is Level.FAIL
    assert "doesn't let us in: WRONGPASS" in finding.what
    assert "hush" not in str(finding)


async def test_a_database_that_refuses_us_is_named_with_its_setting(settings: Settings) -> None:
    url = "postgresql://desk:hush@127.0.0.1:1/desk"
    finding = await said(Settings(data=settings.data, port=0, database_url=url), "database")
    assert finding.what.startswith("postgresql://desk:********@127.0.0.1:1/desk refuses")
    assert "FRONTDESK_DATABASE_URL" in finding.advice


async def test_a_redis_set_up_as_we_do_it_is_well(settings: Settings, own_redis: str) -> None:
    asked = Settings(data=settings.data, port=0, redis_url=own_redis)
    found = [finding for finding in await examine(asked) if finding.about.startswith("Redis")]
    assert {finding.about for finding in found} == {
        "Redis version", "Redis answers", "Redis memory", "Redis durability", "Redis inboxes",
    }  # fmt: skip
    slow = {finding.about for finding in found if finding.level is not Level.OK}
    assert slow <= {"Redis answers"}  # a machine that is busy is slow


@pytest.mark.parametrize(
    ("name", "value", "about", "level"),
    [
        ("maxmemory-policy", "allkeys-lru", "Redis memory", Level.FAIL),
        ("maxmemory", "0", "Redis memory", Level.WARN),
        ("appendfsync", "everysec", "Redis durability", Level.WARN),
        ("appendonly", "no", "Redis durability", Level.WARN),
        ("client-output-buffer-limit", "pubsub 1mb 1mb 10", "Redis inboxes", Level.WARN),
    ],
)
async def test_a_setting_of_redis_that_breaks_a_promise_is_found(
    settings: Settings, own_redis: str, name: str, value: str, about: str, level: Level
) -> None:
    async with redis.asyncio.Redis.from_url(own_redis) as client:
        await client.config_set(name, value)
    asked = Settings(data=settings.data, port=0, redis_url=own_redis)
    found = [finding for finding in await examine(asked) if finding.about == about]
    assert max(finding.level for finding in found) is level


async def test_a_redis_that_hides_its_settings_says_so(settings: Settings, own_redis: str) -> None:
    async with redis.asyncio.Redis.from_url(own_redis) as client:
        await client.acl_setuser(
            "guest",
            enabled=True,
            passwords=["+pw"],
            keys=["*"],
            categories=["+@all"],
            commands=["-config"],
        )
    asked = Settings(
        data=settings.data, port=0, redis_url=own_redis.replace("unix://", "unix://guest:pw@")
    )
    finding = await said(asked, "Redis settings")
    assert finding.what == "CONFIG is not allowed"


async def test_a_replica_is_not_taken_for_the_master(settings: Settings, own_redis: str) -> None:
    async with redis.asyncio.Redis.from_url(own_redis) as client:
        await client.replicaof("127.0.0.1", "1")
    asked = Settings(data=settings.data, port=0, redis_url=own_redis)
    assert (await said(asked, "Redis role")).level is Level.FAIL


async def test_sentinels_and_replicas_as_we_advise_are_well_and_what_is_missing_is_named(
    settings: Settings,
) -> None:
    with running_sentinels(newest()) as group:
        asked = Settings(data=settings.data, port=0, redis_url=group.url)
        assert (await said(asked, "Redis Sentinels")).what == "3, quorum 2"
        assert (await said(asked, "Redis replicas")).what == "2 of the master"
        assert (await said(asked, "Redis alone")).level is Level.OK
        group.master().ask("CONFIG", "SET", "min-replicas-to-write", 0)
        assert "min-replicas-to-write is 0" in (await said(asked, "Redis alone")).what
        group.sentinels[2].kill()
        found = [one for one in await examine(asked) if one.about == "Redis Sentinels"]
        assert f":{group.sentinels[2].port} can't be asked" in found[1].what
        one = Settings(
            data=settings.data, port=0,
            redis_url=f"redis+sentinel://127.0.0.1:{group.sentinels[0].port}/desk",
        )  # fmt: skip
        assert "names 1" in (await said(one, "Redis Sentinels")).what


async def test_a_cluster_without_replicas_or_with_a_slot_that_nobody_has_is_found(
    settings: Settings,
) -> None:
    with running_cluster(newest()) as group:
        asked = Settings(data=settings.data, port=0, redis_url=group.url)
        assert (await said(asked, "Redis cluster")).what == "3 masters serve all slots"
        assert (await said(asked, "Redis coverage")).level is Level.OK
        assert (await said(asked, "Redis replicas")).level is Level.WARN
        for node in group.nodes:
            node.ask("CONFIG", "SET", "cluster-require-full-coverage", "yes")
        assert (await said(asked, "Redis coverage")).level is Level.WARN
        for node in group.nodes:
            node.ask("CONFIG", "SET", "cluster-require-full-coverage", "no")
            node.ask("CLUSTER", "DELSLOTS", 0)
        assert (await said(asked, "Redis cluster")).level is Level.FAIL


async def test_a_key_that_was_cut_short_signs_nothing(settings: Settings) -> None:
    kept = prepare(settings).data / "secret.key"
    kept.write_text("x\n")
    finding = await said(settings, "secret key")
    assert finding.level is Level.FAIL
    assert "cut short" in finding.what
    with pytest.raises(SettingsError, match="cut short"):
        prepare(settings)


async def test_a_collector_that_is_away_is_a_warning_and_none_is_nothing(
    settings: Settings,
) -> None:
    assert not [one for one in await examine(settings) if one.about == "traces"]
    taken = sockets.bind("127.0.0.1", 0, 1)
    taken[0].listen()
    url = f"http://127.0.0.1:{taken[0].getsockname()[1]}"
    there = msgspec.structs.replace(settings, tracing_url=url)
    assert (await said(there, "traces")).level is Level.OK
    sockets.close(taken)
    finding = await said(there, "traces")
    assert (finding.level, url[7:] in finding.what) == (Level.WARN, True)


async def test_events_that_were_put_aside_are_counted(settings: Settings) -> None:
    ready = prepare(settings)
    url = database_url("", ready.data)
    await migrate.upgrade(url)
    database = Database.open(url)
    async with database.write() as connection:
        await connection.execute(
            dead_event.insert().values(
                id="x1", stream="ev", event_id="e:1", error="KeyError: 'rep'", body={}, at=1
            )
        )
    await database.close()
    finding = await said(settings, "dead events")
    assert (finding.level, finding.what[:8]) == (Level.WARN, "1 events")


async def test_behind_a_proxy_a_node_should_not_close_its_port_at_once(settings: Settings) -> None:
    behind = msgspec.structs.replace(settings, trusted_proxies=("10.0.0.0/8",))
    assert (await said(behind, "leaving")).level is Level.WARN
    slower = msgspec.structs.replace(behind, drain_delay_seconds=5)
    assert not [one for one in await examine(slower) if one.about == "leaving"]
