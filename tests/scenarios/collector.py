"""A collector of traces: takes what OTLP over HTTP brings, and remembers its spans."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


class Collector:
    """What arrived so far."""

    def __init__(self) -> None:
        self.url = ""
        self.spans: list[tuple[str, Any]] = []
        """Of which process, and the span."""

    def take(self, body: bytes) -> None:
        whole = ExportTraceServiceRequest.FromString(body)
        for one in whole.resource_spans:
            about = {item.key: item.value.string_value for item in one.resource.attributes}
            assert about["service.name"] == "frontdesk"
            for scope in one.scope_spans:
                self.spans += [(about["service.instance.id"], span) for span in scope.spans]

    def named(self, name: str) -> list[Any]:
        return [span for _, span in self.spans if span.name == name]

    def parts(self, of: Any) -> list[str]:
        """The names of what happened inside of a span, in their order."""
        inside = [span for _, span in self.spans if span.parent_span_id == of.span_id]
        return [span.name for span in sorted(inside, key=lambda span: span.start_time_unix_nano)]


def about(span: Any) -> dict[str, str | int]:
    """A span's attributes."""
    return {item.key: item.value.string_value or item.value.int_value for item in span.attributes}


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector on a port of its own."""
    collector = Collector()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") is None:
                collector.take(body)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        collector.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield collector
        server.shutdown()
        thread.join()
