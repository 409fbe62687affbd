"""Everything by keys alone."""

import pytest
from playwright.async_api import Locator, expect

from tests.browser.people import Person
from tests.browser.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_visitor_needs_no_mouse(stage: Stage) -> None:
    ana, visitor = await stage.rep("ana"), await stage.visitor()
    press, typed = visitor.page.keyboard.press, visitor.page.keyboard.type
    await expect(visitor.launcher).to_be_visible()
    await _tabs_to(visitor, visitor.launcher)
    await press("Enter")
    await expect(visitor.field).to_be_focused()
    await typed("First line")
    await press("Shift+Enter")
    await typed("second line")
    await press("Enter")
    await expect(ana.card()).to_be_visible()
    await ana.page.keyboard.press("Enter")
    await expect(ana.field()).to_be_focused()
    await ana.reads("First line\nsecond line")
    await ana.page.keyboard.type("By keys too.")
    await ana.page.keyboard.press("Enter")
    await visitor.reads("First line\nsecond line", "By keys too.")
    await press("Escape")
    await expect(visitor.chat).to_have_count(0)
    await expect(visitor.launcher).to_be_focused()
    await press("Enter")
    await expect(visitor.field).to_be_focused()


async def test_the_phone_keeps_the_focus_in_the_open_chat(stage: Stage) -> None:
    visitor = await stage.visitor()
    await visitor.page.set_viewport_size({"width": 390, "height": 844})
    await visitor.opens()
    inside = "host => host.shadowRoot.activeElement !== null"
    for _ in range(12):
        await visitor.page.keyboard.press("Tab")
        assert await visitor.page.locator("[data-frontdesk]").evaluate(inside)


async def test_a_rep_needs_no_mouse(stage: Stage) -> None:
    ana = await stage.rep("ana", available=False)
    press = ana.page.keyboard.press
    await press("a")
    await expect(ana.switch).to_be_checked()
    await press("?")
    shortcuts = ana.page.get_by_role("dialog", name="Keyboard shortcuts")
    await expect(shortcuts).to_contain_text("Start the first conversation that rings")
    await ana.shot("1-shortcuts")
    await press("Escape")
    await expect(shortcuts).to_have_count(0)
    await press("Control+k")
    palette = ana.page.get_by_role("dialog", name="Commands")
    await expect(palette).to_be_visible()
    await ana.page.keyboard.type("histo")
    await ana.shot("2-palette")
    await press("Enter")
    await expect(ana.page.get_by_role("heading", level=1, name="History")).to_be_visible()
    visitor = await stage.visitor()
    await visitor.asks("Hello")
    bar = ana.rings
    await expect(bar).to_contain_text("Visitor")
    await ana.shot("3-bar")
    await press("Enter")
    await expect(ana.field()).to_be_focused()
    await press("Alt+t")
    dialog = ana.page.get_by_role("dialog", name="Transfer conversation")
    await expect(dialog.get_by_role("searchbox")).to_be_focused()
    await expect(dialog.get_by_role("option", name="Americas")).to_be_visible()
    await ana.page.keyboard.type("ameri")
    await press("Enter")
    await expect(dialog.get_by_role("option", name="Americas", selected=True)).to_be_visible()
    await dialog.get_by_role("button", name="Cancel").press("Enter")
    await expect(dialog).to_have_count(0)
    await press("Alt+e")
    await expect(ana.pane().get_by_text("This conversation has ended.")).to_be_visible()
    await press("Escape")
    await press("g")
    await press("t")
    await expect(ana.page.get_by_role("heading", level=1, name="Team")).to_be_visible()


async def test_d_declines(stage: Stage) -> None:
    ana, visitor = await stage.rep("ana"), await stage.visitor()
    await visitor.asks("Hello")
    await expect(ana.card()).to_be_visible()
    await ana.page.keyboard.press("d")
    await expect(ana.rings.get_by_role("article")).to_have_count(0)
    heading = visitor.chat.get_by_role("heading", name="Nobody could answer just now")
    await expect(heading).to_be_visible()


async def _tabs_to(person: Person, wanted: Locator) -> None:
    for _ in range(60):
        await person.page.keyboard.press("Tab")
        if await wanted.evaluate("one => one.getRootNode().activeElement === one"):
            return
    pytest.fail(f"{wanted} isn't reached by Tab")
