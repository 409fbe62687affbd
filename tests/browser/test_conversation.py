"""A visitor asks, reps are rung, one starts, they talk, it ends."""

import asyncio
import re

import pytest
from playwright.async_api import expect

from tests.browser.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_card_rings_at_two_reps_and_the_other_is_told_who_started(stage: Stage) -> None:
    ana, ben = await stage.rep("ana"), await stage.rep("ben")
    visitor = await stage.visitor()
    await visitor.is_known_as("Mira Lund", company="Oyster Pilots")
    await visitor.shot("1-page")
    await visitor.asks("Do you ship to Norway?")
    for rep in (ana, ben):
        card = rep.card("Mira Lund")
        await expect(card).to_contain_text("Do you ship to Norway?")
        await expect(card).to_contain_text("Oyster Pilots")
        await expect(card).to_contain_text("Harborlight Instruments")
        await expect(card.get_by_role("timer", name=re.compile(r"^\d\d s left$"))).to_be_visible()
        await expect(rep.page).to_have_title("(1) Ringing · Frontdesk")
    await visitor.shot("2-ringing")
    await ben.shot("2-ringing")
    await ben.remembers_rings()
    await ana.starts("Mira Lund")
    await ben.remembers("Ana Beltrame started this conversation.")
    await ben.shot("3-lost")
    await expect(ben.page).to_have_title("Inbox · Frontdesk")
    await expect(ben.rings.get_by_role("article")).to_have_count(0)
    await expect(ana.rings.get_by_role("article")).to_have_count(0)
    await expect(visitor.chat.get_by_role("heading", name="Ana Beltrame")).to_be_visible()


async def test_of_two_who_press_at_once_one_starts_and_the_other_is_told(stage: Stage) -> None:
    ana, ben = await stage.rep("ana"), await stage.rep("ben")
    visitor = await stage.visitor()
    await visitor.asks("Hello")
    buttons = [one.card().get_by_role("button", name="Start a conversation") for one in (ana, ben)]
    for button in buttons:
        await expect(button).to_be_enabled()
    for one in (ana, ben):
        await one.remembers_rings()
    await asyncio.gather(*(button.dispatch_event("click") for button in buttons))
    head = visitor.chat.get_by_role("heading", name=re.compile("Ana|Ben"))
    await expect(head).to_be_visible()
    ana_won = await head.inner_text() == "Ana Beltrame"
    winner, loser = (ana, ben) if ana_won else (ben, ana)
    await expect(winner.field()).to_be_visible()
    await loser.remembers(f"{await head.inner_text()} started this")
    await expect(loser.field()).to_have_count(0)
    await expect(loser.page.get_by_text("No conversation open")).to_be_visible()


async def test_messages_typing_and_read_marks_go_both_ways(stage: Stage) -> None:
    ana, visitor = await stage.rep("ana"), await stage.visitor()
    await visitor.asks("Hello")
    await ana.starts()
    await ana.says("Good morning. How can I help?")
    await visitor.reads("Hello", "Good morning. How can I help?")
    await expect(ana.pane().get_by_text("Read", exact=True)).to_be_visible()
    await visitor.field.press_sequentially("Which buoy")
    await expect(ana.pane().get_by_text("Visitor is writing")).to_be_visible()
    await ana.shot("1-visitor-types")
    await visitor.says("Which buoy fits a harbour?")
    await expect(ana.pane().get_by_text("Visitor is writing")).to_have_count(0)
    await expect(visitor.log.get_by_text("· Read")).to_be_visible()
    await ana.field().press_sequentially("Beacon 4")
    await expect(visitor.log.get_by_text("Ana Beltrame is typing")).to_be_attached()
    await visitor.shot("2-rep-types")
    await ana.says("Beacon 4 does.\nTwo people can lift it.")
    said = ["Hello", "Good morning. How can I help?", "Which buoy fits a harbour?"]
    await visitor.reads(*said, "Beacon 4 does.\nTwo people can lift it.")
    await ana.reads(*said, "Beacon 4 does.\nTwo people can lift it.")
    await expect(visitor.log.get_by_text("Ana Beltrame is typing")).to_have_count(0)


async def test_the_rep_ends_it_and_the_visitor_is_offered_another(stage: Stage) -> None:
    ana, visitor = await stage.rep("ana"), await stage.visitor()
    await visitor.asks("Hello")
    await ana.starts()
    end = ana.pane().get_by_role("button", name="End conversation")
    await end.click()
    await expect(ana.pane().get_by_text(re.compile(r"Ending in \d s"))).to_be_visible()
    await ana.shot("1-ending")
    await ana.pane().get_by_role("button", name="Undo").click()
    await ana.says("Still here.")
    await visitor.reads("Hello", "Still here.")
    await ana.ends()
    await expect(visitor.chat.get_by_text("Ana Beltrame ended the conversation")).to_be_visible()
    await visitor.shot("2-ended")
    await visitor.chat.get_by_role("button", name="Start a new conversation").click()
    await visitor.says("One more thing")
    await ana.starts()
    await ana.reads("One more thing")


async def test_the_visitor_is_asked_before_their_conversation_ends(stage: Stage) -> None:
    ana, visitor = await stage.rep("ana"), await stage.visitor()
    await visitor.asks("Hello")
    await ana.starts()
    await visitor.chat.get_by_role("button", name="End conversation").click()
    question = visitor.chat.get_by_role("alertdialog", name="End this conversation?")
    await visitor.shot("1-asked")
    await question.get_by_role("button", name="Keep talking").click()
    await expect(question).to_have_count(0)
    await visitor.chat.get_by_role("button", name="End conversation").click()
    await question.get_by_role("button", name="End conversation").click()
    await expect(visitor.chat.get_by_text("You ended the conversation")).to_be_visible()
    await expect(ana.pane().get_by_text("This conversation has ended.")).to_be_visible()
    await ana.shot("2-over")
    await ana.pane().get_by_role("button", name="Remove from the list").click()
    await expect(ana.row("Visitor")).to_have_count(0)


async def test_a_request_can_be_cancelled_while_it_rings(stage: Stage) -> None:
    ana, visitor = await stage.rep("ana"), await stage.visitor()
    await visitor.asks("Hello")
    await expect(ana.card()).to_be_visible()
    await visitor.chat.get_by_role("button", name="Cancel").click()
    await expect(ana.card()).to_contain_text("Visitor stopped waiting.")
    await expect(visitor.chat.get_by_text("You cancelled")).to_be_visible()
