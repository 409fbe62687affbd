"""axe finds nothing, on any page, in either colour scheme."""

import re
from typing import Literal

import pytest
from playwright.async_api import expect

from tests.browser.axe import problems
from tests.browser.people import Person
from tests.browser.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


async def _is_fine(person: Person, where: str, part: str | None = None) -> None:
    found = []
    for scheme in SCHEMES:
        await person.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += [f"{where}, {scheme}: {line}" for line in await problems(person.page, part)]
    await person.page.emulate_media(color_scheme="light", reduced_motion="reduce")
    assert found == []


async def test_the_console(stage: Stage) -> None:
    ana = await stage.rep("ana", available=False)
    await _is_fine(ana, "empty inbox")
    await ana.becomes("available")
    first, second = await stage.visitor(), await stage.visitor()
    await first.asks("Hello")
    await expect(ana.card()).to_be_visible()
    await _is_fine(ana, "ringing")
    await ana.starts()
    await ana.says("Good morning.")
    await second.asks("Me too")
    await expect(ana.card()).to_be_visible()
    await _is_fine(ana, "conversation and ring")
    await ana.page.keyboard.press("Alt+t")
    await expect(ana.page.get_by_role("dialog")).to_be_visible()
    await _is_fine(ana, "transfer")
    await ana.page.keyboard.press("Escape")
    await ana.ends()
    await _is_fine(ana, "over")
    await ana.opens("history")
    await ana.page.get_by_role("link", name=re.compile("Hello|Good morning")).first.click()
    await expect(ana.page.get_by_role("link", name="Download transcript")).to_be_visible()
    await _is_fine(ana, "history")


async def test_the_other_pages_of_the_console(stage: Stage) -> None:
    ana = await stage.rep("ana", available=False)
    await ana.opens("team")
    await expect(ana.page.get_by_role("table", name="Reps")).to_contain_text("Ben Okonwe")
    await _is_fine(ana, "team")
    await ana.page.get_by_role("button", name="Invite").click()
    await expect(ana.page.get_by_role("dialog")).to_be_visible()
    await _is_fine(ana, "invite")
    await ana.page.keyboard.press("Escape")
    await ana.page.get_by_role("link", name="Groups").click()
    await expect(ana.page.get_by_role("main")).to_contain_text("EMEA")
    await _is_fine(ana, "groups")
    await ana.opens("account")
    await _is_fine(ana, "account")
    await ana.page.keyboard.press("Escape")
    await ana.page.keyboard.press("?")
    await expect(ana.page.get_by_role("dialog")).to_be_visible()
    await _is_fine(ana, "shortcuts")


async def test_signing_in(stage: Stage) -> None:
    somebody = await stage.at_console("somebody", stage.desk.at("axe") + "/console/")
    await expect(somebody.page.get_by_role("heading", level=1)).to_be_visible()
    await somebody.page.get_by_role("button", name="Sign in").click()
    await expect(somebody.page.get_by_text("Enter your password.")).to_be_visible()
    await _is_fine(somebody, "sign-in")


async def test_the_widget(stage: Stage) -> None:
    part = "[data-frontdesk]"
    visitor = await stage.visitor()
    await _is_fine(visitor, "closed", part)
    await visitor.opens()
    await _is_fine(visitor, "welcome", part)
    await visitor.says("Hello")
    await expect(visitor.chat.get_by_role("textbox", name="Your email address")).to_be_visible()
    await visitor.chat.get_by_role("button", name="Leave message").click()
    await _is_fine(visitor, "form", part)
    ana, other = await stage.rep("ana"), await stage.visitor()
    await other.asks("Hello")
    await _is_fine(other, "ringing", part)
    await ana.starts()
    await ana.says("Good morning, see https://www.example.com.")
    await other.says("Thank you.")
    await expect(other.log.get_by_text("Read")).to_be_visible()
    await _is_fine(other, "conversation", part)
    await other.chat.get_by_role("button", name="End conversation").click()
    await _is_fine(other, "asked to end", part)
    await other.chat.get_by_role("alertdialog").get_by_role("button").first.click()
    await expect(other.chat.get_by_text("You ended the conversation")).to_be_visible()
    await _is_fine(other, "over", part)


async def test_the_demo_company(stage: Stage) -> None:
    visitor = await stage.visitor()
    for page in ("index", "beacon", "pricing", "contact"):
        await visitor.page.goto(f"{stage.desk.url}/demo/{page}.html")
        await _is_fine(visitor, page)
