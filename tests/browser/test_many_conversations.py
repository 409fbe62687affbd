"""A rep with five conversations: a reload, drafts, unread counts, keys, panes side by side."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.browser.callers import Caller, caller
from tests.browser.people import Rep
from tests.browser.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

NAMES = ("Mira Lund", "Jonas Petit", "Aiko Sugiyama", "Teo Marchetti", "Nadia Roux")


@pytest_asyncio.fixture(loop_scope="session")
async def there() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


async def _five(stage: Stage, there: AsyncExitStack) -> tuple[Rep, dict[str, Caller]]:
    """Ana, holding five conversations; the last one is open."""
    ana = await stage.rep("ana")
    callers = {}
    for name in NAMES:
        callers[name] = await caller(there, stage.desk, name, f"I am {name.split()[0]}.")
        await ana.starts(name)
    return ana, callers


async def test_a_reload_keeps_five_conversations_drafts_and_unread_counts(
    stage: Stage, there: AsyncExitStack
) -> None:
    ana, callers = await _five(stage, there)
    await ana.says("Hello Nadia.", "Nadia Roux")
    await ana.field("Nadia Roux").fill("One more thing, Nad")
    await callers["Jonas Petit"].says("Are you there?")
    await callers["Jonas Petit"].says("Hello?")
    await callers["Nadia Roux"].says("Yes?")
    jonas = ana.row("Jonas Petit")
    await expect(jonas).to_have_accessible_name(re.compile("2 unread messages"))
    await expect(ana.page).to_have_title("(2) Inbox · Frontdesk")
    await ana.page.reload()
    for name in NAMES:
        await expect(ana.row(name)).to_be_visible()
    await expect(ana.list.get_by_role("link")).to_have_count(len(NAMES))
    await expect(jonas).to_have_accessible_name(re.compile("2 unread messages"))
    await expect(ana.field("Nadia Roux")).to_be_focused()
    await ana.page.keyboard.type("ia")
    await expect(ana.field("Nadia Roux")).to_have_value("One more thing, Nadia")
    await ana.reads("I am Nadia.", "Hello Nadia.", "Yes?", who="Nadia Roux")
    await ana.shot("1-five")
    await jonas.click()
    await ana.reads("I am Jonas.", "Are you there?", "Hello?", who="Jonas Petit")
    await expect(jonas).not_to_have_accessible_name(re.compile("unread"))
    await expect(ana.page).to_have_title("Inbox · Frontdesk")
    await expect(ana.row("Nadia Roux")).to_contain_text("Draft: One more thing, Nadia")


async def test_keys_go_from_one_conversation_to_another_and_put_them_side_by_side(
    stage: Stage, there: AsyncExitStack
) -> None:
    ana, callers = await _five(stage, there)
    press = ana.page.keyboard.press
    await press("Alt+1")
    await expect(ana.field("Mira Lund")).to_be_focused()
    await press("Alt+j")
    await expect(ana.field("Jonas Petit")).to_be_focused()
    await callers["Teo Marchetti"].says("Now me.")
    await expect(ana.row("Teo Marchetti")).to_have_accessible_name(re.compile("unread"))
    await press("Alt+u")
    await expect(ana.field("Teo Marchetti")).to_be_focused()
    await press("Alt+k")
    await expect(ana.field("Aiko Sugiyama")).to_be_focused()
    await press("Alt+b")
    await expect(ana.page.get_by_role("region", name="Conversation with")).to_have_count(2)
    await ana.shot("1-side-by-side")
    await ana.says("To Aiko.", "Aiko Sugiyama")
    await ana.says("To Mira.", "Mira Lund")
    await ana.reads("I am Aiko.", "To Aiko.", who="Aiko Sugiyama")
    await ana.reads("I am Mira.", "To Mira.", who="Mira Lund")
    await press("Alt+x")
    await expect(ana.pane("Mira Lund")).to_have_count(0)
    await expect(ana.pane("Aiko Sugiyama")).to_be_visible()
