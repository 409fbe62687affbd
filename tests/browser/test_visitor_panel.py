"""What is known of a visitor, read and entered beside the conversation (VS-3)."""

import re

import pytest
from playwright.async_api import Locator, expect

from tests.browser.axe import problems
from tests.browser.people import Rep
from tests.browser.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


def panel(rep: Rep) -> Locator:
    return rep.page.get_by_role("complementary", name="Visitor")


def value(rep: Rep, label: str) -> Locator:
    return panel(rep).get_by_role("button", name=re.compile(f": edit {label}$"))


async def test_a_rep_enters_what_the_visitor_tells_and_it_stays(stage: Stage) -> None:
    ana, visitor = await stage.rep("ana"), await stage.visitor()
    await visitor.is_known_as("Mira Lund", company="Oyster Pilots")
    await visitor.asks("We are 40 people")
    await ana.starts("Mira Lund")
    await expect(panel(ana)).to_contain_text("Oyster Pilots")
    other = await stage.tab(ana)
    await value(ana, "Company").click()
    field = panel(ana).get_by_role("textbox", name="Company")
    await expect(field).to_be_focused()
    await field.fill("Oyster Pilots of Bergen")
    await field.press("Enter")
    await expect(value(ana, "Company")).to_be_focused()
    for tab in (ana, other):
        await expect(value(tab, "Company")).to_contain_text("Oyster Pilots of Bergen")
        await expect(panel(tab)).to_contain_text("You, now")
    await visitor.is_known_as("Mira Lund", company="Oyster Pilots")  # the page says it again
    await visitor.says("Still there?")
    await ana.reads("We are 40 people", "Still there?", who="Mira Lund")
    await ana.page.reload()
    await expect(value(ana, "Company")).to_contain_text("Oyster Pilots of Bergen")


async def test_a_field_is_added_and_one_that_does_not_fit_is_refused_beside_it(
    stage: Stage,
) -> None:
    ana, visitor = await stage.rep("ana"), await stage.visitor()
    await visitor.asks("Hello")
    await ana.starts()
    await panel(ana).get_by_role("button", name=re.compile("Add what you know")).click()
    await ana.page.get_by_role("option", name="Email", exact=True).click()
    field = panel(ana).get_by_role("textbox", name="Email")
    await expect(field).to_be_focused()
    await field.fill("mira@nowhere")
    await field.press("Enter")
    await expect(panel(ana).get_by_role("alert")).to_have_text("This must be an email address.")
    for scheme in ("light", "dark"):
        await ana.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert await problems(ana.page) == []
    await field.fill("mira@oysterpilots.example")
    await field.press("Enter")
    await expect(panel(ana).get_by_role("link", name="mira@oysterpilots.example")).to_be_visible()
    await expect(panel(ana)).to_contain_text("oysterpilots.example")
    await ana.page.keyboard.press("Escape")  # the name of the button, which has the focus
    assert await problems(ana.page) == []
    await panel(ana).get_by_role("button", name="Edit Email").click()
    await field.fill("somebody@else.example")
    await field.press("Escape")
    await expect(panel(ana)).to_contain_text("mira@oysterpilots.example")
