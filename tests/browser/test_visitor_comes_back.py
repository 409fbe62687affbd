"""A visitor reloads, goes to other pages, has two tabs: it is one conversation (VS-2, CH-3)."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_reload_and_another_page_keep_everything_and_double_nothing(stage: Stage) -> None:
    ana, visitor = await stage.rep("ana"), await stage.visitor()
    await visitor.asks("Hello")
    await ana.starts()
    await ana.says("Good morning.")
    await visitor.reads("Hello", "Good morning.")
    await visitor.field.fill("Half a sente")
    await visitor.page.reload()
    await visitor.reads("Hello", "Good morning.")
    await expect(visitor.field).to_have_value("Half a sente")
    await visitor.page.get_by_role("link", name="Pricing").first.click()
    await visitor.reads("Hello", "Good morning.")
    await expect(visitor.field).to_have_value("Half a sente")
    await expect(ana.pane()).to_contain_text("On the site · Pricing")
    await visitor.shot("1-other-page")
    await visitor.says("Half a sentence, now whole.")
    await ana.says("Understood.")
    said = ["Hello", "Good morning.", "Half a sentence, now whole.", "Understood."]
    await visitor.reads(*said)
    await ana.reads(*said)


async def test_a_reload_while_it_rings_goes_on_ringing(stage: Stage) -> None:
    ana, visitor = await stage.rep("ana"), await stage.visitor()
    await visitor.asks("Hello")
    await expect(ana.card()).to_be_visible()
    await visitor.page.reload()
    await visitor.reads("Hello")
    await expect(visitor.chat.get_by_role("button", name="Cancel")).to_be_visible()
    await expect(ana.rings.get_by_role("article")).to_have_count(1)
    await ana.starts()
    await ana.reads("Hello")


async def test_two_tabs_are_one_visitor(stage: Stage) -> None:
    ana, visitor = await stage.rep("ana"), await stage.visitor()
    await visitor.asks("Hello")
    await ana.starts()
    other = await stage.visitor(stage.desk.url + "/demo/pricing.html", name="tab", of=visitor)
    await other.opens()
    await other.reads("Hello")
    await other.says("From the second tab")
    await visitor.reads("Hello", "From the second tab")
    await ana.says("I see one of you.")
    for tab in (visitor, other):
        await tab.reads("Hello", "From the second tab", "I see one of you.")
    await ana.reads("Hello", "From the second tab", "I see one of you.")
    await expect(ana.list.get_by_role("link")).to_have_count(1)
    await other.page.close()
    await ana.says("And now?")
    await expect(visitor.log.get_by_text("And now?")).to_be_visible()
    await expect(ana.pane().get_by_text("On the site", exact=False)).to_be_visible()


async def test_the_closed_launcher_counts_what_is_unread(stage: Stage) -> None:
    ana, visitor = await stage.rep("ana"), await stage.visitor()
    await visitor.asks("Hello")
    await ana.starts()
    await expect(visitor.chat.get_by_role("heading", name="Ana Beltrame")).to_be_visible()
    await visitor.chat.get_by_role("button", name="Close chat").click()
    await expect(visitor.chat).to_have_count(0)
    await ana.says("First")
    await ana.says("Second")
    unread = visitor.page.get_by_role("button", name="Open chat, unread: 2")
    await expect(unread).to_be_visible()
    await visitor.shot("1-unread")
    await expect(ana.pane().get_by_text("Delivered", exact=True)).to_be_visible()
    await visitor.page.reload()
    await expect(unread).to_be_visible()
    await unread.click()
    await visitor.reads("Hello", "First", "Second")
    await expect(ana.pane().get_by_text("Read", exact=True)).to_be_visible()
    await visitor.chat.get_by_role("button", name="Close chat").click()
    await expect(visitor.launcher).to_have_accessible_name(re.compile(r"^Open chat$"))
