"""The pictures of the documentation, taken anew: `python -m tests.browser.pictures`.

A desk is started, people talk, a rule is tried, and console.png, widget.png and routing.png in
docs/pictures are written. Nothing in them is drawn by hand.
"""

import asyncio
import os
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from playwright.async_api import async_playwright, expect

from tests.browser.callers import caller
from tests.browser.conftest import FLAGS
from tests.browser.desk import Desk, running
from tests.browser.people import Rep, Visitor
from tests.browser.pictures_of import drawn
from tests.browser.rules import Rules
from tests.browser.stage import Stage

TARGET = Path(__file__).parents[2] / "docs" / "pictures"


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder), default_capacity="5") as desk,
    ):
        asyncio.run(_take(desk))


async def _take(desk: Desk) -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    path = os.environ.get("FRONTDESK_CHROMIUM", "/usr/bin/chromium")
    async with async_playwright() as playwright, AsyncExitStack() as there:
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        stage = Stage(browser, desk, None)
        ana = await stage.rep("ana")
        await _others(desk, ana, there)
        mira = await _mira(stage, ana)
        await _rings(desk, ana, there)
        for person, name in ((ana, "console"), (mira, "widget")):
            await drawn(person.page)
            await person.page.screenshot(path=TARGET / f"{name}.png")
        await _rules(stage)
        await stage.everybody_leaves()
        await browser.close()


async def _others(desk: Desk, ana: Rep, there: AsyncExitStack) -> None:
    """Two conversations that go on in the list."""
    jonas = await caller(
        there, desk, "Jonas Petit", "Is the LTE module included?", company="Port of Brest"
    )
    await ana.starts("Jonas Petit")
    await ana.says("It is, with a SIM for two years.", "Jonas Petit")
    await caller(there, desk, "Aiko Sugiyama", "We need twelve probes for a reservoir.")
    await ana.starts("Aiko Sugiyama")
    await ana.says("Which depths do you measure?", "Aiko Sugiyama")
    await jonas.says("And after those two years?")
    await expect(ana.row("Jonas Petit")).to_contain_text("And after those two years?")


async def _mira(stage: Stage, ana: Rep) -> Visitor:
    """The conversation that is open, seen from both sides."""
    mira = await stage.visitor(stage.desk.url + "/demo/beacon.html")
    await mira.is_known_as(
        "Mira Lund", company="Oyster Pilots", email="mira@oysterpilots.example",
        plan="Two harbours", utm_source="newsletter",
    )  # fmt: skip
    await mira.asks("Does Beacon 4 fit an oyster bank? It falls dry at low tide.")
    await ana.starts("Mira Lund")
    said = [
        (ana, "Good morning Mira. It does: the hull rests on mud without harm."),
        (ana, "How high is the water at spring tide?"),
        (mira, "About four metres, and there is a lot of weed."),
        (ana, "Then take the short chain and the wiper for the oxygen probe."),
        (mira, "Good. Do you ship to Skarvøy?"),
    ]
    for person, text in said:
        await (ana.says(text, "Mira Lund") if person is ana else mira.says(text))
        await expect(mira.log).to_contain_text(text)
        await expect(ana.pane("Mira Lund").get_by_role("log")).to_contain_text(text)
    await ana.field("Mira Lund").fill("Yes, within a week. ")
    await expect(mira.log.get_by_text("Ana Beltrame is typing")).to_be_attached()
    return mira


async def _rings(desk: Desk, ana: Rep, there: AsyncExitStack) -> None:
    """Somebody waits."""
    await caller(
        there, desk, "Teo Marchetti", "Our buoy stopped sending an hour ago.", title="Contact",
        company="Laguna Authority",
    )  # fmt: skip
    await expect(ana.card("Teo Marchetti")).to_be_visible()


async def _rules(stage: Stage) -> None:
    """A manager tries a rule of the demo company on a visitor whom it rings."""
    for name in ("chiyo", "elif"):
        await stage.rep(name)
    rules = Rules(await stage.rep("ben", available=False))
    await rules.open()
    await rules.opens("APAC enterprise")
    await rules.bar.get_by_role("button", name="Try the rules").click()
    page = rules.page
    await page.get_by_role("textbox", name="Employees", exact=True).fill("900")
    await page.get_by_role("button", name="Country", exact=True).click()
    await page.get_by_role("searchbox", name="Find a value").fill("Japan")
    await page.get_by_role("option", name="Japan").click()
    await expect(page.get_by_text("Rule 2 'APAC enterprise' matched")).to_be_visible()
    await expect(page.get_by_text("Live rules decide the same.")).to_be_visible()
    await page.mouse.move(700, 60)
    await drawn(page)
    await page.screenshot(path=TARGET / "routing.png")


if __name__ == "__main__":
    main()
