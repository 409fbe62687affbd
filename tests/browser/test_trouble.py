"""Nodes die, networks go, reps are lost: nothing is lost or doubled (CH-3, CH-5)."""

import pytest
from playwright.async_api import expect

from tests.browser.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_both_go_on_when_the_node_is_killed(stage: Stage) -> None:
    ana, visitor = await stage.rep("ana"), await stage.visitor()
    await visitor.asks("Hello")
    await ana.starts()
    await ana.says("Good morning.")
    await visitor.reads("Hello", "Good morning.")
    await stage.desk.loses_its_node()
    await visitor.says("Are you still there?")
    await expect(ana.switch).to_be_enabled()
    await ana.says("I am.")
    said = ["Hello", "Good morning.", "Are you still there?", "I am."]
    await visitor.reads(*said)
    await ana.reads(*said)
    await visitor.page.reload()
    await ana.page.reload()
    await visitor.reads(*said)
    await ana.reads(*said)
    await expect(ana.switch).to_be_checked()


async def test_a_visitor_without_network_is_told_and_what_they_write_is_kept(stage: Stage) -> None:
    ana, visitor = await stage.rep("ana"), await stage.visitor()
    await visitor.asks("Hello")
    await ana.starts()
    await expect(visitor.chat.get_by_role("heading", name="Ana Beltrame")).to_be_visible()
    await visitor.context.set_offline(True)
    await visitor.loses_sockets()
    lost = visitor.chat.get_by_text("Connection lost. Reconnecting; what you write is kept.")
    await expect(lost).to_be_visible()
    await visitor.says("Written in a tunnel")
    await expect(visitor.log.get_by_text("Sending")).to_be_visible()
    await visitor.shot("1-lost")
    await ana.says("Said meanwhile")
    await visitor.context.set_offline(False)
    await expect(lost).to_have_count(0)
    await expect(visitor.log.get_by_text("Sending")).to_have_count(0)
    await visitor.reads("Hello", "Said meanwhile", "Written in a tunnel")
    await ana.reads("Hello", "Said meanwhile", "Written in a tunnel")


async def test_a_rep_without_network_is_told_and_sends_nothing_blind(stage: Stage) -> None:
    ana, visitor = await stage.rep("ana"), await stage.visitor()
    await visitor.asks("Hello")
    await ana.starts()
    await ana.context.set_offline(True)
    await ana.loses_sockets()
    await expect(ana.page.get_by_text("Connection lost. Trying again")).to_be_visible()
    await expect(ana.page.get_by_text("Your conversations are kept.")).to_be_visible()
    await ana.field().fill("My answer")
    await ana.field().press("Enter")
    await expect(ana.page.get_by_text("Not connected. Your text is kept;")).to_be_visible()
    await ana.shot("1-lost")
    await visitor.says("Anybody?")
    await ana.context.set_offline(False)
    await expect(ana.page.get_by_text("Connection lost.")).to_have_count(0)
    await expect(ana.field()).to_have_value("My answer")
    await ana.reads("Hello", "Anybody?")
    unsent = ana.page.get_by_text("This is not sent yet")
    await expect(unsent).to_be_visible()
    await ana.field().press("Enter")
    await expect(unsent).to_have_count(0)
    await ana.reads("Hello", "Anybody?", "My answer")
    await visitor.reads("Hello", "Anybody?", "My answer")


async def test_a_lost_rep_is_told_of_and_another_takes_over(hasty: Stage) -> None:
    ana, visitor = await hasty.rep("ana"), await hasty.visitor()
    ben = await hasty.rep("ben", available=False)
    await visitor.asks("Hello")
    await ana.starts()
    await ana.says("Good morning.")
    await visitor.reads("Hello", "Good morning.")
    await ben.becomes("available")
    await ana.page.close()
    await expect(visitor.chat).to_contain_text("Ana Beltrame lost the connection")
    await visitor.shot("1-rep-lost")
    await expect(ben.card()).to_contain_text("The rep before you lost the connection")
    await ben.starts()
    await ben.reads("Hello", "Good morning.")
    await ben.says("I take over from Ana.")
    await visitor.reads("Hello", "Good morning.", "I take over from Ana.")
    await expect(visitor.chat.get_by_role("heading", name="Ben Okonwe")).to_be_visible()
