"""Optimistic locking: concurrent editors do not overwrite each other."""

from domain.user_errors import UserErrorCode, invalid_input


def check_version(found: int, expected: int) -> None:
    """Raises InvalidInput with the path ("expectedVersion",) for a version conflict."""
    if found != expected:
        message = f"Version conflict: current version is {found}, expected {expected}."
        raise invalid_input(UserErrorCode.CONFLICT, message, "expectedVersion")
