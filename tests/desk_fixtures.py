"""Fixtures of a desk, imported by the `conftest.py` of each folder that needs them."""

import pytest

from frontdesk.storage.redis.keys import Keys
from frontdesk.storage.redis.link import Link
from tests.desk import Desk


@pytest.fixture
async def desk(link: Link, keys: Keys) -> Desk:
    """A desk without anybody, past its quiet time, whose laws are checked after every verb."""
    found = Desk(link, keys)
    await found.settle_down()
    return found
