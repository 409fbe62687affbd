"""A verb to call and a relay to misbehave, as for one Redis. On one loop: these take their time."""

from tests.storage.redis.conftest import count, relay

__all__ = ["count", "relay"]
