"""Visitors and reps at a browser: what they see and do, by roles and accessible names."""

import asyncio
import re
from pathlib import Path
from typing import Literal

from playwright.async_api import BrowserContext, ConsoleMessage, Locator, Page, expect

from tests.browser.desk import PATIENCE
from tests.browser.pictures_of import picture_of

_OF_THE_NETWORK = re.compile(r"Failed to load resource|WebSocket connection to|net::ERR_")
"""What a browser itself says of a connection that failed; no mistake of a page."""


_REMEMBER = """rings => {
  rings.said = [];
  const look = () => rings.said.push(rings.innerText);
  new MutationObserver(look).observe(rings, { childList: true, subtree: true });
}"""


class Person:
    """Somebody with a page. `trouble` collects what went wrong in it; a test ends without any."""

    def __init__(self, page: Page, name: str, pictures: Path | None) -> None:
        self.page = page
        self.name = name
        self.trouble: list[str] = []
        self._pictures = pictures
        page.on("pageerror", lambda error: self.trouble.append(f"{name}: {error}"))
        page.on("console", self._heard)

    @property
    def context(self) -> BrowserContext:
        return self.page.context

    async def loses_sockets(self) -> None:
        """Closes what is open: a browser that is set offline keeps its sockets."""
        await self.page.evaluate("() => openedHere.forEach(socket => socket.close())")

    async def shot(self, name: str) -> None:
        """Pictures of the page as it is now, if somebody wants some (FRONTDESK_SHOTS)."""
        if self._pictures is not None:
            await picture_of(self.page, self._pictures / f"{name}-{self.name}")

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not _OF_THE_NETWORK.search(message.text):
            self.trouble.append(f"{self.name}: {message.text}")


class Visitor(Person):
    """Somebody on a page that carries the widget."""

    @property
    def launcher(self) -> Locator:
        return self.page.get_by_role("button", name=re.compile("^Open chat"))

    @property
    def chat(self) -> Locator:
        """The panel."""
        return self.page.locator("[data-frontdesk]").get_by_role("dialog")

    @property
    def log(self) -> Locator:
        return self.chat.get_by_role("log", name="Conversation")

    @property
    def field(self) -> Locator:
        return self.chat.get_by_role("textbox", name="Write a message")

    async def opens(self) -> None:
        await self.launcher.click()
        await expect(self.chat).to_be_visible()

    async def says(self, text: str) -> None:
        await self.field.fill(text)
        await self.field.press("Enter")

    async def asks(self, text: str) -> None:
        """Opens the panel and asks for a person."""
        await self.opens()
        await self.says(text)
        await expect(self.chat.get_by_text("Ringing the team")).to_be_visible()

    async def is_known_as(self, name: str, **fields: str) -> None:
        """The page tells who this is (VS-5)."""
        known = {"name": name, **fields}
        await self.page.evaluate("known => frontdesk('identify', known)", known)

    async def reads(self, *texts: str) -> None:
        """All that was said, and nothing else, in this order."""
        await expect(self.log.locator(".words")).to_have_text(list(texts))


class Rep(Person):
    """Somebody at the console."""

    @property
    def switch(self) -> Locator:
        return self.page.get_by_role("switch", name="Available for new conversations")

    @property
    def rings(self) -> Locator:
        return self.page.get_by_role("region", name="Ringing now")

    @property
    def list(self) -> Locator:
        return self.page.get_by_role("complementary", name="Your conversations")

    def card(self, who: str = "Visitor") -> Locator:
        return self.rings.get_by_role("article", name=who, exact=True)

    def row(self, who: str) -> Locator:
        """A conversation in the list: its name goes on with what was said last and is unread."""
        return self.list.get_by_role("link", name=re.compile(rf"^{re.escape(who)}\b"))

    def pane(self, who: str = "Visitor") -> Locator:
        return self.page.get_by_role("region", name=f"Conversation with {who}", exact=True)

    def field(self, who: str = "Visitor") -> Locator:
        return self.page.get_by_role("textbox", name=f"Message to {who}", exact=True)

    async def opens(self, part: Literal["inbox", "history", "team", "account"]) -> None:
        name = re.compile(f"^{part}", re.IGNORECASE)
        pages = self.page.get_by_role("navigation", name="Pages")
        await pages.get_by_role("link", name=name).click()
        await expect(self.page.get_by_role("heading", level=1, name=name)).to_be_visible()

    async def becomes(self, standing: Literal["available", "away"]) -> None:
        on = standing == "available"
        if await self.switch.is_checked() != on:
            await self.list.get_by_text("Away" if on else "Available", exact=True).click()
        await expect(self.switch).to_be_checked(checked=on)

    async def remembers_rings(self) -> None:
        """From here on; a card that says how its ring ended is gone after four seconds."""
        await self.rings.evaluate(_REMEMBER)

    async def remembers(self, words: str) -> None:
        """Until a card says this or has said it."""
        async with asyncio.timeout(PATIENCE):
            while words not in await self.rings.evaluate("rings => rings.said.join()"):
                await asyncio.sleep(0.05)

    async def starts(self, who: str = "Visitor") -> None:
        await self.card(who).get_by_role("button", name="Start a conversation").click()
        await expect(self.field(who)).to_be_visible()

    async def says(self, text: str, who: str = "Visitor") -> None:
        await self.field(who).fill(text)
        await self.field(who).press("Enter")

    async def reads(self, *texts: str, who: str = "Visitor") -> None:
        """All that was said in an open pane, and nothing else, in this order."""
        await expect(self.pane(who).get_by_role("log").locator(".bubble-text")).to_have_text(
            list(texts)
        )

    async def ends(self, who: str = "Visitor") -> None:
        """Ends the conversation, and lets the seconds pass in which that can be undone."""
        await self.pane(who).get_by_role("button", name="End conversation").click()
        await expect(self.pane(who).get_by_text("This conversation has ended.")).to_be_visible()
