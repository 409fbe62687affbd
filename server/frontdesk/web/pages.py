"""The static files: console, widget and demo, built by the client package, with their caching.

- Files with a hash in their name (`assets/index-B3xK9f_2.js`) never change: a year, immutable.
- The widget's files keep their names for ever, because other people's pages name them: five
  minutes, then revalidated; any site may load them.
- Pages are revalidated each time.
"""

import re
import secrets
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from frontdesk.web.security import page_policy

IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATED = "no-cache"
SHORT = "public, max-age=300, stale-while-revalidate=86400"
_HASHED = re.compile(r"-[A-Za-z0-9_-]{8}\.[a-z0-9]+$")
_HTML = "text/html"


class Folder(StaticFiles):
    """A folder that the client's build fills, perhaps only after the server has started."""

    async def check_config(self) -> None:
        """Not there yet is no error: its files are simply not found."""


class Pages(Folder):
    """A folder of pages of our own, with a strict Content-Security-Policy."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = IMMUTABLE if _HASHED.search(path) else REVALIDATED
        # A 304 has no type, and its policy replaces the stored one's: it must be the page's own.
        kind = response.headers.get("content-type", _HTML)
        if kind.startswith(_HTML):
            response.headers["Content-Security-Policy"] = page_policy()
        return response


class Console(Pages):
    """The console: each way into it is its one page, which gets a fresh nonce for React Aria."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        name = path.rpartition("/")[2]
        if scope["method"] in {"GET", "HEAD"} and (name == "." or "." not in name):
            return self._page()
        return await super().get_response(path, scope)

    def _page(self) -> Response:
        try:
            html = Path(str(self.directory), "index.html").read_text("utf-8")
        except FileNotFoundError:
            raise HTTPException(503, "The console is not built: run `make client`.") from None
        nonce = secrets.token_urlsafe(16)
        marked = html.replace("<head>", f'<head><meta name="csp-nonce" nonce="{nonce}">', 1)
        headers = {
            "Cache-Control": REVALIDATED,
            "Content-Security-Policy": page_policy(nonce=nonce),
        }
        return HTMLResponse(marked, headers=headers)


class Widget(Folder):
    """What other people's pages load: readable by any origin, and never a page itself."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = IMMUTABLE if _HASHED.search(path) else SHORT
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        response.headers["Timing-Allow-Origin"] = "*"
        return response


def static_routes(folder: Path) -> list[Mount]:
    """Return the mounts of the three folders; a folder that isn't built answers 404 or 503."""
    return [
        Mount("/console", _packed(Console(directory=folder / "console", check_dir=False))),
        Mount("/widget", _packed(Widget(directory=folder / "widget", check_dir=False))),
        Mount("/demo", _packed(Pages(directory=folder / "demo", html=True, check_dir=False))),
    ]


def _packed(app: StaticFiles) -> GZipMiddleware:
    """Files are public, so compressing them tells nobody a secret; answers of the API aren't."""
    return GZipMiddleware(app, minimum_size=1000, compresslevel=6)
