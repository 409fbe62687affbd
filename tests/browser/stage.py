"""Who takes part in one test. Everybody leaves at its end, and the desk is as it was."""

from pathlib import Path

from playwright.async_api import Browser, BrowserContext, expect
from websockets.exceptions import InvalidStatus

from tests.browser.desk import Desk
from tests.browser.line import goes_home, leaves_nothing
from tests.browser.people import Person, Rep, Visitor

WAIT = 40_000
"""Milliseconds until a browser gives up waiting: long, for a slow machine."""

# The widget lives in a closed shadow root, which no script of the page can enter. Tests aren't
# scripts of the page: before any of those runs, they make the root one that can be looked into.
_OPEN_ROOTS = """
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (init) {
    return attach.call(this, { ...init, mode: "open" });
  };
"""

# For a network that goes away: the browser can be set offline, but then keeps what is open.
_KNOWN_SOCKETS = """
  window.openedHere = [];
  window.WebSocket = class extends WebSocket {
    constructor(...given) {
      super(...given);
      openedHere.push(this);
    }
  };
"""


class Stage:
    """Makes visitors and reps, each with a browser profile of their own."""

    def __init__(self, browser: Browser, desk: Desk, pictures: Path | None) -> None:
        self.desk = desk
        self._browser = browser
        self._pictures = pictures
        self._people: list[Person] = []
        self._reps: list[BrowserContext] = []
        self._visitors: list[BrowserContext] = []

    async def visitor(
        self, page: str | None = None, *, name: str = "visitor", of: Visitor | None = None
    ) -> Visitor:
        """Somebody who comes to a page: the demo company's, or any. `of`: another tab of theirs."""
        context = of.context if of else await self.profile(visiting=True)
        visitor = Visitor(await context.new_page(), name, self._pictures)
        self._people.append(visitor)
        await visitor.page.goto(self.desk.url + "/demo/" if page is None else page)
        return visitor

    async def rep(self, first_name: str, *, available: bool = True) -> Rep:
        """A rep of the demo company, signed in by their link."""
        rep = await self.at_console(first_name, self.desk.links[first_name])
        await expect(rep.switch).to_be_enabled()
        if available:
            await rep.becomes("available")
        return rep

    async def at_console(self, name: str, url: str) -> Rep:
        """A new profile at an address of the console, which may be another page than the inbox."""
        context = await self.profile()
        self._reps.append(context)
        rep = Rep(await context.new_page(), name, self._pictures)
        self._people.append(rep)
        await rep.page.goto(url)
        return rep

    async def tab(self, rep: Rep) -> Rep:
        """Another tab of this rep."""
        other = Rep(await rep.context.new_page(), rep.name, self._pictures)
        self._people.append(other)
        await other.page.goto(rep.page.url)
        return other

    async def profile(self, *, visiting: bool = False) -> BrowserContext:
        """Its own cookies and storage. Motion is reduced: what moves can't be clicked at once.

        A visitor's clock shows UTC, from which nobody concludes a country.
        """
        context = await self._browser.new_context(
            viewport={"width": 1440, "height": 900}, reduced_motion="reduce", locale="en-GB",
            timezone_id="UTC" if visiting else "Europe/Lisbon",
        )  # fmt: skip
        context.set_default_timeout(WAIT)
        await context.add_init_script(_KNOWN_SOCKETS)
        if visiting:
            self._visitors.append(context)
            await context.add_init_script(_OPEN_ROOTS)
        return context

    async def everybody_leaves(self) -> None:
        """Ends what is open; fails if something went wrong on anybody's page."""
        trouble = [line for person in self._people for line in person.trouble]
        cookies = [await _sign_in(context) for context in self._reps]
        tokens = [token for context in self._visitors for token in await _tokens(context)]
        for context in {*self._reps, *self._visitors}:
            await context.close()
        for cookie in filter(None, cookies):
            try:
                await goes_home(self.desk, cookie)
            except InvalidStatus:
                continue  # signed out
        for token in tokens:
            await leaves_nothing(self.desk, token)
        assert trouble == []


async def _sign_in(context: BrowserContext) -> str:
    found = [one for one in await context.cookies() if one.get("name", "").endswith("fd_sign_in")]
    return "; ".join(f"{one.get('name')}={one.get('value')}" for one in found)


async def _tokens(context: BrowserContext) -> list[str]:
    state = await context.storage_state()
    return [
        item["value"]
        for origin in state.get("origins", [])
        for item in origin["localStorage"]
        if item["name"] == "frontdesk.main"
    ]


expect.set_options(timeout=WAIT)
