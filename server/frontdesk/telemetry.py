"""What a process says of itself: log lines without secrets, and metrics for Prometheus (OP-2).

The lines of libraries (uvicorn, alembic, asyncio) go the same way as ours. The metrics of all
processes of one installation are one page: each process keeps its numbers in a file of a shared
folder, and whichever node is asked adds them up.
"""

import logging
import os
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import structlog
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from structlog.typing import EventDict, Processor

from frontdesk.config import LogFormat, Settings

EXPOSITION_TYPE = "text/plain; version=0.0.4; charset=utf-8"
METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # prometheus_client reads it when it is imported
disable_created_metrics()  # type: ignore[no-untyped-call]  # twice the lines for nobody
REGISTRY = CollectorRegistry(auto_describe=True)
# 0.5 ms to 10 s: a claim takes some milliseconds, a drain some seconds.
BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

HIDDEN = "********"
_SECRET_NAME = re.compile(
    r"pass(word|wd)?$|secret|token|authorization|cookie|jwt|api_?key", re.IGNORECASE
)
_SECRET_TEXT = re.compile(r"(?<=:)[^/\s:@]+(?=@)|(?<=[Bb]earer )\S+|\beyJ[\w-]+\.[\w-]+\.[\w-]+")
_NOISY = ("uvicorn", "alembic", "aiosqlite", "asyncio")  # at info they say what we say ourselves


# --- log lines -----------------------------------------------------------------------------------


def configure(settings: Settings, *, process: str) -> None:
    """Sends every line of this process to standard error; `process` names it (`node-0`)."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    shared = _shared(process)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_rendering(settings.log_format),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in _NOISY:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


def _shared(process: str) -> list[Processor]:
    def with_process(_logger: object, _method: str, event: EventDict) -> EventDict:
        event["process"] = process
        return event

    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        with_process,
    ]


def _rendering(log_format: LogFormat) -> list[Processor]:
    """A traceback never shows local variables: they hold tokens and what visitors wrote."""
    if log_format is LogFormat.JSON:
        frames = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        return [
            structlog.processors.ExceptionRenderer(frames),
            redact,
            structlog.processors.JSONRenderer(serializer=_json),
        ]
    return [
        structlog.processors.format_exc_info,
        redact,
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
    ]


def _json(event: Any, **_options: Any) -> str:
    return orjson.dumps(event, default=repr, option=orjson.OPT_NON_STR_KEYS).decode()


def redact(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Hides what has a secret's name, and passwords, bearers and tokens inside of texts."""
    return {name: _redacted(name, value) for name, value in event.items()}


def _redacted(name: object, value: object) -> object:
    if value and isinstance(name, str) and _SECRET_NAME.search(name):
        return HIDDEN
    if isinstance(value, str):
        return _SECRET_TEXT.sub(HIDDEN, value)
    if isinstance(value, Mapping):
        return {key: _redacted(key, inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(None, inner) for inner in value]
    return value


# --- metrics -------------------------------------------------------------------------------------


def counter(name: str, meaning: str, *labels: str) -> Counter:
    """A number that only grows: `frontdesk_<name>_total`."""
    return Counter(name, meaning, labels, namespace="frontdesk", registry=REGISTRY)


def gauge(name: str, meaning: str, *labels: str) -> Gauge:
    """A number that goes up and down; over all living processes it is the sum."""
    return Gauge(
        name,
        meaning,
        labels,
        namespace="frontdesk",
        registry=REGISTRY,
        multiprocess_mode="livesum",
    )


def histogram(
    name: str, meaning: str, *labels: str, buckets: tuple[float, ...] = BUCKETS
) -> Histogram:
    """How a measure is spread; durations are in seconds."""
    return Histogram(
        name, meaning, labels, namespace="frontdesk", registry=REGISTRY, buckets=buckets
    )


def exposition() -> bytes:
    """The page that Prometheus reads, of all processes of this installation."""
    if METRICS_FOLDER not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # published untyped
    return generate_latest(registry)


def fresh_metrics_folder(data: Path) -> Path:
    """An empty folder for the numbers of all processes; the supervisor's first act."""
    folder = data / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    return folder


def forget_process(pid: int, folder: Path) -> None:
    """Takes a dead process out of the gauges; what it counted stays counted."""
    mark_process_dead(pid, path=str(folder))  # type: ignore[no-untyped-call]  # the same
