"""Managers make rules, try them, publish them, go back, and never overwrite each other (RT-16)."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.people import Rep
from tests.browser.rules import Rules
from tests.browser.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

FIRST = ["Existing customers", "APAC enterprise", "German-speaking", "Paid search", "Careers page"]


async def _editor(stage: Stage, name: str) -> Rules:
    rules = Rules(await stage.rep(name, available=False))
    await rules.open()
    await expect(rules.row(FIRST[0])).to_be_visible()
    return rules


async def test_a_rule_is_made_tried_published_and_rings(ruled: Stage) -> None:
    rules = await _editor(ruled, "ana")
    await rules.adds("Large firms")
    await rules.tests("Employees", "is greater than", "800")
    await rules.rings("Chiyo Tanabayashi")
    await expect(rules.row("Large firms")).to_contain_text(
        "When employees is greater than 800, ring Chiyo Tanabayashi, first available"
    )
    await expect(rules.row("Large firms")).to_contain_text(re.compile(r"\d+ of \d+ visitors"))
    await _tries(rules, "Employees", "900", "Rule 1 'Large firms' matched: employees 900 > 800.")
    await rules.rep.shot("1-tried")
    await rules.publishes("Large firms to Chiyo")
    await rules.rep.shot("2-published")
    await _rings_now(ruled, rules.rep)


async def _tries(rules: Rules, field: str, value: str, words: str) -> None:
    await rules.bar.get_by_role("button", name="Try the rules").click()
    await rules.page.get_by_role("textbox", name=field, exact=True).fill(value)
    await expect(rules.page.get_by_role("status").filter(has_text=words)).to_contain_text(
        "This differs from the live rules."
    )


async def _rings_now(stage: Stage, ana: Rep) -> None:
    """The rule that was just published: Chiyo is rung, and nobody else."""
    await ana.page.get_by_role("link", name="Inbox").click()
    await ana.becomes("available")
    chiyo, visitor = await stage.rep("chiyo"), await stage.visitor()
    await visitor.page.locator(".pretend summary").click()
    await visitor.page.get_by_role("button", name="Aiko Sugiyama").click()
    await visitor.page.locator(".pretend summary").click()
    await visitor.asks("Do you ship to islands?")
    await expect(chiyo.card("Aiko Sugiyama")).to_contain_text("Rule “Large firms”")
    await expect(ana.rings.get_by_role("article")).to_have_count(0)
    await chiyo.starts("Aiko Sugiyama")


async def test_what_looks_wrong_is_marked_where_it_is(ruled: Stage) -> None:
    rules = await _editor(ruled, "ana")
    await rules.adds("Everybody")
    publish = rules.bar.get_by_role("button", name="Publish")
    await rules.rule.get_by_text("These reps and groups").click()
    await expect(rules.rule).to_contain_text("Name at least one rep or group.")
    await expect(rules.bar.get_by_role("button", name=re.compile("to fix"))).to_be_visible()
    await rules.rings("Dag Solheimsen")
    await rules.rule.get_by_role("button", name="Remove the condition").click()
    await expect(rules.rule.get_by_role("group", name="Every visitor")).to_be_visible()
    await expect(rules.row("Paid search")).to_contain_text(
        re.compile("never|no visitor", re.IGNORECASE)
    )
    await rules.rep.shot("1-lint")
    await rules.bar.get_by_role("button", name="Undo").click()
    await expect(rules.rule.get_by_role("group", name="Every visitor")).to_have_count(0)
    await expect(publish).to_be_enabled()


async def test_rules_are_put_in_order_with_the_keyboard_alone(ruled: Stage) -> None:
    rules = await _editor(ruled, "ana")
    handle = rules.page.get_by_role("button", name="Move Paid search")
    await handle.focus()
    for key in ("Space", "ArrowUp", "ArrowUp", "ArrowUp", "ArrowDown", "Space"):
        await handle.press(key)
    moved = [FIRST[0], FIRST[3], FIRST[1], FIRST[2], FIRST[4]]
    assert await rules.names() == moved
    await expect(handle).to_be_focused()
    await handle.press("Space")
    await handle.press("ArrowDown")
    await handle.press("Escape")
    assert await rules.names() == moved
    await rules.page.keyboard.press("ControlOrMeta+s")
    await expect(rules.bar).to_contain_text("All changes saved to the draft")
    kept = await rules.ask("GET", "/v1/routing")
    assert [rule["name"] for rule in kept["draft"]["rules"]["rules"]] == moved
    assert [rule["name"] for rule in kept["live"]["rules"]["rules"]] == FIRST


async def test_two_who_edit_at_once_are_told_of_each_other(ruled: Stage) -> None:
    ana, ben = await _editor(ruled, "ana"), await _editor(ruled, "ben")
    for rules, name in ((ana, "Careers, by Ana"), (ben, "Careers, by Ben")):
        await rules.opens("Careers page")
        await rules.rule.get_by_role("textbox", name="Name of the rule").fill(name)
    await ana.opens("Paid search")
    await ana.rule.get_by_role("textbox", name="Name of the rule").fill("Ads")
    await ana.saves()
    await expect(ana.bar).to_contain_text("All changes saved to the draft")
    await ben.saves()
    asked = ben.page.get_by_role("dialog", name="Two people changed the draft")
    await expect(asked).to_contain_text("Ana Beltrame saved it")
    await expect(asked).to_contain_text("You changed it too")
    await ben.rep.shot("1-conflict")
    await asked.get_by_role("button", name="Keep mine on top").click()
    await expect(ben.row("Ads")).to_be_visible()
    await ben.saves()
    await expect(ben.bar).to_contain_text("All changes saved to the draft")
    kept = await ana.ask("GET", "/v1/routing")
    names = [rule["name"] for rule in kept["draft"]["rules"]["rules"]]
    assert names == [*FIRST[:3], "Ads", "Careers, by Ben"]


async def test_an_old_version_is_rolled_back_to(ruled: Stage) -> None:
    rules = await _editor(ruled, "ana")
    await rules.row("Paid search").get_by_role("switch").focus()
    await rules.page.keyboard.press("Space")
    await rules.publishes("No more ads")
    await rules.part("Versions").click()
    newest = rules.page.get_by_role("link", name=re.compile("No more ads"))
    await expect(newest).to_contain_text("Live")
    await newest.click()
    changed = rules.page.get_by_role("region", name="What it changed")
    await expect(changed).to_contain_text("Paid search")
    await rules.page.get_by_role("link", name=re.compile("^Version 1 ")).click()
    await rules.page.get_by_role("button", name="Roll back to this").click()
    dialog = rules.page.get_by_role("alertdialog", name="Roll back to version 1?")
    await dialog.get_by_role("textbox", name="Why, for the team").fill("Ads are back")
    await dialog.get_by_role("button", name="Roll back to this").click()
    await expect(rules.page.get_by_text("Rules of version 1 are live again")).to_be_visible()
    await rules.part("Rules").click()
    await expect(rules.row("Paid search").get_by_role("switch")).to_be_checked()
    await expect(rules.bar).to_contain_text("These rules are live.")
    await expect(rules.bar).to_contain_text("Ads are back")
