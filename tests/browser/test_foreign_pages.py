"""The widget on somebody else's page: under a strict policy, and where no desk answers (VS-7)."""

import asyncio
import re

import pytest
from playwright.async_api import Route, expect

from tests.browser.desk import Desk
from tests.browser.foreign import Foreign
from tests.browser.people import Visitor
from tests.browser.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


def _snippet(desk: Desk, **data: str) -> str:
    given = "".join(f' data-{name}="{value}"' for name, value in data.items())
    return f'<script async src="{desk.url}/widget/loader.js"{given}></script>'


async def test_it_works_and_is_styled_under_a_strict_policy(stage: Stage, foreign: Foreign) -> None:
    desk = stage.desk
    policy = f"default-src 'none'; script-src {desk.url}; connect-src {desk.websockets}"
    head = _snippet(desk, name="Tideway Kayaks", color="#7c2d12", side="left")
    ana = await stage.rep("ana")
    visitor = await stage.visitor(foreign.put("/strict", head=head, policy=policy))
    await visitor.asks("Do you rent boats?")
    await expect(ana.card()).to_contain_text("Tideway Kayaks")
    await ana.starts()
    await ana.says("By the hour.")
    await visitor.reads("Do you rent boats?", "By the hour.")
    await visitor.shot("1-strict")
    await expect(visitor.chat).to_have_css("position", "fixed")
    mine = visitor.log.locator(".mine .bubble")
    await expect(mine).to_have_css("background-color", "rgb(124, 45, 18)")
    box = await visitor.chat.bounding_box()
    assert box is not None
    assert box["x"] < 100
    assert 360 <= box["width"] <= 400


async def test_the_page_doesnt_reach_into_the_widget_nor_the_widget_into_the_page(
    stage: Stage, foreign: Foreign
) -> None:
    head = "<style>* { font-size: 40px !important; color: red !important }</style>"
    loud = foreign.put("/loud", head=head + _snippet(stage.desk))
    visitor = await stage.visitor(loud)
    heading = visitor.page.get_by_role("heading", name="Tideway Kayaks")
    before = await heading.bounding_box()
    await visitor.opens()
    await expect(visitor.field).not_to_have_css("font-size", "40px")
    await expect(visitor.field).not_to_have_css("color", "rgb(255, 0, 0)")
    assert await heading.bounding_box() == before
    # As the page's own scripts find it, in a browser that nobody has prepared.
    context = await stage.profile()
    page = await context.new_page()
    await page.goto(loud)
    host = page.locator("[data-frontdesk]")
    await expect(host).to_be_attached()
    assert await host.evaluate("host => host.shadowRoot") is None
    await context.close()


async def test_a_blocked_loader_costs_the_page_nothing(stage: Stage, foreign: Foreign) -> None:
    queue = "<script>(frontdesk = (...a) => (frontdesk.q ||= []).push(a))('page')</script>"
    address = foreign.put("/blocked", head=queue + _snippet(stage.desk))
    visitor = await _with_errors(stage)
    await visitor.page.route("**/widget/loader.js", lambda route: route.abort())
    await visitor.page.goto(address)
    await visitor.page.evaluate("frontdesk('open')")
    await expect(visitor.page.locator("[data-frontdesk]")).to_have_count(0)
    assert visitor.trouble == []


async def test_a_widget_that_cant_be_fetched_leaves_no_launcher_that_leads_nowhere(
    stage: Stage, foreign: Foreign
) -> None:
    address = foreign.put("/half", head=_snippet(stage.desk))
    visitor = await _with_errors(stage)
    await visitor.page.route("**/widget/widget.js", lambda route: route.abort())
    await visitor.page.goto(address)
    await expect(visitor.page.locator("[data-frontdesk]")).to_be_attached()
    await expect(visitor.launcher).to_have_count(0)
    assert visitor.trouble == []


async def test_a_slow_widget_opens_when_it_is_there(stage: Stage, foreign: Foreign) -> None:
    address = foreign.put("/slow", head=_snippet(stage.desk))
    visitor = await _with_errors(stage)
    may_come = asyncio.Event()

    async def late(route: Route) -> None:
        await may_come.wait()
        await route.continue_()

    await visitor.page.route("**/widget/widget.js", late)
    await visitor.page.goto(address)
    await visitor.launcher.click()
    await expect(visitor.page.locator("button[aria-busy=true]")).to_be_visible()
    may_come.set()
    await expect(visitor.field).to_be_focused()


async def test_a_desk_that_refuses_the_page_is_said_to_be_out_of_reach(
    stage: Stage, foreign: Foreign
) -> None:
    foreign.put("/refused", head=_snippet(stage.desk))
    visitor = await stage.visitor(foreign.by_another_name + "/refused")
    await visitor.opens()
    await expect(visitor.chat).to_contain_text("The chat can’t be reached")
    await expect(visitor.chat).to_contain_text("We keep trying.")
    await expect(visitor.chat.get_by_role("button", name="Try now")).to_be_visible()
    await visitor.shot("1-unreachable")


async def test_the_page_calls_before_and_after_the_widget_is_there(
    stage: Stage, foreign: Foreign
) -> None:
    queue = (
        "<script>frontdesk = (...a) => (frontdesk.q ||= []).push(a); heard = [];"
        "frontdesk('identify', {name: 'Mira Lund', plan: 'Fleet', berths: 12});"
        "frontdesk('handleEvents', name => heard.push(name));</script>"
    )
    visitor = await stage.visitor(foreign.put("/calls", head=queue + _snippet(stage.desk)))
    ana = await stage.rep("ana")
    await expect(visitor.launcher).to_be_visible()
    await visitor.page.evaluate("frontdesk('open')")
    await visitor.says("Hello")
    await ana.starts("Mira Lund")
    panel = ana.page.get_by_role("complementary", name="Visitor")
    for words in ("Plan", "Fleet", "Berths", "12"):
        await expect(panel.get_by_text(words, exact=True)).to_be_visible()
    await expect(visitor.chat.get_by_role("heading", name="Ana Beltrame")).to_be_visible()
    await visitor.page.evaluate("frontdesk('close')")
    await expect(visitor.chat).to_have_count(0)
    heard = await visitor.page.evaluate("heard.join()")
    assert re.fullmatch(r"opened,.*claimed.*,closed", heard)


async def _with_errors(stage: Stage) -> Visitor:
    """A visitor on an empty page: what goes wrong on the next one is known from its beginning."""
    return await stage.visitor("about:blank")
