"""Log lines for people or machines, without secrets.

The lines of libraries (uvicorn, alembic, asyncio) go the same way as ours.
"""

import logging
import re
import sys
from collections.abc import Mapping
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, Processor

from frontdesk.config import LogFormat, Settings

HIDDEN = "********"
_SECRET_NAME = re.compile(
    r"pass(word|wd)?$|secret|token|authorization|cookie|jwt|api_?key", re.IGNORECASE
)
_SECRET_TEXT = re.compile(r"(?<=:)[^/\s:@]+(?=@)|(?<=[Bb]earer )\S+|\beyJ[\w-]+\.[\w-]+\.[\w-]+")
_NOISY = ("uvicorn", "alembic", "aiosqlite", "asyncio")  # at info they say what we say ourselves


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
