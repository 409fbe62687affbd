"""Pictures of a page in two sizes and two colour schemes, for eyes."""

from pathlib import Path
from typing import Literal

from playwright.async_api import Page

SIZES = {1440: 900, 390: 844}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


async def drawn(page: Page) -> None:
    """Until a page that was just told of a size or a scheme looks as it will look.

    What the page draws anew for it may begin to fade some frames later: only two frames in a row
    in which nothing moves are the end. What never ends is let go on.
    """
    await page.evaluate("""async () => {
      const frame = () => new Promise(requestAnimationFrame);
      const ends = one => one.effect?.getComputedTiming().endTime !== Infinity;
      for (let still = 0; still < 2;) {
        await frame();
        await frame();
        const moving = document.getAnimations().filter(ends);
        still = moving.length ? 0 : still + 1;
        moving.filter(one => one instanceof CSSTransition).forEach(one => one.finish());
        await Promise.allSettled(moving.map(one => one.finished));
      }
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
