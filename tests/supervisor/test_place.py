import asyncio

import pytest

from frontdesk.supervisor import place
from frontdesk.supervisor.child import Child
from frontdesk.supervisor.place import LONGEST_PAUSE, Place, pause_after


def test_the_first_fall_is_followed_by_a_start_at_once_the_next_ones_ever_later() -> None:
    pauses = [pause_after(falls) for falls in range(1, 2000)]
    assert pauses[0] == 0
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE


async def test_a_machine_that_gives_no_process_now_is_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = asyncio.Event()
    times = 0

    def start() -> Child:
        nonlocal times
        times += 1
        if times == 2:
            asked.set()
        raise BlockingIOError("no more processes")

    monkeypatch.setattr(place, "LONGEST_PAUSE", 0.01)
    found = Place(start, asyncio.get_running_loop().create_future())
    found.fill()
    async with asyncio.timeout(30):
        await asked.wait()
    found.close()
