"""Pictures of a page in two sizes and two colour schemes, for eyes."""

from pathlib import Path
from typing import Literal

from playwright.async_api import Page

SIZES = {1440: 900, 390: 844}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


async def drawn(page: Page) -> None:
    """Until a page that was just told of a size or a scheme looks as it will look."""
    await page.evaluate("""async () => {
      const frame = () => new Promise(requestAnimationFrame);
      await frame();
      await frame();
      const moving = document.getAnimations();
      moving.filter(one => one instanceof CSSTransition).forEach(one => one.finish());
      await frame();
    }""")


async def picture_of(page: Page, target: Path) -> None:
    """Writes `target`-1440-light.png and three more; the page is as before afterwards."""
    target.parent.mkdir(parents=True, exist_ok=True)
    before = page.viewport_size
    for width, height in SIZES.items():
        await page.set_viewport_size({"width": width, "height": height})
        for scheme in SCHEMES:
            await page.emulate_media(color_scheme=scheme)
            await drawn(page)
            await page.screenshot(
                path=target.with_name(f"{target.name}-{width}-{scheme}.png"), caret="initial"
            )
    await page.emulate_media(color_scheme="light")
    if before is not None:
        await page.set_viewport_size(before)
