"""The rules in the console: what a person sees and does there, by roles and accessible names."""

import re
from typing import Any

from playwright.async_api import Locator, expect

from tests.browser.people import Rep

_PATIENT_FETCH = """async ([method, path, body]) => {
  const headers = { "Content-Type": "application/json", "X-Frontdesk": "1" };
  const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.status === 204 ? null : await answer.json();
}"""


class Rules:
    """The page Routing of a rep who may edit rules."""

    def __init__(self, rep: Rep) -> None:
        self.rep = rep
        self.page = rep.page

    @property
    def order(self) -> Locator:
        return self.page.get_by_role("list", name="Rules, first match first")

    @property
    def bar(self) -> Locator:
        """Where the draft stands, and what can be done with it."""
        return self.page.get_by_role("group", name="Draft")

    @property
    def rule(self) -> Locator:
        """The one that is open."""
        return self.page.get_by_role("article", name=re.compile("^Rule "))

    def row(self, name: str) -> Locator:
        handle = self.page.get_by_role("button", name=f"Move {name}", exact=True)
        return self.order.get_by_role("listitem").filter(has=handle)

    def part(self, name: str) -> Locator:
        """A link to another page of Routing."""
        return self.page.get_by_role("navigation", name="Routing").get_by_role("link", name=name)

    async def open(self) -> None:
        pages = self.page.get_by_role("navigation", name="Pages")
        await pages.get_by_role("link", name="Routing").click()
        await expect(self.page.get_by_role("heading", level=1, name="Routing")).to_be_visible()

    async def opens(self, name: str) -> None:
        """A rule, from the list."""
        await self.row(name).get_by_role("link").click()
        await expect(self.rule).to_have_accessible_name(f"Rule {name}")

    async def names(self) -> list[str]:
        handles = self.order.get_by_role("button", name=re.compile("^Move "))
        labels = [await one.get_attribute("aria-label") for one in await handles.all()]
        return [(label or "").removeprefix("Move ") for label in labels]

    async def adds(self, name: str) -> None:
        """A new rule, on top of the others."""
        await self.page.get_by_role("button", name="New rule", exact=True).click()
        await self.rule.get_by_role("textbox", name="Name of the rule").fill(name)

    async def tests(self, field: str, operator: str, value: str, *, nth: int = 0) -> None:
        """Fills the nth condition of the open rule."""
        condition = self.rule.get_by_role("group", name=re.compile("^Condition: ")).nth(nth)
        await condition.get_by_role("button", name=re.compile("Field$")).click()
        finder = self.page.get_by_role("searchbox", name="Find a field")
        await finder.fill(field)
        await self.page.get_by_role("option", name=field).first.click()
        await condition.get_by_role("button", name=re.compile("Comparison$")).click()
        await self.page.get_by_role("option", name=operator, exact=True).click()
        await condition.get_by_role("textbox", name="Value").fill(value)

    async def rings(self, *who: str) -> None:
        """Names reps and groups."""
        await self.rule.get_by_text("These reps and groups").click()
        adder = self.rule.get_by_role("combobox", name="Add a rep or a group")
        for name in who:
            await adder.fill(name)
            await self.page.get_by_role("option", name=name).first.click()
        await adder.press("Tab")  # the list stays open for more

    async def saves(self) -> None:
        await self.bar.get_by_role("button", name="Save draft").click()

    async def publishes(self, note: str) -> None:
        """Saves, if there is something to save, and publishes."""
        save = self.bar.get_by_role("button", name="Save draft")
        if await save.is_enabled():
            await save.click()
            await expect(self.bar).to_contain_text("All changes saved to the draft")
        await self.bar.get_by_role("button", name="Publish").click()
        dialog = self.page.get_by_role("dialog", name="Publish these rules")
        await dialog.get_by_role("textbox", name="What changed, for the team").fill(note)
        await dialog.get_by_role("button", name="Publish").click()
        await expect(dialog).to_be_hidden()
        await expect(self.bar).to_contain_text(f"is live · {note}")

    async def begin_again(self) -> None:
        """Version 1 is live again, and there is no draft."""
        standing = await self.ask("GET", "/v1/routing")
        if standing["draft"]:
            await self.ask("DELETE", "/v1/routing/draft", revision=standing["draft"]["revision"])
        if (live := standing["live"]["number"]) > 1:
            await self.ask("POST", "/v1/routing/rollback", number=1, live=live, note="as it was")

    async def ask(self, method: str, path: str, **body: Any) -> Any:
        """One call of the HTTP interface, as this rep."""
        return await self.page.evaluate(_PATIENT_FETCH, [method, path, body or None])
