"""Visitors without a browser, where a test needs many of them at once."""

from contextlib import AsyncExitStack
from typing import Any

from tests.browser.desk import Desk
from tests.browser.line import Line, visitor_line


class Caller:
    """Somebody who asked for a person."""

    def __init__(self, line: Line, conversation: str) -> None:
        self._line = line
        self._conversation = conversation
        self._said = 0

    async def says(self, text: str) -> None:
        self._said += 1
        answer = await self._line.ask(
            "message", conversation=self._conversation, client_id=f"said-{self._said}", text=text
        )
        assert answer["type"] == "ok", answer


async def caller(
    there: AsyncExitStack, desk: Desk, name: str, text: str, *, title: str = "Pricing",
    locale: str = "en-GB", **fields: Any,
) -> Caller:  # fmt: skip
    """Comes to the site and asks; stays as long as `there` does, and cancels or ends it then."""
    line = await there.enter_async_context(visitor_line(desk))
    page = {"url": "https://www.harborlight.example/pricing", "title": title}
    known = {"name": name, **fields}
    await line.ask("hello", page=page, fields=known, locale=locale, timezone="Europe/Lisbon")
    asked = await line.ask("request", text=text, client_id="asked")
    conversation = str(asked["conversation"]["id"])

    async def leave() -> None:
        await line.ask("close", conversation=conversation)

    there.push_async_callback(leave)
    return Caller(line, conversation)
