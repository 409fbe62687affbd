"""Traces, for a collector that speaks OTLP over HTTP. Imported only where FRONTDESK_TRACING_URL is
set: without it nothing here is in memory, and what would be traced is called as it is.

Spans carry ids of conversations and codes of refusals, never what people wrote or who they are.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import ParamSpec, TypeVar

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, Status, StatusCode, get_current_span

from frontdesk.errors import FrontdeskError

P = ParamSpec("P")
T = TypeVar("T")
About = Callable[P, Mapping[str, str | int]]
"""From a call's arguments to the attributes of its span."""
FLUSH_SECONDS = 3.0


class Tracing:
    """Makes spans of calls and sends them in batches, from a thread of its own. A collector that is
    away loses them; nobody waits for it.
    """

    def __init__(self, url: str, *, process: str, version: str) -> None:
        about = {
            "service.name": "frontdesk",
            "service.version": version,
            "service.instance.id": process,
        }
        self._provider = TracerProvider(resource=Resource.create(about))
        exporter = OTLPSpanExporter(endpoint=f"{url.rstrip('/')}/v1/traces")
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("frontdesk")

    async def close(self) -> None:
        """Sends what is left, for some seconds."""
        closing = asyncio.to_thread(self._provider.shutdown)
        await asyncio.wait([asyncio.ensure_future(closing)], timeout=FLUSH_SECONDS)

    def root(
        self, name: str, call: Callable[P, Awaitable[T]], about: About[P], *, share: float = 1.0
    ) -> Callable[P, Awaitable[T]]:
        """The same call as the begin of a trace; of messages a `share` is enough. It runs as a task
        of its own: a handler has no context that would be only its.
        """
        traced = self._spanned(name, call, about)

        async def begun(*args: P.args, **kwargs: P.kwargs) -> T:
            if share < 1 and random.random() >= share:  # noqa: S311 - samples, guards nothing
                return await call(*args, **kwargs)
            return await asyncio.create_task(_as_coroutine(traced(*args, **kwargs)))

        return begun

    def part(self, name: str, call: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
        """The same call as a part of the trace that goes on, if one does."""
        traced = self._spanned(name, call)

        async def inside(*args: P.args, **kwargs: P.kwargs) -> T:
            if not get_current_span().is_recording():
                return await call(*args, **kwargs)
            return await traced(*args, **kwargs)

        return inside

    def say(self, name: str, value: str | int) -> None:
        """One more attribute of the span that goes on, if one does."""
        get_current_span().set_attribute(name, value)

    def moment(self, name: str, call: Callable[P, T]) -> Callable[P, T]:
        """As `part`, of a call that waits for nothing."""

        def inside(*args: P.args, **kwargs: P.kwargs) -> T:
            if not get_current_span().is_recording():
                return call(*args, **kwargs)
            with self._tracer.start_as_current_span(name):
                return call(*args, **kwargs)

        return inside

    def _spanned(
        self, name: str, call: Callable[P, Awaitable[T]], about: About[P] | None = None
    ) -> Callable[P, Awaitable[T]]:
        async def spanned(*args: P.args, **kwargs: P.kwargs) -> T:
            with self._tracer.start_as_current_span(
                name, attributes=about(*args, **kwargs) if about else None, record_exception=False,
                set_status_on_exception=False,
            ) as span:  # fmt: skip
                try:
                    return await call(*args, **kwargs)
                except BaseException as error:
                    _failed(span, error)
                    raise

        return spanned


def _failed(span: Span, error: BaseException) -> None:
    """A refusal is an answer, with its code. Of an error its kind alone: its words may say more."""
    if isinstance(error, FrontdeskError):
        span.set_attribute("frontdesk.refused", error.code)
    else:
        span.set_status(Status(StatusCode.ERROR, type(error).__name__))


async def _as_coroutine(awaitable: Awaitable[T]) -> T:
    return await awaitable
