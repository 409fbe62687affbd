"""Declining, being away, and passing a conversation on to a rep or a group (CH-4, RT-6)."""

import pytest
from playwright.async_api import expect

from tests.browser.people import Rep
from tests.browser.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_declining_ends_the_ring_for_one_and_away_for_the_other(stage: Stage) -> None:
    ana, ben, visitor = await stage.rep("ana"), await stage.rep("ben"), await stage.visitor()
    await visitor.asks("Hello")
    await expect(ben.card()).to_be_visible()
    await ana.card().get_by_role("button", name="Decline").click()
    await expect(ana.rings.get_by_role("button")).to_have_count(0)
    await expect(ben.card().get_by_role("button", name="Decline")).to_be_visible()
    await ben.remembers_rings()
    await ben.becomes("away")
    await ben.remembers("You are away, so this stopped ringing.")
    await expect(ben.list).to_contain_text("Nothing rings until you are available.")
    heading = visitor.chat.get_by_role("heading", name="Nobody could answer just now")
    await expect(heading).to_be_visible()


async def test_a_rep_who_becomes_available_is_rung_too(stage: Stage) -> None:
    ana, visitor = await stage.rep("ana"), await stage.visitor()
    ben = await stage.rep("ben", available=False)
    await visitor.asks("Hello")
    await expect(ana.card()).to_be_visible()
    await ben.becomes("available")
    await expect(ben.card()).to_contain_text("Hello")
    await ben.starts()
    await expect(visitor.chat.get_by_role("heading", name="Ben Okonwe")).to_be_visible()


async def test_a_rep_passes_on_to_another_with_a_note(stage: Stage) -> None:
    ana, ben, visitor = await stage.rep("ana"), await stage.rep("ben"), await stage.visitor()
    await visitor.asks("Hello")
    await ana.starts()
    await ana.says("Ben knows more.")
    await _passes_on(ana, "Ben Okonwe", note="Asks about Norway")
    await expect(ana.page.get_by_text("Transferred to Ben Okonwe.")).to_be_visible()
    await expect(ana.page.get_by_text("You handed this conversation over.")).to_be_visible()
    card = ben.card()
    await expect(card).to_contain_text("Ana Beltrame hands this over")
    await expect(card).to_contain_text("Asks about Norway")
    await expect(visitor.chat).to_contain_text("Ana Beltrame is passing you on")
    await visitor.shot("1-passed-on")
    await ben.shot("1-passed-on")
    await ben.starts()
    await ben.says("Norway it is.")
    await visitor.reads("Hello", "Ben knows more.", "Norway it is.")
    await expect(visitor.chat).not_to_contain_text("Asks about Norway")


async def test_a_rep_passes_on_to_a_group(stage: Stage) -> None:
    ana, chiyo = await stage.rep("ana"), await stage.rep("chiyo", available=False)
    ben, visitor = await stage.rep("ben", available=False), await stage.visitor()
    await visitor.asks("Konnichiwa")
    await ana.starts()
    await ben.becomes("available")
    await chiyo.becomes("available")
    await _passes_on(ana, "APAC enterprise")
    await expect(chiyo.card()).to_contain_text("Ana Beltrame hands this over")
    await expect(ben.rings.get_by_role("article")).to_have_count(0)
    await chiyo.starts()
    await chiyo.says("Hello from Osaka.")
    await visitor.reads("Konnichiwa", "Hello from Osaka.")


async def _passes_on(rep: Rep, to: str, *, note: str = "") -> None:
    await rep.pane().get_by_role("button", name="Transfer").click()
    dialog = rep.page.get_by_role("dialog", name="Transfer conversation")
    await dialog.get_by_role("searchbox", name="Find a rep or a group").fill(to[:4])
    await dialog.get_by_role("option", name=to).click()
    await dialog.get_by_role("textbox", name="Note for the next rep").fill(note)
    await rep.shot("0-passing-on")
    await dialog.get_by_role("button", name="Transfer").click()
