"""Idle reps (PR-1): nobody touched any of their devices for a while."""

from tests.desk import GRACE, Desk


async def idle(desk: Desk, rep: str, *, idle: bool = True, device: str = "") -> None:
    await desk.at().presence.activity(device or f"d-{rep}", "1", idle=idle)


async def eligibility(desk: Desk, rep: str = "ann") -> str:
    return (await desk.rep(rep)).eligibility


async def test_who_is_idle_is_not_rung_and_is_rung_when_back(desk: Desk) -> None:
    await desk.at().comes("ann")
    await desk.at().comes("bob")
    await idle(desk, "ann")
    assert await eligibility(desk) == "idle"
    rung = await desk.at().request("c1", "ann", "bob")
    assert rung.outcomes == {"ann": "idle", "bob": "rung"}
    await idle(desk, "ann", idle=False)
    due, *_ = await desk.peek()
    assert "drain:ann" in due
    assert (await desk.at().offer("c1", "ann")).outcomes == {"ann": "rung"}


async def test_going_idle_ends_their_rings(desk: Desk) -> None:
    await desk.at().comes("ann")
    await desk.at().request("c1", "ann")
    await idle(desk, "ann")
    assert "orphans:ann" in (await desk.peek())[0]


async def test_one_device_in_use_is_enough(desk: Desk) -> None:
    await desk.at().comes("ann")
    await desk.at("n2").comes("ann", device="phone")
    await idle(desk, "ann")
    assert await eligibility(desk) == "eligible"
    await idle(desk, "ann", device="phone")
    assert await eligibility(desk) == "idle"
    await desk.at().comes("ann", device="tablet", available=False)
    assert await eligibility(desk) == "eligible"


async def test_when_the_used_device_goes_the_idle_ones_are_left(desk: Desk) -> None:
    await desk.at().comes("ann")
    await desk.at().comes("ann", device="phone")
    await idle(desk, "ann")
    await desk.at().goes("ann", device="phone")
    assert await eligibility(desk) == "eligible"
    await desk.pass_time(GRACE + 2000)
    await desk.at().presence.expire_device("phone", await desk.deadline("device:phone"))
    assert await eligibility(desk) == "idle"


async def test_who_is_away_stays_away_whatever_they_touch(desk: Desk) -> None:
    await desk.at().comes("ann", available=False)
    await idle(desk, "ann")
    await idle(desk, "ann", idle=False)
    assert await eligibility(desk) == "away"


async def test_an_old_connection_says_nothing_of_the_device_any_more(desk: Desk) -> None:
    await desk.at().comes("ann")
    await desk.at().comes("ann", nonce="2")
    assert await desk.at().presence.activity("d-ann", "1", idle=True) is None
    assert await eligibility(desk) == "eligible"


async def test_attached_again_by_its_node_a_device_stays_idle(desk: Desk) -> None:
    await desk.at().comes("ann")
    await idle(desk, "ann")
    status = await desk.at().presence.device_up("d-ann", "ann", "1", 3, again=True)
    assert status.eligibility == "idle"


async def test_choosing_available_begins_anew(desk: Desk) -> None:
    await desk.at().comes("ann")
    await idle(desk, "ann")
    await desk.at().presence.availability("ann", "available", "chosen")
    assert await eligibility(desk) == "eligible"


async def test_every_change_is_recorded_with_all_that_it_was(desk: Desk) -> None:
    await desk.at().comes("ann")
    await idle(desk, "ann")
    await idle(desk, "ann", idle=False)
    await desk.at().presence.availability("ann", "away", "manager")
    seen = [(kind, fields["cause"], fields["status"].split("|")[0])
            for kind, fields in await desk.events()]  # fmt: skip
    assert seen == [
        ("rep_online", "new", "away"), ("rep_available", "chosen", "available"),
        ("rep_idle", "idle", "idle"), ("rep_available", "chosen", "available"),
        ("rep_away", "manager", "away"),
    ]  # fmt: skip
