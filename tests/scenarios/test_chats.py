"""The ways of a conversation through two nodes: transfer, lost rep, missed, several tabs."""

from functools import partial

import pytest

from frontdesk.wire import frames
from tests.scenarios.conftest import Scene
from tests.scenarios.people import Refusal

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_losers_rings_end_and_say_who_won(scene: Scene) -> None:
    reps = [await scene.rep(number % 2) for number in range(4)]
    visitor = await scene.visitor(0)
    name = await visitor.requests()
    for rep in reps:
        await rep.until(partial(rep.offered, name), "the ring")
    await reps[2].claims(name)
    for rep in reps:
        await rep.until(partial(rep.is_quiet, name), "the end of the ring")
    for rep in (reps[0], reps[1], reps[3]):
        gone = [one for one in rep.pushes if isinstance(one, frames.OfferGone)]
        assert [(one.why, one.by and one.by.id) for one in gone] == [
            ("claimed", reps[2].account.id)
        ]
    with pytest.raises(Refusal, match="already_claimed") as refused:
        await reps[0].ask(reps[0].client.claim(name))
    assert refused.value.error.by is not None
    assert refused.value.error.by.id == reps[2].account.id


async def test_a_chat_passed_to_a_rep_rings_only_them_and_goes_on_with_them(
    scene: Scene,
) -> None:
    visitor, first, name = await scene.chat()
    second, third = await scene.rep(0), await scene.rep(1)
    held = first.holds(name)
    assert held is not None
    ok = await first.ask(
        first.client.transfer(name, fence=held.fence, rep=second.account.id, note="knows prices")
    )
    assert ok.state == "requested"
    assert first.holds(name) is None
    await second.claims(name)
    await visitor.until(lambda: visitor.chat.rep and visitor.chat.rep.id == second.account.id)
    await second.says(name, "I take over")
    await visitor.until(lambda: visitor.texts()[-1] == "I take over", "the message")
    assert not any(isinstance(one, frames.Offer) for one in third.pushes)
    offers = [one for one in second.pushes if isinstance(one, frames.Offer)]
    assert offers[-1].note == "knows prices"
    assert offers[-1].by is not None
    assert offers[-1].by.id == first.account.id
    with pytest.raises(Refusal, match="fence"):
        await first.ask(first.client.message(name, "late", fence=held.fence))
    await second.closes_it(name)
    await visitor.until(lambda: visitor.chat.state == "closed", "the end")
    await scene.check.all_is_well(visitor, first, second)


async def test_a_chat_passed_to_a_group_rings_its_members(scene: Scene) -> None:
    visitor, first, name = await scene.chat()
    rest = {rep.account.id: rep for rep in [await scene.rep(n % 2) for n in range(3)]}
    sales = {account.id for account in scene.running.reps[::2]}
    held = first.holds(name)
    assert held is not None
    group = scene.running.groups["Sales"]
    await first.ask(first.client.transfer(name, fence=held.fence, group=group))
    ringing = [rep for rep in rest.values() if rep.account.id in sales]
    for rep in ringing:
        await rep.until(partial(rep.offered, name), "the ring")
    await ringing[0].claims(name)
    await visitor.until(lambda: visitor.chat.state == "active", "somebody to answer")
    others = [rep for rep in rest.values() if rep.account.id not in sales]
    assert others
    assert not any(isinstance(one, frames.Offer) for rep in others for one in rep.pushes)
    await ringing[0].closes_it(name)


async def test_a_transfer_that_nobody_could_take_is_refused_and_the_holder_goes_on(
    scene: Scene,
) -> None:
    visitor, rep, name = await scene.chat()
    held = rep.holds(name)
    assert held is not None
    group = scene.running.groups["Nobody"]
    with pytest.raises(Refusal, match="nobody"):
        await rep.ask(rep.client.transfer(name, fence=held.fence, group=group))
    await rep.says(name, "Let me see myself")
    await rep.closes_it(name)
    await visitor.until(lambda: visitor.chat.state == "closed", "the end")
    await scene.check.all_is_well(visitor, rep)


async def test_a_lost_rep_is_told_of_and_the_chat_is_offered_to_the_others(
    scene: Scene,
) -> None:
    visitor, first, name = await scene.chat()
    second = await scene.rep(0)
    await first.leave()
    await visitor.until(lambda: lost(visitor.chat) == "lost", "word of the lost rep")
    fence = await second.claims(name)
    assert fence == 2
    offers = [one for one in second.pushes if isinstance(one, frames.Offer)]
    assert offers[-1].why == "rep_lost"
    await visitor.until(lambda: visitor.chat.state == "active", "somebody to answer")
    await second.says(name, "My colleague was cut off")
    await second.closes_it(name)
    await visitor.until(lambda: visitor.chat.state == "closed", "the end")
    await scene.check.all_is_well(visitor, first, second)


async def test_a_lost_rep_who_comes_back_in_time_goes_on_with_the_same_fence(
    scene: Scene,
) -> None:
    visitor, rep, name = await scene.chat()
    before = rep.holds(name)
    assert before is not None
    await rep.leave()
    await visitor.until(lambda: lost(visitor.chat) == "lost", "word of the lost rep")
    back = await scene.rep(0, number=scene.running.reps.index(rep.account))
    await visitor.until(lambda: lost(visitor.chat) == "returned", "word of the return")
    after = back.holds(name)
    assert after is not None
    assert after.fence == before.fence
    await back.says(name, "Sorry, a tunnel")
    await back.closes_it(name)
    await visitor.until(lambda: visitor.chat.state == "closed", "the end")
    await scene.check.all_is_well(visitor, rep, back)


def lost(chat: frames.Conversation) -> str:
    """What the log last said of the rep's connection."""
    said = [one.action for one in chat.entries if isinstance(one, frames.Participant)]
    return said[-1] if said else ""


async def test_when_nobody_is_there_the_visitor_leaves_a_message(scene: Scene) -> None:
    visitor = await scene.visitor(0)
    name = await visitor.requests("Anybody?")
    await visitor.until(lambda: visitor.chat.state == "missed", "word that nobody came")
    for text in ("Call me", "In the morning"):
        await visitor.ask(visitor.client.leave(name, email="a@example.com", text=text))
    await scene.check.state_in_sql(name, "missed")
    await scene.check.archived(name, last=5)
    await visitor.ask(visitor.client.close(name))
    await visitor.until(lambda: visitor.chat.state == "closed", "the end")


async def test_two_messages_left_in_two_visits_are_both_kept(scene: Scene) -> None:
    """Each page counts its requests from 1."""
    first = await scene.visitor(0)
    name = await first.requests("Anybody?")
    await first.ask(first.client.leave(name, email="a@example.com", text="Call me"))
    await first.leave()
    second = await scene.visitor(1, token=first.client.token)
    assert second.chat.id == name
    second.client.ping()
    await second.ask(second.client.leave(name, email="a@example.com", text="Or write"))
    await scene.check.archived(name, last=5)
    await second.ask(second.client.close(name))


async def test_when_the_last_ring_is_declined_the_visitor_waits_no_longer(scene: Scene) -> None:
    reps = [await scene.rep(0), await scene.rep(1)]
    visitor = await scene.visitor(0)
    name = await visitor.requests()
    for rep in reps:
        await rep.until(partial(rep.offered, name), "the ring")
        await rep.ask(rep.client.decline(name))
    await visitor.until(lambda: visitor.chat.state == "missed", "the end of the wait")
    await visitor.ask(visitor.client.close(name))


async def test_who_becomes_available_is_rung_for_who_waits_already(scene: Scene) -> None:
    first = await scene.rep(1)
    visitor = await scene.visitor(0)
    name = await visitor.requests()
    late = await scene.rep(0, available=False)
    assert not late.offered(name)
    await late.ask(late.client.availability("available"))
    await late.claims(name)
    await first.until(lambda: not first.offered(name), "the end of the ring")
    await late.closes_it(name)


async def test_a_cancelled_request_stops_ringing_everywhere(scene: Scene) -> None:
    reps = [await scene.rep(0), await scene.rep(1)]
    visitor = await scene.visitor(0)
    name = await visitor.requests()
    for rep in reps:
        await rep.until(partial(rep.offered, name), "the ring")
    await visitor.ask(visitor.client.close(name))
    for rep in reps:
        await rep.until(partial(rep.is_quiet, name), "the end of the ring")


async def test_two_tabs_of_a_rep_on_two_nodes_show_the_same_chat(scene: Scene) -> None:
    rep = await scene.rep(0)
    tab = await scene.rep(1, number=scene.running.reps.index(rep.account))
    visitor = await scene.visitor(0)
    name = await visitor.requests()
    await rep.claims(name)
    await tab.until(lambda: tab.holds(name), "the chat on the other tab")
    await tab.says(name, "From the tablet")
    await visitor.says("Fine")
    await scene.same_view(visitor, rep, name)
    await scene.same_view(visitor, tab, name)
    await tab.closes_it(name)
    await rep.until(lambda: not rep.holds(name), "the end on the other tab")
    await visitor.until(lambda: visitor.chat.state == "closed", "the end")
    await scene.check.all_is_well(visitor, rep, tab)


async def test_two_tabs_of_a_visitor_are_one_visitor(scene: Scene) -> None:
    rep, visitor = await scene.rep(1), await scene.visitor(0)
    name = await visitor.requests("From the first tab")
    tab = await scene.visitor(1, token=visitor.client.token)
    assert tab.chat.id == name
    await rep.claims(name)
    await tab.says("From the second")
    await rep.says(name, "Hello both")
    for one in (visitor, tab):
        await one.until(partial(one.heard_last, "Hello both"), "the message")
    assert visitor.texts() == tab.texts()
    await rep.closes_it(name)
    await tab.until(lambda: tab.chat.state == "closed", "the end")


async def test_a_console_that_connects_while_they_talk_misses_nothing(scene: Scene) -> None:
    visitor, rep, name = await scene.chat()
    for number in range(30):
        says = visitor.begin(visitor.client.message(name, f"{number}"))
        if number % 10 == 5:
            await rep.moves(1 - rep.node)
        await visitor.until(lambda: says.ok, "the answer")  # noqa: B023 - awaited in this turn
    await scene.same_view(visitor, rep, name)
    await rep.closes_it(name)
    await visitor.until(lambda: visitor.chat.state == "closed", "the end")
    await scene.check.all_is_well(visitor, rep)
