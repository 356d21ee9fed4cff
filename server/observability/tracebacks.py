"""Renders exceptions for the log: classes and places, with neither messages that have values nor local variables."""

import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Any, NamedTuple, TextIO, TypeAlias

from common.error_descriptions import describe_details, describe_error

# Of one exception, and of a chain. Frames are omitted in the middle.
_MAX_FRAMES = 50
_MAX_CHAIN = 20

ExcInfo: TypeAlias = tuple[type[BaseException] | None, BaseException | None, TracebackType | None]


class _Link(NamedTuple):
    """An exception of a chain. `is_cause`: of the one before."""

    error: BaseException
    is_cause: bool


def build_tracebacks(exc_info: ExcInfo) -> list[dict[str, Any]]:
    """Return the exception and those that led to it, in the form of structlog."""
    return [] if exc_info[1] is None else _build_chain(exc_info[1], set())


def write_traceback(file: TextIO, exc_info: ExcInfo) -> None:
    """Write them for people, the first one last."""
    if exc_info[1] is None:
        return
    for link in reversed(list(_chain(exc_info[1], set()))):
        file.write("Traceback (most recent call last):\n")
        file.writelines(traceback.format_tb(link.error.__traceback__))
        file.write(f"{describe_error(link.error)}\n")
        for error in _group(link.error):
            file.write(f"  with {describe_error(error)}\n")


def _build_chain(error: BaseException, seen: set[int]) -> list[dict[str, Any]]:
    return [_build(link, seen) for link in _chain(error, seen)]


def _build(link: _Link, seen: set[int]) -> dict[str, Any]:
    frames = [
        {"filename": frame.f_code.co_filename, "lineno": line, "name": frame.f_code.co_name}
        for frame, line in traceback.walk_tb(link.error.__traceback__)
    ]
    if len(frames) > _MAX_FRAMES:
        frames[_MAX_FRAMES // 2 : -_MAX_FRAMES // 2] = []
    group = _group(link.error)
    return {
        "exc_type": type(link.error).__name__,
        "exc_value": describe_details(link.error),
        "is_cause": link.is_cause,
        "frames": frames,
        "is_group": bool(group),
        "exceptions": [_build_chain(error, seen) for error in group if id(error) not in seen],
    }


def _chain(error: BaseException, seen: set[int]) -> Iterator[_Link]:
    link = _Link(error, is_cause=False)
    for _ in range(_MAX_CHAIN):
        error = link.error
        if id(error) in seen:
            return
        seen.add(id(error))
        yield link
        following = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if following is None:
            return
        link = _Link(following, is_cause=following is error.__cause__)


def _group(error: BaseException) -> tuple[BaseException, ...]:
    return error.exceptions if isinstance(error, BaseExceptionGroup) else ()
