"""What was erased is on no disk of ours any more (OP-5)."""

import asyncio
import time
from pathlib import Path

import pytest

from frontdesk.privacy.erasing import REWRITE_AFTER_MS
from frontdesk.storage.engine import Database
from frontdesk.storage.redis.embedded import EmbeddedRedis
from frontdesk.storage.redis.keys import Keys
from frontdesk.storage.redis.link import Link
from tests.privacy.town import ANN, town_on
from tests.web.node import SECONDS

SECRET_WORDS = "the lamp is broken"


async def rewritten(link: Link) -> None:
    """Until Redis has finished writing its files anew."""
    async with asyncio.timeout(SECONDS):
        while b"aof_rewrite_in_progress:1" in await link.command(b"INFO", b"persistence"):
            await asyncio.sleep(0.05)


def files_with(folder: Path, *texts: str) -> list[str]:
    return [
        path.name
        for path in sorted(folder.rglob("*"))
        if path.is_file() and any(text.encode() in path.read_bytes() for text in texts)
    ]


async def test_the_words_of_an_erased_person_leave_the_files(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("frontdesk.events.relay.KEEP_MS", 0)  # as if five minutes had passed
    server = EmbeddedRedis(tmp_path, durability="always")
    url = await server.start()
    link = await Link.open(url, meta_key=Keys("fd", "main").meta)
    try:
        async with town_on(sqlite, link, url, "fd", tmp_path) as town:
            await town.chat(fields={"email": ANN}, says=SECRET_WORDS)
            await town.archived()
            held = files_with(tmp_path, ANN, SECRET_WORDS)
            assert any(name.startswith("frontdesk.db") for name in held)
            assert len(held) >= 2  # and Redis' own
            await town.erased(ANN)
            town.relay._trims = True
            town.relay._trimmed = 0.0
            time.sleep(0.002)
            await town.relay._trim()
            town.clock = REWRITE_AFTER_MS + 1000
            await town.erasing.work()
            await rewritten(link)
            await sqlite.tidy()
            assert files_with(tmp_path, ANN, SECRET_WORDS) == []
    finally:
        await link.close()
        await server.stop()
