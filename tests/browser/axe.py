"""axe-core, run on a page as it is."""

from importlib.resources import files
from typing import Any

from playwright.async_api import Page

from tests.browser.pictures_of import drawn

_SCRIPT = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


async def problems(page: Page, part: str | None = None) -> list[str]:
    """Every violation in one line, of the whole page or of the part with this selector."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(_SCRIPT)
    await drawn(page)  # a colour on its way to the other scheme is neither's
    found: dict[str, Any] = await page.evaluate(
        "part => axe.run(part ?? document, { resultTypes: ['violations'] })", part
    )
    return [
        f"{violation['id']}: {node['html'][:160]} ({node['failureSummary']})"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]
