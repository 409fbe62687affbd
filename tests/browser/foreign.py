"""A website that embeds the widget and isn't ours: its own origin, its own policy."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_PAGE = """<!doctype html>
<html lang="en">
  <head><title>{title}</title>{head}</head>
  <body><main><h1>Tideway Kayaks</h1><p>Boats for rivers.</p></main></body>
</html>
"""


class Foreign:
    """What stands at which path; `put` a page before it is asked for."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.by_another_name = f"http://localhost:{port}"
        self._pages: dict[str, tuple[str, str]] = {}

    def put(self, path: str, *, head: str, policy: str = "", title: str = "Tideway Kayaks") -> str:
        """Its address. `policy` is its Content-Security-Policy."""
        self._pages[path] = (_PAGE.format(title=title, head=head), policy)
        return self.url + path

    def page(self, path: str) -> tuple[str, str] | None:
        return self._pages.get(path)


@contextmanager
def serving() -> Iterator[Foreign]:
    """The website, on a free port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    site = Foreign(server.server_address[1])
    _Handler.site = site
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield site
    server.shutdown()
    server.server_close()
    thread.join()


class _Handler(BaseHTTPRequestHandler):
    site: Foreign

    def do_GET(self) -> None:
        found = self.site.page(self.path)
        if found is None:
            self.send_error(404)
            return
        page, policy = found
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        if policy:
            self.send_header("Content-Security-Policy", policy)
        self.end_headers()
        self.wfile.write(page.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: a test's output is its own."""
