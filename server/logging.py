"""Structured logs: one line a request, for people in development and for machines in production."""

import logging
import sys

import structlog

from server.settings import Settings


def configure_logging(settings: Settings) -> None:
    """For the whole process. Standard output carries the log in production; in development standard error does."""
    json = settings.log_as_json
    # Neither shows the values of variables: tokens and what learners wrote are among them.
    tracebacks = structlog.processors.ExceptionRenderer(
        structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    )
    last: list[structlog.typing.Processor] = (
        [tracebacks, structlog.processors.JSONRenderer()]
        if json
        else [
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
        ]
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[settings.log_level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout if json else sys.stderr),
        cache_logger_on_first_use=True,
    )
