"""Configures structured logging: for people in development, JSON in production."""

import logging
import re
import sys
import threading
from collections.abc import Callable, MutableMapping
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

import orjson
import structlog
from structlog.stdlib import ProcessorFormatter

from server.observability.error_log import merge_fields, use_line_writer
from server.observability.log_writer import LogWriter
from server.observability.tracebacks import build_tracebacks, write_traceback

_STDOUT, _STDERR = 1, 2
_ARGUMENTS = re.compile(r"[\n(<]")


def configure_logging(level_name: str, *, json: bool) -> None:
    """Configure logging of the process: JSON to standard output, or for people to standard error."""
    level = logging.getLevelNamesMapping()[level_name.upper()]
    render = _json_processors() if json else _console_processors()
    writer = _writer(_STDOUT if json else _STDERR)
    structlog.configure(
        processors=[merge_fields, structlog.processors.add_log_level, *render],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: writer,
        cache_logger_on_first_use=True,
    )
    use_line_writer(partial(_write_line, writer) if json and level <= logging.INFO else None)
    _configure_libraries(writer, level, render)


def flush_log() -> None:
    """Flush pending lines before the process exits: after a signal, `atexit` may not run."""
    for file_descriptor in (_STDOUT, _STDERR):
        _writer(file_descriptor).flush()


def dropped_line_count() -> int:
    """Return how many lines of this process were dropped because the reader was stalled."""
    return sum(_writer(file_descriptor).dropped_count for file_descriptor in (_STDOUT, _STDERR))


def log_interpreter_messages() -> None:
    """Log warnings and unraisable exceptions, which Python would write to standard error and block."""
    log = structlog.get_logger()
    logging.captureWarnings(True)

    def log_unraisable(unraisable: "sys.UnraisableHookArgs") -> None:
        log.error(
            unraisable.err_msg or "exception ignored",
            object=_name(unraisable.object),
            exc_info=unraisable.exc_value,
        )

    def log_thread_failure(failure: "threading.ExceptHookArgs") -> None:
        log.error("thread failed", thread=failure.thread.name if failure.thread else None, exc_info=failure.exc_value)

    sys.unraisablehook = log_unraisable
    threading.excepthook = log_thread_failure


class _LibraryHandler(logging.Handler):
    """Passes records of standard library loggers to the log writer."""

    def __init__(self, writer: LogWriter) -> None:
        super().__init__()
        self.writer = writer

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = self.format(record).encode(errors="backslashreplace")
        except Exception:
            # Instead of `handleError`, which writes to standard error.
            line = self.format(_unformattable(record)).encode(errors="backslashreplace")
        (self.writer.warning if record.levelno >= logging.WARNING else self.writer.info)(line)


def _configure_libraries(writer: LogWriter, level: int, render: list[structlog.typing.Processor]) -> None:
    """Log records of libraries from level warning, or all of them if LOG_LEVEL is debug."""
    formatter = ProcessorFormatter(
        foreign_pre_chain=[
            merge_fields,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            _shorten_failures,
        ],
        processors=[ProcessorFormatter.remove_processors_meta, *render, _decode],
    )
    handler = _LibraryHandler(writer)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    for earlier in [handler for handler in root.handlers if isinstance(handler, _LibraryHandler)]:
        root.removeHandler(earlier)
    root.addHandler(handler)
    root.setLevel(level if level == logging.DEBUG else max(level, logging.WARNING))


def _unformattable(record: logging.LogRecord) -> logging.LogRecord:
    return logging.makeLogRecord(
        {"name": record.name, "levelno": logging.ERROR, "levelname": "ERROR", "msg": f"not formattable: {record.msg!r}"}
    )


def _json_processors() -> list[structlog.typing.Processor]:
    return [
        _add_timestamp,
        structlog.processors.ExceptionRenderer(build_tracebacks),
        structlog.processors.JSONRenderer(serializer=_dumps),
    ]


def _console_processors() -> list[structlog.typing.Processor]:
    return [
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=write_traceback),
        _encode,
    ]


@cache
def _writer(file_descriptor: int) -> LogWriter:
    """Return the writer of a file descriptor, shared by all loggers, so that lines keep their order."""
    return LogWriter(file_descriptor, _describe_dropped)


def _describe_dropped(count: int) -> bytes:
    event: Any = {"event": "log lines dropped", "level": "warning", "count": count}
    for processor in structlog.get_config()["processors"][2:]:
        event = processor(None, "warning", event)
    line: bytes = event
    return line


def _add_timestamp(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Like structlog's TimeStamper, but orjson formats the timestamp, which halves the cost of a line."""
    event["timestamp"] = datetime.now(UTC)
    return event


def _write_line(writer: LogWriter, event: dict[str, Any]) -> None:
    """Write the line that the JSON processors render for `log.info`."""
    event["level"] = "info"
    event["timestamp"] = datetime.now(UTC)
    writer.info(orjson.dumps(event, repr, orjson.OPT_UTC_Z))


def _dumps(event: dict[str, Any], default: Callable[[Any], Any]) -> bytes:
    return orjson.dumps(event, default, orjson.OPT_UTC_Z)


def _shorten_failures(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Of asyncio's errors, whose message has the arguments of callbacks and the exceptions of tasks."""
    if event["logger"] == "asyncio" and event["level"] in ("error", "critical"):
        event["event"] = _ARGUMENTS.split(str(event["event"]), maxsplit=1)[0].rstrip()
    return event


def _name(value: object) -> str:
    """Without its representation, which may have values."""
    return str(getattr(value, "__qualname__", type(value).__qualname__))


def _encode(_logger: object, _method: str, line: Any) -> bytes:
    encoded: bytes = line.encode()
    return encoded


def _decode(_logger: object, _method: str, line: Any) -> str:
    decoded: str = line.decode()
    return decoded
