"""R6.1-R6.3, R6.6: one connection, answers in order, whatever becomes of those who asked."""

import asyncio
import os
import random
import signal
import time

import pytest

from frontdesk.errors import Overloaded, Retry
from frontdesk.storage.redis import pipeline as pipeline_module
from frontdesk.storage.redis.address import Address
from frontdesk.storage.redis.embedded import EmbeddedRedis
from frontdesk.storage.redis.errors import ScriptFailed
from frontdesk.storage.redis.keys import Keys
from frontdesk.storage.redis.link import Link
from frontdesk.storage.redis.pipeline import Pipeline
from tests.storage.redis.faults import Relay, until


async def test_all_commands_of_one_turn_leave_in_one_write(relay: Relay, keys: Keys) -> None:
    link = await Link.open(await relay.open(), meta_key=keys.meta)
    relay.writes.clear()
    answers = await asyncio.gather(*(link.command("ECHO", n) for n in range(200)))
    assert answers == [b"%d" % n for n in range(200)]
    assert len(relay.writes) == 1
    await link.close()


async def test_a_cancelled_command_does_not_shift_the_answers_of_others(link: Link) -> None:
    dice = random.Random(7)
    for _ in range(30):
        answers = [link.command("ECHO", n) for n in range(300)]
        kept = dict(enumerate(answers))
        for n in dice.sample(range(300), 150):
            kept.pop(n).cancel()
        if dice.random() < 0.5:
            await asyncio.sleep(0)  # now they have been written
            for n in dice.sample(sorted(kept), 50):
                kept.pop(n).cancel()
        for n, answer in kept.items():
            assert await answer == b"%d" % n


async def test_an_error_reply_to_a_cancelled_command_hangs_nobody(link: Link) -> None:
    refused = link.command("NO_SUCH_COMMAND")
    after = link.command("ECHO", "after")
    refused.cancel()
    assert await after == b"after"


async def test_an_answer_after_the_caller_timed_out_goes_to_nobody_else(
    relay: Relay, keys: Keys
) -> None:
    link = await Link.open(await relay.open(), meta_key=keys.meta)
    relay.freeze()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await link.command("ECHO", "secret of one")
    other = link.command("ECHO", "of another")
    relay.thaw()
    assert await other == b"of another"
    await link.close()


async def test_a_refused_command_raises_and_the_next_one_is_answered(link: Link) -> None:
    with pytest.raises(ScriptFailed, match="unknown command"):
        await link.command("NO_SUCH_COMMAND")
    assert await link.command("ECHO", "still here") == b"still here"


async def test_big_answers_in_many_pieces_arrive_whole(link: Link, keys: Keys) -> None:
    body = os.urandom(1 << 20)
    assert await link.command("SET", keys.ev, body) == b"OK"
    first, second, third = await asyncio.gather(
        link.command("GET", keys.ev), link.command("ECHO", "x"), link.command("GET", keys.ev)
    )
    assert (first, second, third) == (body, b"x", body)


async def test_more_than_ten_thousand_in_flight_are_overloaded_and_the_rest_are_answered(
    link: Link,
) -> None:
    answers = [link.command("ECHO", n) for n in range(10_050)]
    results = await asyncio.gather(*answers, return_exceptions=True)
    assert results[:10_000] == [b"%d" % n for n in range(10_000)]
    assert all(isinstance(result, Overloaded) for result in results[10_000:])
    assert await link.command("ECHO", "again") == b"again"


async def test_more_than_eight_megabytes_in_flight_are_overloaded(link: Link) -> None:
    body = b"x" * (1 << 20)
    results = await asyncio.gather(
        *(link.command("ECHO", body) for _ in range(12)), return_exceptions=True
    )
    assert results[:8] == [body] * 8
    assert all(isinstance(result, Overloaded) for result in results[8:])


async def test_a_connection_is_dead_when_its_oldest_answer_is_two_seconds_late(
    own_redis: EmbeddedRedis,
) -> None:
    pipeline = await Address.of(own_redis.url).connect(Pipeline)
    await pipeline.ask("PING")
    os.kill(own_redis.pid, signal.SIGSTOP)
    try:
        first, second = pipeline.ask("PING"), pipeline.ask("PING")
        with pytest.raises(Retry):
            await first
        assert pipeline.lost_because == "the oldest answer is 2 s late"
        assert isinstance(second.exception(), Retry)
    finally:
        os.kill(own_redis.pid, signal.SIGCONT)


async def test_a_loop_that_stood_still_itself_does_not_take_the_connection_for_dead(
    link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline_module, "TICK", 0.05)
    await asyncio.sleep(0.3)  # the next tick is one of the short ones
    for _ in range(3):
        answer = link.command("PING")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        time.sleep(0.6)  # more than eight ticks
        assert await answer == b"PONG"


async def test_a_steady_stream_of_answers_is_never_late(
    relay: Relay, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline_module, "TICK", 0.1)
    link = await Link.open(await relay.open(), meta_key=keys.meta)
    end = time.monotonic() + 1.5
    while time.monotonic() < end:
        await asyncio.gather(*(link.command("PING") for _ in range(20)))
    assert relay.connections == 1
    await link.close()


async def test_what_is_not_redis_is_left_at_once() -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example.org ESMTP\r\n")
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    pipeline = await Address.of(f"redis://127.0.0.1:{port}").connect(Pipeline)
    answer = pipeline.ask("PING")
    with pytest.raises(Retry):
        await answer
    await until(lambda: pipeline.lost)
    assert "not an answer of Redis" in pipeline.lost_because
    server.close()
    await server.wait_closed()
