"""Nobody is available, or nobody comes: honest words, an address and a message (RT-6)."""

import pytest
from playwright.async_api import expect

from tests.browser.people import Visitor
from tests.browser.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_nobody_available_says_so_and_takes_a_message(stage: Stage) -> None:
    visitor = await stage.visitor()
    await visitor.opens()
    await expect(visitor.chat).to_contain_text("Nobody is here right now")
    await expect(visitor.chat).to_contain_text("Leave us a message. We write back by email.")
    await visitor.shot("1-nobody")
    await visitor.says("Do you ship to Norway?")
    await _leaves_a_message(visitor)
    await visitor.page.reload()
    await expect(visitor.chat).to_contain_text("write to mira@oysters.example")
    await visitor.chat.get_by_role("button", name="Start a new conversation").click()
    await expect(visitor.field).to_be_visible()


async def test_the_greeting_follows_who_is_available(stage: Stage) -> None:
    visitor = await stage.visitor()
    await visitor.opens()
    await expect(visitor.chat).to_contain_text("Nobody is here right now")
    ana = await stage.rep("ana")
    await expect(visitor.chat).to_contain_text("We are here")
    await visitor.shot("1-available")
    await ana.becomes("away")
    await expect(visitor.chat).to_contain_text("Nobody is here right now")


async def test_a_ring_that_nobody_answers_ends_in_the_form(hasty: Stage) -> None:
    ana, visitor = await hasty.rep("ana"), await hasty.visitor()
    await ana.remembers_rings()
    await visitor.opens()
    await visitor.says("Do you ship to Norway?")
    await ana.remembers("Do you ship to Norway?")
    await _leaves_a_message(visitor)
    await ana.remembers("No longer ringing for you.")
    await ana.opens("history")
    past = ana.page.get_by_role("link", name="To Bodø, please.")
    await expect(past).to_contain_text("Missed")
    await past.click()
    told = ana.page.get_by_role("main").get_by_text("an address: mira@oysters.example")
    await expect(told).to_be_visible()


async def _leaves_a_message(visitor: Visitor) -> None:
    """Fills the form, wrongly first."""
    chat = visitor.chat
    await expect(chat.get_by_role("heading", name="Nobody could answer just now")).to_be_visible()
    email = chat.get_by_role("textbox", name="Your email address")
    message = chat.get_by_role("textbox", name="Your message")
    await expect(message).to_have_value("Do you ship to Norway?")
    await email.fill("mira")
    await chat.get_by_role("button", name="Leave message").click()
    await expect(chat.get_by_text("Write an address like name@example.com.")).to_be_visible()
    await expect(email).to_be_focused()
    await visitor.shot("2-form")
    await email.fill("mira@oysters.example")
    await message.fill("Do you ship to Norway? To Bodø, please.")
    await chat.get_by_role("button", name="Leave message").click()
    await expect(chat.get_by_role("heading", name="Thank you")).to_be_visible()
    await expect(chat).to_contain_text("We have your message and write to mira@oysters.example.")
    await visitor.shot("3-thanks")
