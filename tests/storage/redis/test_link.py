"""R1.2, R6.4, R6.8: what a link does when the connection, the server or the data changes."""

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from frontdesk.errors import Retry
from frontdesk.storage.redis import link as link_module
from frontdesk.storage.redis.embedded import EmbeddedRedis
from frontdesk.storage.redis.errors import ScriptFailed
from frontdesk.storage.redis.keys import Keys
from frontdesk.storage.redis.link import Link
from frontdesk.storage.redis.script import Script, read
from tests.storage.redis.faults import Relay, until, until_equal


@pytest.fixture
async def relayed(relay: Relay, keys: Keys) -> AsyncIterator[Link]:
    """A link through the relay."""
    link = await Link.open(await relay.open(), meta_key=keys.meta)
    yield link
    await link.close()


async def test_a_script_gets_meta_and_the_epoch_first(
    link: Link, keys: Keys, count: Script
) -> None:
    assert await link.call(count, (keys.ev,), ("wörd",)) == [b"ok", 1, "wörd".encode()]
    assert await link.call(count, (keys.ev,), (7,)) == [b"ok", 2, b"7"]
    assert await link.call(count, (keys.ev.encode(),), (b"\x00\xff",)) == [b"ok", 3, b"\x00\xff"]


# --- the connection breaks


async def test_a_command_whose_answer_was_lost_is_sent_once_more_under_the_same_epoch(
    relay: Relay, relayed: Link, keys: Keys, count: Script, redis_client: Redis
) -> None:
    epoch = relayed.epoch
    relay.swallow_after = count.sha.encode()
    answer = relayed.call(count, (keys.ev,), ("x",))
    await until_equal(lambda: redis_client.get(keys.ev), b"1")
    relay.swallow_after = None
    relay.cut()
    assert await answer == [b"ok", 2, b"x"]  # it ran twice: this is why verbs are idempotent
    assert relayed.epoch == epoch


async def test_a_command_whose_answer_was_lost_twice_is_retry_and_is_not_sent_a_third_time(
    relay: Relay, relayed: Link, keys: Keys, count: Script, redis_client: Redis
) -> None:
    relay.swallow_after = count.sha.encode()
    answer = relayed.call(count, (keys.ev,), ("x",))
    await until_equal(lambda: redis_client.get(keys.ev), b"1")
    relay.cut()
    await until_equal(lambda: redis_client.get(keys.ev), b"2")
    relay.cut()
    with pytest.raises(Retry):
        await answer
    assert await relayed.command("GET", keys.ev) == b"2"


async def test_commands_in_flight_keep_their_order_over_a_break(
    relay: Relay, relayed: Link, keys: Keys
) -> None:
    relay.freeze()
    answers = [relayed.command("RPUSH", keys.ev, n) for n in range(100)]
    await asyncio.sleep(0.05)
    relay.cut()
    answers += [relayed.command("RPUSH", keys.ev, n) for n in range(100, 120)]  # held back
    relay.thaw()
    await asyncio.gather(*answers)
    stored = [int(n) for n in await relayed.command("LRANGE", keys.ev, 0, -1)]
    assert stored[-120:] == list(range(120))


async def test_a_cancelled_command_is_not_sent_again(
    relay: Relay, relayed: Link, keys: Keys, count: Script, redis_client: Redis
) -> None:
    relay.swallow_after = count.sha.encode()
    given_up = relayed.call(count, (keys.ev,), ("x",))
    await until_equal(lambda: redis_client.get(keys.ev), b"1")
    given_up.cancel()
    relay.swallow_after = None
    relay.cut()
    assert await relayed.command("ECHO", "back") == b"back"
    assert await redis_client.get(keys.ev) == b"1"


async def test_a_frozen_server_is_left_and_found_again(
    own_redis: EmbeddedRedis, keys: Keys, count: Script
) -> None:
    link = await Link.open(own_redis.url, meta_key=keys.meta)
    epoch = link.epoch
    os.kill(own_redis.pid, signal.SIGSTOP)
    answer = link.call(count, (keys.ev,), ("x",))
    await until(lambda: not link.up)
    os.kill(own_redis.pid, signal.SIGCONT)
    kind, times, _ = await answer
    assert (kind, link.epoch) == (b"ok", epoch)
    assert times in (1, 2)  # the frozen server may have had it in its buffer
    await link.close()


async def test_while_there_is_no_server_callers_wait_then_hear_retry_at_once(
    relay: Relay, relayed: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_module, "PATIENCE", 0.3)
    relay.freeze()
    relay.cut()
    await until(lambda: not relayed.up)
    first = relayed.command("PING")
    with pytest.raises(Retry):
        await first
    hopeless = relayed.command("PING")
    assert isinstance(hopeless.exception(), Retry)  # without waiting
    relay.thaw()
    await until(lambda: relayed.up)
    assert await relayed.command("PING") == b"PONG"


async def test_a_closed_link_answers_everything_with_retry(relay: Relay, relayed: Link) -> None:
    relay.freeze()
    on_its_way = relayed.command("PING")
    await relayed.close()
    late = relayed.command("PING")
    assert isinstance(on_its_way.exception(), Retry)
    assert isinstance(late.exception(), Retry)


async def test_over_many_breaks_every_answer_belongs_to_its_question(
    relay: Relay, relayed: Link, count: Script, keys: Keys
) -> None:
    dice = random.Random(11)
    answered = 0

    async def ask(caller: int) -> None:
        nonlocal answered
        for n in range(200):
            word = f"{caller}-{n}".encode()
            try:
                async with asyncio.timeout(dice.choice((0.002, 30))):
                    answer = await relayed.call(count, (keys.ev,), (word,))
            except (Retry, TimeoutError):
                continue
            assert answer[2] == word
            answered += 1

    async with asyncio.TaskGroup() as group:
        callers = [group.create_task(ask(caller)) for caller in range(20)]
        while not all(caller.done() for caller in callers):
            await asyncio.sleep(dice.uniform(0.01, 0.05))
            relay.cut()
    assert relay.connections >= 2
    assert answered > 100


# --- the server forgets, or isn't the one it was


async def test_forgotten_scripts_are_loaded_again_and_the_call_is_answered(
    link: Link, keys: Keys, count: Script, redis_client: Redis
) -> None:
    await redis_client.script_flush()
    calls = [link.call(count, (keys.ev,), (n,)) for n in range(3)]
    assert await asyncio.gather(*calls) == [[b"ok", n + 1, b"%d" % n] for n in range(3)]


async def test_a_script_that_is_registered_nowhere_is_refused_not_asked_for_ever(
    link: Link, tmp_path: Path
) -> None:
    path = tmp_path / "unregistered.lua"
    path.write_text(
        "-- KEYS: meta\n-- ARGV: epoch\n-- Returns: ok\nreturn {'ok', 'unregistered'}\n"
    )
    with pytest.raises(Retry):
        await link.call(read(path))


async def test_a_mistake_in_a_script_reaches_its_caller_alone(
    link: Link, keys: Keys, count: Script, redis_client: Redis
) -> None:
    await redis_client.rpush(keys.ev, "not a number")
    broken = link.call(count, (keys.ev,), ("x",))
    fine = link.call(count, (keys.inbox,), ("y",))
    with pytest.raises(ScriptFailed, match="WRONGTYPE"):
        await broken
    assert await fine == [b"ok", 1, b"y"]


async def test_a_new_epoch_is_told_before_anything_else_and_old_calls_are_retry(
    link: Link, keys: Keys, count: Script, redis_client: Redis
) -> None:
    old = link.epoch
    heard: list[object] = []
    link.on_epoch.append(lambda before, after: heard.append(("epoch", before, after)))
    await redis_client.delete(keys.meta)
    calls = [link.call(count, (keys.ev,), (n,)) for n in range(3)]
    for call in calls:
        call.add_done_callback(lambda done: heard.append(type(done.exception())))
    await asyncio.gather(*calls, return_exceptions=True)
    await asyncio.sleep(0)
    new = link.epoch
    assert heard == [("epoch", old, new), Retry, Retry, Retry]
    assert new != old
    assert await redis_client.get(keys.ev) is None
    assert await link.call(count, (keys.ev,), ("again",)) == [b"ok", 1, b"again"]


async def test_data_that_looks_like_the_refusal_is_data(
    relay: Relay, relayed: Link, keys: Keys
) -> None:
    await relayed.command("RPUSH", keys.ev, "epoch")
    assert await relayed.command("LRANGE", keys.ev, 0, -1) == [b"epoch"]
    assert relay.connections == 1


async def test_what_an_epoch_callback_asks_is_answered_under_the_new_epoch(
    link: Link, keys: Keys, count: Script, redis_client: Redis
) -> None:
    asked: list[asyncio.Future[list[object]]] = []

    def stumble(_old: bytes, _new: bytes) -> None:
        raise ZeroDivisionError

    link.on_epoch.append(stumble)
    link.on_epoch.append(lambda *_: asked.append(link.call(count, (keys.ev,), ("attach",))))
    await redis_client.delete(keys.meta)
    with pytest.raises(Retry):
        await link.call(count, (keys.ev,), ("x",))
    assert await asked[0] == [b"ok", 1, b"attach"]


async def test_what_was_acknowledged_is_there_after_kill_9_and_restart(
    own_redis: EmbeddedRedis, keys: Keys, count: Script
) -> None:
    link = await Link.open(own_redis.url, meta_key=keys.meta)
    old, acknowledged, pid = link.epoch, 0, own_redis.pid
    for n in range(2000):
        answers = [link.call(count, (keys.ev,), ("x",)) for _ in range(5)]
        if n == 100:
            os.kill(pid, signal.SIGKILL)
        results = await asyncio.gather(*answers, return_exceptions=True)
        acknowledged += sum(not isinstance(result, Exception) for result in results)
        if link.epoch != old:
            break
    stored = int(await link.command("GET", keys.ev))
    assert acknowledged >= 500
    assert stored >= acknowledged
    await until(lambda: own_redis.pid != pid)  # it hears of its own return after the link
    assert link.epoch != old  # another incarnation, although nothing is lost
    quiet, now = await link.command("HMGET", keys.meta, "quiet_until", "now")
    assert int(quiet) > int(now)
    await link.close()
