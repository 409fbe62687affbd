"""Visitors on the website ring those whom the rules name, and the console says why."""

import asyncio
import re
from typing import Any
from urllib.parse import quote

import pytest
from playwright.async_api import expect

from frontdesk.demo import TEAM
from tests.browser.desk import PATIENCE
from tests.browser.people import Rep, Visitor
from tests.browser.rules import Rules
from tests.browser.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

NAMES = {person.host: person.name for person in TEAM}


async def _comes_as(visitor: Visitor, name: str) -> None:
    """By the panel of the demo website."""
    panel = visitor.page.locator(".pretend")
    await panel.get_by_text("Come as somebody else").click()
    await panel.get_by_role("button", name=name).click()
    await expect(panel.get_by_role("status")).to_contain_text("Open the chat and ask")
    await panel.get_by_text("Come as somebody else").click()


async def _follows(visitor: Visitor, link: str) -> None:
    """A link of that panel."""
    panel = visitor.page.locator(".pretend")
    await panel.get_by_text("Come as somebody else").click()
    await panel.get_by_role("link", name=link).click()
    await expect(visitor.launcher).to_be_visible()


async def _is_quiet(*reps: Rep) -> None:
    for rep in reps:
        await expect(rep.rings.get_by_role("article")).to_have_count(0)


async def test_only_those_ring_whom_the_rule_names(ruled: Stage) -> None:
    ana, ben, dag = [await ruled.rep(name) for name in ("ana", "ben", "dag")]
    visitor = await ruled.visitor()
    await _follows(visitor, "The careers page")
    await visitor.asks("Is the place in the workshop still open?")
    for rep in (ana, ben):
        await expect(rep.card()).to_contain_text("Rule “Careers page”")
    await _is_quiet(dag)
    await ben.starts()
    await expect(visitor.chat.get_by_role("heading", name="Ben Okonwe")).to_be_visible()
    await _is_quiet(dag)


async def test_a_silent_rep_is_passed_over_and_the_conversation_says_so(ruled: Stage) -> None:
    ana, ben, hugo = [await ruled.rep(name) for name in ("ana", "ben", "hugo")]
    visitor = await ruled.visitor()
    await _follows(visitor, "A search ad")
    await visitor.asks("What does a fleet of eight cost?")
    silent = await _who_rings(ben, hugo)
    other = hugo if silent is ben else ben
    await _is_quiet(other, ana)
    await expect(other.card()).to_contain_text("Rule “Paid search”")
    await expect(silent.card()).to_have_count(0)
    await other.starts()
    await visitor.says("That is within our means.")
    await _is_quiet(ana)
    await ana.opens("history")
    await ana.page.get_by_role("link", name=re.compile("within our means")).click()
    told = ana.page.get_by_role("main")
    await expect(told).to_contain_text("Rule 4 'Paid search' matched: UTM medium is cpc.")
    await expect(told).to_contain_text("Rang two reps.")
    await expect(told).to_contain_text(re.compile(rf"{NAMES[silent.name]} .*let it expire"))
    await expect(told).to_contain_text(
        re.compile(rf"{NAMES[other.name]} .*started the conversation")
    )
    await ana.shot("1-decision")


async def test_a_customer_rings_their_owner_alone_and_then_the_others(ruled: Stage) -> None:
    ana, ben, chiyo = [await ruled.rep(name) for name in ("ana", "ben", "chiyo")]
    await ana.remembers_rings()
    visitor = await ruled.visitor()
    await _comes_as(visitor, "Mira Lund")
    await visitor.asks("Can we have a seventh buoy?")
    await ana.remembers("You own the contact Mira Lund")
    await expect(ben.card("Mira Lund")).to_contain_text("Rule “Existing customers”")
    await ben.starts("Mira Lund")
    await expect(visitor.chat.get_by_role("heading", name="Ben Okonwe")).to_be_visible()
    await _is_quiet(chiyo)
    rings = await _rings(ana, "seventh buoy")
    owner, others = rings[0], rings[1:]
    assert (owner["rep"]["name"], owner["outcome"]) == ("Ana Beltrame", "expired")
    assert {ring["rep"]["name"] for ring in others} == {"Ben Okonwe"}
    assert all(ring["at"] >= owner["ended_at"] for ring in others)


async def _rings(reader: Rep, words: str) -> list[dict[str, Any]]:
    """Who was rung for the conversation in which this was said, once somebody has started it."""
    rules = Rules(reader)
    async with asyncio.timeout(PATIENCE):
        while True:
            found = await rules.ask("GET", f"/v1/conversations?q={quote(words)}")
            for one in found["conversations"]:
                whole = await rules.ask("GET", f"/v1/conversations/{one['id']}")
                rings: list[dict[str, Any]] = whole["decisions"][-1]["offers"]
                if "claimed" in {ring["outcome"] for ring in rings}:
                    return rings
            await asyncio.sleep(0.1)


async def test_who_lets_two_rings_pass_is_set_away_and_told(ruled: Stage) -> None:
    hugo = await ruled.rep("hugo")
    await hugo.remembers_rings()
    for text in ("What does one cost?", "And a fleet?"):
        visitor = await ruled.visitor()
        await _follows(visitor, "A search ad")
        await visitor.asks(text)
        await hugo.remembers(text)
    told = hugo.page.get_by_role("alert").filter(has_text="You were set away")
    await expect(told).to_contain_text("two rings in a row")
    await expect(hugo.switch).not_to_be_checked()
    await hugo.shot("1-set-away")
    await told.get_by_role("button", name="Become available").click()
    await expect(hugo.switch).to_be_checked()
    await expect(told).to_have_count(0)


async def _who_rings(*reps: Rep) -> Rep:
    """The first of them to have a card."""
    async with asyncio.timeout(PATIENCE):
        while True:
            for rep in reps:
                if await rep.card().count():
                    return rep
            await asyncio.sleep(0.05)
