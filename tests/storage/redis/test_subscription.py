"""R8.5, R8.6: nothing is missed in silence; what was missed is said by on_down and on_up."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from redis.asyncio import Redis

from frontdesk.storage.redis import subscription as subscription_module
from frontdesk.storage.redis.keys import Keys
from frontdesk.storage.redis.subscription import Subscription
from frontdesk.storage.redis.urls import servers_of
from tests.storage.redis.faults import Relay, until


class Listener:
    """What a subscription told, in order."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def message(self, message: bytes) -> None:
        self.told.append(message)

    def up(self) -> None:
        self.told.append("up")

    def down(self) -> None:
        self.told.append("down")


Subscribe = Callable[[str, str], Awaitable[tuple[Subscription, Listener]]]


@pytest.fixture
async def subscribe() -> AsyncIterator[Subscribe]:
    """Opens subscriptions, waits until they hear, and closes them in the end."""
    opened: list[Subscription] = []

    async def start(url: str, channel: str) -> tuple[Subscription, Listener]:
        listener = Listener()
        subscription = Subscription(
            servers_of(url, channel),
            channel,
            on_message=listener.message,
            on_up=listener.up,
            on_down=listener.down,
        )
        subscription.open()
        opened.append(subscription)
        await until(lambda: listener.told)
        return subscription, listener

    yield start
    for subscription in opened:
        await subscription.close()


async def test_messages_arrive_in_order_after_up(
    redis_url: str, redis_client: Redis, keys: Keys, subscribe: Subscribe
) -> None:
    subscription, listener = await subscribe(redis_url, keys.channel("n"))
    assert subscription.up
    for n in range(500):
        await redis_client.publish(keys.channel("n"), n)
    await redis_client.publish(keys.channel("other"), "not ours")
    await until(lambda: len(listener.told) > 500)
    assert listener.told == ["up", *(b"%d" % n for n in range(500))]


async def test_a_broken_connection_is_told_and_hears_again(
    redis_url: str, redis_client: Redis, keys: Keys, subscribe: Subscribe
) -> None:
    subscription, listener = await subscribe(redis_url, keys.channel("n"))
    for turn in range(3):
        await redis_client.client_kill_filter(_type="pubsub")
        await until(lambda: listener.told[-1] == "up" and len(listener.told) > 1)
        assert subscription.up
        assert await redis_client.publish(keys.channel("n"), turn) == 1
        await until(lambda: listener.told[-1] == b"%d" % turn)  # noqa: B023 - waited for here
    assert listener.told == ["up", "down", "up", b"0", "down", "up", b"1", "down", "up", b"2"]


async def test_a_silent_server_is_found_out_by_ping(
    relay: Relay, keys: Keys, subscribe: Subscribe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscription_module, "PING_SECONDS", 0.2)
    _, listener = await subscribe(await relay.open(), keys.channel("n"))
    relay.freeze()
    await until(lambda: listener.told == ["up", "down"])
    relay.thaw()
    await until(lambda: listener.told == ["up", "down", "up"])


async def test_an_idle_channel_stays_up(
    relay: Relay, keys: Keys, subscribe: Subscribe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscription_module, "PING_SECONDS", 0.5)
    _, listener = await subscribe(await relay.open(), keys.channel("n"))
    await until(lambda: sum(b"PING" in data for data in relay.writes) >= 3)
    assert listener.told == ["up"]
    assert relay.connections == 1


async def test_a_callback_that_stumbles_does_not_cost_the_connection(
    redis_url: str, redis_client: Redis, keys: Keys
) -> None:
    heard: list[bytes] = []

    def stumble(message: bytes) -> None:
        heard.append(message)
        raise ZeroDivisionError

    subscription = Subscription(
        servers_of(redis_url, keys.meta),
        keys.channel("n"),
        on_message=stumble,
        on_up=lambda: None,
        on_down=lambda: None,
    )
    subscription.open()
    await until(lambda: subscription.up)
    for n in range(3):
        await redis_client.publish(keys.channel("n"), n)
    await until(lambda: heard == [b"0", b"1", b"2"])
    assert subscription.up
    await subscription.close()


async def test_it_waits_for_a_server_that_is_not_there_yet(relay: Relay, keys: Keys) -> None:
    listener = Listener()
    subscription = Subscription(
        servers_of(relay.url, keys.meta),
        keys.channel("n"),
        on_message=listener.message,
        on_up=listener.up,
        on_down=listener.down,
    )
    subscription.open()
    await asyncio.sleep(0.1)  # a few attempts in vain
    assert listener.told == []
    await relay.open()
    await until(lambda: listener.told == ["up"])
    await subscription.close()
    assert listener.told == ["up"]  # closing isn't a loss


async def test_closing_twice_or_before_it_heard_is_fine(redis_url: str, keys: Keys) -> None:
    subscription = Subscription(
        servers_of(redis_url, keys.meta),
        keys.channel("n"),
        on_message=print,
        on_up=print,
        on_down=print,
    )
    await subscription.close()
    subscription.open()
    await subscription.close()
    await subscription.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}
