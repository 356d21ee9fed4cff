"""Optimistic locking: concurrent editors do not overwrite each other."""

from typing import Any

from domain.user_errors import VersionConflict


def check_version(current: Any, expected: int | None, version: int | None = None) -> None:
    """`current`: the object as it is, which the payload of the conflict has. `version`: if it is not `current.version`.

    Raises VersionConflict with the path ("expectedVersion",). None as `expected` is any version, for mutations that
    had no such field in their first edition.
    """
    found = current.version if version is None else version
    if expected is not None and found != expected:
        raise VersionConflict(current, f"Version conflict: current version is {found}, expected {expected}.")
