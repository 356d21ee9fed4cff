"""Counts errors of this process by their cause."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from traceback import walk_tb
from types import FrameType, TracebackType

from domain.diagnostics import ErrorKey, ErrorOccurrences
from domain.errors import ClientError
from domain.jobs import JobFailed
from server.observability.error_reports import report_error

# Until they are written; others are counted by their code alone.
_MAX_GROUPS = 200
_MAX_NAME_LENGTH = 100

_PACKAGES = frozenset(
    (
        "server",
        "schema",
        "resolvers",
        "loaders",
        "jobs",
        "content",
        "cache",
        "db",
        "analysis",
        "engine",
        "domain",
        "common",
    )
)
# Passed by most errors, which says little about them.
_GENERIC = ("db.core.", "engine.", "cache.redis.", "loaders.base", "common.")
# How much a module says about an error.
_FOREIGN, _PASSED, _SPECIFIC = range(3)

_groups: dict[ErrorKey, ErrorOccurrences] = {}


def get_key(code: str, error: BaseException | None) -> ErrorKey:
    """The message of the exception may contain values, and is not part of the key."""
    if error is None:
        return ErrorKey(code)
    return ErrorKey(code, type(error).__name__, _find_location(error.__traceback__))


def count_occurrence(key: ErrorKey, operation: str | None, request_id: str | None) -> None:
    """Count one request, or attempt at a job, with an error of this key."""
    now = datetime.now(UTC)
    if key not in _groups and len(_groups) >= _MAX_GROUPS:
        key = ErrorKey(key.code)
    name = None if operation is None else operation[:_MAX_NAME_LENGTH]
    _add(key, ErrorOccurrences(now, now, name, request_id))


def count_failure(code: str, error: BaseException, operation: str, request_id: str) -> None:
    """Count a failed attempt at a job, and report it if nobody expects the failure."""
    key = get_key(code, error)
    count_occurrence(key, operation, request_id)
    if not isinstance(error, JobFailed | ClientError):
        report_error(key, error, operation, request_id)


def take_occurrences() -> Mapping[ErrorKey, ErrorOccurrences]:
    """Remove and return what was counted."""
    taken = dict(_groups)
    _groups.clear()
    return taken


def return_occurrences(taken: Mapping[ErrorKey, ErrorOccurrences]) -> None:
    """Count what could not be written again."""
    for key, found in taken.items():
        _add(key, found)


def _add(key: ErrorKey, added: ErrorOccurrences) -> None:
    found = _groups.get(key)
    if found is None:
        _groups[key] = added
        return
    found.count += added.count
    found.first_seen_at = min(found.first_seen_at, added.first_seen_at)
    if added.last_seen_at >= found.last_seen_at:
        found.last_seen_at, found.operation, found.request_id = added.last_seen_at, added.operation, added.request_id


def _find_location(traceback: TracebackType | None) -> str | None:
    """The innermost function of this program, if possible one that is not generic."""
    best = _PASSED
    found: FrameType | None = None
    for frame, _ in walk_tb(traceback):
        rank = _rank(frame.f_globals.get("__name__", ""))
        if rank >= best:
            best, found = rank, frame
    return None if found is None else f"{found.f_globals['__name__']}.{found.f_code.co_qualname}"


@lru_cache(maxsize=1_000)
def _rank(module: str) -> int:
    if module.partition(".")[0] not in _PACKAGES:
        return _FOREIGN
    return _PASSED if module.startswith(_GENERIC) else _SPECIFIC
