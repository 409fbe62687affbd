"""axe finds nothing on the pages of routing: wide and narrow, light and dark."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.axe import problems
from tests.browser.pictures_of import SCHEMES, SIZES
from tests.browser.rules import Rules
from tests.browser.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _is_fine(rules: Rules, where: str) -> None:
    page, found = rules.page, []
    for width, height in SIZES.items():
        await page.set_viewport_size({"width": width, "height": height})
        for scheme in SCHEMES:
            await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found += [f"{where}, {width}, {scheme}: {line}" for line in await problems(page)]
    await page.emulate_media(color_scheme="light", reduced_motion="reduce")
    await page.set_viewport_size({"width": 1440, "height": 900})
    await rules.rep.shot(where.replace(" ", "-"))
    assert found == []


async def _ana(stage: Stage) -> Rules:
    rules = Rules(await stage.rep("ana", available=False))
    await rules.open()
    await expect(rules.row("Paid search")).to_contain_text(re.compile(r"\d+ of \d+ visitors"))
    return rules


async def test_the_rules_and_their_editor(ruled: Stage) -> None:
    rules = await _ana(ruled)
    await _is_fine(rules, "rules")
    await rules.opens("APAC enterprise")
    await _is_fine(rules, "rule")
    await rules.bar.get_by_role("button", name="Try the rules").click()
    await rules.page.get_by_role("textbox", name="Employees", exact=True).fill("900")
    await expect(rules.page.get_by_text("Live rules decide the same.")).to_be_visible()
    await _is_fine(rules, "tried")
    await rules.adds("Half a rule")
    await expect(rules.bar.get_by_role("button", name=re.compile("to fix"))).to_be_visible()
    await _is_fine(rules, "faulty")


async def test_what_is_beside_the_rules(ruled: Stage) -> None:
    rules = await _ana(ruled)
    await rules.part("Simulate").click()
    await rules.page.get_by_role("button", name="Run").click()
    await expect(rules.page.get_by_role("main")).to_contain_text("Missed, live rules")
    await _is_fine(rules, "simulated")
    await rules.part("Versions").click()
    await expect(rules.page.get_by_role("heading", name="Version 1")).to_be_visible()
    await _is_fine(rules, "versions")
    await rules.part("Fairness").click()
    await expect(rules.page.get_by_role("main")).to_contain_text("Ben Okonwe")
    await _is_fine(rules, "fairness")


async def test_owners_fields_and_hours(ruled: Stage) -> None:
    rules = await _ana(ruled)
    await rules.part("Owners").click()
    await expect(rules.page.get_by_role("main")).to_contain_text("lagunawater.example")
    await _is_fine(rules, "owners")
    await rules.part("Visitor fields").click()
    await expect(rules.page.get_by_role("main")).to_contain_text("Buoys afloat")
    await _is_fine(rules, "fields")
    await rules.rep.opens("team")
    await rules.page.get_by_role("button", name="Edit Farid Nasrinov").click()
    dialog = rules.page.get_by_role("dialog")
    for tab in ("Working hours", "Presence"):
        await dialog.get_by_role("tab", name=tab).click()
        await expect(dialog.get_by_role("tabpanel", name=tab)).to_be_visible()
        await _is_fine(rules, tab.lower())


async def test_a_decision_in_words(ruled: Stage) -> None:
    rules = await _ana(ruled)
    # Of a company that is a customer, whose people are known by name: any of their visits will do.
    found = await rules.ask("GET", "/v1/conversations?q=oysterpilots.example")
    await rules.rep.opens("history")
    await rules.page.goto(f"{rules.page.url}/{found['conversations'][0]['id']}")
    await expect(rules.page.get_by_role("main")).to_contain_text("'Existing customers' matched")
    await _is_fine(rules, "decision")
