"""Structured logs: one line a request, for people in development and for machines in production."""

import logging
import sys
from collections.abc import Callable, MutableMapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import orjson
import structlog

from server.log_output import LogOutput
from server.settings import Settings

_STDOUT, _STDERR = 1, 2


def configure_logging(settings: Settings) -> None:
    """For the whole process. Standard output carries the log in production; in development standard error does."""
    json = settings.log_as_json
    # Neither shows the values of variables: tokens and what learners wrote are among them.
    tracebacks = structlog.processors.ExceptionRenderer(
        structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    )
    last: list[structlog.typing.Processor] = (
        [_timed, tracebacks, structlog.processors.JSONRenderer(serializer=_dumps)]
        if json
        else [
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
            _encoded,
        ]
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            *last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[settings.log_level.upper()]),
        logger_factory=lambda *_: _output(_STDOUT if json else _STDERR),
        cache_logger_on_first_use=True,
    )


def flush_log() -> None:
    """Writes what is waiting to be written: before a process ends, which a signal may do without further ado."""
    for file_descriptor in (_STDOUT, _STDERR):
        _output(file_descriptor).flush()


@cache
def _output(file_descriptor: int) -> LogOutput:
    """One for all loggers, so that lines keep their order."""
    return LogOutput(open(file_descriptor, "wb", buffering=0, closefd=False))  # open as long as the process


def _timed(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """As structlog's TimeStamper does, but orjson writes the moment, which is half the cost of a line."""
    event["timestamp"] = datetime.now(UTC)
    return event


def _dumps(event: dict[str, Any], default: Callable[[Any], Any]) -> bytes:
    return orjson.dumps(event, default, orjson.OPT_UTC_Z)


def _encoded(_logger: object, _method: str, line: Any) -> bytes:
    encoded: bytes = line.encode()
    return encoded
