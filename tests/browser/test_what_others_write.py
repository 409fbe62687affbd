"""What a visitor writes, or a page says of them, is shown as it is written and never run."""

from contextlib import AsyncExitStack

import pytest
from playwright.async_api import expect

from tests.browser.callers import caller
from tests.browser.foreign import Foreign
from tests.browser.people import Person
from tests.browser.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

EVIL = '<img src=x onerror="window.ran=1">'
SCRIPT = "<script>window.ran=1</script>"
LINK = "javascript:window.ran=1//https://example.com"
ARABIC = "مرحبا، هل يمكنني طلب عوامة؟"
FAMILY = "👩‍👩‍👧‍👦🏳️‍🌈"


async def _ran_nothing(*people: Person) -> None:
    for one in people:
        assert await one.page.evaluate("window.ran") is None
        assert await one.page.locator('img[src="x"]').count() == 0


async def test_markup_is_shown_and_not_run(stage: Stage, foreign: Foreign) -> None:
    head = f'<script async src="{stage.desk.url}/widget/loader.js"></script>'
    title = EVIL.replace("<", "&lt;")
    visitor = await stage.visitor(foreign.put("/evil", head=head, title=title))
    ana = await stage.rep("ana")
    await expect(visitor.launcher).to_be_visible()
    await visitor.is_known_as(EVIL, company=SCRIPT, **{EVIL[:60]: SCRIPT})
    await visitor.asks(EVIL)
    await expect(ana.card(EVIL)).to_contain_text(SCRIPT)
    await expect(ana.card(EVIL).get_by_text(EVIL, exact=True)).to_have_count(3)
    await ana.starts(EVIL)
    await visitor.says(f"{SCRIPT} {LINK}")
    await ana.reads(EVIL, f"{SCRIPT} {LINK}", who=EVIL)
    links = ana.pane(EVIL).get_by_role("log").get_by_role("link")
    for link in await links.all():
        assert (await link.get_attribute("href") or "").startswith("https://")
    await ana.says(EVIL, EVIL)
    await visitor.reads(EVIL, f"{SCRIPT} {LINK}", EVIL)
    await ana.shot("1-markup")
    await ana.ends(EVIL)
    await ana.opens("history")
    await ana.page.get_by_role("link", name="onerror").first.click()
    await expect(ana.page.get_by_role("main").get_by_text(SCRIPT).first).to_be_visible()
    await _ran_nothing(ana, visitor)


async def test_links_open_elsewhere_and_give_nothing_away(stage: Stage) -> None:
    ana, visitor = await stage.rep("ana"), await stage.visitor()
    await visitor.asks("See https://www.example.com/a?b=1&c=2.")
    await ana.starts()
    await ana.says("And http://example.org/(x).")
    for log in (ana.pane().get_by_role("log"), visitor.log):
        first, second = log.get_by_role("link").nth(0), log.get_by_role("link").nth(1)
        await expect(first).to_have_attribute("href", "https://www.example.com/a?b=1&c=2")
        await expect(second).to_have_attribute("href", "http://example.org/(x)")
        await expect(first).to_have_attribute("rel", "noopener noreferrer nofollow")
        await expect(first).to_have_attribute("target", "_blank")


async def test_long_lines_arabic_and_emoji_stay_inside_their_columns(stage: Stage) -> None:
    name = "Bartholomäus-Maximilian von und zu Hohenwaldeck-Oberbrunnenreuth " * 2
    long = "Donaudampfschifffahrtsgesellschaft" * 20
    ana = await stage.rep("ana")
    async with AsyncExitStack() as there:
        teo = await caller(there, stage.desk, name.strip(), ARABIC, title=long[:250])
        await expect(ana.card(name.strip())).to_contain_text(ARABIC)
        await ana.shot("1-card")
        await ana.starts(name.strip())
        for text in (long, FAMILY, "\n".join(f"line {number}" for number in range(300))):
            await teo.says(text)
        log = ana.pane(name.strip()).get_by_role("log")
        await expect(log).to_contain_text(FAMILY)
        await expect(log.get_by_role("button", name="Show the whole message")).to_be_visible()
        await ana.shot("2-conversation")
        for size in ({"width": 1440, "height": 900}, {"width": 390, "height": 844}):
            await ana.page.set_viewport_size({"width": size["width"], "height": size["height"]})
            wide = "() => document.documentElement.scrollWidth - window.innerWidth"
            assert await ana.page.evaluate(wide) <= 0
        await ana.page.set_viewport_size({"width": 1440, "height": 900})


async def test_the_widget_shows_long_lines_arabic_and_emoji(stage: Stage) -> None:
    ana, visitor = await stage.rep("ana"), await stage.visitor()
    await visitor.asks(ARABIC)
    await ana.starts()
    await ana.says("Donaudampfschifffahrtsgesellschaft" * 10)
    await ana.says(FAMILY)
    await visitor.reads(ARABIC, "Donaudampfschifffahrtsgesellschaft" * 10, FAMILY)
    await visitor.shot("1-widget")
    wide = "log => log.scrollWidth - log.clientWidth"
    assert await visitor.log.evaluate(wide) <= 0
    arabic = visitor.log.get_by_text(ARABIC)
    assert await arabic.evaluate("one => getComputedStyle(one).direction") == "rtl"
