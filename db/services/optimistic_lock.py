"""Optimistic locking: two people who edit the same thing do not overwrite each other."""

from domain.user_errors import UserErrorCode, rejected


def check_version(found: int, expected: int) -> None:
    """Raises Rejected, with the path ("expectedVersion",), when another version is there than the one that was read."""
    if found != expected:
        message = f"Version {found} is there now, and version {expected} was read. Read it again."
        raise rejected(UserErrorCode.CONFLICT, message, "expectedVersion")
